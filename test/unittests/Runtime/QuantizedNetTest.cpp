// This file tests quantized programs, to the bit, against scalar loops that
// follow reference arithmetic: int32 sums, f32 multiplier, ties to even.
#include "TestNet.h"

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

/// One segment with one op, run at several batches.
struct Single : Net {
  std::vector<int8_t> run(int batch, const Shape &shape,
                          const std::vector<int8_t> &input) {
    if (!executor)
      executor = makeExecutor(load());
    Shape concrete = shape;
    concrete[0] = batch;
    Status status = executor->run({feed("x", concrete, input)});
    EXPECT_TRUE(status.ok()) << status.message();
    return status.ok() ? values<int8_t>(executor->outputs()[0])
                       : std::vector<int8_t>();
  }
  std::unique_ptr<Executor> executor;
};

class Convolution : public testing::TestWithParam<bool> {};

TEST_P(Convolution, MatchesIntegerLoops) {
  const bool perChannel = GetParam();
  for (int batch : {1, 3}) {
    ConvShape s{batch, 7, 5, 6, 4, 3, 2, 1};
    s.dilation = 1;
    s.groups = 2;
    const float inScale = 0.05f, outScale = 0.11f;
    const int inZero = -7, outZero = 5;
    auto filter = randomWhole<int8_t>(4 * 9 * 3, -127, 127, 5);
    auto bias = randomWhole<int32_t>(4, -3000, 3000, 6);
    Quantization weights{{0.01f, 0.02f, 0.003f, 0.007f}, {0, 0, 0, 0}, 0};
    if (!perChannel)
      weights = {{0.01f}, {0}, -1};
    Quantization biases = weights;
    for (float &scale : biases.scales)
      scale *= inScale;

    Single net;
    Shape in{-1, s.h, s.w, s.ic};
    uint32_t x = net.q8("x:0", in, inScale, inZero);
    uint32_t w = net.constant("w", {4, 3, 3, 3}, filter, weights);
    uint32_t b = net.constant("b", {4}, bias, biases);
    uint32_t y = net.q8("y:0", {-1, s.oh(), s.ow(), s.oc}, outScale, outZero);
    net.builder.addInput("x", x);
    net.builder.addOutput("y", y);
    // The bounds clamp to stored [5, 32].
    net.builder.addOp(segment(
        {x}, {y},
        {makeOp("xnn.convolution_2d", "conv", {x, w, b}, {y},
                {ints("padding", {1, 1, 1, 1}), ints("strides", {2, 2}),
                 ints("dilations", {1, 1}), number("groups", 2),
                 real("output_min", 0.0f), real("output_max", 3.0f)})}));
    auto input =
        randomWhole<int8_t>(size_t(batch) * s.h * s.w * s.ic, -128, 127, 7);
    auto sums =
        convolve<int64_t>(s, input, int64_t(inZero), filter,
                          std::vector<int64_t>(bias.begin(), bias.end()));
    std::vector<int8_t> want;
    for (size_t i = 0; i < sums.size(); ++i) {
      float scale = weights.scales[perChannel ? i % 4 : 0];
      want.push_back(
          requantize(sums[i], inScale * scale / outScale, outZero, 5, 32));
    }
    EXPECT_EQ(net.run(batch, in, input), want);
  }
}
INSTANTIATE_TEST_SUITE_P(Scales, Convolution, testing::Bool());

