// This file registers NPIR's own kernels, for ops that XNNPACK lacks.
#include "Kernels.h"
#include "OpChecker.h"
#include "npir/Kernels/Fast/Elementwise.h"
#include "npir/Kernels/Fast/Pooling.h"

#include <pthreadpool.h>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;

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

/// A kernel with one input and one output.
class UnaryKernel : public Kernel {
public:
  explicit UnaryKernel(const KernelContext &context)
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

constexpr size_t elementGrain = 1 << 14;

class HardSigmoidF32 final : public UnaryKernel {
public:
  using UnaryKernel::UnaryKernel;
  Status run() override {
    parallelFor(threads, input.elements(), elementGrain,
                [this](size_t begin, size_t end) {
                  fast::hardSigmoidF32(input.as<float>() + begin,
                                       output.as<float>() + begin, end - begin);
                });
    return Status::success();
  }
};

class LookupI8 final : public UnaryKernel {
public:
  LookupI8(const KernelContext &context, std::vector<int8_t> table)
      : UnaryKernel(context), table(std::move(table)) {}
  Status run() override {
    parallelFor(threads, input.elements(), elementGrain,
                [this](size_t begin, size_t end) {
                  fast::lookupI8(input.as<int8_t>() + begin,
                                 output.as<int8_t>() + begin, end - begin,
                                 table.data());
                });
    return Status::success();
  }

private:
  std::vector<int8_t> table;
};

const std::vector<int8_t> *findTable(const Op &op) {
  const AttributeValue *value = op.find("requant.table");
  return value ? std::get_if<std::vector<int8_t>>(value) : nullptr;
}

Status verifyHardSigmoid(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (checker.operandCounts(1, 1)) {
    const ElementType type = checker.input(0).type;
    checker.expect(type == checker.output().type && type != ElementType::I32,
                   "expected input and result to be f32 or i8");
    const std::vector<int8_t> *table = findTable(op);
    checker.expect(type != ElementType::I8 || (table && table->size() == 256),
                   "attribute 'requant.table': expected 256 bytes");
    checker.expectOutputShape(checker.inputShape(0));
  }
  return checker.status();
}

Expected<std::unique_ptr<Kernel>>
createHardSigmoid(const KernelContext &context, const Op &op) {
  if (context.program.tensors()[op.inputs[0]].type == ElementType::F32)
    return std::unique_ptr<Kernel>(new HardSigmoidF32(context));
  return std::unique_ptr<Kernel>(new LookupI8(context, *findTable(op)));
}

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

class MaxPool2D final : public UnaryKernel {
public:
  MaxPool2D(const KernelContext &context, const Window &window)
      : UnaryKernel(context), window(window) {}
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

void addNpirKernels(KernelRegistry &registry) {
  auto add = [&](const char *name, auto verify, auto create) {
    KernelDef def;
    def.name = name;
    def.verify = verify;
    def.create = create;
    registry.add(std::move(def));
  };
  add("npir.hardsigmoid", verifyHardSigmoid, createHardSigmoid);
  add("npir.max_pool2d", verifyMaxPool, createMaxPool);
}

} // namespace npir_rt
