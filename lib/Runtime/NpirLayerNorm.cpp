// This file registers layer normalization.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/LayerNorm.h"
#include "npir/Kernels/LayerNorm.h"

#include <cmath>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;

/// Rows are the units of work.
size_t rowGrain(int64_t channels) {
  return std::max<size_t>(1, elementGrain / size_t(channels));
}

class LayerNormF32 final : public OneInputKernel {
public:
  LayerNormF32(const KernelContext &context, float epsilon)
      : OneInputKernel(context) {
    layer.epsilon = epsilon;
  }
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    layer.channels = inputs[0].shape.back();
    layer.scale = inputs[1].as<float>();
    layer.offset = inputs[2].as<float>();
    return OneInputKernel::bind(inputs, outputs);
  }
  Status run() override {
    parallelFor(threads, size_t(input.elements() / layer.channels),
                rowGrain(layer.channels), [this](size_t begin, size_t end) {
                  fast::layerNormF32(layer, input.as<float>(),
                                     output.as<float>(), begin, end);
                });
    return Status::success();
  }

private:
  fast::LayerNormF32 layer = {};
};

/// The numbers of an 8-bit layer.
struct Numbers {
  float varianceOffset;
  std::vector<float> multipliers, offsets;
  StoredBounds bounds;
};

class LayerNormI8 final : public OneInputKernel {
public:
  LayerNormI8(const KernelContext &context, Numbers read)
      : OneInputKernel(context), numbers(std::move(read)) {
    layer.channels = int64_t(numbers.multipliers.size());
    layer.varianceOffset = numbers.varianceOffset;
    layer.multipliers = numbers.multipliers.data();
    layer.offsets = numbers.offsets.data();
    layer.min = int32_t(numbers.bounds.min);
    layer.max = int32_t(numbers.bounds.max);
  }
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    layer.zeroPoint = outputs[0].quantization->zeroPoints[0];
    return OneInputKernel::bind(inputs, outputs);
  }
  Status run() override {
    parallelFor(threads, size_t(input.elements() / layer.channels),
                rowGrain(layer.channels), [this](size_t begin, size_t end) {
                  fast::layerNormI8(layer, input.as<int8_t>(),
                                    output.as<int8_t>(), begin, end);
                });
    return Status::success();
  }

private:
  const Numbers numbers;
  fast::LayerNormI8 layer = {};
};

Numbers readNumbers(OpChecker &checker, size_t channels) {
  Numbers numbers;
  numbers.varianceOffset = checker.getFloat("requant.variance_offset", NAN);
  checker.expect(
      numbers.varianceOffset >= 0 && std::isfinite(numbers.varianceOffset),
      "attribute 'requant.variance_offset': expected a finite number "
      "of at least 0");
  numbers.multipliers = checker.getFloats("requant.multipliers", channels);
  numbers.offsets = checker.getFloats("requant.offsets", channels);
  numbers.bounds = readRequantBounds(checker);
  return numbers;
}

Status verifyLayerNorm(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(3, 3))
    return checker.status();
  const TensorInfo &input = checker.input(0), &output = checker.output();
  const Shape shape = checker.inputShape(0);
  if (!checker.expectActivation(input) || !checker.expectActivation(output) ||
      !checker.expect(input.type == output.type,
                      "expected input and result of one type") ||
      !checker.expect(!input.shape.empty() && input.shape.back() > 0,
                      "expected a static last dimension"))
    return checker.status();
  for (size_t i : {1, 2})
    checker.expect(checker.input(i).type == ElementType::F32 &&
                       checker.input(i).shape == Shape{shape.back()},
                   "expected '" + checker.input(i).id + "' to be " +
                       std::to_string(shape.back()) + " f32 values");
  if (input.type == ElementType::F32) {
    readEpsilon(checker);
  } else {
    checker.expect(npir_kernels::isLegalLayerNorm(shape.back()),
                   "expected at most " +
                       std::to_string(npir_kernels::kMaxLayerNormChannels) +
                       " channels, got " + std::to_string(shape.back()));
    readNumbers(checker, size_t(shape.back()));
  }
  checker.expectOutputShape(shape);
  return checker.status();
}

Expected<std::unique_ptr<Kernel>> createLayerNorm(const KernelContext &context,
                                                  const Op &op) {
  OpChecker checker({context.program.tensors(), 1}, op);
  if (checker.input(0).type == ElementType::F32)
    return std::unique_ptr<Kernel>(
        new LayerNormF32(context, readEpsilon(checker)));
  return std::unique_ptr<Kernel>(new LayerNormI8(
      context, readNumbers(checker, size_t(checker.input(0).shape.back()))));
}

} // namespace

void addNpirLayerNorm(KernelRegistry &registry) {
  addKernel(registry, "npir.layer_norm", verifyLayerNorm, createLayerNorm);
}

} // namespace npir_rt