TEST(Quantized, DepthwiseWithMultiplierMatchesIntegerLoops) {
  ConvShape s{2, 6, 6, 3, 6, 3, 1, 1};
  s.groups = 3;
  auto filter = randomWhole<int8_t>(9 * 6, -127, 127, 11);
  Quantization weights{{0.01f, 0.02f, 0.03f, 0.04f, 0.05f, 0.06f},
                       std::vector<int32_t>(6, 0),
                       3};
  Single net;
  uint32_t x = net.q8("x:0", {-1, 6, 6, 3}, 0.1f, 3);
  uint32_t w = net.constant("w", {1, 3, 3, 6}, filter, weights);
  uint32_t y = net.q8("y:0", {-1, 6, 6, 6}, 0.4f, -20);
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(
      segment({x}, {y},
              {makeOp("xnn.depthwise_convolution_2d", "dw", {x, w}, {y},
                      {ints("padding", {1, 1, 1, 1}),
                       number("depth_multiplier", 2)})}));
  auto input = randomWhole<int8_t>(2 * 6 * 6 * 3, -128, 127, 12);
  std::vector<int8_t> moved(filter.size());
  for (int k = 0; k < 9; ++k)
    for (int c = 0; c < 6; ++c)
      moved[c * 9 + k] = filter[k * 6 + c];
  auto sums =
      convolve<int64_t>(s, input, int64_t(3), moved, std::vector<int64_t>(6));
  std::vector<int8_t> want;
  for (size_t i = 0; i < sums.size(); ++i)
    want.push_back(
        requantize(sums[i], 0.1f * weights.scales[i % 6] / 0.4f, -20));
  EXPECT_EQ(net.run(2, {-1, 6, 6, 3}, input), want);
}

/// linear -> mean -> add -> sigmoid table -> npir tables, all integer.
TEST(Quantized, LinearMatchesIntegerLoops) {
  auto filter = randomWhole<int8_t>(3 * 10, -127, 127, 21);
  auto bias = randomWhole<int32_t>(3, -500, 500, 22);
  Single net;
  uint32_t x = net.q8("x:0", {-1, 10}, 0.02f, 9);
  uint32_t w =
      net.constant("w", {3, 10}, filter, {{0.01f, 0.02f, 0.5f}, {0, 0, 0}, 0});
  uint32_t b = net.constant(
      "b", {3}, bias,
      {{0.02f * 0.01f, 0.02f * 0.02f, 0.02f * 0.5f}, {0, 0, 0}, 0});
  uint32_t y = net.q8("y:0", {-1, 3}, 0.3f, -4);
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(
      segment({x}, {y}, {makeOp("xnn.fully_connected", "fc", {x, w, b}, {y})}));
  auto input = randomWhole<int8_t>(50, -128, 127, 23);
  std::vector<int8_t> want;
  const float scales[] = {0.01f, 0.02f, 0.5f};
  for (int n = 0; n < 5; ++n)
    for (int o = 0; o < 3; ++o) {
      int64_t sum = bias[o];
      for (int k = 0; k < 10; ++k)
        sum += (input[n * 10 + k] - 9) * filter[o * 10 + k];
      want.push_back(requantize(sum, 0.02f * scales[o] / 0.3f, -4));
    }
  EXPECT_EQ(net.run(5, {-1, 10}, input), want);
}

TEST(Quantized, MeanRoundsToEven) {
  Single net;
  uint32_t x = net.q8("x:0", {-1, 3, 3, 2}, 0.1f, -3);
  uint32_t y = net.q8("y:0", {-1, 1, 1, 2}, 0.15f, 10);
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(
      segment({x}, {y},
              {makeOp("xnn.static_reduce", "mean", {x}, {y},
                      {text("operator", "mean"), ints("axes", {1, 2}),
                       number("keep_dims", 1)})}));
  auto input = randomWhole<int8_t>(4 * 18, -128, 127, 31);
  std::vector<int8_t> want;
  for (int n = 0; n < 4; ++n)
    for (int c = 0; c < 2; ++c) {
      int64_t sum = 0;
      for (int i = 0; i < 9; ++i)
        sum += input[n * 18 + i * 2 + c] + 3;
      want.push_back(requantize(sum, (0.1f / 0.15f) * (1.0f / 9.0f), 10));
    }
  EXPECT_EQ(net.run(4, {-1, 3, 3, 2}, input), want);
}

