// This file registers the ops that read or make indices.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Select.h"

#include <cstring>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;

fast::AxisView viewAlong(const Shape &shape, size_t axis) {
  fast::AxisView view;
  for (size_t i = 0; i < shape.size(); ++i)
    (i < axis ? view.outer : i == axis ? view.size : view.inner) *= shape[i];
  return view;
}

class Gather final : public Kernel {
public:
  Gather(const KernelContext &context, const Op &op, size_t axis)
      : threads(context.threads), name(op.name), axis(axis) {}
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    data = inputs[0];
    indices = inputs[1];
    output = outputs[0];
    view = viewAlong(data.shape, axis);
    resolved.resize(size_t(indices.elements()));
    return Status::success();
  }
  Status run() override {
    Status status = indices.type == ElementType::I32 ? resolve<int32_t>()
                                                     : resolve<int64_t>();
    if (!status.ok())
      return status;
    const size_t bytes = size_t(view.inner) * elementSize(data.type);
    const size_t count = resolved.size();
    parallelFor(threads, size_t(view.outer) * count,
                std::max<size_t>(1, elementGrain / size_t(view.inner)),
                [&](size_t begin, size_t end) {
                  for (size_t i = begin; i < end; ++i) {
                    const size_t slice =
                        i / count * size_t(view.size) + resolved[i % count];
                    std::memcpy(output.as<uint8_t>() + i * bytes,
                                data.as<uint8_t>() + slice * bytes, bytes);
                  }
                });
    return Status::success();
  }

private:
  /// Checks the indices before anything is read with them.
  template <typename T>
  Status resolve() {
    for (size_t i = 0; i < resolved.size(); ++i) {
      const int64_t given = indices.as<T>()[i];
      const int64_t index = npir_kernels::resolveIndex(given, view.size);
      if (index < 0 || index >= view.size)
        return Status::error("layer '" + name + "': expected indices in [-" +
                             std::to_string(view.size) + ", " +
                             std::to_string(view.size) + "), got " +
                             std::to_string(given) + " at element " +
                             std::to_string(i));
      resolved[i] = size_t(index);
    }
    return Status::success();
  }

  pthreadpool *threads;
  const std::string name;
  const size_t axis;
  TensorView data, indices;
  MutableTensorView output;
  fast::AxisView view;
  std::vector<size_t> resolved;
};

class Argmax final : public OneInputKernel {
public:
  Argmax(const KernelContext &context, size_t axis, bool last)
      : OneInputKernel(context), axis(axis), last(last) {}
  Status run() override {
    const fast::AxisView view = viewAlong(input.shape, axis);
    const auto perIndex = size_t(view.size * view.inner);
    parallelFor(threads, size_t(view.outer),
                std::max<size_t>(1, elementGrain / perIndex),
                [&](size_t begin, size_t end) {
                  fast::argmax(view, last, input.as<float>(),
                               output.as<int64_t>(), begin, end);
                });
    return Status::success();
  }

private:
  const size_t axis;
  const bool last;
};

/// A dimension of `shape`.
size_t readAxis(OpChecker &checker, const Shape &shape) {
  const int64_t axis = checker.getInt("axis", -1, 0, int64_t(shape.size()) - 1);
  return checker.expect(axis >= 0, "attribute 'axis' is missing") ? size_t(axis)
                                                                  : 0;
}

Status verifyGather(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(2, 2) || !checker.expectData(checker.input(0)) ||
      !checker.expectPlain(checker.input(1),
                           {ElementType::I32, ElementType::I64}) ||
      !checker.expectSameType(checker.input(0), checker.output()))
    return checker.status();
  Shape shape = checker.inputShape(0);
  const Shape indices = checker.inputShape(1);
  const size_t axis = readAxis(checker, shape);
  if (!checker.ok())
    return checker.status();
  const auto place = shape.erase(shape.begin() + std::ptrdiff_t(axis));
  shape.insert(place, indices.begin(), indices.end());
  checker.expectOutputShape(shape);
  return checker.status();
}

Status verifyArgmax(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(1, 1) ||
      !checker.expectPlain(checker.input(0), {ElementType::F32}) ||
      !checker.expectPlain(checker.output(), {ElementType::I64}))
    return checker.status();
  Shape shape = checker.inputShape(0);
  const size_t axis = readAxis(checker, shape);
  checker.getInt("last", 0, 0, 1);
  const int64_t keepDims = checker.getInt("keep_dims", 0, 0, 1);
  if (!checker.ok())
    return checker.status();
  if (keepDims)
    shape[axis] = 1;
  else
    shape.erase(shape.begin() + std::ptrdiff_t(axis));
  checker.expectOutputShape(shape);
  return checker.status();
}

using Made = Expected<std::unique_ptr<Kernel>>;

} // namespace

void addNpirGather(KernelRegistry &registry) {
  addKernel(registry, "npir.gather", verifyGather,
            [](const KernelContext &context, const Op &op) -> Made {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(new Gather(
                  context, op, readAxis(checker, checker.inputShape(0))));
            });
  addKernel(registry, "npir.argmax", verifyArgmax,
            [](const KernelContext &context, const Op &op) -> Made {
              OpChecker checker({context.program.tensors(), 1}, op);
              return std::unique_ptr<Kernel>(
                  new Argmax(context, readAxis(checker, checker.inputShape(0)),
                             checker.getInt("last", 0, 0, 1) != 0));
            });
}

} // namespace npir_rt
