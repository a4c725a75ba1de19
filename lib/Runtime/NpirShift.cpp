// This file registers the conversion of unsigned bytes to signed ones of the
// same real values, and back: what images pass at the boundary.
#include "NpirKernels.h"

namespace npir_rt {
namespace {

class Shift final : public OneInputKernel {
public:
  using OneInputKernel::OneInputKernel;
  Status run() override {
    // 128 more or less, modulo 256.
    const auto *from = input.as<uint8_t>();
    auto *to = output.as<uint8_t>();
    parallelFor(threads, size_t(input.elements()), elementGrain,
                [&](size_t begin, size_t end) {
                  for (size_t i = begin; i < end; ++i)
                    to[i] = uint8_t(from[i] ^ 0x80);
                });
    return Status::success();
  }
};

Status verifyShift(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(1, 1))
    return checker.status();
  const TensorInfo &input = checker.input(0), &output = checker.output();
  const bool toSigned =
      input.type == ElementType::U8 && output.type == ElementType::I8;
  const bool toUnsigned =
      input.type == ElementType::I8 && output.type == ElementType::U8;
  const Quantization &from = input.quantization, &to = output.quantization;
  if (checker.expect((toSigned || toUnsigned) && from.scales.size() == 1 &&
                         to.scales.size() == 1 && !from.isPerAxis() &&
                         !to.isPerAxis(),
                     "expected i8 and u8 with one scale each") &&
      checker.expect(from.scales == to.scales &&
                         int64_t(to.zeroPoints[0]) - from.zeroPoints[0] ==
                             (toSigned ? -128 : 128),
                     "expected one scale, and zero points 128 apart"))
    checker.expectOutputShape(checker.inputShape(0));
  return checker.status();
}

} // namespace

void addNpirShift(KernelRegistry &registry) {
  addKernel(registry, "npir.quantize", verifyShift,
            [](const KernelContext &context,
               const Op &) -> Expected<std::unique_ptr<Kernel>> {
              return std::unique_ptr<Kernel>(new Shift(context));
            });
}

} // namespace npir_rt
