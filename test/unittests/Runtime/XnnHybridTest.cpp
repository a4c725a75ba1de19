// This file tests layers of float activations and integer weights in programs,
// and the rounding of rows: that they run, and that what they could not survive
// does not load.
#include "TestNet.h"
#include "npir/Kernels/DynamicQuantization.h"
#include "npir/Kernels/Reference/DynamicLinear.h"

#include <functional>

using namespace npir_rt;
using namespace npir_rt::test;
using namespace npir_kernels;

namespace {

/// y = x W^T + b over `[?, IC]`, with weights of 4 bits and `groups` scales for
/// each of 3 outputs.
struct HybridNet : Net {
  Shape x = {-1, 64}, w = {3, 32}, s = {3, 2}, b = {3}, y = {-1, 3};
  float scale = 0.25f;
  bool isDynamic = true, isConstant = true;
  std::vector<int8_t> stored = randomWhole<int8_t>(192, -7, 7, 5);
  std::vector<float> scales, bias = {1, -2, 3};

  /// Two in a byte, unless the filter has a byte for each.
  std::vector<int8_t> pack() const {
    if (w[1] != 32)
      return {stored.begin(), stored.begin() + numElements(w)};
    std::vector<int8_t> packed(stored.size() / 2);
    for (size_t i = 0; i < stored.size(); ++i)
      packed[i / 2] = int8_t(packed[i / 2] | (stored[i] & 15) << (i % 2 * 4));
    return packed;
  }
  void finish() {
    const uint32_t input = f32("x:0", x), output = f32("y:0", y);
    builder.addInput("x", input);
    builder.addOutput("y", output);
    byteData.push_back(pack());
    const uint32_t filter =
        isConstant ? builder.addConstant(
                         info("w:0", ElementType::I8, w, perTensor(1.0f, 0)),
                         byteData.back().data(), byteData.back().size())
                   : builder.addTensor(
                         info("w:0", ElementType::I8, w, perTensor(1.0f, 0)));
    if (!isConstant)
      builder.addInput("w", filter);
    scales.assign(size_t(numElements(s)), scale);
    const uint32_t factors = constant("s:0", s, scales);
    const uint32_t offsets = constant("b:0", b, bias);
    std::vector<uint32_t> captured = {input};
    if (!isConstant)
      captured.push_back(filter);
    builder.addOp(segment(captured, {output},
                          {makeOp("xnn.hybrid_fully_connected", "fc",
                                  {input, filter, factors, offsets}, {output},
                                  {number("dynamic", isDynamic)})}));
  }
};

std::vector<float> compute(const HybridNet &net, const std::vector<float> &x,
                           int64_t rows) {
  const Shape in = {rows, 64}, out = {rows, 3}, w = {3, 64};
  std::vector<float> y(size_t(numElements(out)));
  reference::dynamicLinear({x.data(), in.data(), 2},
                           {net.stored.data(), w.data(), 2},
                           {net.scales.data(), net.s.data(), 2},
                           net.bias.data(), {}, {y.data(), out.data(), 2});
  return y;
}

} // namespace

TEST(HybridFullyConnected, RunsAtEveryBatch) {
  for (int64_t groups : {1, 2})
    for (unsigned threads : {1, 2}) {
      HybridNet net;
      net.s[1] = groups;
      net.finish();
      ExecutorOptions options;
      options.threads = threads;
      auto executor = makeExecutor(net.load(), options);
      ASSERT_TRUE(executor);
      for (int64_t rows : {5, 1, 40}) {
        auto x = randomWhole<float>(size_t(rows * 64), -40, 40, 11);
        ASSERT_TRUE(executor->run({feed("x", {rows, 64}, x)}).ok());
        auto got = values<float>(executor->outputs()[0]);
        auto want = compute(net, x, rows);
        for (size_t i = 0; i < want.size(); ++i)
          ASSERT_NEAR(got[i], want[i], 1e-5f * (1 + std::fabs(want[i])));
      }
    }
}

TEST(HybridFullyConnected, TakesWeightsAlone) {
  for (int64_t columns : {32, 64})
    for (int64_t groups : {1, 2}) {
      HybridNet net;
      net.w[1] = columns;
      net.s[1] = groups;
      net.isDynamic = false;
      net.finish();
      auto executor = makeExecutor(net.load());
      ASSERT_TRUE(executor);
      auto x = randomWhole<float>(128, -9, 9, 3);
      ASSERT_TRUE(executor->run({feed("x", {2, 64}, x)}).ok());
      auto got = values<float>(executor->outputs()[0]);
      // Whole numbers times a power of two: exact in any order.
      for (size_t row = 0; row < 2; ++row)
        for (size_t c = 0; c < 3; ++c) {
          float sum = net.bias[c];
          for (size_t k = 0; k < 64; ++k)
            sum += x[row * 64 + k] * float(net.stored[c * 64 + k]) * 0.25f;
          EXPECT_EQ(got[row * 3 + c], sum);
        }
    }
}

