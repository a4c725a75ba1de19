// This file registers the elementwise ops on numbers and truth values that
// XNNPACK lacks.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Select.h"

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;
using npir_kernels::CompareKind;
using npir_kernels::LogicalKind;
using npir_kernels::Truth;

using Made = Expected<std::unique_ptr<Kernel>>;

/// Calls `fn` with a number of the type: f32, i32, i64 or a truth value.
template <typename Fn>
void withNumber(ElementType type, const Fn &fn) {
  if (type == ElementType::F32)
    fn(float());
  else if (type == ElementType::I32)
    fn(int32_t());
  else if (type == ElementType::I64)
    fn(int64_t());
  else
    fn(Truth());
}

/// The keyword's place in `names`; fails where it is none of them.
template <typename Kind, size_t N>
Kind readKind(OpChecker &checker, const char *const (&names)[N]) {
  const std::string kind = checker.getString("kind");
  for (size_t i = 0; i < N; ++i)
    if (kind == names[i])
      return Kind(i);
  checker.fail("attribute 'kind': unknown keyword '" + kind + "'");
  return Kind(0);
}

CompareKind readCompareKind(OpChecker &checker) {
  return readKind<CompareKind>(checker, {"eq", "ne", "lt", "le", "gt", "ge"});
}
LogicalKind readLogicalKind(OpChecker &checker) {
  return readKind<LogicalKind>(checker, {"and", "or", "xor"});
}

//===----------------------------------------------------------------------===//
// With broadcasting
//===----------------------------------------------------------------------===//

/// A function of `NumInputs` operands that are broadcast to the result.
template <int NumInputs>
class BroadcastKernel : public Kernel {
public:
  explicit BroadcastKernel(const KernelContext &context)
      : threads(context.threads) {}
  Status bind(const std::vector<TensorView> &newInputs,
              const std::vector<MutableTensorView> &outputs) override {
    inputs = newInputs;
    output = outputs[0];
    fast::ShapeRef shapes[NumInputs];
    for (int i = 0; i < NumInputs; ++i)
      shapes[i] = {inputs[size_t(i)].shape.data(),
                   int(inputs[size_t(i)].shape.size())};
    box = fast::makeBroadcastBox(
        shapes, {output.shape.data(), int(output.shape.size())});
    return Status::success();
  }
  Status run() override {
    const size_t grain =
        std::max<size_t>(1, elementGrain / size_t(box.rowLength()));
    parallelFor(threads, box.rows(), grain,
                [this](size_t begin, size_t end) { compute(begin, end); });
    return Status::success();
  }

protected:
  /// Rows of `box`.
  virtual void compute(size_t begin, size_t end) = 0;

  pthreadpool *threads;
  std::vector<TensorView> inputs;
  MutableTensorView output;
  fast::StridedBox<NumInputs + 1> box;
};

class Where final : public BroadcastKernel<3> {
public:
  using BroadcastKernel::BroadcastKernel;

private:
  void compute(size_t begin, size_t end) override {
    fast::where(box, elementSize(output.type), inputs[0].as<Truth>(),
                inputs[1].data, inputs[2].data, output.data, begin, end);
  }
};

class Compare final : public BroadcastKernel<2> {
public:
  Compare(const KernelContext &context, CompareKind kind)
      : BroadcastKernel(context), kind(kind) {}

private:
  void compute(size_t begin, size_t end) override {
    withNumber(inputs[0].type, [&](auto number) {
      using T = decltype(number);
      fast::compare(box, kind, inputs[0].as<T>(), inputs[1].as<T>(),
                    output.as<Truth>(), begin, end);
    });
  }
  const CompareKind kind;
};

class Logical final : public BroadcastKernel<2> {
public:
  Logical(const KernelContext &context, LogicalKind kind)
      : BroadcastKernel(context), kind(kind) {}

private:
  void compute(size_t begin, size_t end) override {
    fast::logical(box, kind, inputs[0].as<Truth>(), inputs[1].as<Truth>(),
                  output.as<Truth>(), begin, end);
  }
  const LogicalKind kind;
};

