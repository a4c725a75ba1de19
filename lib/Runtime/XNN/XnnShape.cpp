// This file maps pools, reductions and moves of data to XNNPACK.
#include "XnnOps.h"
#include "npir/Kernels/PoolLegality.h"

#include <algorithm>

namespace npir_rt {
namespace {

Window readPool(OpChecker &checker) {
  constexpr int64_t limit = 1 << 16;
  auto kernel = checker.getInts<2>("pooling", {1, 1}, 1, limit);
  auto padding = checker.getInts<4>("padding", {0, 0, 0, 0}, 0, limit);
  auto strides = checker.getInts<2>("strides", {1, 1}, 1, limit);
  auto dilations = checker.getInts<2>("dilations", {1, 1}, 1, limit);
  return {kernel[0],    kernel[1],  strides[0], strides[1], dilations[0],
          dilations[1], padding[0], padding[1], padding[2], padding[3]};
}

/// Ascending axes without repetition.
std::vector<int64_t> readAxes(OpChecker &checker, size_t rank) {
  std::vector<int64_t> axes = checker.getIntList("axes");
  for (size_t i = 0; i < axes.size(); ++i)
    if (!checker.expect(axes[i] >= 0 && axes[i] < int64_t(rank) &&
                            (i == 0 || axes[i] > axes[i - 1]),
                        "expected ascending axes within the rank"))
      return {};
  checker.expect(!axes.empty(), "expected at least one axis");
  return axes;
}

/// One input, one result of the same type.
bool verifyMove(OpChecker &checker) {
  return checker.operandCounts(1, 1) &&
         checker.expectActivation(checker.input(0)) &&
         checker.expectActivation(checker.output()) &&
         checker.expectSameType(checker.input(0), checker.output());
}

} // namespace

void verifyMaxPooling2D(OpChecker &checker) {
  if (!verifyMove(checker) || !checker.expectActivation(checker.input(0), 4))
    return;
  readBounds(checker);
  const Window window = readPool(checker);
  const Shape input = checker.inputShape(0);
  const Shape output = inferWindowed(checker, input, window, input[3]);
  if (!checker.expectOutputShape(output))
    return;
  const char *problem = npir_kernels::findMaxPoolProblem(
      {input[1], input[2]}, {window.kernelH, window.kernelW},
      {window.strideH, window.strideW},
      {window.top, window.bottom, window.left, window.right},
      {window.dilationH, window.dilationW});
  checker.expect(!problem, problem ? problem : "");
}

xnn_status defineMaxPooling2D(const XnnSubgraph &subgraph, OpChecker &checker,
                              const Op &op) {
  const Window w = readPool(checker);
  const Bounds bounds = readBounds(checker);
  return xnn_define_max_pooling_2d(
      subgraph.graph, w.top, w.right, w.bottom, w.left, w.kernelH, w.kernelW,
      w.strideH, w.strideW, w.dilationH, w.dilationW, bounds.min, bounds.max,
      subgraph.input(op, 0), subgraph.output(op), 0);
}

void verifyStaticResizeBilinear2D(OpChecker &checker) {
  if (!verifyMove(checker) || !checker.expectActivation(checker.input(0), 4))
    return;
  checker.expect(!checker.getInt("align_corners", 0, 0, 1) ||
                     !checker.getInt("legacy", 0, 0, 1),
                 "expected only one of align_corners and legacy");
  // Above, XNNPACK's f32 coordinates lose the integers.
  const auto sizes = checker.getInts<2>("sizes", {0, 0}, 1, (1 << 24) - 1);
  const Shape input = checker.inputShape(0);
  checker.expect(input[1] < 1 << 24 && input[2] < 1 << 24,
                 "expected height and width below 2^24");
  checker.expectOutputShape({input[0], sizes[0], sizes[1], input[3]});
}

xnn_status defineStaticResizeBilinear2D(const XnnSubgraph &subgraph,
                                        OpChecker &checker, const Op &op) {
  uint32_t flags = 0;
  if (checker.getInt("align_corners", 0, 0, 1))
    flags |= XNN_FLAG_ALIGN_CORNERS;
  if (checker.getInt("legacy", 0, 0, 1))
    flags |= XNN_FLAG_TENSORFLOW_LEGACY_MODE;
  const auto sizes = checker.getInts<2>("sizes", {1, 1}, 1, (1 << 24) - 1);
  return xnn_define_static_resize_bilinear_2d(subgraph.graph, sizes[0],
                                              sizes[1], subgraph.input(op, 0),
                                              subgraph.output(op), flags);
}

void verifyStaticReduce(OpChecker &checker) {
  if (!checker.operandCounts(1, 1) ||
      !checker.expectActivation(checker.input(0)) ||
      !checker.expectActivation(checker.output()) ||
      !checker.expect(checker.input(0).type == checker.output().type,
                      "expected input and result of one type"))
    return;
  const std::string name = checker.getString("operator");
  checker.expect(name == "mean" || name == "sum",
                 "unknown operator '" + name + "'");
  const bool keep = checker.getInt("keep_dims", 0, 0, 1);
  Shape shape = checker.inputShape(0);
  std::vector<int64_t> axes = readAxes(checker, shape.size());
  if (!checker.ok())
    return;
  // The multiplier would depend on the batch.
  checker.expect(axes[0] != 0 || !checker.input(0).isBatched(),
                 "cannot reduce a free batch");
  double count = 1;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    count *= double(shape[*axis]);
    if (keep)
      shape[*axis] = 1;
    else
      shape.erase(shape.begin() + *axis);
  }
  checker.expect(checker.input(0).type == ElementType::F32 ||
                     count < double(1 << 24),
                 "more than 2^24 elements overflow the integer sum");
  checker.expectOutputShape(shape);
}