TEST(HybridFullyConnected, RefusesWhatXnnpackCannotCompute) {
  auto expect = [](const std::function<void(HybridNet &)> &change,
                   const std::string &message) {
    HybridNet net;
    change(net);
    net.finish();
    EXPECT_NE(net.loadError().find(message), std::string::npos)
        << net.loadError();
  };
  expect([](HybridNet &net) { net.scale = 0.3f; },
         "expected group scales of 8 significant bits");
  expect([](HybridNet &net) { net.scale = -1; },
         "expected usable filter scales");
  expect([](HybridNet &net) { net.s = {3, 4}; },
         "expected 4-bit weights in groups of a multiple of 32");
  expect([](HybridNet &net) { net.w = {3, 64}; },
         "expected 4-bit weights in groups of a multiple of 32");
  expect([](HybridNet &net) { net.s = {3, 3}; },
         "expected f32 scales [OC, G] where G divides the input channels");
  expect([](HybridNet &net) { net.s = {2, 1}; },
         "expected f32 scales [OC, G] where G divides the input channels");
  expect(
      [](HybridNet &net) {
        net.b = {2};
        net.bias = {1, 2};
      },
      "expected a bias of one f32 number for each output channel");
  expect([](HybridNet &net) { net.x = {-1, 48}; },
         "does not fit an input of shape");
  expect([](HybridNet &net) { net.y = {-1, 4}; },
         "expected the result 'y:0' to have shape");
  expect([](HybridNet &net) { net.w = {3, 63}; },
         "does not fit an input of shape");
  expect([](HybridNet &net) { net.isConstant = false; },
         "expected 'w:0' to be a constant");
}

TEST(StoredFilter, BecomesFloatWhenLoaded) {
  Net net;
  const uint32_t x = net.f32("x:0", {-1, 1, 2, 1});
  const uint32_t y = net.f32("y:0", {-1, 1, 2, 2});
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.byteData.push_back({3, -3});
  const uint32_t w = net.builder.addConstant(
      Net::info("w:0", ElementType::I8, {2, 1, 1, 1},
                {{0.5f, 2.0f}, {0, 0}, 0}),
      net.byteData.back().data(), net.byteData.back().size());
  net.builder.addOp(
      segment({x}, {y},
              {makeOp("xnn.convolution_2d", "conv", {x, w}, {y},
                      {ints("padding", {0, 0, 0, 0}), ints("strides", {1, 1}),
                       ints("dilations", {1, 1}), number("groups", 1)})}));
  auto executor = makeExecutor(net.load());
  ASSERT_TRUE(executor);
  ASSERT_TRUE(
      executor->run({feed("x", {1, 1, 2, 1}, std::vector<float>{1, 4})}).ok());
  EXPECT_EQ(values<float>(executor->outputs()[0]),
            (std::vector<float>{1.5f, -6, 6, -24}));
}

TEST(DynamicQuantizeOp, IsTheReference) {
  for (unsigned threads : {1, 2}) {
    Net net;
    const uint32_t x = net.f32("x:0", {-1, 3, 37});
    const uint32_t y = net.f32("y:0", {-1, 3, 37});
    net.builder.addInput("x", x);
    net.builder.addOutput("y", y);
    net.builder.addOp(makeOp("npir.dynamic_quantize", "round", {x}, {y}));
    ExecutorOptions options;
    options.threads = threads;
    auto executor = makeExecutor(net.load(), options);
    ASSERT_TRUE(executor);
    const Shape shape = {700, 3, 37};
    auto input = randomWhole<float>(size_t(numElements(shape)), -500, 500, 9);
    for (size_t i = 0; i < input.size(); ++i)
      input[i] = input[i] * 0.37f + (i % 111 < 37 ? 300.0f : 0.0f);
    input[5] = 1e-42f;
    std::vector<float> want(input.size());
    reference::dynamicQuantize({input.data(), shape.data(), 3},
                               {want.data(), shape.data(), 3});
    ASSERT_TRUE(executor->run({feed("x", shape, input)}).ok());
    const auto got = values<float>(executor->outputs()[0]);
    EXPECT_EQ(std::memcmp(got.data(), want.data(), got.size() * 4), 0);
    EXPECT_NE(got, input);
  }
}

TEST(DynamicQuantizeOp, RefusesOtherShapes) {
  Net net;
  const uint32_t x = net.f32("x:0", {-1}), y = net.f32("y:0", {-1});
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(makeOp("npir.dynamic_quantize", "round", {x}, {y}));
  EXPECT_NE(net.loadError().find("expected a last dimension of fixed size"),
            std::string::npos);
}
