// This file tests transposed convolution, means over windows, resizing,
// padding, normalization in groups and reductions: the reference by vectors
// that another library (PyTorch) made or that are small enough for a look.
#include "npir/Kernels/PoolLegality.h"
#include "npir/Kernels/Reference/Convolution.h"
#include "npir/Kernels/Reference/DataMovement.h"
#include "npir/Kernels/Reference/Elementwise.h"
#include "npir/Kernels/Reference/GroupNorm.h"
#include "npir/Kernels/Reference/Pooling.h"
#include "npir/Kernels/Reference/Resize.h"
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <vector>

using namespace npir_kernels;
namespace ref = npir_kernels::reference;

namespace {

using F = std::vector<float>;
using Q = std::vector<int8_t>;
using Shape = std::vector<int64_t>;

template <typename T>
struct Tensor {
  Shape shape;
  std::vector<T> data;

  Tensor(Shape sizes, std::vector<T> values = {})
      : shape(std::move(sizes)), data(std::move(values)) {
    if (data.empty())
      data.resize(std::accumulate(shape.begin(), shape.end(), size_t(1),
                                  std::multiplies<>()));
  }
  TensorRef<T> ref() { return {data.data(), shape.data(), int(shape.size())}; }
};

void expectNear(const F &actual, const F &expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i)
    EXPECT_NEAR(actual[i], expected[i],
                2e-6f * std::max(1.0f, std::fabs(expected[i])))
        << i;
}

constexpr ResizeCoordinates half = ResizeCoordinates::HalfPixel;
constexpr ResizeCoordinates corners = ResizeCoordinates::AlignCorners;
constexpr ResizeCoordinates asymmetric = ResizeCoordinates::Asymmetric;

} // namespace

//===----------------------------------------------------------------------===//
// Transposed convolution
//===----------------------------------------------------------------------===//

TEST(TransposeConv, GroupsDilationAndOutputPadding) {
  Tensor<float> x({1, 2, 2, 2}, {1, 5, 2, 6, 3, 7, 4, 8});
  Tensor<float> w({2, 3, 2, 1}, {-2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1});
  Tensor<float> y({1, 4, 4, 2});
  const float bias[] = {0.5f, -1};
  ref::transposeConv2d(x.ref(), w.ref(), bias, {{2, 1}, {1, 1, 0, 0}, {1, 2}},
                       2, {}, y.ref());
  EXPECT_EQ(y.data, (F{0.5f,  4,   0.5f,  5,   1.5f,  9,  2.5f,  11,
                       -3.5f, -18, -3.5f, -21, -4.5f, -6, -7.5f, -7,
                       0.5f,  6,   0.5f,  7,   3.5f,  13, 4.5f,  15,
                       6.5f,  -15, 8.5f,  -17, -5.5f, -8, -7.5f, -9}));
}

TEST(TransposeConv, SumsOverInputChannels) {
  Tensor<float> x({1, 2, 2, 2}, {1, 5, 2, 6, 3, 7, 4, 8});
  Tensor<float> w({3, 2, 2, 2}, {-3, 2, -2, 3, -1, -3, 0,  -2, 1, -1, 2, 0,
                                 3,  1, -3, 2, -2, 3,  -1, -3, 0, -2, 1, -1});
  Tensor<float> y({1, 2, 2, 3});
  ref::transposeConv2d(x.ref(), w.ref(), nullptr,
                       {{2, 2}, {1, 1, 1, 1}, {1, 1}}, 1, {-15, 15}, y.ref());
  EXPECT_EQ(y.data, (F{-10, 7, -4, -15, 12, -12, 15, 6, -15, 4, -4, 15}));
}

