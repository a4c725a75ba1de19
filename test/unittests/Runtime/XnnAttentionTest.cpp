// This file tests what attention is made of in XNNPACK segments: products of
// activations, softmax, slices and concatenations, at several batch sizes.
#include "TestNet.h"

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

Shape atBatch(Shape shape, int64_t batch) {
  if (!shape.empty() && shape[0] < 0)
    shape[0] = batch;
  return shape;
}

/// The offset of the matrix of `shape` that belongs to matrix number `index` of
/// `result`.
int64_t matrixOffset(const Shape &shape, const Shape &result, int64_t index) {
  int64_t matrix = 0, stride = 1;
  for (size_t i = 3; i <= result.size(); ++i) {
    int64_t size = result[result.size() - i];
    int64_t position = index % size;
    index /= size;
    if (i > shape.size())
      continue;
    int64_t own = shape[shape.size() - i];
    matrix += (own == 1 ? 0 : position) * stride;
    stride *= own;
  }
  return matrix * shape[shape.size() - 2] * shape.back();
}

/// Sums of products of whole numbers, which are exact.
std::vector<float> multiply(const Shape &a, const std::vector<float> &x,
                            const Shape &b, const std::vector<float> &y,
                            bool transposed, const Shape &result) {
  std::vector<float> out;
  int64_t rows = a[a.size() - 2], inner = a.back(), columns = result.back();
  for (int64_t n = 0; n < numElements(result) / (rows * columns); ++n)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c) {
        float sum = 0;
        for (int64_t k = 0; k < inner; ++k)
          sum += x[matrixOffset(a, result, n) + r * inner + k] *
                 y[matrixOffset(b, result, n) +
                   (transposed ? c * inner + k : k * columns + c)];
        out.push_back(sum);
      }
  return out;
}

struct MatrixCase {
  Shape lhs, rhs, result;
  bool transposed = false;
  /// 0: neither operand is a constant, 1: the first is, 2: the second.
  int constant = 0;
};

void testMatrices(const MatrixCase &test) {
  SCOPED_TRACE(toString(test.lhs) + " x " + toString(test.rhs));
  Net net;
  auto makeOperand = [&](const char *name, const Shape &shape, bool constant) {
    if (constant)
      return net.constant(name, shape,
                          randomWhole<float>(numElements(shape), -9, 9, 7));
    uint32_t tensor = net.f32(std::string(name) + ":0", shape);
    net.builder.addInput(name, tensor);
    return tensor;
  };
  uint32_t a = makeOperand("a", test.lhs, test.constant == 1);
  uint32_t b = makeOperand("b", test.rhs, test.constant == 2);
  uint32_t y = net.f32("y:0", test.result);
  net.builder.addOutput("y", y);
  std::vector<uint32_t> captured;
  if (test.constant != 1)
    captured.push_back(a);
  if (test.constant != 2)
    captured.push_back(b);
  net.builder.addOp(
      segment(captured, {y},
              {makeOp("xnn.batch_matrix_multiply", "op", {a, b}, {y},
                      {number("transpose_b", test.transposed)})}));
  auto executor = makeExecutor(net.load());
  ASSERT_TRUE(executor);
  for (int64_t batch : {1, 3, 64, 2}) {
    Shape lhs = atBatch(test.lhs, batch), rhs = atBatch(test.rhs, batch);
    auto valuesOf = [&](const Shape &shape, bool constant, unsigned seed) {
      return randomWhole<float>(numElements(shape), -9, 9, constant ? 7 : seed);
    };
    auto x = valuesOf(lhs, test.constant == 1, 11 + batch);
    auto w = valuesOf(rhs, test.constant == 2, 12 + batch);
    std::vector<NamedTensor> inputs;
    if (test.constant != 1)
      inputs.push_back(feed("a", lhs, x));
    if (test.constant != 2)
      inputs.push_back(feed("b", rhs, w));
    Status status = executor->run(inputs);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(
        values<float>(executor->outputs()[0]),
        multiply(lhs, x, rhs, w, test.transposed, atBatch(test.result, batch)))
        << "batch " << batch;
  }
}

