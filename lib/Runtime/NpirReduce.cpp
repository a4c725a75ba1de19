// This file registers the reductions that XNNPACK lacks: the largest and the
// smallest value, and the product.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Reduce.h"

#include <algorithm>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;

/// A kind of reduction; no integer form: null.
struct Reduction {
  const char *name;
  decltype(&fast::reduceMaxF32) runF32;
  decltype(&fast::reduceMaxI8) runI8;
};
const Reduction reductions[] = {
    {"max", fast::reduceMaxF32, fast::reduceMaxI8},
    {"min", fast::reduceMinF32, fast::reduceMinI8},
    {"prod", fast::reduceProdF32, nullptr},
};

const Reduction *readKind(OpChecker &checker) {
  const std::string name = checker.getString("kind");
  for (const Reduction &reduction : reductions)
    if (name == reduction.name)
      return &reduction;
  checker.fail("attribute 'kind': unknown '" + name + "'");
  return nullptr;
}

class Reduce final : public OneInputKernel {
public:
  Reduce(const KernelContext &context, const Reduction &reduction,
         std::vector<int64_t> axes, const StoredBounds &bounds)
      : OneInputKernel(context), reduction(reduction), axes(std::move(axes)),
        bounds(bounds) {}
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    dims.clear();
    const Shape &shape = inputs[0].shape;
    for (size_t i = 1; i < shape.size(); ++i)
      dims.push_back({shape[i], std::find(axes.begin(), axes.end(),
                                          int64_t(i)) != axes.end()});
    return OneInputKernel::bind(inputs, outputs);
  }
  Status run() override {
    const auto samples = size_t(input.shape[0]);
    const size_t sampleResults = size_t(output.elements()) / samples;
    parallelFor(threads, samples, 1, [&](size_t begin, size_t end) {
      if (input.type == ElementType::F32)
        return reduction.runF32(dims, input.as<float>(), output.as<float>(),
                                begin, end);
      auto *results = output.as<int8_t>();
      reduction.runI8(dims, input.as<int8_t>(), results, begin, end);
      for (size_t i = begin * sampleResults; i < end * sampleResults; ++i)
        results[i] =
            int8_t(std::clamp<int64_t>(results[i], bounds.min, bounds.max));
    });
    return Status::success();
  }

private:
  const Reduction reduction;
  const std::vector<int64_t> axes;
  const StoredBounds bounds;
  std::vector<fast::ReduceDim> dims;
};

Status verifyReduce(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(1, 1) ||
      !checker.expectActivation(checker.output()) ||
      !checker.expectSameType(checker.input(0), checker.output()))
    return checker.status();
  const Reduction *reduction = readKind(checker);
  const bool keep = checker.getInt("keep_dims", 0, 0, 1) != 0;
  if (checker.input(0).type == ElementType::I8) {
    checker.expect(!reduction || reduction->runI8, "expected f32 tensors");
    readRequantBounds(checker);
  }
  const std::vector<int64_t> axes = checker.getIntList("axes");
  const Shape input = checker.inputShape(0);
  Shape shape;
  for (size_t i = 0; i < input.size(); ++i) {
    const bool isReduced =
        std::find(axes.begin(), axes.end(), int64_t(i)) != axes.end();
    if (!isReduced || keep)
      shape.push_back(isReduced ? 1 : input[i]);
  }
  bool areLegal = !axes.empty();
  for (size_t i = 0; i < axes.size(); ++i)
    areLegal &=
        axes[i] > (i == 0 ? 0 : axes[i - 1]) && axes[i] < int64_t(input.size());
  checker.expect(areLegal,
                 "expected ascending axes within the rank, from 1 on");
  checker.expectOutputShape(shape);
  return checker.status();
}

Expected<std::unique_ptr<Kernel>> createReduce(const KernelContext &context,
                                               const Op &op) {
  OpChecker checker({context.program.tensors(), 1}, op);
  const Reduction *reduction = readKind(checker);
  return std::unique_ptr<Kernel>(new Reduce(context, *reduction,
                                            checker.getIntList("axes"),
                                            readRequantBounds(checker)));
}

} // namespace

void addNpirReduce(KernelRegistry &registry) {
  addKernel(registry, "npir.reduce", verifyReduce, createReduce);
}

} // namespace npir_rt
