// This file implements a network that the runtime runs.
#include "Networks.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
class RuntimeNetwork : public Network {
public:
  explicit RuntimeNetwork(std::unique_ptr<npir_rt::Executor> executor)
      : executor(std::move(executor)),
        inputs(npir_rt::dataInputs(this->executor->program())) {}

  const std::vector<npir_rt::DataInput> &getInputs() const override {
    return inputs;
  }
  std::vector<std::string> getOutputNames() const override {
    std::vector<std::string> names;
    for (const npir_rt::Port &port : executor->program().outputs())
      names.push_back(port.name);
    return names;
  }
  bool isPerSample(size_t output) const override {
    return executor->program().isPerSample(output);
  }
  npir_rt::Status run(const std::vector<npir_rt::NamedTensor> &tensors,
                      const Tap &tap) override {
    npir_rt::RunHooks hooks;
    hooks.tap = tap;
    return executor->run(tensors, hooks);
  }
  const std::vector<npir_rt::TensorView> &getOutputs() const override {
    return executor->outputs();
  }
  npir_rt::Executor *getExecutor() override { return executor.get(); }

private:
  std::unique_ptr<npir_rt::Executor> executor;
  std::vector<npir_rt::DataInput> inputs;
};
} // namespace

FailureOr<std::unique_ptr<Network>>
mlir::npir::Network::create(std::shared_ptr<const npir_rt::Program> program,
                            MLIRContext *context,
                            const NetworkOptions &options) {
  if (options.backend == Backend::Interpreter)
    return emitError(UnknownLoc::get(context))
           << program->path()
           << ": a program runs on the runtime only; give the interpreter the "
              "module that it was made from";
  npir_rt::ExecutorOptions executorOptions;
  executorOptions.threads = options.threads;
  executorOptions.taps = options.taps;
  executorOptions.tapAll = options.tapAll;
  executorOptions.profile = options.profile;
  executorOptions.cutEveryOp = options.profile;
  executorOptions.parallelTaps = options.parallelTaps;
  auto executor =
      npir_rt::Executor::create(std::move(program), executorOptions);
  if (!executor) {
    (void)emitStatus(context, executor.status());
    return failure();
  }
  return std::unique_ptr<Network>(new RuntimeNetwork(std::move(*executor)));
}
