// This file tests NPIR's own kernels: what a network cannot show of them.
#include "TestNet.h"

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

std::vector<float> runOp(Op op, Net &net, uint32_t x, uint32_t y,
                         const Shape &shape, const std::vector<float> &input,
                         unsigned threads) {
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(std::move(op));
  ExecutorOptions options;
  options.threads = threads;
  auto executor = makeExecutor(net.load(), options);
  Status status = executor->run({feed("x", shape, input)});
  EXPECT_TRUE(status.ok()) << status.message();
  return values<float>(executor->outputs()[0]);
}

/// Product and sum are rounded apart: a fused operation differs for some.
TEST(HardSigmoid, RoundsTwice) {
  std::vector<float> input;
  for (int i = -40000; i <= 40000; ++i)
    input.push_back(float(i) * 1e-4f);
  size_t fusedDiffers = 0;
  std::vector<float> want;
  for (float x : input) {
    volatile float product = x * (1.0f / 6.0f);
    volatile float sum = product + 0.5f;
    fusedDiffers += std::fma(x, 1.0f / 6.0f, 0.5f) != sum;
    want.push_back(std::min(std::max(float(sum), 0.0f), 1.0f));
  }
  EXPECT_GT(fusedDiffers, 100u);
  for (unsigned threads : {1, 2}) {
    Net net;
    Shape shape{1, int64_t(input.size())};
    uint32_t x = net.f32("x:0", {-1, shape[1]});
    uint32_t y = net.f32("y:0", {-1, shape[1]});
    EXPECT_EQ(runOp(makeOp("npir.hardsigmoid", "op", {x}, {y}), net, x, y,
                    shape, input, threads),
              want);
  }
}

TEST(HardSigmoid, KeepsNaNAndBoundsInfinity) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 3}), y = net.f32("y:0", {-1, 3});
  auto got = runOp(makeOp("npir.hardsigmoid", "op", {x}, {y}), net, x, y,
                   {1, 3}, {NAN, INFINITY, -INFINITY}, 1);
  EXPECT_TRUE(std::isnan(got[0]));
  EXPECT_EQ(got[1], 1.0f);
  EXPECT_EQ(got[2], 0.0f);
}

TEST(HardSigmoid, IntegersNeedATable) {
  for (bool tooShort : {false, true}) {
    Net net;
    uint32_t x = net.q8("x:0", {-1, 3}, 1, 0), y = net.q8("y:0", {-1, 3}, 1, 0);
    net.builder.addInput("x", x);
    net.builder.addOutput("y", y);
    Op op = makeOp("npir.hardsigmoid", "op", {x}, {y});
    if (tooShort)
      op.attributes.push_back(
          {"requant.table", AttributeValue(std::vector<int8_t>(255))});
    net.builder.addOp(op);
    EXPECT_NE(
        net.loadError().find("attribute 'requant.table': expected 256 bytes"),
        std::string::npos);
  }
}

/// A table's results lie within the bounds that stand beside it.
TEST(HardSigmoid, BoundsApplyToTheTable) {
  std::vector<int8_t> table;
  for (int i = 0; i < 256; ++i)
    table.push_back(int8_t(i));
  Net net;
  uint32_t x = net.q8("x:0", {-1, 4}, 1, 0), y = net.q8("y:0", {-1, 4}, 1, 0);
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(makeOp("npir.hardsigmoid", "op", {x}, {y},
                           {{"requant.table", AttributeValue(table)},
                            number("requant.min", -5),
                            number("requant.max", 6)}));
  auto executor = makeExecutor(net.load());
  ASSERT_TRUE(
      executor->run({feed<int8_t>("x", {1, 4}, {-128, -3, 6, 7})}).ok());
  EXPECT_EQ(values<int8_t>(executor->outputs()[0]),
            (std::vector<int8_t>{-5, -3, 6, 6}));
}

TEST(MaxPool, NaNWinsAndPaddingAloneIsLowest) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 1, 4, 1}), y = net.f32("y:0", {-1, 1, 5, 1});
  // Windows: padding and 1; 1, nan; nan, 2; 2, 3; 3 and padding.
  auto got = runOp(makeOp("npir.max_pool2d", "op", {x}, {y},
                          {ints("kernel", {1, 2}), ints("pads", {0, 0, 1, 1})}),
                   net, x, y, {1, 1, 4, 1}, {1, NAN, 2, 3}, 1);
  EXPECT_EQ(got[0], 1);
  EXPECT_TRUE(std::isnan(got[1]));
  EXPECT_TRUE(std::isnan(got[2]));
  EXPECT_EQ(got[3], 3);
  EXPECT_EQ(got[4], 3);
  Net other;
  x = other.f32("x:0", {-1, 1, 1, 1});
  y = other.f32("y:0", {-1, 1, 3, 1});
  got = runOp(makeOp("npir.max_pool2d", "op", {x}, {y},
                     {ints("kernel", {1, 1}), ints("pads", {0, 0, 1, 1})}),
              other, x, y, {1, 1, 1, 1}, {-7}, 1);
  EXPECT_EQ(got, (std::vector<float>{-INFINITY, -7, -INFINITY}));
}

} // namespace
