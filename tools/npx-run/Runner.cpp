// This file runs a program on samples for npx-run.
#include "Runner.h"
#include "npir/Runtime/DataSet.h"
#include "npir/Runtime/Executor.h"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>

using namespace npir_rt;

namespace npx_run {
namespace {

Expected<DataSet> openData(const Options &options, const Program &program) {
  std::vector<DataInput> inputs = dataInputs(program);
  if (!options.data.empty())
    return DataSet::open(options.data, inputs);
  std::vector<NpyArray> arrays;
  for (const auto &given : options.inputs)
    if (std::none_of(inputs.begin(), inputs.end(), [&](const DataInput &input) {
          return input.name == given.first;
        }))
      return Status::error("--input: the program has no input '" + given.first +
                           "'");
  for (const DataInput &input : inputs) {
    const std::string *path = nullptr;
    for (const auto &[name, file] : options.inputs) {
      if (name != input.name)
        continue;
      if (path)
        return Status::error("--input: '" + name + "' is given twice");
      path = &file;
    }
    if (!path)
      return Status::error("--input: nothing is given for input '" +
                           input.name + "'");
    auto array = NpyArray::open(*path);
    if (!array)
      return array.status();
    arrays.push_back(std::move(*array));
  }
  return DataSet::fromArrays(std::move(arrays), inputs);
}

std::vector<NamedTensor> makeBatch(const DataSet &data, int64_t begin,
                                   int64_t end) {
  std::vector<NamedTensor> inputs;
  for (size_t i = 0; i < data.inputs().size(); ++i)
    inputs.push_back({data.inputs()[i].name, data.view(i, begin, end)});
  return inputs;
}

/// One file per output, all complete or none.
class OutputFiles {
public:
  Status open(const Options &options, const Program &program,
              const DataSet &data) {
    for (size_t i = 0; i < program.outputs().size(); ++i) {
      const Port &port = program.outputs()[i];
      const TensorInfo &info = program.tensors()[port.tensor];
      Shape shape = info.shapeAt(data.size());
      // Of a program with a fixed batch each run is a sample, and its rows
      // follow those of the one before.
      if (!program.hasFreeBatch()) {
        if (shape.empty())
          shape.push_back(1);
        shape[0] *= data.size();
      }
      auto writer = NpyWriter::create(options.outputDir + "/" +
                                          toFileName(port.name) + ".npy",
                                      toNpyType(info.type), shape);
      if (!writer)
        return writer.status();
      writers.push_back(std::move(*writer));
      isWhole.push_back(false);
      isPerSample.push_back(program.isPerSample(i));
    }
    return Status::success();
  }
  Status append(const std::vector<TensorView> &results) {
    for (size_t i = 0; i < writers.size(); ++i) {
      // What depends on no sample is written once.
      if (isWhole[i])
        continue;
      if (Status s = writers[i].append(results[i].data, results[i].bytes());
          !s.ok())
        return s;
      isWhole[i] = !isPerSample[i];
    }
    return Status::success();
  }
  Status commit() {
    for (NpyWriter &writer : writers)
      if (Status s = writer.commit(); !s.ok())
        return s;
    return Status::success();
  }

private:
  std::vector<NpyWriter> writers;
  std::vector<bool> isPerSample, isWhole;
};

Status runAll(const DataSet &data, int64_t batch, Executor &executor,
              OutputFiles &files) {
  for (int64_t begin = 0; begin < data.size(); begin += batch) {
    int64_t end = std::min(begin + batch, data.size());
    if (Status s = executor.run(makeBatch(data, begin, end)); !s.ok())
      return s;
    if (Status s = files.append(executor.outputs()); !s.ok())
      return s;
  }
  return Status::success();
}

/// The first batch again and again, for about a second and at least 10 times.
Status benchmark(const DataSet &data, int64_t batch, const Options &options,
                 Executor &executor) {
  using Clock = std::chrono::steady_clock;
  batch = std::min(batch, data.size());
  const std::vector<NamedTensor> inputs = makeBatch(data, 0, batch);
  std::vector<double> times;
  for (int i = 0; i < 3; ++i)
    if (Status s = executor.run(inputs); !s.ok())
      return s;
  executor.resetProfile();
  const auto start = Clock::now();
  while (times.size() < 10 || Clock::now() - start < std::chrono::seconds(1)) {
    const auto before = Clock::now();
    if (Status s = executor.run(inputs); !s.ok())
      return s;
    times.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - before)
            .count());
  }
  std::sort(times.begin(), times.end());
  std::printf("{\"median_us\": %.2f, \"min_us\": %.2f, \"runs\": %zu, "
              "\"threads\": %u, \"batch\": %" PRId64 "}\n",
              times[times.size() / 2], times[0], times.size(), options.threads,
              batch);
  return Status::success();
}

void printProfile(const Executor &executor) {
  double total = 0;
  for (const StepProfile &step : executor.profile())
    total += double(step.nanoseconds);
  std::printf("%12s %7s  %s\n", "us per run", "share", "step");
  for (const StepProfile &step : executor.profile())
    std::printf("%12.2f %6.1f%%  %s (%s)\n",
                double(step.nanoseconds) / 1e3 /
                    double(std::max<uint64_t>(step.calls, 1)),
                total > 0 ? 100 * double(step.nanoseconds) / total : 0.0,
                step.name.c_str(), step.kernel.c_str());
}

} // namespace

Status run(const Options &options) {
  auto program = Program::load(options.model);
  if (!program)
    return program.status();
  const bool free = (*program)->hasFreeBatch();
  if (!free && options.batch > 1)
    return Status::error("--batch: the program's batch is fixed");
  const int64_t batch = options.batch ? options.batch : free ? 64 : 1;
  auto data = openData(options, **program);
  if (!data)
    return data.status();
  if (Status s = data->checkFinite(0, data->size()); !s.ok())
    return s;
  ExecutorOptions settings;
  settings.threads = options.threads;
  settings.profile = settings.cutEveryOp = options.profile;
  auto executor = Executor::create(*program, settings);
  if (!executor)
    return executor.status();

  if (options.writeOutputs) {
    OutputFiles files;
    if (Status s = files.open(options, **program, *data); !s.ok())
      return s;
    if (Status s = runAll(*data, batch, **executor, files); !s.ok())
      return s;
    if (Status s = files.commit(); !s.ok())
      return s;
    if (!options.quiet)
      std::fprintf(stderr, "npx-run: %" PRId64 " samples, %zu outputs in %s\n",
                   data->size(), (*program)->outputs().size(),
                   options.outputDir.c_str());
  }
  if (options.benchmark)
    if (Status s = benchmark(*data, batch, options, **executor); !s.ok())
      return s;
  if (options.profile)
    printProfile(**executor);
  return Status::success();
}

} // namespace npx_run
