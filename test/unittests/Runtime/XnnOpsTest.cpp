// This file tests every op of XNNPACK segments in float, and their checks.
#include "TestNet.h"

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

TEST(XnnOps, UnaryFunctions) {
  struct Case {
    const char *name;
    double (*function)(double);
  };
  const Case cases[] = {
      {"abs", [](double x) { return std::fabs(x); }},
      {"bankers_rounding", [](double x) { return std::nearbyint(x); }},
      {"ceiling", [](double x) { return std::ceil(x); }},
      {"elu", [](double x) { return x > 0 ? x : 2 * std::expm1(x); }},
      {"exp", [](double x) { return std::exp(x); }},
      {"floor", [](double x) { return std::floor(x); }},
      {"gelu",
       [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {"hardswish",
       [](double x) { return x * std::min(std::max(x + 3, 0.0), 6.0) / 6; }},
      {"leaky_relu", [](double x) { return x > 0 ? x : 2 * x; }},
      {"log", [](double x) { return std::log(x); }},
      {"negate", [](double x) { return -x; }},
      {"rsqrt", [](double x) { return 1 / std::sqrt(x); }},
      {"reciprocal_square_root", [](double x) { return 1 / std::sqrt(x); }},
      {"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
      {"sign", [](double x) { return double((x > 0) - (x < 0)); }},
      {"sqrt", [](double x) { return std::sqrt(x); }},
      {"square_root", [](double x) { return std::sqrt(x); }},
      {"square", [](double x) { return x * x; }},
      {"tanh", [](double x) { return std::tanh(x); }},
      {"clamp", [](double x) { return std::min(std::max(x, -0.5), 1.5); }},
  };
  for (const Case &test : cases) {
    bool positive = std::isnan(test.function(-1.0));
    std::vector<float> input{0.25f, 0.5f, 1, 1.5f, 2.5f, 3.7f, 5};
    if (!positive)
      input.insert(input.end(), {-0.25f, -0.5f, -1, -2.5f, -3.7f});
    Net net;
    Shape shape{1, int64_t(input.size())};
    uint32_t x = net.f32("x:0", shape), y = net.f32("y:0", shape);
    auto got = runOp(net,
                     makeOp("xnn.unary", "op", {x}, {y},
                            {text("operator", test.name), real("alpha", 2),
                             real("min", -0.5f), real("max", 1.5f)}),
                     x, y, shape, input);
    ASSERT_EQ(got.size(), input.size()) << test.name;
    for (size_t i = 0; i < got.size(); ++i) {
      double want = test.function(input[i]);
      EXPECT_NEAR(got[i], want, 1e-5 * std::max(1.0, std::fabs(want)))
          << test.name << " of " << input[i];
    }
  }
}

TEST(XnnOps, BinaryFunctionsBroadcastAndClamp) {
  struct Case {
    const char *name;
    float (*function)(float, float);
  };
  const Case cases[] = {
      {"add", [](float a, float b) { return a + b; }},
      {"subtract", [](float a, float b) { return a - b; }},
      {"multiply", [](float a, float b) { return a * b; }},
      {"divide", [](float a, float b) { return a / b; }},
      {"maximum", [](float a, float b) { return std::max(a, b); }},
      {"minimum", [](float a, float b) { return std::min(a, b); }},
  };
  for (const Case &test : cases) {
    for (bool bounded : {false, true}) {
      Net net;
      std::vector<float> input{1, -2, 4, 8, 16, -32}, other{2, -4, 8};
      uint32_t x = net.f32("x:0", {-1, 3}), y = net.f32("y:0", {-1, 3});
      uint32_t c = net.constant("c", {3}, other);
      Op op = makeOp("xnn.binary", "op", {x, c}, {y},
                     {text("operator", test.name)});
      if (bounded)
        op.attributes.push_back(real("output_max", 5));
      auto got = runOp(net, op, x, y, {2, 3}, input);
      std::vector<float> want;
      for (size_t i = 0; i < input.size(); ++i)
        want.push_back(std::min(test.function(input[i], other[i % 3]),
                                bounded ? 5 : INFINITY));
      EXPECT_EQ(got, want) << test.name;
    }
  }
}

/// The clamp must not end up in the padding (XNNPACK's fusion does that).
TEST(XnnOps, ClampAfterPaddedConvolutionKeepsThePadding) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 4, 4, 1}), y = net.f32("y:0", {-1, 4, 4, 1});
  uint32_t conv = net.f32("conv:0", {-1, 4, 4, 1});
  uint32_t w = net.constant("w", {1, 3, 3, 1}, std::vector<float>(9, 1));
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(segment({x}, {y},
                            {makeOp("xnn.convolution_2d", "conv", {x, w},
                                    {conv}, {ints("padding", {1, 1, 1, 1})}),
                             makeOp("xnn.unary", "clamp", {conv}, {y},
                                    {text("operator", "clamp"),
                                     real("min", 0.5f), real("max", 6)})}));
  auto executor = makeExecutor(net.load());
  std::vector<float> input(16, 1);
  Status status = executor->run({feed("x", {1, 4, 4, 1}, input)});
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(
      values<float>(executor->outputs()[0]),
      (std::vector<float>{4, 6, 6, 4, 6, 6, 6, 6, 6, 6, 6, 6, 4, 6, 6, 4}));
}

