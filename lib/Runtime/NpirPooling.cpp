// This file registers the pools that XNNPACK cannot compute.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Pooling.h"

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;

/// `pads` is npir's [top, bottom, left, right].
Window readPool(OpChecker &checker) {
  constexpr int64_t limit = 1 << 16;
  auto kernel = checker.getInts<2>("kernel", {1, 1}, 1, limit);
  auto strides = checker.getInts<2>("strides", {1, 1}, 1, limit);
  auto pads = checker.getInts<4>("pads", {0, 0, 0, 0}, 0, limit);
  auto dilations = checker.getInts<2>("dilations", {1, 1}, 1, limit);
  return {kernel[0],    kernel[1], strides[0], strides[1], dilations[0],
          dilations[1], pads[0],   pads[3],    pads[1],    pads[2]};
}

class MaxPool2D final : public OneInputKernel {
public:
  MaxPool2D(const KernelContext &context, const Window &window)
      : OneInputKernel(context), window(window) {}
  Status run() override {
    fast::Pool pool;
    pool.inputH = input.shape[1];
    pool.inputW = input.shape[2];
    pool.channels = input.shape[3];
    pool.outputH = output.shape[1];
    pool.outputW = output.shape[2];
    pool.kernelH = window.kernelH;
    pool.kernelW = window.kernelW;
    pool.strideH = window.strideH;
    pool.strideW = window.strideW;
    pool.dilationH = window.dilationH;
    pool.dilationW = window.dilationW;
    pool.top = window.top;
    pool.left = window.left;
    // A row of the output is a unit of work.
    parallelFor(threads, size_t(input.shape[0] * pool.outputH), 1,
                [&](size_t begin, size_t end) {
                  if (input.type == ElementType::F32)
                    fast::maxPoolF32(pool, input.as<float>(),
                                     output.as<float>(), begin, end);
                  else
                    fast::maxPoolI8(pool, input.as<int8_t>(),
                                    output.as<int8_t>(), begin, end);
                });
    return Status::success();
  }

private:
  Window window;
};

Status verifyMaxPool(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (checker.operandCounts(1, 1) &&
      checker.expect(checker.input(0).type != ElementType::I32 &&
                         checker.input(0).shape.size() == 4,
                     "expected f32 or i8 elements and rank 4") &&
      checker.expectSameType(checker.input(0), checker.output())) {
    const Shape input = checker.inputShape(0);
    checker.expectOutputShape(
        inferWindowed(checker, input, readPool(checker), input[3]));
  }
  return checker.status();
}

Expected<std::unique_ptr<Kernel>> createMaxPool(const KernelContext &context,
                                                const Op &op) {
  OpChecker checker({context.program.tensors(), 1}, op);
  return std::unique_ptr<Kernel>(new MaxPool2D(context, readPool(checker)));
}

} // namespace

void addNpirPooling(KernelRegistry &registry) {
  addKernel(registry, "npir.max_pool2d", verifyMaxPool, createMaxPool);
}

} // namespace npir_rt