/// Between the elements there are real zeros.
TEST(TransposeConv, Quantized) {
  Tensor<int8_t> x({1, 1, 2, 1}, {10, 20}), w({1, 1, 1, 1}, {3});
  Tensor<int8_t> y({1, 1, 3, 1});
  const int32_t bias = 5;
  const float multiplier = 0.5f;
  ref::AccumulatorParams params;
  params.multipliers = &multiplier;
  params.inputZeroPoint = 4;
  params.outputZeroPoint = -7;
  ref::transposeConv2d(x.ref(), w.ref(), &bias, {{1, 2}, {}, {1, 1}}, 1, params,
                       y.ref());
  // 23/2 and 53/2 and 5/2 to the even ones.
  EXPECT_EQ(y.data, (Q{12 - 7, 2 - 7, 26 - 7}));
}

TEST(TransposeConv, WhatXNNPACKComputes) {
  auto infer = [](std::array<int64_t, 2> adjustment,
                  std::array<int64_t, 4> pads) {
    return inferDeconvolution({1, 1}, {4, 4}, {4, 1}, pads, adjustment, {1, 1});
  };
  EXPECT_EQ(infer({3, 0}, {}).problem, nullptr);
  EXPECT_EQ(infer({3, 0}, {}).size, (std::array<int64_t, 2>{7, 4}));
  EXPECT_STREQ(infer({4, 0}, {}).problem,
               "expected output padding below the stride");
  EXPECT_STREQ(infer({0, 0}, {0, 1, 0, 0}).problem,
               "expected a result that is at least as large as the stride");
  EXPECT_STREQ(infer({0, 0}, {2, 2, 0, 0}).problem,
               "expected padding that leaves something of the result");
}

//===----------------------------------------------------------------------===//
// Means over windows
//===----------------------------------------------------------------------===//

TEST(AvgPool, WithAndWithoutPadding) {
  Tensor<float> x({1, 3, 4, 1}), y({1, 4, 2, 1});
  std::iota(x.data.begin(), x.data.end(), 1.0f);
  const ref::Window2D window = {{1, 2}, {1, 1, 1, 1}, {1, 1}};
  ref::avgPool2d(x.ref(), {2, 3}, window, false, y.ref());
  expectNear(y.data, {1.5f, 3, 3.5f, 5, 7.5f, 9, 9.5f, 11});
  ref::avgPool2d(x.ref(), {2, 3}, window, true, y.ref());
  expectNear(y.data, {0.5f, 1.5f, 7.0f / 3, 5, 5, 9, 19.0f / 6, 5.5f});
}

/// A dilated window may cover nothing.
TEST(AvgPool, OfNothing) {
  Tensor<float> x({1, 1, 1, 1}, {6}), y({1, 1, 4, 1});
  ref::avgPool2d(x.ref(), {1, 2}, {{1, 1}, {0, 0, 3, 3}, {1, 3}}, false,
                 y.ref());
  EXPECT_EQ(y.data, (F{6, 0, 0, 6}));
}

TEST(AvgPool, Quantized) {
  // Sums less the zero point 1: 1, 1 + 2, 2; means rounded to even.
  Tensor<int8_t> x({1, 1, 2, 1}, {2, 3}), y({1, 1, 3, 1});
  const float multipliers[] = {0.5f, 0.5f};
  ref::WindowMeanParams params;
  params.multipliers = multipliers;
  params.inputZeroPoint = 1;
  params.outputZeroPoint = 10;
  const ref::Window2D window = {{1, 1}, {0, 0, 1, 1}, {1, 1}};
  ref::avgPool2d(x.ref(), {1, 2}, window, false, params, y.ref());
  EXPECT_EQ(y.data, (Q{10, 12, 11}));
  const float other[] = {100.0f, 1.0f};
  params.multipliers = other;
  params.bounds = {11, 12};
  ref::avgPool2d(x.ref(), {1, 2}, window, true, params, y.ref());
  EXPECT_EQ(y.data, (Q{11, 12, 12}));
}

//===----------------------------------------------------------------------===//
// Resize
//===----------------------------------------------------------------------===//