TEST(XnnAttention, MatricesOfAnyRankAndBatch) {
  const MatrixCase cases[] = {
      // The rows are the batch.
      {{-1, 5}, {5, 7}, {-1, 7}},
      {{-1, 5}, {7, 5}, {-1, 7}, true},
      {{-1, 4, 6}, {-1, 6, 3}, {-1, 4, 3}},
      {{-1, 2, 17, 16}, {-1, 2, 17, 16}, {-1, 2, 17, 17}, true},
      {{-1, 2, 17, 17}, {-1, 2, 17, 16}, {-1, 2, 17, 16}},
      {{-1, 2, 3, 4, 5}, {-1, 2, 3, 5, 6}, {-1, 2, 3, 4, 6}},
      // Dimensions that repeat.
      {{-1, 1, 4, 5}, {-1, 3, 5, 2}, {-1, 3, 4, 2}},
      {{-1, 3, 4, 5}, {5, 2}, {-1, 3, 4, 2}},
      {{3, 4, 5}, {-1, 1, 5, 2}, {-1, 3, 4, 2}},
      {{-1, 1, 3, 4, 5}, {1, 2, 3, 6, 5}, {-1, 2, 3, 4, 6}, true},
      // Constants.
      {{-1, 5}, {5, 7}, {-1, 7}, false, 2},
      {{-1, 3, 4, 5}, {3, 40, 5}, {-1, 3, 4, 40}, true, 2},
      {{-1, 3, 4, 5}, {1, 5, 40}, {-1, 3, 4, 40}, false, 2},
      {{2, 4, 5}, {-1, 2, 5, 6}, {-1, 2, 4, 6}, false, 1},
  };
  for (const MatrixCase &test : cases)
    testMatrices(test);
}

TEST(XnnAttention, Softmax) {
  Net net;
  Shape shape{-1, 2, 19};
  uint32_t x = net.f32("x:0", shape), y = net.f32("y:0", shape);
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(segment({x}, {y}, {makeOp("xnn.softmax", "op", {x}, {y})}));
  auto executor = makeExecutor(net.load());
  ASSERT_TRUE(executor);
  for (int64_t batch : {3, 64, 1}) {
    auto input = randomWhole<float>(batch * 2 * 19, -90, 90, unsigned(batch));
    Status status = executor->run({feed("x", {batch, 2, 19}, input)});
    ASSERT_TRUE(status.ok()) << status.message();
    auto got = values<float>(executor->outputs()[0]);
    for (size_t row = 0; row < input.size(); row += 19) {
      double sum = 0;
      for (size_t i = row; i < row + 19; ++i)
        sum += std::exp(double(input[i]));
      for (size_t i = row; i < row + 19; ++i)
        EXPECT_NEAR(got[i], std::exp(double(input[i])) / sum, 1e-6);
    }
  }
}

TEST(XnnAttention, Slice) {
  for (bool quantized : {false, true}) {
    Net net;
    auto make = [&](const char *id, Shape shape) {
      return quantized ? net.q8(id, shape, 0.5f, 3) : net.f32(id, shape);
    };
    uint32_t x = make("x:0", {-1, 3, 10}), y = make("y:0", {-1, 2, 4});
    net.builder.addInput("x", x);
    net.builder.addOutput("y", y);
    net.builder.addOp(segment(
        {x}, {y},
        {makeOp("xnn.static_slice", "op", {x}, {y},
                {ints("offsets", {0, 1, 5}), ints("sizes", {0, 2, 4})})}));
    auto executor = makeExecutor(net.load());
    ASSERT_TRUE(executor);
    for (int64_t batch : {3, 64, 1}) {
      auto run = [&](auto zero) {
        using T = decltype(zero);
        auto input = randomWhole<T>(batch * 30, -99, 99, unsigned(batch));
        Status status = executor->run({feed("x", {batch, 3, 10}, input)});
        ASSERT_TRUE(status.ok()) << status.message();
        std::vector<T> want;
        for (int64_t n = 0; n < batch; ++n)
          for (int64_t h = 1; h < 3; ++h)
            for (int64_t w = 5; w < 9; ++w)
              want.push_back(input[(n * 3 + h) * 10 + w]);
        EXPECT_EQ(values<T>(executor->outputs()[0]), want) << batch;
      };
      quantized ? run(int8_t()) : run(float());
    }
  }
}