/// Runs an op of every byte and a constant of 256.
std::vector<int8_t> runBinary(const char *name, Quantization a, Quantization b,
                              Quantization out,
                              const std::vector<int8_t> &other,
                              const std::vector<int8_t> &input) {
  Single net;
  uint32_t x = net.q8("x:0", {-1, 256}, a.scales[0], a.zeroPoints[0]);
  uint32_t c = net.constant("c", {256}, other, std::move(b));
  uint32_t y = net.q8("y:0", {-1, 256}, out.scales[0], out.zeroPoints[0]);
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(segment(
      {x}, {y},
      {makeOp("xnn.binary", "op", {x, c}, {y}, {text("operator", name)})}));
  return net.run(1, {-1, 256}, input);
}

std::vector<int8_t> everyByte() {
  std::vector<int8_t> bytes(256);
  for (int i = 0; i < 256; ++i)
    bytes[i] = int8_t(i - 128);
  return bytes;
}

TEST(Quantized, AddAndSubtractShiftAndRoundHalfUp) {
  const float sa = 0.1f, sb = 0.07f, so = 0.13f;
  const int za = 4, zb = -9, zo = 2;
  const std::vector<int8_t> input = everyByte();
  const std::vector<int8_t> other = randomWhole<int8_t>(256, -128, 127, 41);
  for (int sign : {1, -1}) {
    const float ra = sa / so, rb = sb / so;
    int exponent = std::ilogb(std::max(ra, rb)), shift = 20 - exponent;
    int64_t ma = std::lrintf(std::ldexp(ra, shift));
    int64_t mb = sign * std::lrintf(std::ldexp(rb, shift));
    std::vector<int8_t> want;
    for (int i = 0; i < 256; ++i) {
      int64_t sum = ma * (input[i] - za) + mb * (other[i] - zb);
      int64_t value = ((sum + (int64_t(1) << (shift - 1))) >> shift) + zo;
      want.push_back(
          int8_t(std::min<int64_t>(127, std::max<int64_t>(-128, value))));
    }
    EXPECT_EQ(runBinary(sign > 0 ? "add" : "subtract", {{sa}, {za}, -1},
                        {{sb}, {zb}, -1}, {{so}, {zo}, -1}, other, input),
              want);
  }
}

TEST(Quantized, ProductsRoundToEven) {
  // A multiplier of 1/64: many products come out halfway between integers.
  const float sa = 0.25f, sb = 0.5f, so = 8.0f;
  const std::vector<int8_t> input = everyByte();
  const std::vector<int8_t> other = randomWhole<int8_t>(256, -128, 127, 42);
  std::vector<int8_t> want;
  for (int i = 0; i < 256; ++i)
    want.push_back(
        requantize(int64_t(input[i] + 7) * (other[i] - 3), sa * sb / so, -20));
  EXPECT_EQ(runBinary("multiply", {{sa}, {-7}, -1}, {{sb}, {3}, -1},
                      {{so}, {-20}, -1}, other, input),
            want);
}

TEST(Quantized, ConvertsBothWays) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 7});
  uint32_t q = net.q8("q:0", {-1, 7}, 0.25f, 3);
  uint32_t y = net.f32("y:0", {-1, 7});
  net.builder.addInput("x", x);
  net.builder.addOutput("q", q);
  net.builder.addOutput("y", y);
  net.builder.addOp(segment(
      {x}, {q, y},
      {makeOp("xnn.unary", "quantize", {x}, {q}, {text("operator", "convert")}),
       makeOp("xnn.unary", "dequantize", {q}, {y},
              {text("operator", "convert")})}));
  auto executor = makeExecutor(net.load());
  // 0.125 and 0.375 are ties.
  std::vector<float> input{0.0f,   0.125f,  0.375f, -0.125f,
                           100.0f, -100.0f, 1.3f};
  ASSERT_TRUE(executor->run({feed("x", {1, 7}, input)}).ok());
  EXPECT_EQ(values<int8_t>(executor->outputs()[0]),
            (std::vector<int8_t>{3, 3, 5, 3, 127, -128, 8}));
  EXPECT_EQ(values<float>(executor->outputs()[1]),
            (std::vector<float>{0, 0, 0.5f, 0, 31, -32.75f, 1.25f}));
}