TEST(Resize, Nearest) {
  using Indices = std::vector<int64_t>;
  using R = ResizeRounding;
  EXPECT_EQ(nearestIndices({2, 4, asymmetric}, R::Floor),
            (Indices{0, 0, 1, 1}));
  EXPECT_EQ(nearestIndices({2, 4, asymmetric}, R::Ceil), (Indices{0, 1, 1, 1}));
  // Points -0.25, 0.25, 0.75, 1.25.
  EXPECT_EQ(nearestIndices({2, 4, half}, R::RoundPreferFloor),
            (Indices{0, 0, 1, 1}));
  // Points 0.5 and 2.5.
  EXPECT_EQ(nearestIndices({4, 2, half}, R::RoundPreferFloor), (Indices{0, 2}));
  EXPECT_EQ(nearestIndices({4, 2, half}, R::RoundPreferCeil), (Indices{1, 3}));
  EXPECT_EQ(nearestIndices({4, 2, corners}, R::Floor), (Indices{0, 3}));
  EXPECT_EQ(nearestIndices({4, 1, corners}, R::Ceil), (Indices{0}));
  // With a scale of its own: points 0, 1/0.7, 2/0.7.
  EXPECT_EQ(nearestIndices({4, 3, asymmetric, 0.7f}, R::Floor),
            (Indices{0, 1, 2}));
}

TEST(Resize, Bilinear) {
  Tensor<float> x({1, 2, 3, 1}, {1, 2, 4, 8, 16, 32}), y({1, 3, 5, 1});
  ref::resizeBilinear(x.ref(), {2, 3, half}, {3, 5, half}, y.ref());
  expectNear(y.data, {1, 1.4f, 2, 3.2f, 4, 4.5f, 6.3f, 9, 14.4f, 18, 8, 11.2f,
                      16, 25.6f, 32});
  ref::resizeBilinear(x.ref(), {2, 3, corners}, {3, 5, corners}, y.ref());
  expectNear(y.data,
             {1, 1.5f, 2, 3, 4, 4.5f, 6.75f, 9, 13.5f, 18, 8, 12, 16, 24, 32});
  Tensor<float> wide({1, 1, 4, 1});
  Tensor<float> pair({1, 1, 2, 1}, {2, 6});
  ref::resizeBilinear(pair.ref(), {1, 1, asymmetric}, {2, 4, asymmetric},
                      wide.ref());
  EXPECT_EQ(wide.data, (F{2, 4, 6, 6}));
}

TEST(Resize, QuantizedRoundsHalfUp) {
  Tensor<int8_t> x({1, 1, 2, 1}, {-4, -3}), y({1, 1, 3, 1});
  ref::resizeBilinear(x.ref(), {1, 1, corners}, {2, 3, corners}, {}, y.ref());
  EXPECT_EQ(y.data, (Q{-4, -3, -3}));
  EXPECT_EQ(interpolate(-128, 127, 127, -128, 1024, 0), 0);
  EXPECT_EQ(interpolate(127, 127, 127, 127, 2048, 2048), 127);
  EXPECT_EQ(interpolate(-128, -128, -128, -128, 17, 2047), -128);
}