xnn_status defineStaticReduce(const XnnSubgraph &subgraph, OpChecker &checker,
                              const Op &op) {
  const std::vector<int64_t> axes =
      readAxes(checker, checker.input(0).shape.size());
  const std::vector<size_t> list(axes.begin(), axes.end());
  return xnn_define_static_reduce(
      subgraph.graph,
      checker.getString("operator") == "mean" ? xnn_reduce_mean
                                              : xnn_reduce_sum,
      list.size(), list.data(), subgraph.input(op, 0), subgraph.output(op),
      checker.getInt("keep_dims", 0, 0, 1) ? XNN_FLAG_KEEP_DIMS : 0);
}

void verifyStaticReshape(OpChecker &checker) {
  if (!verifyMove(checker))
    return;
  const Shape from = checker.inputShape(0), to = checker.outputShape();
  checker.expect(numElements(from) == numElements(to),
                 "cannot reshape " + toString(from) + " to " + toString(to));
}

xnn_status defineStaticReshape(const XnnSubgraph &subgraph, OpChecker &checker,
                               const Op &op) {
  // A zero stands for the size that follows from the others.
  const Shape &shape = checker.output().shape;
  std::vector<size_t> dims(shape.size());
  std::transform(shape.begin(), shape.end(), dims.begin(),
                 [](int64_t dim) { return dim < 0 ? 0 : size_t(dim); });
  return xnn_define_static_reshape(subgraph.graph, dims.size(), dims.data(),
                                   subgraph.input(op, 0), subgraph.output(op),
                                   0);
}

void verifyStaticTranspose(OpChecker &checker) {
  if (!verifyMove(checker))
    return;
  const Shape input = checker.inputShape(0);
  const std::vector<int64_t> perm = checker.getIntList("perm");
  std::vector<int64_t> sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  bool valid = perm.size() == input.size() && !perm.empty();
  for (size_t i = 0; i < sorted.size(); ++i)
    valid &= sorted[i] == int64_t(i);
  if (!checker.expect(valid, "expected a permutation of the dimensions"))
    return;
  Shape shape;
  for (int64_t axis : perm)
    shape.push_back(input[axis]);
  checker.expectOutputShape(shape);
}

xnn_status defineStaticTranspose(const XnnSubgraph &subgraph,
                                 OpChecker &checker, const Op &op) {
  const std::vector<int64_t> perm = checker.getIntList("perm");
  const std::vector<size_t> list(perm.begin(), perm.end());
  return xnn_define_static_transpose(subgraph.graph, list.size(), list.data(),
                                     subgraph.input(op, 0), subgraph.output(op),
                                     0);
}

