// This file registers what only moves elements, for those that XNNPACK has
// not: indices and truth values.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Strided.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;

std::vector<int64_t> getStrides(const Shape &shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

fast::StridedBox<2> makeBox(const Shape &shape,
                            const std::vector<int64_t> &inputStrides,
                            const std::vector<int64_t> &outputStrides) {
  fast::StridedBox<2> box;
  for (size_t i = 0; i < shape.size(); ++i)
    box.addInner(shape[i], {inputStrides[i], outputStrides[i]});
  return box;
}

void copyBox(pthreadpool *threads, const fast::StridedBox<2> &box,
             size_t elementSize, const uint8_t *input, uint8_t *output) {
  const size_t grain =
      std::max<size_t>(1, elementGrain / size_t(box.rowLength()));
  parallelFor(threads, box.rows(), grain, [&](size_t begin, size_t end) {
    fast::copyStrided(box, elementSize, input, output, begin, end);
  });
}

//===----------------------------------------------------------------------===//
// Reshape, transpose, slice
//===----------------------------------------------------------------------===//

class Reshape final : public OneInputKernel {
public:
  using OneInputKernel::OneInputKernel;
  Status run() override {
    std::memcpy(output.data, input.data, input.bytes());
    return Status::success();
  }
};

class Transpose final : public OneInputKernel {
public:
  Transpose(const KernelContext &context, std::vector<int64_t> perm)
      : OneInputKernel(context), perm(std::move(perm)) {}
  Status run() override {
    const std::vector<int64_t> strides = getStrides(input.shape);
    std::vector<int64_t> permuted;
    for (int64_t dim : perm)
      permuted.push_back(strides[size_t(dim)]);
    copyBox(threads, makeBox(output.shape, permuted, getStrides(output.shape)),
            elementSize(input.type), input.as<uint8_t>(), output.as<uint8_t>());
    return Status::success();
  }

private:
  std::vector<int64_t> perm;
};

class Slice final : public OneInputKernel {
public:
  Slice(const KernelContext &context, std::vector<int64_t> offsets)
      : OneInputKernel(context), offsets(std::move(offsets)) {}
  Status run() override {
    const std::vector<int64_t> strides = getStrides(input.shape);
    const size_t size = elementSize(input.type);
    const uint8_t *first = input.as<uint8_t>();
    for (size_t i = 0; i < strides.size(); ++i)
      first += size_t(offsets[i] * strides[i]) * size;
    copyBox(threads, makeBox(output.shape, strides, getStrides(output.shape)),
            size, first, output.as<uint8_t>());
    return Status::success();
  }

private:
  std::vector<int64_t> offsets;
};

/// One operand and a result of its type.
bool verifyMove(OpChecker &checker) {
  return checker.operandCounts(1, 1) && checker.expectData(checker.input(0)) &&
         checker.expectSameType(checker.input(0), checker.output());
}

Status verifyReshape(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (verifyMove(checker))
    checker.expect(numElements(checker.inputShape(0)) ==
                       numElements(checker.outputShape()),
                   "expected as many elements in the result");
  return checker.status();
}

Status verifyTranspose(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!verifyMove(checker))
    return checker.status();
  const Shape shape = checker.inputShape(0);
  const std::vector<int64_t> perm = checker.getIntList("perm");
  std::vector<int64_t> sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  bool isPermutation = sorted.size() == shape.size();
  for (size_t i = 0; isPermutation && i < sorted.size(); ++i)
    isPermutation = sorted[i] == int64_t(i);
  if (!checker.expect(isPermutation, "attribute 'perm' is no permutation"))
    return checker.status();
  Shape permuted;
  for (int64_t dim : perm)
    permuted.push_back(shape[size_t(dim)]);
  checker.expectOutputShape(permuted);
  return checker.status();
}