/// Two to five inputs, one of them a constant where the batch is fixed.
TEST(XnnAttention, Concatenate) {
  for (int count = 2; count <= 5; ++count) {
    Net net;
    std::vector<uint32_t> parts;
    int64_t size = 0;
    for (int i = 0; i < count; ++i) {
      parts.push_back(
          net.q8("x" + std::to_string(i) + ":0", {-1, i + 1, 2}, 0.5f, 3));
      net.builder.addInput("x" + std::to_string(i), parts.back());
      size += i + 1;
    }
    uint32_t y = net.q8("y:0", {-1, size, 2}, 0.5f, 3);
    net.builder.addOutput("y", y);
    net.builder.addOp(segment(
        parts, {y},
        {makeOp("xnn.concatenate", "op", parts, {y}, {number("axis", 1)})}));
    auto executor = makeExecutor(net.load());
    ASSERT_TRUE(executor);
    for (int64_t batch : {3, 64, 1}) {
      std::vector<std::vector<int8_t>> data;
      std::vector<NamedTensor> inputs;
      for (int i = 0; i < count; ++i)
        data.push_back(randomWhole<int8_t>(batch * (i + 1) * 2, -99, 99, i));
      for (int i = 0; i < count; ++i)
        inputs.push_back(
            feed("x" + std::to_string(i), {batch, i + 1, 2}, data[i]));
      Status status = executor->run(inputs);
      ASSERT_TRUE(status.ok()) << status.message();
      std::vector<int8_t> want;
      for (int64_t n = 0; n < batch; ++n)
        for (int i = 0; i < count; ++i)
          want.insert(want.end(), data[i].begin() + n * (i + 1) * 2,
                      data[i].begin() + (n + 1) * (i + 1) * 2);
      EXPECT_EQ(values<int8_t>(executor->outputs()[0]), want);
    }
  }
}

