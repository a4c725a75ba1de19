// This file tests the reference kernels by tensors computed by hand.
#include "npir/Kernels/Reference/Attention.h"
#include "npir/Kernels/Reference/Convolution.h"
#include "npir/Kernels/Reference/DataMovement.h"
#include "npir/Kernels/Reference/Elementwise.h"
#include "npir/Kernels/Reference/Pooling.h"
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace npir_kernels;
namespace ref = npir_kernels::reference;

namespace {

template <typename T>
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<T> data;

  Tensor(std::vector<int64_t> shape, std::vector<T> values = {})
      : shape(std::move(shape)), data(std::move(values)) {
    int64_t count = 1;
    for (int64_t size : this->shape)
      count *= size;
    if (data.empty())
      data.resize(count);
    EXPECT_EQ(static_cast<int64_t>(data.size()), count);
  }
  TensorRef<T> ref() {
    return {data.data(), shape.data(), static_cast<int>(shape.size())};
  }
};

using F = std::vector<float>;
using Q = std::vector<int8_t>;

} // namespace

TEST(Reference, ConvPadsWithRealZeros) {
  Tensor<float> x({1, 2, 2, 1}, {1, 2, 3, 4}), w({1, 2, 2, 1}, {1, 10, 100, 5});
  Tensor<float> y({1, 2, 2, 1});
  const float bias = 0.5f;
  // pads: one row on top, one column on the right.
  ref::conv2d(x.ref(), w.ref(), &bias, {{1, 1}, {1, 0, 0, 1}, {1, 1}}, 1, {},
              y.ref());
  EXPECT_EQ(y.data, (F{1 * 100 + 2 * 5 + 0.5f, 2 * 100 + 0.5f,
                       1 * 1 + 2 * 10 + 3 * 100 + 4 * 5 + 0.5f,
                       2 * 1 + 4 * 100 + 0.5f}));
  ref::conv2d(x.ref(), w.ref(), nullptr, {{1, 1}, {1, 0, 0, 1}, {1, 1}}, 1,
              {150, 300}, y.ref());
  EXPECT_EQ(y.data, (F{150, 200, 300, 300}));
}

TEST(Reference, QuantizedConvPadsWithTheZeroPoint) {
  Tensor<int8_t> x({1, 1, 2, 1}, {10, 20}), w({1, 1, 3, 1}, {1, 2, 4});
  Tensor<int8_t> y({1, 1, 2, 1});
  const int32_t bias = 3;
  const float multiplier = 0.5f;
  ref::AccumulatorParams params;
  params.multipliers = &multiplier;
  params.inputZeroPoint = 8;
  params.outputZeroPoint = -100;
  ref::conv2d(x.ref(), w.ref(), &bias, {{1, 1}, {0, 0, 1, 1}, {1, 1}}, 1,
              params, y.ref());
  // (3 + 2*2 + 12*4) / 2 = 27.5 to even; (3 + 2*1 + 12*2) / 2 = 14.5 to even.
  EXPECT_EQ(y.data, (Q{28 - 100, 14 - 100}));
  params.bounds = {-80, 127};
  ref::conv2d(x.ref(), w.ref(), &bias, {{1, 1}, {0, 0, 1, 1}, {1, 1}}, 1,
              params, y.ref());
  EXPECT_EQ(y.data, (Q{-72, -80}));
}

TEST(Reference, AccumulatorsWrap) {
  // 2^31 - 1 + 1 wraps to -2^31, as on XNNPACK.
  Tensor<int8_t> x({1, 1}, {1}), w({1, 1}, {1}), y({1, 1});
  const int32_t bias = INT32_MAX;
  const float multiplier = 1.0f;
  ref::AccumulatorParams params;
  params.multipliers = &multiplier;
  ref::linear(x.ref(), w.ref(), &bias, params, y.ref());
  EXPECT_EQ(y.data, (Q{-128}));
}

TEST(Reference, ConvGroupsStridesDilations) {
  // Two groups of one channel; kernel 1x2 with dilation 2 and stride 2.
  Tensor<float> x({1, 1, 5, 2}, {1, 10, 2, 20, 3, 30, 4, 40, 5, 50});
  Tensor<float> w({2, 1, 2, 1}, {1, 2, 3, 4}), y({1, 1, 2, 2});
  ref::conv2d(x.ref(), w.ref(), nullptr, {{1, 2}, {0, 0, 0, 0}, {1, 2}}, 2, {},
              y.ref());
  EXPECT_EQ(y.data, (F{1 + 2 * 3, 30 + 4 * 30, 3 + 2 * 5, 3 * 30 + 4 * 50}));
}

