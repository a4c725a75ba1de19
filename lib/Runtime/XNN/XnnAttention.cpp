// This file maps products of activations and softmax to XNNPACK, which has them
// in float only.
#include "XnnOps.h"

namespace npir_rt {

static bool expectFloat(OpChecker &checker) {
  bool isFloat = checker.output().type == ElementType::F32;
  for (size_t i = 0; i < checker.numInputs(); ++i)
    isFloat &= checker.input(i).type == ElementType::F32;
  return checker.expect(isFloat, "expected inputs and result of type f32");
}

void verifyBatchMatrixMultiply(OpChecker &checker) {
  if (!checker.operandCounts(2, 2) || !expectFloat(checker))
    return;
  const bool transposed = checker.getInt("transpose_b", 0, 0, 1);
  Shape a = checker.inputShape(0), b = checker.inputShape(1);
  if (!checker.expect(a.size() >= 2 && b.size() >= 2,
                      "expected inputs of rank 2 or more"))
    return;
  const std::string text = toString(a) + " and " + toString(b);
  // What is left are the dimensions before the matrices.
  const int64_t last = b.back(), lastButOne = b[b.size() - 2];
  const int64_t rows = a[a.size() - 2], inner = a.back();
  a.resize(a.size() - 2);
  b.resize(b.size() - 2);
  Shape shape;
  if (!checker.expect(inner == (transposed ? last : lastButOne) &&
                          broadcast(a, b, shape),
                      "matrices of shapes " + text + " cannot be multiplied"))
    return;
  shape.push_back(rows);
  shape.push_back(transposed ? lastButOne : last);
  checker.expectOutputShape(shape);
}

xnn_status defineBatchMatrixMultiply(const XnnSubgraph &subgraph,
                                     OpChecker &checker, const Op &op) {
  return xnn_define_batch_matrix_multiply(
      subgraph.graph, subgraph.input(op, 0), subgraph.input(op, 1),
      subgraph.output(op),
      checker.getInt("transpose_b", 0, 0, 1) ? XNN_FLAG_TRANSPOSE_B : 0);
}

void verifySoftmax(OpChecker &checker) {
  if (!checker.operandCounts(1, 1) || !expectFloat(checker) ||
      !checker.expect(!checker.input(0).shape.empty(),
                      "expected an input of rank 1 or more"))
    return;
  // Softmax over the batch would depend on its size.
  checker.expect(checker.input(0).shape.back() > 0,
                 "expected a last dimension of fixed size");
  checker.expectOutputShape(checker.inputShape(0));
}

xnn_status defineSoftmax(const XnnSubgraph &subgraph, OpChecker &,
                         const Op &op) {
  return xnn_define_softmax(subgraph.graph, subgraph.input(op, 0),
                            subgraph.output(op), 0);
}

} // namespace npir_rt