TEST(XnnAttention, ConstantsAreConcatenated) {
  Net net;
  uint32_t x = net.f32("x:0", {1, 2}), y = net.f32("y:0", {3, 2});
  uint32_t c = net.constant("c", {2, 2}, std::vector<float>{1, 2, 3, 4});
  auto got = runOp(
      net, makeOp("xnn.concatenate", "op", {c, x}, {y}, {number("axis", 0)}), x,
      y, {1, 2}, {5, 6});
  EXPECT_EQ(got, (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

TEST(XnnAttention, BadMatricesAreErrors) {
  auto message = [](Shape a, Shape b, Shape result, bool transposed = false) {
    Net net;
    uint32_t x = net.f32("x:0", a), w = net.f32("w:0", b);
    uint32_t y = net.f32("y:0", result);
    return opError(net,
                   makeOp("xnn.batch_matrix_multiply", "op", {x, w}, {y},
                          {number("transpose_b", transposed)}),
                   {x, w}, y);
  };
  expectPart(message({-1, 3}, {3}, {-1, 1}),
             "expected inputs of rank 2 or more");
  expectPart(message({-1, 2, 3}, {-1, 4, 3}, {-1, 2, 4}),
             "matrices of shapes [2, 2, 3] and [2, 4, 3] cannot be multiplied");
  expectPart(message({-1, 2, 3}, {-1, 3, 4}, {-1, 2, 4}, true),
             "cannot be multiplied");
  expectPart(message({-1, 2, 2, 3}, {-1, 3, 3, 4}, {-1, 3, 2, 4}),
             "cannot be multiplied");
  // It would fit at a batch of 2 only.
  expectPart(message({-1, 2, 3}, {2, 3, 4}, {-1, 2, 4}),
             "matrices of shapes [3, 2, 3] and [2, 3, 4] cannot be multiplied");
  expectPart(message({-1, 2, 3}, {-1, 3, 4}, {-1, 2, 5}),
             "to have shape [2, 2, 4] at batch 2, got [2, 2, 5]");
  Net net;
  uint32_t x = net.q8("x:0", {-1, 3, 3}, 1, 0);
  uint32_t y = net.f32("y:0", {-1, 3, 3});
  expectPart(opError(net,
                     makeOp("xnn.batch_matrix_multiply", "op", {x, x}, {y}),
                     {x}, y),
             "expected inputs and result of type f32");
}

TEST(XnnAttention, BadSoftmaxIsAnError) {
  auto message = [](Shape shape) {
    Net net;
    uint32_t x = net.f32("x:0", shape), y = net.f32("y:0", shape);
    return opError(net, makeOp("xnn.softmax", "op", {x}, {y}), {x}, y);
  };
  expectPart(message({}), "expected an input of rank 1 or more");
  expectPart(message({-1}), "expected a last dimension of fixed size");
}

TEST(XnnAttention, BadSlicesAreErrors) {
  auto message = [](std::vector<int64_t> offsets, std::vector<int64_t> sizes) {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 4}), y = net.f32("y:0", {-1, 2});
    return opError(net,
                   makeOp("xnn.static_slice", "op", {x}, {y},
                          {ints("offsets", std::move(offsets)),
                           ints("sizes", std::move(sizes))}),
                   {x}, y);
  };
  expectPart(message({0}, {0, 2}), "expected an offset and a size per");
  expectPart(message({0, 1}, {2, 2}), "cannot slice a free batch");
  const std::string within = "expected a slice within dimension 1";
  expectPart(message({0, 3}, {0, 2}), within);
  expectPart(message({0, -1}, {0, 2}), within);
  expectPart(message({0, INT64_MAX}, {0, 2}), within);
  expectPart(message({0, 0}, {0, 5}), within);
  expectPart(message({0, 2}, {0, 0}), within); // XNNPACK reads behind the end
  expectPart(message({0, 0}, {0, 0}), "to have shape [2, 4]");
  Net net;
  uint32_t x = net.f32("x:0", {-1, 4}), y = net.f32("y:0", {-1, 2});
  expectPart(opError(net, makeOp("xnn.static_slice", "op", {x}, {y}), {x}, y),
             "attribute 'offsets' is missing");
}

TEST(XnnAttention, BadConcatenationsAreErrors) {
  auto message = [](Shape a, Shape b, std::vector<Attribute> attributes) {
    Net net;
    uint32_t x = net.f32("x:0", a), w = net.f32("w:0", b);
    uint32_t y = net.f32("y:0", {-1, 5});
    return opError(net,
                   makeOp("xnn.concatenate", "op", {x, w}, {y}, attributes),
                   {x, w}, y);
  };
  expectPart(message({-1, 2}, {-1, 3}, {}), "attribute 'axis' is missing");
  expectPart(message({-1, 2}, {-1, 3}, {number("axis", 2)}),
             "attribute 'axis': expected a value in [0, 1], got 2");
  expectPart(message({-1, 2}, {-1, 2}, {number("axis", 0)}),
             "cannot concatenate along a free batch");
  expectPart(message({-1, 2}, {-1, 1, 3}, {number("axis", 1)}),
             "expected inputs of one rank");
  expectPart(message({-1, 2}, {1, 3}, {number("axis", 1)}),
             "expected inputs that differ along axis 1 only");
  expectPart(message({-1, 2}, {-1, 2}, {number("axis", 1)}),
             "to have shape [2, 4]");
  {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 2}), y = net.f32("y:0", {-1, 2});
    expectPart(
        opError(net,
                makeOp("xnn.concatenate", "op", {x}, {y}, {number("axis", 1)}),
                {x}, y),
        "expected 2 to 5 inputs, got 1");
  }
  {
    Net net;
    uint32_t x = net.q8("x:0", {-1, 2}, 1, 0), y = net.q8("y:0", {-1, 4}, 2, 0);
    expectPart(opError(net,
                       makeOp("xnn.concatenate", "op", {x, x}, {y},
                              {number("axis", 1)}),
                       {x}, y),
               "to have the same element type, scale and zero point");
  }
}

} // namespace
