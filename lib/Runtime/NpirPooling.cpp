// This file registers the pools that XNNPACK cannot compute.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Pooling.h"
#include "npir/Kernels/Requantize.h"

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

/// A kernel that moves a window.
class Pool2D : public OneInputKernel {
public:
  Pool2D(const KernelContext &context, const Window &window)
      : OneInputKernel(context), window(window) {}

protected:
  /// The geometry at the bound batch.
  fast::Pool getPool() const {
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
    return pool;
  }

private:
  Window window;
};

class MaxPool2D final : public Pool2D {
public:
  using Pool2D::Pool2D;
  Status run() override {
    const fast::Pool pool = getPool();
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
};

/// The numbers of a mean over windows. In float only the flag counts.
struct MeanNumbers {
  bool countPadding = false;
  std::vector<float> multipliers;
  StoredBounds bounds;
};

class AvgPool2D final : public Pool2D {
public:
  AvgPool2D(const KernelContext &context, const Window &window,
            MeanNumbers read)
      : Pool2D(context, window), numbers(std::move(read)) {}
  Status run() override {
    const fast::Pool pool = getPool();
    const size_t rows = size_t(input.shape[0] * pool.outputH);
    if (input.type == ElementType::F32) {
      parallelFor(threads, rows, 1, [&](size_t begin, size_t end) {
        fast::avgPoolF32(pool, numbers.countPadding, input.as<float>(),
                         output.as<float>(), begin, end);
      });
      return Status::success();
    }
    const fast::WindowMeanI8 mean = {
        numbers.multipliers.data(), input.quantization->zeroPoints[0],
        output.quantization->zeroPoints[0], int32_t(numbers.bounds.min),
        int32_t(numbers.bounds.max)};
    parallelFor(threads, rows, 1, [&](size_t begin, size_t end) {
      fast::avgPoolI8(pool, numbers.countPadding, mean, input.as<int8_t>(),
                      output.as<int8_t>(), begin, end);
    });
    return Status::success();
  }

private:
  const MeanNumbers numbers;
};

MeanNumbers readMean(OpChecker &checker, const Window &window,
                     ElementType type) {
  MeanNumbers numbers;
  numbers.countPadding = checker.getInt("count_include_pad", 0, 0, 1) != 0;
  if (type == ElementType::F32)
    return numbers;
  const int64_t elements = window.kernelH * window.kernelW;
  if (!checker.expect(npir_kernels::isLegalWindowMean(elements),
                      "expected at most " +
                          std::to_string(npir_kernels::kMaxAveragedElements) +
                          " elements in one mean, got " +
                          std::to_string(elements)))
    return numbers;
  numbers.multipliers =
      checker.getFloats("requant.multipliers", size_t(elements));
  numbers.bounds = readRequantBounds(checker);
  return numbers;
}

Status verifyAvgPool(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (checker.operandCounts(1, 1) &&
      checker.expectActivation(checker.input(0), 4) &&
      checker.expectActivation(checker.output(), 4) &&
      checker.expect(checker.input(0).type == checker.output().type,
                     "expected input and result of one type")) {
    const Window window = readPool(checker);
    readMean(checker, window, checker.input(0).type);
    const Shape input = checker.inputShape(0);
    checker.expectOutputShape(inferWindowed(checker, input, window, input[3]));
  }
  return checker.status();
}

Expected<std::unique_ptr<Kernel>> createAvgPool(const KernelContext &context,
                                                const Op &op) {
  OpChecker checker({context.program.tensors(), 1}, op);
  const Window window = readPool(checker);
  return std::unique_ptr<Kernel>(new AvgPool2D(
      context, window, readMean(checker, window, checker.input(0).type)));
}

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
  addKernel(registry, "npir.avg_pool2d", verifyAvgPool, createAvgPool);
}

} // namespace npir_rt
