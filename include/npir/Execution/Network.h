// This file declares a network that is ready to run, whatever it was made from
// and whatever runs it.
#ifndef NPIR_EXECUTION_NETWORK_H
#define NPIR_EXECUTION_NETWORK_H

#include "npir/Dialect/NPIR/IR/EntryFunction.h"
#include "npir/Runtime/DataSet.h"
#include "npir/Runtime/Executor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mlir::npir {

enum class Backend {
  /// The runtime; for a program file there is no other.
  Auto,
  /// The runtime on XNNPACK and our own kernels.
  XNNPACK,
  /// Reference kernels, op by op.
  Interpreter,
};

/// Turns the ops of another dialect into npir ops, in place.
using LowerFn = std::function<LogicalResult(ModuleOp)>;

struct NetworkOptions {
  Backend backend = Backend::Auto;
  /// Threads of the runtime; 0: the machine's, at most 8.
  unsigned threads = 1;
  /// Ids of the tensors that a run shows.
  std::vector<std::string> taps;
  /// Show every tensor but the constants.
  bool tapAll = false;
  /// Measure every step (runtime only).
  bool profile = false;
  /// The tap calls the executor's parallelFor (runtime only).
  bool parallelTaps = false;
  /// The conversion of a dialect that is not NPIR's own. Called on a copy of
  /// the module, without observers. A tensor's id comes from its layer's name,
  /// so the op that makes a tensor keeps the location of the op it stands for.
  LowerFn lower = nullptr;
};

/// Runs a network on batches of any size. One run at a time.
class Network {
public:
  using Tap = std::function<npir_rt::Status(const npir_rt::TensorView &)>;

  /// Read `path`: a program (`*.npx`), or a module at a station that can run.
  /// A diagnostic tells what is wrong.
  static FailureOr<std::unique_ptr<Network>>
  load(StringRef path, MLIRContext *context, const NetworkOptions &options);

  /// From a module. It is not changed; its constants are in use as long as the
  /// network lives, so that its context must outlive the network.
  static FailureOr<std::unique_ptr<Network>>
  create(ModuleOp module, const NetworkOptions &options);

  /// From a program; `context` is for diagnostics.
  static FailureOr<std::unique_ptr<Network>>
  create(std::shared_ptr<const npir_rt::Program> program, MLIRContext *context,
         const NetworkOptions &options);

  virtual ~Network() = default;

  virtual const std::vector<npir_rt::DataInput> &getInputs() const = 0;
  /// Names of the outputs, in order.
  virtual std::vector<std::string> getOutputNames() const = 0;
  /// False for an output that has a fixed shape though the batch is free: it
  /// depends on no sample, and every run gives it anew.
  virtual bool isPerSample(size_t output) const = 0;
  /// Run one batch; every input once. `tap` sees the tensors asked for.
  virtual npir_rt::Status run(const std::vector<npir_rt::NamedTensor> &inputs,
                              const Tap &tap) = 0;
  /// The results of the last run, valid until the next.
  virtual const std::vector<npir_rt::TensorView> &getOutputs() const = 0;
  /// The executor beneath; null for the interpreter.
  virtual npir_rt::Executor *getExecutor() { return nullptr; }
};

/// Lower a copy of `module` to a program in memory, which must not outlive the
/// context: it reads constants where their resources are. Functions before the
/// integer station run in float; a float one is prepared first.
FailureOr<std::shared_ptr<const npir_rt::Program>>
compileToProgram(ModuleOp module);

/// The elements of a view as real numbers: f32 as they are, quantized ones
/// dequantized in f32.
std::vector<float> toFloat(const npir_rt::TensorView &view);

/// The dialects that compileToProgram makes ops of: a pass that runs networks
/// depends on them.
void registerExecutionDialects(DialectRegistry &registry);

/// The runtime's status as a diagnostic; success gives success.
LogicalResult emitStatus(MLIRContext *context, const npir_rt::Status &status);

} // namespace mlir::npir

#endif // NPIR_EXECUTION_NETWORK_H
