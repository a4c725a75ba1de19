// This file declares what NPIR's own kernels share.
#ifndef NPIR_LIB_RUNTIME_NPIRKERNELS_H
#define NPIR_LIB_RUNTIME_NPIRKERNELS_H

#include "OpChecker.h"

#include <pthreadpool.h>

namespace npir_rt {

// By kind of kernel, in files of these names.
void addNpirUnary(KernelRegistry &registry);
void addNpirPooling(KernelRegistry &registry);
void addNpirLayerNorm(KernelRegistry &registry);
void addNpirBroadcast(KernelRegistry &registry);
void addNpirBinary(KernelRegistry &registry);
void addNpirGroupNorm(KernelRegistry &registry);
void addNpirMoves(KernelRegistry &registry);
void addNpirReduce(KernelRegistry &registry);
void addNpirResize(KernelRegistry &registry);
void addNpirDynamic(KernelRegistry &registry);
void addNpirRounding(KernelRegistry &registry);
void addNpirMove(KernelRegistry &registry);
void addNpirGather(KernelRegistry &registry);
void addNpirSelect(KernelRegistry &registry);
void addNpirShift(KernelRegistry &registry);

/// Registers version 1 of a kernel without nested ops.
template <typename Verify, typename Create>
void addKernel(KernelRegistry &registry, std::string name, Verify verify,
               Create create) {
  KernelDef def;
  def.name = std::move(name);
  def.verify = verify;
  def.create = create;
  registry.add(std::move(def));
}

/// Calls `body(begin, end)` for parts of [0, count), each of about `grain`.
template <typename Body>
void parallelFor(pthreadpool *threads, size_t count, size_t grain,
                 const Body &body) {
  pthreadpool_parallelize_1d_tile_1d(
      threads,
      [](void *context, size_t begin, size_t size) {
        (*static_cast<const Body *>(context))(begin, begin + size);
      },
      const_cast<Body *>(&body), count, grain, 0);
}

/// How many elements make a unit of work for one thread.
constexpr size_t elementGrain = 1 << 14;

/// A kernel that computes one output from its first input.
class OneInputKernel : public Kernel {
public:
  explicit OneInputKernel(const KernelContext &context)
      : threads(context.threads) {}
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    input = inputs[0];
    output = outputs[0];
    return Status::success();
  }

protected:
  pthreadpool *threads;
  TensorView input;
  MutableTensorView output;
};

} // namespace npir_rt

#endif // NPIR_LIB_RUNTIME_NPIRKERNELS_H