TEST(Reference, DepthwiseMultiplier) {
  Tensor<float> x({1, 1, 1, 2}, {1, 10}), w({1, 1, 1, 4}, {1, 2, 3, 4});
  Tensor<float> y({1, 1, 1, 4});
  ref::depthwiseConv2d(x.ref(), w.ref(), nullptr, {}, {}, y.ref());
  EXPECT_EQ(y.data, (F{1, 2, 30, 40}));
  // Multipliers are per output channel.
  Tensor<int8_t> xq({1, 1, 1, 2}, {1, 10}), wq({1, 1, 1, 4}, {1, 2, 3, 4});
  Tensor<int8_t> yq({1, 1, 1, 4});
  const F multipliers = {1, 2, 0.1f, 0.25f};
  ref::AccumulatorParams params;
  params.multipliers = multipliers.data();
  params.numMultipliers = 4;
  ref::depthwiseConv2d(xq.ref(), wq.ref(), nullptr, {}, params, yq.ref());
  EXPECT_EQ(yq.data, (Q{1, 4, 3, 10}));
}

TEST(Reference, FloatSumsDoNotCancel) {
  // In f32 the ones would be lost beside 2^30.
  Tensor<float> x({1, 4}, {0x1p30f, 1, 1, -0x1p30f}), w({1, 4}, {1, 1, 1, 1});
  Tensor<float> y({1, 1});
  ref::linear(x.ref(), w.ref(), nullptr, {}, y.ref());
  EXPECT_EQ(y.data, (F{2}));
}

TEST(Reference, MaxPool) {
  Tensor<int8_t> x({1, 2, 2, 1}, {-100, -50, -60, -128}), y({1, 2, 2, 1});
  // Padding never wins, though all values are negative.
  ref::maxPool2d(x.ref(), {2, 2}, {{1, 1}, {1, 0, 1, 0}, {1, 1}},
                 ref::QuantizedBounds(), y.ref());
  EXPECT_EQ(y.data, (Q{-100, -50, -60, -50}));
  ref::maxPool2d(x.ref(), {2, 2}, {{1, 1}, {1, 0, 1, 0}, {1, 1}},
                 ref::QuantizedBounds{-90, -55}, y.ref());
  EXPECT_EQ(y.data, (Q{-90, -55, -60, -55}));
  Tensor<float> xf({1, 1, 3, 1}, {-2, NAN, -1}), yf({1, 1, 2, 1});
  ref::maxPool2d(xf.ref(), {1, 2}, {}, ref::FloatBounds(), yf.ref());
  EXPECT_TRUE(std::isnan(yf.data[0]) && std::isnan(yf.data[1]));
}

