// This file declares kernels and the registry, the only list of them.
#ifndef NPIR_RUNTIME_KERNELREGISTRY_H
#define NPIR_RUNTIME_KERNELREGISTRY_H

#include "npir/Runtime/Program.h"

#include <functional>

struct pthreadpool;
struct xnn_workspace;

namespace npir_rt {

/// What a kernel gets when it is created. All of it outlives the kernel.
struct KernelContext {
  const Program &program;
  /// Null: one thread.
  pthreadpool *threads;
  /// Shared by the XNNPACK segments of one executor.
  xnn_workspace *workspace;
  /// Something else than XNNPACK runs after this kernel: its workers should
  /// sleep rather than spin.
  bool yieldWorkers;
};

/// One op of one executor. Called in this order: reshape of all kernels, bind
/// of all kernels, then any number of runs.
class Kernel {
public:
  virtual ~Kernel();
  /// The batch has changed.
  virtual Status reshape(int64_t batch);
  /// Every input has 64 readable bytes behind its end; inputs and outputs do
  /// not overlap; data is 64-byte aligned, that of
  /// constants as TensorInfo says.
  virtual Status bind(const std::vector<TensorView> &inputs,
                      const std::vector<MutableTensorView> &outputs) = 0;
  virtual Status run() = 0;
};

/// What `verify` sees: the op's tensors with the shapes of one batch size.
struct VerifyContext {
  const std::vector<TensorInfo> &tensors;
  int64_t batch;
};

struct KernelDef {
  std::string name;
  uint32_t version = 1;
  /// Whether ops of this kernel hold nested ops.
  bool hasBody = false;
  /// Refuses everything that `create` and `run` could not survive: counts and
  /// types of operands, attributes, and shapes: the outputs' must be the ones
  /// that follow from the inputs. Operand indices are valid already. Called at
  /// load, for two batch sizes.
  std::function<Status(const VerifyContext &, const Op &)> verify;
  std::function<Expected<std::unique_ptr<Kernel>>(const KernelContext &,
                                                  const Op &)>
      create;
};

class KernelRegistry {
public:
  /// The kernels of this runtime: XNNPACK segments and NPIR's own.
  static const KernelRegistry &builtin();

  /// Adds or replaces; e.g. an NPU segment as a callback.
  void add(KernelDef def);
  /// An error where there is none of this name and version.
  Expected<const KernelDef *> find(const Op &op) const;

private:
  std::unordered_map<std::string, KernelDef> kernels;
};

} // namespace npir_rt

#endif // NPIR_RUNTIME_KERNELREGISTRY_H
