// This file tests what attention is made of against XNNPACK: products of
// activations and softmax closely, slices and concatenations to the bit.
#include "XNNPACKHarness.h"
#include "npir/Kernels/Reference/Attention.h"
#include "npir/Kernels/Reference/DataMovement.h"

using namespace npir_kernels;
using namespace npir_kernels::test;

static constexpr int kNumMatrixCases = 400;

TEST(XNNPACKAttention, Matmul) {
  for (int i = 0; i < kNumMatrixCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const BroadcastShapes shapes(random, 0, XNN_MAX_TENSOR_DIMS - 2);
    const int64_t rows = random.integer(1, 20), inner = random.integer(1, 70),
                  columns = random.integer(1, 70);
    const bool transpose = random.coin();
    Shape a = shapes.lhs, b = shapes.rhs, c = shapes.result;
    a.insert(a.end(), {rows, inner});
    b.insert(b.end(),
             {transpose ? columns : inner, transpose ? inner : columns});
    c.insert(c.end(), {rows, columns});
    Tensor<float> lhs(a), rhs(b), expected(c), actual(c);
    random.fill(lhs);
    random.fill(rhs);
    Subgraph graph;
    // Constants on either side, too.
    const int64_t constant = random.integer(0, 3);
    const uint32_t lhsId =
        constant == 1 ? graph.addConstant(lhs) : graph.addInput(lhs);
    const uint32_t rhsId =
        constant == 2 ? graph.addConstant(rhs) : graph.addInput(rhs);
    const uint32_t outputId = graph.addOutput(expected);
    NPIR_CHECK_XNN(
        xnn_define_batch_matrix_multiply(graph.get(), lhsId, rhsId, outputId,
                                         transpose ? XNN_FLAG_TRANSPOSE_B : 0));
    graph.run();
    reference::matmul(lhs.cref(), rhs.cref(), transpose, actual.ref());
    expectClose(expected, actual);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKAttention, Softmax) {
  for (int i = 0; i < kNumMatrixCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    Shape shape = BroadcastShapes(random, 0, XNN_MAX_TENSOR_DIMS - 1).result;
    shape.push_back(random.integer(1, 300));
    Tensor<float> input(shape), expected(shape), actual(shape);
    random.fill(input, random.scale(0.1f, 100.0f));
    for (float &x : input.data)
      x += 500.0f; // exp(x) itself would overflow
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected);
    NPIR_CHECK_XNN(xnn_define_softmax(graph.get(), inputId, outputId, 0));
    graph.run();
    reference::softmax(input.cref(), actual.ref());
    expectClose(expected, actual);
    if (HasFatalFailure())
      return;
  }
}

template <typename T>
static uint32_t addInput(Subgraph &graph, const Tensor<T> &tensor) {
  if constexpr (sizeof(T) == 1)
    return graph.addInput(tensor, {0.5f, 3});
  else
    return graph.addInput(tensor);
}

template <typename T>
static uint32_t addOutput(Subgraph &graph, const Tensor<T> &tensor) {
  if constexpr (sizeof(T) == 1)
    return graph.addOutput(tensor, {0.5f, 3});
  else
    return graph.addOutput(tensor);
}

template <typename T>
static void testSlice() {
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    Shape shape, offsets, sizes;
    const int64_t rank = random.integer(1, XNN_MAX_TENSOR_DIMS);
    for (int64_t k = 0; k < rank; ++k) {
      shape.push_back(random.integer(1, rank <= 2 ? 70 : 6));
      const bool whole = random.coin();
      offsets.push_back(whole ? 0 : random.integer(0, shape[k] - 1));
      sizes.push_back(whole ? shape[k]
                            : random.integer(1, shape[k] - offsets[k]));
    }
    Tensor<T> input(shape), expected(sizes), actual(sizes);
    random.fill(input);
    // A size of 0 stands for the whole dimension.
    std::vector<size_t> first(offsets.begin(), offsets.end());
    std::vector<size_t> count(sizes.begin(), sizes.end());
    if (sizes[0] == shape[0] && random.coin())
      count[0] = 0;
    Subgraph graph;
    const uint32_t inputId = addInput(graph, input);
    const uint32_t outputId = addOutput(graph, expected);
    NPIR_CHECK_XNN(xnn_define_static_slice(graph.get(), rank, first.data(),
                                           count.data(), inputId, outputId, 0));
    graph.run();
    reference::slice(input.cref(), offsets.data(), actual.ref());
    for (int64_t k = 0; k < expected.size(); ++k)
      ASSERT_EQ(expected.data[k], actual.data[k]) << "element " << k;
  }
}

TEST(XNNPACKAttention, SliceFloat) { testSlice<float>(); }
TEST(XNNPACKAttention, SliceQuantized) { testSlice<int8_t>(); }

template <typename T>
static void testConcat() {
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    Shape shape;
    const int64_t rank = random.integer(1, XNN_MAX_TENSOR_DIMS);
    for (int64_t k = 0; k < rank; ++k)
      shape.push_back(random.integer(1, rank <= 2 ? 40 : 4));
    const int64_t axis = random.integer(0, rank - 1);
    const int64_t numInputs = random.integer(2, 5);
    std::vector<Tensor<T>> inputs;
    shape[axis] = 0;
    for (int64_t k = 0; k < numInputs; ++k) {
      Shape part = shape;
      part[axis] = random.integer(1, 5);
      inputs.emplace_back(part);
      random.fill(inputs.back());
    }
    for (const Tensor<T> &input : inputs)
      shape[axis] += input.shape[axis];
    Tensor<T> expected(shape), actual(shape);
    Subgraph graph;
    std::vector<uint32_t> ids;
    std::vector<TensorRef<const T>> refs;
    for (const Tensor<T> &input : inputs) {
      ids.push_back(addInput(graph, input));
      refs.push_back(input.cref());
    }
    const uint32_t out = addOutput(graph, expected);
    ids.resize(5);
    const xnn_subgraph_t g = graph.get();
    const auto a = static_cast<int32_t>(axis);
    NPIR_CHECK_XNN(
        numInputs == 2 ? xnn_define_concatenate2(g, a, ids[0], ids[1], out, 0)
        : numInputs == 3
            ? xnn_define_concatenate3(g, a, ids[0], ids[1], ids[2], out, 0)
        : numInputs == 4 ? xnn_define_concatenate4(g, a, ids[0], ids[1], ids[2],
                                                   ids[3], out, 0)
                         : xnn_define_concatenate5(g, a, ids[0], ids[1], ids[2],
                                                   ids[3], ids[4], out, 0));
    graph.run();
    reference::concat(refs.data(), numInputs, static_cast<int>(axis),
                      actual.ref());
    for (int64_t k = 0; k < expected.size(); ++k)
      ASSERT_EQ(expected.data[k], actual.data[k]) << "element " << k;
  }
}

TEST(XNNPACKAttention, ConcatFloat) { testConcat<float>(); }
TEST(XNNPACKAttention, ConcatQuantized) { testConcat<int8_t>(); }