TEST(Reference, Reduce) {
  Tensor<float> x({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  const int64_t first[] = {0}, last[] = {2}, ends[] = {2, 0};
  Tensor<float> y({2, 2});
  ref::reduce(ref::ReduceKind::Sum, x.ref(), first, 1, y.ref());
  EXPECT_EQ(y.data, (F{6, 8, 10, 12}));
  ref::reduce(ref::ReduceKind::Mean, x.ref(), last, 1, y.ref());
  EXPECT_EQ(y.data, (F{1.5, 3.5, 5.5, 7.5}));
  Tensor<float> z({1, 2, 1});
  ref::reduce(ref::ReduceKind::Sum, x.ref(), ends, 2, z.ref());
  EXPECT_EQ(z.data, (F{14, 22}));

  Tensor<int8_t> xq({2, 2}, {1, 2, 3, 5}), yq({2});
  ref::ReduceParams params;
  params.multiplier = 0.5f;
  params.inputZeroPoint = 1;
  params.outputZeroPoint = 10;
  const int64_t axis[] = {1};
  ref::reduce(xq.ref(), axis, 1, params, yq.ref());
  EXPECT_EQ(yq.data, (Q{10, 13})); // 0.5 and 3, ties to even
}

TEST(Reference, BinaryBroadcasts) {
  Tensor<float> a({2, 1, 2}, {1, 2, 3, 4}), b({3, 1}, {10, 20, 30});
  Tensor<float> y({2, 3, 2});
  ref::binary(BinaryKind::Add, a.ref(), b.ref(), {}, y.ref());
  EXPECT_EQ(y.data, (F{11, 12, 21, 22, 31, 32, 13, 14, 23, 24, 33, 34}));
  ref::binary(BinaryKind::Add, b.ref(), a.ref(), {12, 31}, y.ref());
  EXPECT_EQ(y.data, (F{12, 12, 21, 22, 31, 31, 13, 14, 23, 24, 31, 31}));

  Tensor<float> scalar({}, {5});
  Tensor<float> z({2, 1, 2});
  ref::binary(BinaryKind::Add, a.ref(), scalar.ref(), {}, z.ref());
  EXPECT_EQ(z.data, (F{6, 7, 8, 9}));
  ref::binary(BinaryKind::Subtract, scalar.ref(), a.ref(), {}, z.ref());
  EXPECT_EQ(z.data, (F{4, 3, 2, 1}));
  ref::binary(BinaryKind::Multiply, scalar.ref(), a.ref(), {}, z.ref());
  EXPECT_EQ(z.data, (F{5, 10, 15, 20}));
  ref::binary(BinaryKind::Divide, a.ref(), scalar.ref(), {}, z.ref());
  EXPECT_EQ(z.data, (F{0.2f, 0.4f, 0.6f, 0.8f}));
  Tensor<float> zero({}, {0});
  ref::binary(BinaryKind::Divide, a.ref(), zero.ref(), {0, 7}, z.ref());
  EXPECT_EQ(z.data, (F{7, 7, 7, 7}));
}

TEST(Reference, QuantizedProduct) {
  Tensor<int8_t> a({2, 1}, {-2, 6}), b({3}, {5, -128, 127}), y({2, 3});
  ref::MultiplyParams params;
  params.multiplier = 0x1.0p-3f;
  params.lhsZeroPoint = 2;
  params.rhsZeroPoint = 4;
  params.outputZeroPoint = -10;
  params.bounds = {-100, 50};
  ref::multiply(a.ref(), b.ref(), params, y.ref());
  // -4 and 4 times 1, -132, 123, over 8: the halves go to the even number.
  EXPECT_EQ(y.data, (Q{-10, 50, -72, -10, -76, 50}));
}

TEST(Reference, Matmul) {
  // [[1,2,3],[4,5,6]] times a matrix of 3x2, and its transpose.
  Tensor<float> a({2, 3}, {1, 2, 3, 4, 5, 6}), b({3, 2}, {1, 2, 0, 1, -1, 1});
  Tensor<float> bt({2, 3}, {1, 0, -1, 2, 1, 1}), y({2, 2});
  ref::matmul(a.ref(), b.ref(), false, y.ref());
  EXPECT_EQ(y.data, (F{-2, 7, -2, 19}));
  y.data.assign(4, 0);
  ref::matmul(a.ref(), bt.ref(), true, y.ref());
  EXPECT_EQ(y.data, (F{-2, 7, -2, 19}));
}

TEST(Reference, MatmulBroadcastsLeadingDimensions) {
  Tensor<float> a({2, 1, 1, 2}, {1, 2, 3, 4});
  Tensor<float> b({3, 2, 1}, {1, 0, 0, 1, 10, 10}), y({2, 3, 1, 1});
  ref::matmul(a.ref(), b.ref(), false, y.ref());
  EXPECT_EQ(y.data, (F{1, 2, 30, 3, 4, 70}));
}

TEST(Reference, MatmulAddsInDouble) {
  Tensor<float> a({1, 3}, {1e8f, 1, -1e8f}), b({3, 1}, {1, 1, 1}), y({1, 1});
  ref::matmul(a.ref(), b.ref(), false, y.ref());
  EXPECT_EQ(y.data, (F{1}));
}

TEST(Reference, Softmax) {
  const float ln2 = std::log(2.0f);
  Tensor<float> x({2, 3}, {0, ln2, 0, 1000, 1000, -1000}), y({2, 3});
  ref::softmax(x.ref(), y.ref());
  EXPECT_FLOAT_EQ(y.data[0], 0.25f);
  EXPECT_FLOAT_EQ(y.data[1], 0.5f);
  EXPECT_FLOAT_EQ(y.data[2], 0.25f);
  EXPECT_EQ(y.data[3], 0.5f); // exp(1000) is infinite, the result is not
  EXPECT_EQ(y.data[4], 0.5f);
  EXPECT_EQ(y.data[5], 0.0f);
}

TEST(Reference, SliceAndConcat) {
  Tensor<int8_t> x({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  Tensor<int8_t> y({1, 2, 1});
  const int64_t offsets[] = {1, 1, 0};
  ref::slice<int8_t>(x.ref(), offsets, y.ref());
  EXPECT_EQ(y.data, (Q{9, 11}));
  Tensor<int16_t> a({2, 1}, {1, 2}), b({2, 2}, {3, 4, 5, 6}), joined({2, 3});
  const TensorRef<const int16_t> parts[] = {a.ref(), b.ref()};
  ref::concat<int16_t>(parts, 2, 1, joined.ref());
  EXPECT_EQ(joined.data, (std::vector<int16_t>{1, 3, 4, 2, 5, 6}));
  Tensor<int16_t> c({1, 2}, {7, 8}), stacked({3, 2});
  const TensorRef<const int16_t> rows[] = {c.ref(), b.ref()};
  ref::concat<int16_t>(rows, 2, 0, stacked.ref());
  EXPECT_EQ(stacked.data, (std::vector<int16_t>{7, 8, 3, 4, 5, 6}));
}

TEST(Reference, UnaryAndTable) {
  Tensor<float> x({3}, {-1, 0.5f, 9}), y({3});
  ref::unary({UnaryKind::Clamp, 0, 6}, x.ref(), y.ref());
  EXPECT_EQ(y.data, (F{0, 0.5f, 6}));
  Table table;
  for (int i = 0; i < 256; ++i)
    table[i] = static_cast<int8_t>(i - 128);
  Tensor<int8_t> xq({4}, {-128, -1, 0, 127}), yq({4});
  ref::tableLookup(xq.ref(), table.data(), {-100, 100}, yq.ref());
  EXPECT_EQ(yq.data, (Q{0, 100, -100, -1}));
  ref::clamp(xq.ref(), {-5, 6}, yq.ref());
  EXPECT_EQ(yq.data, (Q{-5, -1, 0, 6}));
}

TEST(Reference, TransposeAndCopy) {
  Tensor<int8_t> x({2, 3, 1}, {1, 2, 3, 4, 5, 6}), y({1, 3, 2});
  const int64_t perm[] = {2, 1, 0};
  ref::transpose<int8_t>(x.ref(), perm, y.ref());
  EXPECT_EQ(y.data, (Q{1, 4, 2, 5, 3, 6}));
  // Not its own inverse: dimension i of the result is perm[i] of the operand.
  Tensor<float> a({1, 2, 3}, {1, 2, 3, 4, 5, 6}), b({3, 1, 2});
  const int64_t rotate[] = {2, 0, 1};
  ref::transpose<float>(a.ref(), rotate, b.ref());
  EXPECT_EQ(b.data, (F{1, 4, 2, 5, 3, 6}));
  Tensor<int8_t> z({6});
  ref::copy<int8_t>(x.ref(), z.ref());
  EXPECT_EQ(z.data, x.data);
}

TEST(Reference, BatchNorm) {
  Tensor<float> x({1, 2, 2}, {1, 2, 3, 4}), y({1, 2, 2});
  const float scale[] = {2, 1}, offset[] = {10, 0}, mean[] = {1, 3};
  const float variance[] = {3, 0.25f};
  ref::batchNorm(x.ref(), scale, offset, mean, variance, 1.0f, 1, y.ref());
  EXPECT_EQ(y.data[0], 10.0f);
  EXPECT_EQ(y.data[1], 11.0f);
  EXPECT_EQ(y.data[2], 0.0f);
  EXPECT_FLOAT_EQ(y.data[3], 0.89442719f);
  ref::batchNorm(x.ref(), scale, offset, mean, variance, 1.0f, 2, y.ref());
  EXPECT_EQ(y.data[0], 10.0f);
  EXPECT_EQ(y.data[2], 12.0f);
}

TEST(Reference, QuantizePerChannel) {
  Tensor<float> x({2, 2}, {1, 2, 3, 4}), back({2, 2});
  Tensor<int8_t> q({2, 2});
  const float scales[] = {0.5f, 1.0f};
  const int32_t zeroPoints[] = {0, -10};
  const ref::ScaleParams rows = {scales, zeroPoints, 2, 0};
  ref::quantize(x.ref(), rows, {}, q.ref());
  EXPECT_EQ(q.data, (Q{2, 4, -7, -6}));
  ref::dequantize<int8_t>(q.ref(), rows, back.ref());
  EXPECT_EQ(back.data, x.data);
  const ref::ScaleParams columns = {scales, nullptr, 2, 1};
  ref::quantize(x.ref(), columns, {-7, 5}, q.ref());
  EXPECT_EQ(q.data, (Q{2, 2, 5, 4}));
  Tensor<int32_t> bias({2}, {1000000, -3});
  Tensor<float> biasValues({2});
  ref::dequantize<int32_t>(bias.ref(), {scales, nullptr, 2, 0},
                           biasValues.ref());
  EXPECT_EQ(biasValues.data, (F{500000, -3}));
}

TEST(Reference, Requantize) {
  Tensor<int8_t> x({3}, {1, -1, 100}), y({3});
  ref::requantize(x.ref(), {128, 0, 0, {-128, 40}}, y.ref());
  EXPECT_EQ(y.data, (Q{1, 0, 40}));
}