void verifyStaticSlice(OpChecker &checker) {
  if (!verifyMove(checker))
    return;
  Shape shape = checker.inputShape(0);
  const std::vector<int64_t> offsets = checker.getIntList("offsets");
  const std::vector<int64_t> sizes = checker.getIntList("sizes");
  if (!checker.expect(!shape.empty() && offsets.size() == shape.size() &&
                          sizes.size() == shape.size(),
                      "expected an offset and a size per dimension"))
    return;
  for (size_t i = 0; i < shape.size(); ++i) {
    // With another offset XNNPACK would read behind the end.
    if (offsets[i] == 0 && sizes[i] == 0)
      continue;
    if (!checker.expect(i != 0 || !checker.input(0).isBatched(),
                        "cannot slice a free batch") ||
        !checker.expect(
            offsets[i] >= 0 && sizes[i] >= 1 && sizes[i] <= shape[i] &&
                offsets[i] <= shape[i] - sizes[i],
            "expected a slice within dimension " + std::to_string(i)))
      return;
    shape[i] = sizes[i];
  }
  checker.expectOutputShape(shape);
}

xnn_status defineStaticSlice(const XnnSubgraph &subgraph, OpChecker &checker,
                             const Op &op) {
  const std::vector<int64_t> offsets = checker.getIntList("offsets");
  const std::vector<int64_t> sizes = checker.getIntList("sizes");
  const std::vector<size_t> first(offsets.begin(), offsets.end());
  const std::vector<size_t> count(sizes.begin(), sizes.end());
  return xnn_define_static_slice(subgraph.graph, first.size(), first.data(),
                                 count.data(), subgraph.input(op, 0),
                                 subgraph.output(op), 0);
}

void verifyConcatenate(OpChecker &checker) {
  if (!checker.operandCounts(2, 5) ||
      !checker.expectActivation(checker.output()))
    return;
  const Shape first = checker.inputShape(0);
  const auto rank = int64_t(first.size());
  const int64_t axis = checker.getInt("axis", -1, 0, rank - 1);
  if (!checker.expect(axis >= 0, "attribute 'axis' is missing") ||
      !checker.expect(axis != 0 || !checker.input(0).isBatched(),
                      "cannot concatenate along a free batch"))
    return;
  Shape shape = first;
  shape[axis] = 0;
  for (size_t i = 0; i < checker.numInputs(); ++i) {
    Shape input = checker.inputShape(i);
    // XNNPACK compares no shapes.
    if (!checker.expectSameType(checker.input(i), checker.output()) ||
        !checker.expect(input.size() == first.size(),
                        "expected inputs of one rank"))
      return;
    shape[axis] += input[axis];
    input[axis] = first[axis];
    if (!checker.expect(input == first,
                        "expected inputs that differ along axis " +
                            std::to_string(axis) + " only"))
      return;
  }
  checker.expectOutputShape(shape);
}

xnn_status defineConcatenate(const XnnSubgraph &subgraph, OpChecker &checker,
                             const Op &op) {
  const auto axis = int32_t(checker.getInt("axis", 0, 0, INT32_MAX));
  auto input = [&](size_t i) { return subgraph.input(op, i); };
  const uint32_t output = subgraph.output(op);
  switch (op.inputs.size()) {
  case 2:
    return xnn_define_concatenate2(subgraph.graph, axis, input(0), input(1),
                                   output, 0);
  case 3:
    return xnn_define_concatenate3(subgraph.graph, axis, input(0), input(1),
                                   input(2), output, 0);
  case 4:
    return xnn_define_concatenate4(subgraph.graph, axis, input(0), input(1),
                                   input(2), input(3), output, 0);
  default:
    return xnn_define_concatenate5(subgraph.graph, axis, input(0), input(1),
                                   input(2), input(3), input(4), output, 0);
  }
}

void verifyCopy(OpChecker &checker) {
  if (verifyMove(checker))
    checker.expectOutputShape(checker.inputShape(0));
}

xnn_status defineCopy(const XnnSubgraph &subgraph, OpChecker &, const Op &op) {
  return xnn_define_copy(subgraph.graph, subgraph.input(op, 0),
                         subgraph.output(op), 0);
}

} // namespace npir_rt