TEST(Quantized, TablesAndPoolsOfNpir) {
  Net net;
  std::vector<int8_t> table(256);
  for (int i = 0; i < 256; ++i)
    table[i] = int8_t(i * 7 + 3);
  uint32_t x = net.q8("x:0", {-1, 4, 4, 3}, 0.1f, 0);
  uint32_t t = net.q8("t:0", {-1, 4, 4, 3}, 0.1f, 0);
  uint32_t y = net.q8("y:0", {-1, 2, 2, 3}, 0.1f, 0);
  net.builder.addInput("x", x);
  net.builder.addOutput("t", t);
  net.builder.addOutput("y", y);
  net.builder.addOp(makeOp("npir.hardsigmoid", "hard", {x}, {t},
                           {{"requant.table", AttributeValue(table)}}));
  // A stride larger than the window: XNNPACK refuses it.
  net.builder.addOp(makeOp("npir.max_pool2d", "pool", {t}, {y},
                           {ints("kernel", {1, 2}), ints("strides", {3, 3}),
                            ints("pads", {0, 0, 1, 0})}));
  ExecutorOptions options;
  options.threads = 2;
  auto executor = makeExecutor(net.load(), options);
  auto input = randomWhole<int8_t>(2 * 48, -128, 127, 51);
  ASSERT_TRUE(executor->run({feed("x", {2, 4, 4, 3}, input)}).ok());
  std::vector<int8_t> mapped, pooled;
  for (int8_t v : input)
    mapped.push_back(table[uint8_t(v)]);
  for (int n = 0; n < 2; ++n)
    for (int oy = 0; oy < 2; ++oy)
      for (int ox = 0; ox < 2; ++ox)
        for (int c = 0; c < 3; ++c) {
          int best = -128;
          for (int kx = 0; kx < 2; ++kx) {
            int px = ox * 3 - 1 + kx;
            if (px >= 0 && px < 4)
              best = std::max(best,
                              int(mapped[((n * 4 + oy * 3) * 4 + px) * 3 + c]));
          }
          pooled.push_back(int8_t(best));
        }
  EXPECT_EQ(values<int8_t>(executor->outputs()[0]), mapped);
  EXPECT_EQ(values<int8_t>(executor->outputs()[1]), pooled);
}

TEST(Quantized, RatiosThatXnnpackDoesNotCheckAreErrors) {
  auto message = [](float inScale, float outScale, const char *kind) {
    Net net;
    uint32_t x = net.q8("x:0", {-1, 8}, inScale, 0);
    uint32_t y = net.q8("y:0", {-1, 8}, outScale, 0);
    net.builder.addInput("x", x);
    net.builder.addOutput("y", y);
    std::string name = kind;
    net.builder.addOp(segment(
        {x}, {y},
        {name == "convert"
             ? makeOp("xnn.unary", "op", {x}, {y}, {text("operator", name)})
             : makeOp("xnn.binary", "op", {x, x}, {y},
                      {text("operator", name)})}));
    auto program = net.tryLoad();
    return program.ok() ? "" : program.status().message();
  };
  EXPECT_EQ(message(1, 1, "add"), "");
  EXPECT_NE(message(4e-4f, 1, "add").find("[2^-10, 2^8)"), std::string::npos);
  EXPECT_NE(message(256, 1, "subtract").find("[2^-10, 2^8)"),
            std::string::npos);
  EXPECT_NE(message(1000, 1, "multiply").find("[2^-16, 2^8)"),
            std::string::npos);
  EXPECT_EQ(message(128, 1, "convert"), "");
  EXPECT_NE(message(130, 1, "convert").find("[2^-8, 2^7]"), std::string::npos);
  EXPECT_NE(message(0, 1, "add").find("bad scale"), std::string::npos);
  EXPECT_NE(message(NAN, 1, "add").find("bad scale"), std::string::npos);
}

} // namespace
