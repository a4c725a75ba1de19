// This file registers the rounding of rows to grids of their own.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/DynamicQuantize.h"

#include <algorithm>

namespace npir_rt {
namespace {

class DynamicQuantize final : public OneInputKernel {
public:
  using OneInputKernel::OneInputKernel;
  Status run() override {
    const size_t count = size_t(input.shape.back());
    const size_t rows = size_t(input.elements()) / count;
    parallelFor(threads, rows, std::max<size_t>(elementGrain / count, 1),
                [&](size_t begin, size_t end) {
                  npir_kernels::fast::dynamicQuantize(
                      input.as<float>() + begin * count,
                      output.as<float>() + begin * count, end - begin, count);
                });
    return Status::success();
  }
};

Status verifyDynamicQuantize(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(1, 1))
    return checker.status();
  const TensorInfo &input = checker.input(0);
  checker.expect(input.type == ElementType::F32 &&
                     checker.output().type == ElementType::F32,
                 "expected input and result to be f32");
  // The rows would depend on the batch.
  checker.expect(!input.shape.empty() && input.shape.back() > 0,
                 "expected a last dimension of fixed size");
  checker.expectOutputShape(checker.inputShape(0));
  return checker.status();
}

} // namespace

void addNpirDynamic(KernelRegistry &registry) {
  addKernel(registry, "npir.dynamic_quantize", verifyDynamicQuantize,
            [](const KernelContext &context,
               const Op &) -> Expected<std::unique_ptr<Kernel>> {
              return std::unique_ptr<Kernel>(new DynamicQuantize(context));
            });
}

} // namespace npir_rt
