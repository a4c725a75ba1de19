// This file registers normalizations in float only.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/GroupNorm.h"

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;

class GroupNorm final : public OneInputKernel {
public:
  GroupNorm(const KernelContext &context, float epsilon, int64_t groups)
      : OneInputKernel(context) {
    layer.epsilon = epsilon;
    layer.groups = groups;
  }
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    const Shape &shape = inputs[0].shape;
    layer.channels = shape.back();
    layer.pixels = inputs[0].elements() / shape[0] / layer.channels;
    layer.scale = inputs[1].as<float>();
    layer.offset = inputs[2].as<float>();
    return OneInputKernel::bind(inputs, outputs);
  }
  Status run() override {
    parallelFor(threads, size_t(input.shape[0] * layer.unitsPerSample()), 1,
                [this](size_t begin, size_t end) {
                  fast::groupNormF32(layer, input.as<float>(),
                                     output.as<float>(), begin, end);
                });
    return Status::success();
  }

private:
  fast::GroupNormF32 layer = {};
};

class RMSNorm final : public OneInputKernel {
public:
  RMSNorm(const KernelContext &context, float epsilon)
      : OneInputKernel(context) {
    layer.epsilon = epsilon;
  }
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    layer.channels = inputs[0].shape.back();
    layer.scale = inputs[1].as<float>();
    return OneInputKernel::bind(inputs, outputs);
  }
  Status run() override {
    parallelFor(threads, size_t(input.elements() / layer.channels),
                std::max<size_t>(1, elementGrain / size_t(layer.channels)),
                [this](size_t begin, size_t end) {
                  fast::rmsNormF32(layer, input.as<float>(), output.as<float>(),
                                   begin, end);
                });
    return Status::success();
  }

private:
  fast::RMSNormF32 layer = {};
};

/// All in f32: the input, and `inputs - 1` parameters with a value per channel.
bool verifyOperands(OpChecker &checker, size_t inputs, size_t rank) {
  if (!checker.operandCounts(inputs, inputs) ||
      !checker.expect(checker.input(0).type == ElementType::F32 &&
                          checker.output().type == ElementType::F32,
                      "expected input and result to be f32") ||
      !checker.expect(checker.input(0).shape.size() >= rank &&
                          checker.input(0).shape.back() > 0,
                      "expected rank " + std::to_string(rank) +
                          " or more and a static last dimension"))
    return false;
  const int64_t channels = checker.input(0).shape.back();
  for (size_t i = 1; i < inputs; ++i)
    checker.expect(checker.input(i).type == ElementType::F32 &&
                       checker.input(i).shape == Shape{channels},
                   "expected '" + checker.input(i).id + "' to be " +
                       std::to_string(channels) + " f32 values");
  readEpsilon(checker);
  checker.expectOutputShape(checker.inputShape(0));
  return checker.ok();
}

int64_t readGroups(OpChecker &checker) {
  const int64_t channels = checker.input(0).shape.back();
  const int64_t groups = checker.getInt("groups", channels, 1, channels);
  checker.expect(channels % groups == 0,
                 "expected groups that divide the channels");
  return groups;
}

Status verifyGroupNorm(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (verifyOperands(checker, 3, 2))
    readGroups(checker);
  return checker.status();
}

Status verifyRMSNorm(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  verifyOperands(checker, 2, 1);
  return checker.status();
}

} // namespace

void addNpirGroupNorm(KernelRegistry &registry) {
  addKernel(registry, "npir.group_norm", verifyGroupNorm,
            [](const KernelContext &context,
               const Op &op) -> Expected<std::unique_ptr<Kernel>> {
              OpChecker checker({context.program.tensors(), 1}, op);
              const float epsilon = readEpsilon(checker);
              return std::unique_ptr<Kernel>(
                  new GroupNorm(context, epsilon, readGroups(checker)));
            });
  addKernel(registry, "npir.rms_norm", verifyRMSNorm,
            [](const KernelContext &context,
               const Op &op) -> Expected<std::unique_ptr<Kernel>> {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(
                  new RMSNorm(context, readEpsilon(checker)));
            });
}

} // namespace npir_rt