Status verifySlice(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!verifyMove(checker))
    return checker.status();
  Shape shape = checker.inputShape(0);
  const std::vector<int64_t> offsets = checker.getIntList("offsets");
  const std::vector<int64_t> sizes = checker.getIntList("sizes");
  if (!checker.expect(offsets.size() == shape.size() &&
                          sizes.size() == shape.size(),
                      "expected an offset and a size per dimension"))
    return checker.status();
  for (size_t i = 0; i < shape.size(); ++i) {
    const bool isFree = i == 0 && checker.input(0).isBatched();
    if (!checker.expect(!isFree || (offsets[0] == 0 && sizes[0] == -1),
                        "cannot slice a free batch") ||
        !checker.expect(offsets[i] >= 0 && offsets[i] < shape[i],
                        "expected offsets within the operand"))
      return checker.status();
    const int64_t rest = shape[i] - offsets[i];
    shape[i] = sizes[i] == -1 ? rest : sizes[i];
    if (!checker.expect(shape[i] >= 1 && shape[i] <= rest,
                        "expected a slice within the operand"))
      return checker.status();
  }
  checker.expectOutputShape(shape);
  return checker.status();
}

//===----------------------------------------------------------------------===//
// Concat
//===----------------------------------------------------------------------===//

class Concat final : public Kernel {
public:
  Concat(const KernelContext &context, size_t axis)
      : threads(context.threads), axis(axis) {}
  Status bind(const std::vector<TensorView> &newInputs,
              const std::vector<MutableTensorView> &outputs) override {
    inputs = newInputs;
    output = outputs[0];
    return Status::success();
  }
  Status run() override {
    const std::vector<int64_t> strides = getStrides(output.shape);
    const size_t size = elementSize(output.type);
    auto *out = output.as<uint8_t>();
    for (const TensorView &input : inputs) {
      copyBox(threads, makeBox(input.shape, getStrides(input.shape), strides),
              size, input.as<uint8_t>(), out);
      out += size_t(input.shape[axis] * strides[axis]) * size;
    }
    return Status::success();
  }

private:
  pthreadpool *threads;
  size_t axis;
  std::vector<TensorView> inputs;
  MutableTensorView output;
};

Status verifyConcat(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(1, std::numeric_limits<uint16_t>::max()) ||
      !checker.expectData(checker.output()))
    return checker.status();
  Shape shape = checker.inputShape(0);
  const int64_t axis = checker.getInt("axis", -1, 0, int64_t(shape.size()) - 1);
  if (!checker.expect(axis >= 0, "attribute 'axis' is missing"))
    return checker.status();
  int64_t size = 0;
  for (size_t i = 0; i < checker.numInputs(); ++i) {
    Shape input = checker.inputShape(i);
    if (!checker.expectSameType(checker.input(i), checker.output()) ||
        !checker.expect(input.size() == shape.size(),
                        "expected operands of one rank"))
      return checker.status();
    size += input[size_t(axis)];
    input[size_t(axis)] = shape[size_t(axis)];
    if (!checker.expect(input == shape,
                        "expected operands that differ along the axis only"))
      return checker.status();
  }
  shape[size_t(axis)] = size;
  checker.expectOutputShape(shape);
  return checker.status();
}

using Made = Expected<std::unique_ptr<Kernel>>;

} // namespace

void addNpirMove(KernelRegistry &registry) {
  addKernel(registry, "npir.reshape", verifyReshape,
            [](const KernelContext &context, const Op &) -> Made {
              return std::unique_ptr<Kernel>(new Reshape(context));
            });
  addKernel(registry, "npir.transpose", verifyTranspose,
            [](const KernelContext &context, const Op &op) -> Made {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(
                  new Transpose(context, checker.getIntList("perm")));
            });
  addKernel(registry, "npir.slice", verifySlice,
            [](const KernelContext &context, const Op &op) -> Made {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(
                  new Slice(context, checker.getIntList("offsets")));
            });
  addKernel(registry, "npir.concat", verifyConcat,
            [](const KernelContext &context, const Op &op) -> Made {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(new Concat(
                  context, size_t(checker.getInt("axis", 0, 0, INT64_MAX))));
            });
}

} // namespace npir_rt
