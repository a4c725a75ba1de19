// This file runs a program on inputs of 0.5 and prints its outputs:
// device PROGRAM.npx BATCH
#include "npir/Runtime/DataSet.h"
#include "npir/Runtime/Executor.h"

#include <cstdio>
#include <cstdlib>

static int fail(const npir_rt::Status &status) {
  std::fprintf(stderr, "error: %s\n", status.message().c_str());
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 1;
  auto program = npir_rt::Program::load(argv[1]);
  if (!program)
    return fail(program.status());
  auto executor = npir_rt::Executor::create(*program);
  if (!executor)
    return fail(executor.status());

  std::vector<npir_rt::NamedTensor> inputs;
  std::vector<std::vector<float>> values;
  for (const npir_rt::DataInput &input : npir_rt::dataInputs(**program)) {
    npir_rt::TensorView view;
    view.shape = input.shape;
    view.shape[0] = std::atoi(argv[2]);
    values.emplace_back(view.elements(), 0.5f);
    view.data = values.back().data();
    inputs.push_back({input.name, view});
  }
  if (npir_rt::Status status = (*executor)->run(inputs); !status.ok())
    return fail(status);
  for (const npir_rt::TensorView &output : (*executor)->outputs())
    for (int64_t i = 0; i < output.elements(); ++i)
      std::printf("%.9g\n", output.as<float>()[i]);
  return 0;
}