Status verifyWhere(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(3, 3) ||
      !checker.expectPlain(checker.input(0), {ElementType::Bool}) ||
      !checker.expectData(checker.output()) ||
      !checker.expectSameType(checker.input(1), checker.output()) ||
      !checker.expectSameType(checker.input(2), checker.output()))
    return checker.status();
  checker.expectOutputShape(
      inferBroadcast(checker, {checker.inputShape(0), checker.inputShape(1),
                               checker.inputShape(2)}));
  return checker.status();
}

/// Two operands of one type, and truth values as the result.
void verifyPair(OpChecker &checker, std::initializer_list<ElementType> types) {
  if (checker.operandCounts(2, 2) &&
      checker.expectPlain(checker.input(0), types) &&
      checker.expectSameType(checker.input(0), checker.input(1)) &&
      checker.expectPlain(checker.output(), {ElementType::Bool}))
    checker.expectOutputShape(inferBroadcast(
        checker, {checker.inputShape(0), checker.inputShape(1)}));
}

Status verifyCompare(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  readCompareKind(checker);
  verifyPair(checker, {ElementType::F32, ElementType::I32, ElementType::I64,
                       ElementType::Bool});
  return checker.status();
}

Status verifyLogical(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  readLogicalKind(checker);
  verifyPair(checker, {ElementType::Bool});
  return checker.status();
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

class Cast final : public OneInputKernel {
public:
  using OneInputKernel::OneInputKernel;
  Status run() override {
    withNumber(input.type, [&](auto from) {
      withNumber(output.type, [&](auto to) {
        using From = decltype(from);
        using To = decltype(to);
        parallelFor(threads, size_t(input.elements()), elementGrain,
                    [&](size_t begin, size_t end) {
                      fast::cast<To>(input.as<From>() + begin,
                                     output.as<To>() + begin, end - begin);
                    });
      });
    });
    return Status::success();
  }
};

/// Truth values turned round.
class Not final : public OneInputKernel {
public:
  using OneInputKernel::OneInputKernel;
  Status run() override {
    const auto *from = input.as<Truth>();
    auto *to = output.as<Truth>();
    parallelFor(threads, size_t(input.elements()), elementGrain,
                [&](size_t begin, size_t end) {
                  for (size_t i = begin; i < end; ++i)
                    to[i] =
                        npir_kernels::toTruth(!npir_kernels::isTrue(from[i]));
                });
    return Status::success();
  }
};

/// One operand and a result of its shape.
void verifyElementwise(OpChecker &checker,
                       std::initializer_list<ElementType> types) {
  if (checker.operandCounts(1, 1) &&
      checker.expectPlain(checker.input(0), types) &&
      checker.expectPlain(checker.output(), types))
    checker.expectOutputShape(checker.inputShape(0));
}

Status verifyCast(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  verifyElementwise(checker, {ElementType::F32, ElementType::I32,
                              ElementType::I64, ElementType::Bool});
  return checker.status();
}

Status verifyNot(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  verifyElementwise(checker, {ElementType::Bool});
  return checker.status();
}

/// A kernel without attributes.
template <typename K>
Made make(const KernelContext &context, const Op &) {
  return std::unique_ptr<Kernel>(new K(context));
}

} // namespace

void addNpirSelect(KernelRegistry &registry) {
  addKernel(registry, "npir.where", verifyWhere, make<Where>);
  addKernel(registry, "npir.cast", verifyCast, make<Cast>);
  addKernel(registry, "npir.not", verifyNot, make<Not>);
  addKernel(registry, "npir.compare", verifyCompare,
            [](const KernelContext &context, const Op &op) -> Made {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(
                  new Compare(context, readCompareKind(checker)));
            });
  addKernel(registry, "npir.logical", verifyLogical,
            [](const KernelContext &context, const Op &op) -> Made {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(
                  new Logical(context, readLogicalKind(checker)));
            });
}

} // namespace npir_rt
