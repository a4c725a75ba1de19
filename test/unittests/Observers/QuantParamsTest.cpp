// This file tests the arithmetic of quantization where the vectors do not
// reach: rounding, bounds, narrow grids, and whole tensors.
#include "npir/Observers/QuantParams.h"
#include "gtest/gtest.h"
#include <cfloat>
#include <cmath>
#include <limits>
#include <random>

using namespace mlir::npir;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(IntegerGrid, Bounds) {
  struct {
    IntegerGrid grid;
    int64_t qmin, qmax;
    unsigned bytes;
  } cases[] = {
      {{2, true, false}, -2, 1, 1},         {{2, true, true}, -1, 1, 1},
      {{4, false, false}, 0, 15, 1},        {{8, true, false}, -128, 127, 1},
      {{8, true, true}, -127, 127, 1},      {{8, false, false}, 0, 255, 1},
      {{8, false, true}, 0, 255, 1},        {{9, true, false}, -256, 255, 2},
      {{16, true, true}, -32767, 32767, 2}, {{16, false, false}, 0, 65535, 2},
  };
  for (auto &c : cases) {
    EXPECT_EQ(c.grid.qmin(), c.qmin);
    EXPECT_EQ(c.grid.qmax(), c.qmax);
    EXPECT_EQ(c.grid.storageBytes(), c.bytes);
  }
}

TEST(ComputeQuantParams, NarrowAffineUsesItsOwnGrid) {
  QuantParams params =
      computeQuantParams({-1.0, 1.54}, {8, true, true}, QuantScheme::Affine);
  EXPECT_EQ(params.scale, float(2.54 / 254));
  EXPECT_EQ(params.zeroPoint, -27);
}

TEST(ComputeQuantParams, ZeroPointComesFromTheUnroundedScale) {
  // lo / f32(scale) would round to 46768.
  QuantParams params = computeQuantParams(
      {-0x1.0564a4p-1, 0x1.a38cdcp-3}, {16, false, false}, QuantScheme::Affine);
  EXPECT_EQ(params.zeroPoint, 46769);
}

TEST(ComputeQuantParams, ZeroPointRoundsHalfToEven) {
  IntegerGrid grid{8, false, false};
  for (auto [lo, zeroPoint] : std::initializer_list<std::pair<double, int>>{
           {-0.5, 0}, {-1.5, 2}, {-2.5, 2}})
    EXPECT_EQ(computeQuantParams({lo, lo + 255.0}, grid, QuantScheme::Affine),
              (QuantParams{1.0f, zeroPoint}));
}

TEST(ComputeQuantParams, WidestRangeStaysFinite) {
  for (unsigned bits : {2u, 8u, 16u}) {
    for (bool narrow : {false, true}) {
      QuantParams params = computeQuantParams(
          {-FLT_MAX, FLT_MAX}, {bits, true, narrow}, QuantScheme::Affine);
      EXPECT_TRUE(std::isfinite(params.scale));
      params = computeQuantParams({-FLT_MAX, FLT_MAX}, {bits, true, narrow},
                                  QuantScheme::Symmetric);
      EXPECT_TRUE(std::isfinite(params.scale));
    }
  }
}

TEST(QuantizeValue, RoundsHalfToEven) {
  QuantParams params{1.0f, 0};
  IntegerGrid grid{8, true, false};
  for (auto [x, q] :
       std::initializer_list<std::pair<float, int64_t>>{{0.5f, 0},
                                                        {1.5f, 2},
                                                        {2.5f, 2},
                                                        {-0.5f, 0},
                                                        {-1.5f, -2},
                                                        {-2.5f, -2},
                                                        {0.50000006f, 1},
                                                        {126.5f, 126},
                                                        {127.5f, 127},
                                                        {-128.5f, -128},
                                                        {1e30f, 127},
                                                        {-1e30f, -128}})
    EXPECT_EQ(quantizeValue(x, params, grid), q) << x;
}

TEST(QuantizeValue, NonFinite) {
  QuantParams params{0.5f, 3};
  IntegerGrid grid{8, true, true};
  EXPECT_EQ(quantizeValue(std::nanf(""), params, grid), 3);
  EXPECT_EQ(quantizeValue(kInf, params, grid), 127);
  EXPECT_EQ(quantizeValue(-kInf, params, grid), -127);
}

/// The rounding against the standard library's.
TEST(QuantizeValue, MatchesTheDefinition) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> value(-200.0f, 200.0f);
  std::uniform_real_distribution<float> scale(0.01f, 2.0f);
  for (unsigned i = 0; i < 20000; ++i) {
    QuantParams params{scale(random), int64_t(random() % 256) - 128};
    float x = value(random);
    double q = std::nearbyint(double(x) / double(params.scale)) +
               double(params.zeroPoint);
    q = std::fmin(127, std::fmax(-128, q));
    EXPECT_EQ(quantizeValue(x, params, {8, true, false}), int64_t(q));
  }
}

TEST(DequantizeValue, IsTheInverseOnTheGrid) {
  IntegerGrid grid{8, true, false};
  QuantParams params{0.0123f, -7};
  for (int64_t q = grid.qmin(); q <= grid.qmax(); ++q)
    EXPECT_EQ(quantizeValue(dequantizeValue(q, params), params, grid), q);
  EXPECT_EQ(dequantizeValue(-7, params), 0.0f);
}

TEST(ChannelView, FromShapes) {
  auto expect = [](ChannelView view, size_t outer, size_t channels,
                   size_t inner) {
    EXPECT_EQ(view.outer, outer);
    EXPECT_EQ(view.channels, channels);
    EXPECT_EQ(view.inner, inner);
  };
  expect(ChannelView::get({16, 3, 3, 8}, 0), 1, 16, 72);
  expect(ChannelView::get({1, 3, 3, 8}, 3), 9, 8, 1);
  expect(ChannelView::get({2, 5, 7}, 1), 2, 5, 7);
  expect(ChannelView::get({2, 5, 7}, -1), 1, 1, 70);
  expect(ChannelView::get({}, -1), 1, 1, 1);
}

template <typename T>
void checkTensor(IntegerGrid grid) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> value(-3.0f, 3.0f);
  for (ChannelView view :
       {ChannelView{1, 5, 7}, ChannelView{7, 5, 1}, ChannelView{2, 3, 4},
        ChannelView{1, 1, 33}, ChannelView{0, 3, 2}}) {
    for (bool perChannel : {false, true}) {
      std::vector<float> data(view.size());
      for (float &x : data)
        x = value(random);
      if (data.size() > 4) {
        data[1] = std::nanf("");
        data[4] = -kInf;
      }
      llvm::SmallVector<QuantParams> params;
      for (size_t c = 0; c < (perChannel ? view.channels : 1); ++c)
        params.push_back({0.01f * float(c + 1), int64_t(random() % 5)});
      std::vector<T> out(view.size());
      quantizeTensor(data.data(), view, params, grid, out.data());
      for (size_t i = 0; i < data.size(); ++i) {
        size_t channel = i / view.inner % view.channels;
        EXPECT_EQ(
            int64_t(out[i]),
            quantizeValue(data[i], params[perChannel ? channel : 0], grid));
      }
    }
  }
}

TEST(QuantizeTensor, EqualsQuantizeValue) {
  checkTensor<int8_t>({8, true, true});
  checkTensor<int8_t>({4, true, false});
  checkTensor<uint8_t>({8, false, false});
  checkTensor<int16_t>({16, true, false});
  checkTensor<uint16_t>({16, false, false});
}

} // namespace
