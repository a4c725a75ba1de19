// This file registers the functions of two tensors that XNNPACK lacks.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Binary.h"

#include <limits>
#include <optional>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;
using npir_kernels::BinaryKind;

/// Bounds of the result, real or stored.
struct BinaryBounds {
  float min, max;
  StoredBounds stored;
};

BinaryBounds readBounds(OpChecker &checker, ElementType type) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  BinaryBounds bounds = {-infinity, infinity, {}};
  if (type == ElementType::I8) {
    bounds.stored = readRequantBounds(checker);
    return bounds;
  }
  bounds.min = checker.getFloat("clamp_min", -infinity);
  bounds.max = checker.getFloat("clamp_max", infinity);
  checker.expect(bounds.min <= bounds.max,
                 "expected clamp_min to be at most clamp_max");
  return bounds;
}

class Binary final : public Kernel {
public:
  Binary(const KernelContext &context, BinaryKind kind,
         const BinaryBounds &bounds)
      : threads(context.threads), kind(kind), bounds(bounds) {}
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    lhs = inputs[0];
    rhs = inputs[1];
    output = outputs[0];
    plan.emplace(lhs.shape, rhs.shape, output.shape);
    return Status::success();
  }
  Status run() override {
    parallelFor(threads, size_t(output.elements()), elementGrain,
                [this](size_t begin, size_t end) {
                  if (output.type == ElementType::F32)
                    fast::binaryF32(kind, *plan, lhs.as<float>(),
                                    rhs.as<float>(), bounds.min, bounds.max,
                                    output.as<float>(), begin, end);
                  else
                    fast::selectI8(kind, *plan, lhs.as<int8_t>(),
                                   rhs.as<int8_t>(), int8_t(bounds.stored.min),
                                   int8_t(bounds.stored.max),
                                   output.as<int8_t>(), begin, end);
                });
    return Status::success();
  }

private:
  pthreadpool *threads;
  const BinaryKind kind;
  const BinaryBounds bounds;
  TensorView lhs, rhs;
  MutableTensorView output;
  std::optional<fast::BroadcastPlan> plan;
};

Status verifyBinary(const VerifyContext &context, const Op &op,
                    bool hasIntegerForm) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(2, 2))
    return checker.status();
  const TensorInfo &output = checker.output();
  if (!checker.expectActivation(output) ||
      !checker.expectSameType(checker.input(0), output) ||
      !checker.expectSameType(checker.input(1), output) ||
      !checker.expect(hasIntegerForm || output.type == ElementType::F32,
                      "expected f32 tensors"))
    return checker.status();
  readBounds(checker, output.type);
  checker.expectOutputShape(
      inferBroadcast(checker, {checker.inputShape(0), checker.inputShape(1)}));
  return checker.status();
}

/// `isSelection`: one that has an integer form, too.
void addBinary(KernelRegistry &registry, const char *name, BinaryKind kind,
               bool isSelection) {
  addKernel(
      registry, name,
      [isSelection](const VerifyContext &context, const Op &op) {
        return verifyBinary(context, op, isSelection);
      },
      [kind](const KernelContext &context,
             const Op &op) -> Expected<std::unique_ptr<Kernel>> {
        OpChecker checker({context.program.tensors(), 1}, op);
        return std::unique_ptr<Kernel>(new Binary(
            context, kind, readBounds(checker, checker.output().type)));
      });
}

} // namespace

void addNpirBinary(KernelRegistry &registry) {
  addBinary(registry, "npir.pow", BinaryKind::Power, false);
  addBinary(registry, "npir.maximum", BinaryKind::Maximum, true);
  addBinary(registry, "npir.minimum", BinaryKind::Minimum, true);
}

} // namespace npir_rt
