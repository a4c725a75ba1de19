// This file registers the functions of one number that XNNPACK lacks: in float
// a loop each, in 8 bits one look-up for all.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Elementwise.h"

#include <algorithm>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;

class UnaryF32 final : public OneInputKernel {
public:
  UnaryF32(const KernelContext &context, const fast::UnaryF32 &function,
           float alpha)
      : OneInputKernel(context), function(function), alpha(alpha) {}
  Status run() override {
    parallelFor(threads, input.elements(), elementGrain,
                [this](size_t begin, size_t end) {
                  function.run(input.as<float>() + begin,
                               output.as<float>() + begin, end - begin, alpha,
                               /*b=*/0, fast::bestInstructionSet());
                });
    return Status::success();
  }

private:
  const fast::UnaryF32 function;
  const float alpha;
};

class LookupI8 final : public OneInputKernel {
public:
  LookupI8(const KernelContext &context, std::vector<int8_t> table)
      : OneInputKernel(context), table(std::move(table)) {}
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

/// The 256 results within the bounds.
std::vector<int8_t> readTable(OpChecker &checker) {
  std::vector<int8_t> table = checker.getBytes("requant.table", 256);
  const StoredBounds bounds = readRequantBounds(checker);
  for (int8_t &value : table)
    value = int8_t(std::clamp<int64_t>(value, bounds.min, bounds.max));
  return table;
}

Status verifyUnary(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (checker.operandCounts(1, 1)) {
    const ElementType type = checker.input(0).type;
    checker.expect(type == checker.output().type && type != ElementType::I32,
                   "expected input and result to be f32 or i8");
    if (type == ElementType::I8)
      readTable(checker);
    checker.getFloat("alpha", 0);
    checker.expectOutputShape(checker.inputShape(0));
  }
  return checker.status();
}

} // namespace

void addNpirUnary(KernelRegistry &registry) {
  for (const fast::UnaryF32 &function : fast::getUnaryKernels())
    addKernel(
        registry, std::string("npir.") + npir_kernels::unaryName(function.kind),
        verifyUnary,
        [function](const KernelContext &context,
                   const Op &op) -> Expected<std::unique_ptr<Kernel>> {
          OpChecker checker({context.program.tensors(), 1}, op);
          if (context.program.tensors()[op.inputs[0]].type == ElementType::F32)
            return std::unique_ptr<Kernel>(
                new UnaryF32(context, function, checker.getFloat("alpha", 0)));
          return std::unique_ptr<Kernel>(
              new LookupI8(context, readTable(checker)));
        });
}

} // namespace npir_rt