TEST(Resize, ScaleOfTheSizes) {
  EXPECT_TRUE(hasScaleOfSizes({3, 5, half}));
  EXPECT_TRUE(hasScaleOfSizes({4, 8, half, 2.0f}));
  EXPECT_FALSE(hasScaleOfSizes({4, 8, half, 2.1f}));
  EXPECT_TRUE(hasScaleOfSizes({4, 8, corners, 2.1f}));
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

TEST(Moves, Pad) {
  using U = std::vector<uint16_t>;
  Tensor<uint16_t> x({2, 3}, {1, 2, 3, 4, 5, 6}), y({3, 6});
  const int64_t before[] = {1, 2};
  ref::pad<uint16_t>(x.ref(), before, PadMode::Reflect, 0, y.ref());
  EXPECT_EQ(y.data, (U{6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5}));
  ref::pad<uint16_t>(x.ref(), before, PadMode::Edge, 0, y.ref());
  EXPECT_EQ(y.data, (U{1, 1, 1, 2, 3, 3, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5, 6, 6}));
  ref::pad<uint16_t>(x.ref(), before, PadMode::Constant, 9, y.ref());
  EXPECT_EQ(y.data, (U{9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3, 9, 9, 9, 4, 5, 6, 9}));
}

TEST(Moves, Blocks) {
  Tensor<uint8_t> depth({1, 1, 2, 4}), space({1, 2, 4, 1}), back(depth);
  std::iota(depth.data.begin(), depth.data.end(), uint8_t(0));
  ref::depthToSpace<uint8_t>(depth.ref(), 2, space.ref());
  EXPECT_EQ(space.data, (std::vector<uint8_t>{0, 1, 4, 5, 2, 3, 6, 7}));
  ref::spaceToDepth<uint8_t>(space.ref(), 2, back.ref());
  EXPECT_EQ(back.data, depth.data);
}

//===----------------------------------------------------------------------===//
// Normalization, reductions, selections
//===----------------------------------------------------------------------===//

TEST(GroupNorm, Vectors) {
  Tensor<float> x({1, 3, 4}, {1, 2, 4, 8, -1, 3, 0, 5, 2, 2, 7, 1}), y(x);
  const float scale[] = {1, 2, -1, 0.5f}, offset[] = {0, 1, 0, -1};
  ref::groupNorm(x.ref(), scale, offset, 2, 1e-3f, y.ref());
  expectNear(y.data, {-0.397234f, 1.794469f, 0.057257f, -0.341551f, -1.986171f,
                      3.383406f, 1.431412f, -0.856859f, 0.397234f, 1.794469f,
                      -0.97336f, -1.543936f});
  ref::rmsNorm(x.ref(), scale, 1e-3f, y.ref());
  expectNear(y.data, {0.216925f, 0.867701f, -0.867701f, 0.867701f, -0.338042f,
                      2.028254f, 0, 0.845106f, 0.525208f, 1.050415f, -1.838227f,
                      0.131302f});
  ref::prelu(x.ref(), offset, y.ref());
  EXPECT_EQ(y.data, (F{1, 2, 4, 8, 0, 3, 0, 5, 2, 2, 7, 1}));
}

TEST(Reduce, LargestSmallestAndProduct) {
  Tensor<float> x({2, 3}, {1, -2, 3, -4, 5, NAN}), y({2}), columns({3});
  const int64_t last = 1, first = 0;
  ref::reduce(ref::ReduceKind::Max, x.ref(), &last, 1, y.ref());
  EXPECT_EQ(y.data[0], 3);
  EXPECT_TRUE(std::isnan(y.data[1]));
  ref::reduce(ref::ReduceKind::Min, x.ref(), &first, 1, columns.ref());
  EXPECT_EQ(columns.data[0], -4);
  EXPECT_EQ(columns.data[1], -2);
  EXPECT_TRUE(std::isnan(columns.data[2]));
  ref::reduce(ref::ReduceKind::Prod, x.ref(), &last, 1, y.ref());
  EXPECT_EQ(y.data[0], -6);
  Tensor<int8_t> q({1, 3}, {-128, 5, 7}), r({1});
  ref::reduce(ref::ReduceKind::Max, q.ref(), &last, 1, {-128, 6}, r.ref());
  EXPECT_EQ(r.data, (Q{6}));
  ref::reduce(ref::ReduceKind::Min, q.ref(), &last, 1, {}, r.ref());
  EXPECT_EQ(r.data, (Q{-128}));
}

TEST(Select, BroadcastsWithinBounds) {
  Tensor<int8_t> a({2, 1}, {-5, 50}), b({3}, {-128, 0, 127}), y({2, 3});
  ref::select(BinaryKind::Maximum, a.ref(), b.ref(), {-4, 100}, y.ref());
  EXPECT_EQ(y.data, (Q{-4, 0, 100, 50, 50, 100}));
  ref::select(BinaryKind::Minimum, a.ref(), b.ref(), {}, y.ref());
  EXPECT_EQ(y.data, (Q{-128, -5, -5, -128, 0, 50}));
}