TEST(XnnOps, MovesAndReductions) {
  std::vector<float> input = randomWhole<float>(2 * 2 * 3 * 4, -9, 9, 1);
  Shape shape{-1, 2, 3, 4}, given{2, 2, 3, 4};
  auto at = [&](int n, int h, int w, int c) {
    return input[((n * 2 + h) * 3 + w) * 4 + c];
  };
  {
    Net net;
    uint32_t x = net.f32("x:0", shape), y = net.f32("y:0", {-1, 4, 2, 3});
    auto got = runOp(net,
                     makeOp("xnn.static_transpose", "op", {x}, {y},
                            {ints("perm", {0, 3, 1, 2})}),
                     x, y, given, input);
    std::vector<float> want;
    for (int n = 0; n < 2; ++n)
      for (int c = 0; c < 4; ++c)
        for (int h = 0; h < 2; ++h)
          for (int w = 0; w < 3; ++w)
            want.push_back(at(n, h, w, c));
    EXPECT_EQ(got, want);
  }
  {
    Net net;
    uint32_t x = net.f32("x:0", shape), y = net.f32("y:0", shape);
    EXPECT_EQ(
        runOp(net, makeOp("xnn.copy", "op", {x}, {y}), x, y, given, input),
        input);
  }
  {
    Net net;
    uint32_t x = net.f32("x:0", shape), y = net.f32("y:0", {-1, 2, 1, 4});
    auto got = runOp(net,
                     makeOp("xnn.static_reduce", "op", {x}, {y},
                            {text("operator", "sum"), ints("axes", {2}),
                             number("keep_dims", 1)}),
                     x, y, given, input);
    std::vector<float> want;
    for (int n = 0; n < 2; ++n)
      for (int h = 0; h < 2; ++h)
        for (int c = 0; c < 4; ++c)
          want.push_back(at(n, h, 0, c) + at(n, h, 1, c) + at(n, h, 2, c));
    EXPECT_EQ(got, want);
  }
}

TEST(XnnOps, MaxPoolWithPaddingMatchesNpirKernel) {
  std::vector<float> input = randomWhole<float>(2 * 7 * 5 * 3, -90, -1, 1);
  auto run = [&](bool npir, bool dilated) {
    Net net;
    int64_t height = dilated ? 3 : 4, width = dilated ? 1 : 3;
    uint32_t x = net.f32("x:0", {-1, 7, 5, 3});
    uint32_t y = net.f32("y:0", {-1, height, width, 3});
    net.builder.addInput("x", x);
    net.builder.addOutput("y", y);
    std::vector<int64_t> kernel{2, 3}, strides{2, 2}, none{0, 0, 0, 0};
    std::vector<int64_t> dilations{2, 2};
    if (!dilated)
      dilations = {1, 1};
    if (npir)
      net.builder.addOp(makeOp(
          "npir.max_pool2d", "pool", {x}, {y},
          {ints("kernel", kernel), ints("strides", strides),
           ints("pads", dilated ? none : std::vector<int64_t>{1, 0, 2, 1}),
           ints("dilations", dilations)}));
    else
      net.builder.addOp(segment(
          {x}, {y},
          {makeOp("xnn.max_pooling_2d", "pool", {x}, {y},
                  {ints("pooling", kernel), ints("strides", strides),
                   ints("padding",
                        dilated ? none : std::vector<int64_t>{1, 1, 0, 2}),
                   ints("dilations", dilations)})}));
    auto executor = makeExecutor(net.load());
    Status status = executor->run({feed("x", {2, 7, 5, 3}, input)});
    EXPECT_TRUE(status.ok()) << status.message();
    return values<float>(executor->outputs()[0]);
  };
  EXPECT_EQ(run(true, false), run(false, false));
  EXPECT_EQ(run(true, true), run(false, true));
}

