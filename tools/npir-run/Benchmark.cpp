// This file implements timing for npir-run.
#include "Run.h"

#include "llvm/Support/JSON.h"

#include <chrono>

using namespace mlir;
using namespace mlir::npir;
using npir_rt::Status;
using Clock = std::chrono::steady_clock;

/// At least so many timed runs, for at least so long.
static constexpr size_t kMinRuns = 20, kWarmUps = 3;
static constexpr double kMinSeconds = 1.0;

namespace {
/// The times of one network, in microseconds.
struct Timing {
  Network *network;
  std::vector<double> times;

  Status runOnce(const std::vector<npir_rt::NamedTensor> &inputs) {
    Clock::time_point start = Clock::now();
    Status status = network->run(inputs, nullptr);
    times.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - start)
            .count());
    return status;
  }
  double getMedian() {
    llvm::sort(times);
    return times[times.size() / 2];
  }
  double getMin() { return *llvm::min_element(times); }
};
} // namespace

/// Time the networks in turn, so that what else the machine does hits all.
static Status measure(MutableArrayRef<Timing> timings,
                      const std::vector<npir_rt::NamedTensor> &inputs) {
  for (size_t i = 0; i < kWarmUps; ++i)
    for (Timing &timing : timings) {
      Status status = timing.network->run(inputs, nullptr);
      if (!status.ok())
        return status;
    }
  Clock::time_point start = Clock::now();
  while (timings.front().times.size() < kMinRuns ||
         std::chrono::duration<double>(Clock::now() - start).count() <
             kMinSeconds)
    for (Timing &timing : timings) {
      Status status = timing.runOnce(inputs);
      if (!status.ok())
        return status;
    }
  return {};
}

LogicalResult npir_run::benchmark(const Options &options,
                                  MLIRContext *context) {
  NetworkOptions networkOptions;
  networkOptions.backend = options.backend;
  networkOptions.threads = options.threads;
  std::vector<std::unique_ptr<Network>> networks;
  for (StringRef path :
       {StringRef(options.model), StringRef(options.benchmarkAgainst)}) {
    if (path.empty())
      continue;
    auto network = Network::load(path, context, networkOptions);
    if (failed(network))
      return failure();
    networks.push_back(std::move(*network));
  }
  auto samples = openSamples(options, *networks.front(), context);
  if (failed(samples))
    return failure();
  SampleSpan span = samples->span;
  span.end = std::min(span.end, span.begin + samples->batch);
  std::vector<npir_rt::NamedTensor> inputs;
  const npir_rt::DataSet &data = samples->data;
  for (size_t i = 0; i < data.inputs().size(); ++i)
    inputs.push_back(
        {data.inputs()[i].name, data.view(i, span.begin, span.end)});

  std::vector<Timing> timings;
  for (auto &network : networks)
    timings.push_back({network.get(), {}});
  if (failed(emitStatus(context, measure(timings, inputs))))
    return failure();
  auto toJSON = [&](Timing &timing) {
    return llvm::json::Object{
        {"median_us", timing.getMedian()},
        {"min_us", timing.getMin()},
        {"runs", static_cast<int64_t>(timing.times.size())},
        {"threads", static_cast<int64_t>(options.threads)},
        {"batch", span.end - span.begin}};
  };
  llvm::json::Object result = toJSON(timings.front());
  if (timings.size() > 1) {
    result["against"] = toJSON(timings[1]);
    result["ratio"] = timings[1].getMedian() / timings[0].getMedian();
  }
  llvm::outs() << llvm::json::Value(std::move(result)) << "\n";
  return success();
}
