// This file declares a model as Python holds it: a module in a context of its
// own, or a program.
#ifndef NPIR_PYTHON_SRC_MODEL_H
#define NPIR_PYTHON_SRC_MODEL_H

#include "npir/Execution/Network.h"
#include "npir/Pipelines/Pipelines.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <mutex>

namespace mlir::npir {

/// An input or output of a model.
struct ModelPort {
  std::string name;
  /// ShapedType::kDynamic where the batch is free.
  std::vector<int64_t> shape;
  /// As numpy calls it.
  std::string dtype;
  /// What integers stand for, else empty: real = (stored - zero) * scale.
  std::vector<float> scales;
  std::vector<int64_t> zeroPoints;
};

/// A module with a context of its own, or a program. Nothing changes a finished
/// one: passes run on copies. `mutex` is held by whoever uses it.
class Model : public std::enable_shared_from_this<Model> {
  /// Whose memory the constants that were cloned lie in, by address. Outlives
  /// the context.
  std::map<const void *, std::shared_ptr<Model>> owners;

public:
  /// An empty model, whose context knows all dialects.
  Model();

  /// What `path` holds: a program (*.npx) or a module. Null after a diagnostic.
  LogicalResult load(StringRef path);

  /// The module in a new context. Big constants are not copied: the new model
  /// refers to their memory and keeps its owner alive.
  FailureOr<std::shared_ptr<Model>> clone();

  /// The module as text with locations and without big constants.
  FailureOr<std::string> str();
  FailureOr<Station> getStation();
  FailureOr<std::vector<ModelPort>> getInputs();
  FailureOr<std::vector<ModelPort>> getOutputs();

  /// Run a pass pipeline (`npir-prepare,cse`, with or without
  /// `builtin.module(...)` around it). Only on a copy that nobody else has.
  LogicalResult runPipeline(StringRef pipeline);
  /// The road, from where the model is to `options.stopAt`. Likewise.
  LogicalResult quantize(const QuantizePipelineOptions &options,
                         QuantizeInputs inputs);

  /// A network that runs this model; the last one made is kept.
  FailureOr<Network *> getNetwork(const NetworkOptions &options);
  FailureOr<std::unique_ptr<Network>>
  createNetwork(const NetworkOptions &options);

  std::mutex mutex;
  MLIRContext context;
  /// Exactly one of these two is set.
  OwningOpRef<ModuleOp> module;
  std::shared_ptr<const npir_rt::Program> program;

private:
  /// The module without its big constants, in another context.
  LogicalResult copyStructure(Model &target);

  std::unique_ptr<Network> network;
  NetworkOptions networkOptions;
};

} // namespace mlir::npir

#endif // NPIR_PYTHON_SRC_MODEL_H
