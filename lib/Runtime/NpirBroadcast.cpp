// This file registers the repetition of dimensions.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Broadcast.h"

namespace npir_rt {
namespace {

class Broadcast final : public OneInputKernel {
public:
  using OneInputKernel::OneInputKernel;
  Status run() override {
    Shape inputShape = input.shape, outputShape = output.shape;
    inputShape.insert(inputShape.begin(),
                      outputShape.size() - inputShape.size(), 1);
    // The kernel takes no scalars.
    if (outputShape.empty())
      inputShape = outputShape = {1};
    const size_t rows = size_t(outputShape[0]);
    const size_t rowElements = size_t(output.elements()) / rows;
    parallelFor(threads, rows, std::max<size_t>(1, elementGrain / rowElements),
                [&](size_t begin, size_t end) {
                  npir_kernels::fast::broadcast(
                      inputShape.data(), outputShape.data(),
                      int(outputShape.size()), elementSize(input.type),
                      input.data, output.data, begin, end);
                });
    return Status::success();
  }
};

/// Whether each dimension, aligned at the last, is 1 or the result's.
bool broadcasts(const Shape &from, const Shape &to) {
  if (from.size() > to.size())
    return false;
  const size_t missing = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1 && from[i] != to[missing + i])
      return false;
  return true;
}

Status verifyBroadcast(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(1, 2) || !checker.expectData(checker.input(0)) ||
      !checker.expectSameType(checker.input(0), checker.output()))
    return checker.status();
  const Shape input = checker.inputShape(0), output = checker.outputShape();
  checker.expect(broadcasts(input, output),
                 "expected an operand that broadcasts to " + toString(output) +
                     " at batch " + std::to_string(context.batch) + ", got " +
                     toString(input));
  // A free batch is the second operand's.
  const bool isFree = checker.output().isBatched();
  checker.expect(isFree == (checker.numInputs() == 2),
                 "expected a second operand for a result with a free batch, "
                 "and for no other");
  if (isFree && checker.ok())
    checker.expect(
        checker.input(1).isBatched() && checker.inputShape(1)[0] == output[0],
        "expected the batch of '" + checker.input(1).id + "' for the result");
  return checker.status();
}

} // namespace

void addNpirBroadcast(KernelRegistry &registry) {
  addKernel(registry, "npir.broadcast", verifyBroadcast,
            [](const KernelContext &context,
               const Op &) -> Expected<std::unique_ptr<Kernel>> {
              return std::unique_ptr<Kernel>(new Broadcast(context));
            });
}

} // namespace npir_rt
