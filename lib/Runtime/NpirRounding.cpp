// This file registers the rounding of floats to the values of a quantized type.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/RoundToGrid.h"
#include "npir/Kernels/Requantize.h"

namespace npir_rt {
namespace {

/// The op's attributes.
struct Attributes {
  std::vector<float> scales;
  std::vector<int32_t> zeroPoints;
  int32_t axis = -1;
  int32_t min = 0, max = 0;
};

class RoundToGrid final : public OneInputKernel {
public:
  RoundToGrid(const KernelContext &context, Attributes read)
      : OneInputKernel(context), attributes(std::move(read)) {}
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    inner = 1;
    for (size_t i = size_t(int64_t(attributes.axis) + 1);
         i < inputs[0].shape.size(); ++i)
      inner *= size_t(inputs[0].shape[i]);
    return OneInputKernel::bind(inputs, outputs);
  }
  Status run() override {
    const npir_kernels::fast::Grid grid = {
        attributes.scales.data(), attributes.zeroPoints.data(),
        attributes.scales.size(), inner,
        attributes.min,           attributes.max};
    parallelFor(threads, size_t(input.elements()), elementGrain,
                [&](size_t begin, size_t end) {
                  npir_kernels::fast::roundToGrid(
                      grid, begin, input.as<float>() + begin,
                      output.as<float>() + begin, end - begin);
                });
    return Status::success();
  }

private:
  const Attributes attributes;
  size_t inner = 1;
};

Attributes readAttributes(OpChecker &checker) {
  Attributes attributes;
  const std::vector<int64_t> zeroPoints = checker.getIntList("zero_points");
  attributes.scales = checker.getFloats("scales", zeroPoints.size());
  const int64_t bound = std::numeric_limits<uint16_t>::max();
  attributes.axis = int32_t(checker.getInt("axis", -1, -1, bound));
  attributes.min = int32_t(checker.getInt("min", 0, -bound, bound));
  attributes.max = int32_t(checker.getInt("max", 0, -bound, bound));
  checker.expect(npir_kernels::isLegalGrid(attributes.min, attributes.max),
                 "expected integers of up to 16 bits");
  for (int64_t zeroPoint : zeroPoints) {
    checker.expect(zeroPoint >= attributes.min && zeroPoint <= attributes.max,
                   "expected zero points between 'min' and 'max'");
    attributes.zeroPoints.push_back(int32_t(zeroPoint));
  }
  for (float scale : attributes.scales)
    checker.expect(npir_kernels::isLegalScale(scale),
                   "expected scales in [2^-120, 2^120]");
  return attributes;
}

Status verifyRoundToGrid(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(1, 1))
    return checker.status();
  checker.expect(checker.input(0).type == ElementType::F32 &&
                     checker.output().type == ElementType::F32,
                 "expected input and result to be f32");
  const Shape shape = checker.inputShape(0);
  const Attributes attributes = readAttributes(checker);
  if (checker.expect(attributes.axis < int32_t(shape.size()),
                     "expected an axis of the input")) {
    const int64_t count =
        attributes.axis < 0 ? 1 : shape[size_t(attributes.axis)];
    checker.expect(int64_t(attributes.scales.size()) == count,
                   "expected one scale, or one for each index of the axis");
  }
  checker.expectOutputShape(shape);
  return checker.status();
}

} // namespace

void addNpirRounding(KernelRegistry &registry) {
  addKernel(registry, "npir.round_to_grid", verifyRoundToGrid,
            [](const KernelContext &context,
               const Op &op) -> Expected<std::unique_ptr<Kernel>> {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(
                  new RoundToGrid(context, readAttributes(checker)));
            });
}

} // namespace npir_rt