TEST(XnnOps, BadPoolsAreErrors) {
  struct Case {
    std::vector<Attribute> attributes;
    const char *part;
    int64_t height = 3, width = height;
  };
  const Case cases[] = {
      {{ints("pooling", {1, 1})}, "XNNPACK takes no 1x1 pool", 4},
      {{ints("pooling", {2, 2}), ints("strides", {3, 1})},
       "a stride beyond its kernel",
       1,
       3},
      {{ints("pooling", {2, 2}), ints("dilations", {2, 1}),
        ints("padding", {4, 0, 0, 0})},
       "computes a dilated pool with this padding wrongly",
       6,
       3},
      {{ints("pooling", {2, 2}), ints("padding", {2, 0, 0, 0})},
       "a window of padding alone",
       5,
       3},
      {{ints("pooling", {2, 2}), ints("padding", {7, 0, 0, 0})},
       "the padding to be at most"},
      {{ints("pooling", {9, 2})}, "larger than the padded input"},
      {{ints("pooling", {2})}, "attribute 'pooling': expected 2 values"},
      {{ints("pooling", {2, -2})}, "attribute 'pooling': expected 2 values"},
      {{number("pooling", 2)},
       "attribute 'pooling': expected a list of integers"},
      {{ints("pooling", {2, 2}), real("output_min", 2), real("output_max", 1)},
       "expected output_min to be at most output_max"},
      {{ints("pooling", {2, 2}), real("output_min", NAN)}, "got nan"},
  };
  for (const Case &test : cases) {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 4, 4, 1});
    uint32_t y = net.f32("y:0", {-1, test.height, test.width, 1});
    expectPart(
        opError(net,
                makeOp("xnn.max_pooling_2d", "pool", {x}, {y}, test.attributes),
                {x}, y),
        test.part);
  }
}

TEST(XnnOps, BadWeightsAreErrors) {
  struct Case {
    Quantization weights, bias;
    const char *part;
  };
  const std::vector<int32_t> zeros{0, 0};
  const Case cases[] = {
      {{{0.5f, 0.5f}, {0, 1}, 0},
       {{0.25f, 0.25f}, zeros, 0},
       "zero points of 0"},
      {{{0.5f, 0.0f}, zeros, 0},
       {{0.25f, 0.25f}, zeros, 0},
       "usable filter scales"},
      {{{0.5f, 0.5f, 0.5f}, {0, 0, 0}, 1},
       {{0.25f, 0.25f}, zeros, 0},
       "along dimension 0"},
      {{{0.5f, 0.5f}, zeros, 0},
       {{0.25f}, {0}, -1},
       "as many scales for the bias"},
      {{{0.5f, 0.5f}, zeros, 0}, {{0.25f, 0.26f}, zeros, 0}, "bias scale 1"},
      {{{0.5f, 2000.0f}, zeros, 0},
       {{0.25f, 1000.0f}, zeros, 0},
       "[2^-32, 256)"},
  };
  for (const Case &test : cases) {
    Net net;
    uint32_t x = net.q8("x:0", {-1, 3}, 0.5f, 0);
    uint32_t w =
        net.constant("w", {2, 3}, std::vector<int8_t>(6), test.weights);
    uint32_t b = net.constant("b", {2}, std::vector<int32_t>(2), test.bias);
    uint32_t y = net.q8("y:0", {-1, 2}, 1.0f, 0);
    expectPart(opError(net, makeOp("xnn.fully_connected", "fc", {x, w, b}, {y}),
                       {x}, y),
               test.part);
  }
}

TEST(XnnOps, BadOperandsAreErrors) {
  {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 3}), y = net.f32("y:0", {-1, 3});
    expectPart(opError(net,
                       makeOp("xnn.unary", "op", {x}, {y},
                              {text("operator", "wobble")}),
                       {x}, y),
               "unknown operator 'wobble'");
  }
  {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 3}), y = net.f32("y:0", {-1, 3});
    expectPart(opError(net, makeOp("xnn.unary", "op", {x, x}, {y}), {x}, y),
               "expected 1 inputs, got 2");
  }
  {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 3}), y = net.q8("y:0", {-1, 3}, 1, 0);
    expectPart(
        opError(net,
                makeOp("xnn.unary", "op", {x}, {y}, {text("operator", "abs")}),
                {x}, y),
        "expected input and result of one type");
  }
  {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 3}), w = net.f32("w:0", {2, 3});
    uint32_t y = net.f32("y:0", {-1, 2});
    expectPart(opError(net, makeOp("xnn.fully_connected", "op", {x, w}, {y}),
                       {x, w}, y),
               "expected the filter 'w:0' to be a constant");
  }
  {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 3}), y = net.f32("y:0", {3});
    expectPart(opError(net,
                       makeOp("xnn.static_reduce", "op", {x}, {y},
                              {text("operator", "mean"), ints("axes", {0})}),
                       {x}, y),
               "cannot reduce a free batch");
  }
  {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 3}), y = net.f32("y:0", {-1, 4});
    expectPart(
        opError(net, makeOp("xnn.static_reshape", "op", {x}, {y}), {x}, y),
        "cannot reshape [2, 3] to [2, 4]");
  }
  {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 3}), y = net.f32("y:0", {-1, 3});
    expectPart(opError(net,
                       makeOp("xnn.static_transpose", "op", {x}, {y},
                              {ints("perm", {0, 0})}),
                       {x}, y),
               "expected a permutation");
  }
  {
    Net net;
    uint32_t x = net.q8("x:0", {-1, 3}, 1, 0), y = net.q8("y:0", {-1, 3}, 2, 0);
    expectPart(opError(net, makeOp("xnn.copy", "op", {x}, {y}), {x}, y),
               "to have the same element type, scale and zero point");
  }
}

} // namespace
