// This file tests the fast kernels for images, normalization in groups and
// reductions against the reference, in every instruction set and in parts.
#include "npir/Kernels/Fast/Binary.h"
#include "npir/Kernels/Fast/GroupNorm.h"
#include "npir/Kernels/Fast/Pooling.h"
#include "npir/Kernels/Fast/Reduce.h"
#include "npir/Kernels/Fast/Resize.h"
#include "npir/Kernels/Reference/Elementwise.h"
#include "npir/Kernels/Reference/GroupNorm.h"
#include "npir/Kernels/Reference/Pooling.h"
#include "npir/Kernels/Reference/Resize.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace npir_kernels;
namespace ref = npir_kernels::reference;

namespace {

using Shape = std::vector<int64_t>;

template <typename T>
std::vector<T> makeRandom(size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<T> values(count);
  for (T &value : values)
    value = T(int(engine() % 256) - 128);
  return values;
}

/// Calls `run(set)` for every instruction set of this machine.
template <typename Run>
void forEachSet(Run run) {
  for (fast::InstructionSet set : fast::instructionSets)
    if (fast::isSupported(set)) {
      SCOPED_TRACE(int(set));
      run(set);
    }
}

template <typename T>
void expectClose(const std::vector<T> &actual, const std::vector<T> &expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i)
    EXPECT_NEAR(float(actual[i]), float(expected[i]),
                sizeof(T) == 1
                    ? 0.0f
                    : 2e-6f * std::max(100.0f, std::fabs(float(expected[i]))));
}

} // namespace

TEST(FastSpatial, AvgPool) {
  const Shape from = {2, 7, 6, 19}, to = {2, 4, 5, 19};
  const fast::Pool pool = {7, 6, 19, 4, 5, 3, 2, 2, 1, 1, 1, 1, 0};
  const ref::Window2D window = {{2, 1}, {1, 1, 0, 0}, {1, 1}};
  const auto real = makeRandom<float>(2 * 7 * 6 * 19, 1);
  const auto stored = makeRandom<int8_t>(real.size(), 2);
  const size_t count = 2 * 4 * 5 * 19, rows = 8;
  std::vector<float> multipliers;
  for (int n = 1; n <= 6; ++n)
    multipliers.push_back(0.7f / float(n));
  for (bool countPadding : {false, true}) {
    std::vector<float> expected(count), actual(count);
    ref::avgPool2d({real.data(), from.data(), 4}, {3, 2}, window, countPadding,
                   {expected.data(), to.data(), 4});
    std::vector<int8_t> expectedI8(count), actualI8(count);
    ref::avgPool2d({stored.data(), from.data(), 4}, {3, 2}, window,
                   countPadding, {multipliers.data(), 5, -3, {-90, 80}},
                   {expectedI8.data(), to.data(), 4});
    const fast::WindowMeanI8 numbers = {multipliers.data(), 5, -3, -90, 80};
    forEachSet([&](fast::InstructionSet set) {
      fast::avgPoolF32(pool, countPadding, real.data(), actual.data(), 0, 3,
                       set);
      fast::avgPoolF32(pool, countPadding, real.data(), actual.data(), 3, rows,
                       set);
      expectClose(actual, expected);
      fast::avgPoolI8(pool, countPadding, numbers, stored.data(),
                      actualI8.data(), 0, 5, set);
      fast::avgPoolI8(pool, countPadding, numbers, stored.data(),
                      actualI8.data(), 5, rows, set);
      EXPECT_EQ(actualI8, expectedI8);
    });
  }
}

TEST(FastSpatial, Bilinear) {
  const Shape from = {2, 5, 4, 21}, to = {2, 7, 9, 21};
  const ResizeAxis height = {5, 7}, width = {4, 9};
  fast::Bilinear plan = {5, 4, 21, bilinearTaps(height), bilinearTaps(width)};
  const auto real = makeRandom<float>(2 * 5 * 4 * 21, 1);
  const auto stored = makeRandom<int8_t>(real.size(), 2);
  const size_t count = 2 * 7 * 9 * 21;
  std::vector<float> expected(count), actual(count);
  ref::resizeBilinear({real.data(), from.data(), 4}, height, width,
                      {expected.data(), to.data(), 4});
  std::vector<int8_t> expectedI8(count), actualI8(count);
  ref::resizeBilinear({stored.data(), from.data(), 4}, height, width, {},
                      {expectedI8.data(), to.data(), 4});
  forEachSet([&](fast::InstructionSet set) {
    fast::resizeBilinearF32(plan, real.data(), actual.data(), 0, 9, set);
    fast::resizeBilinearF32(plan, real.data(), actual.data(), 9, 14, set);
    expectClose(actual, expected);
    fast::resizeBilinearI8(plan, stored.data(), actualI8.data(), 0, 9, set);
    fast::resizeBilinearI8(plan, stored.data(), actualI8.data(), 9, 14, set);
    EXPECT_EQ(actualI8, expectedI8);
  });
}

/// Groups of one channel, of several, and more channels than a unit has.
TEST(FastSpatial, GroupNorm) {
  for (int64_t groups : {1, 5, 150})
    for (int64_t groupSize : {1, 3, 40}) {
      const int64_t channels = groups * groupSize;
      const Shape shape = {2, 6, channels};
      const auto x = makeRandom<float>(size_t(12 * channels), 3);
      const auto scale = makeRandom<float>(size_t(channels), 4);
      const auto offset = makeRandom<float>(size_t(channels), 5);
      std::vector<float> expected(x.size()), actual(x.size());
      ref::groupNorm({x.data(), shape.data(), 3}, scale.data(), offset.data(),
                     groups, 1e-3f, {expected.data(), shape.data(), 3});
      const fast::GroupNormF32 layer = {6,     channels,     groups,
                                        1e-3f, scale.data(), offset.data()};
      const auto units = size_t(2 * layer.unitsPerSample());
      forEachSet([&](fast::InstructionSet set) {
        fast::groupNormF32(layer, x.data(), actual.data(), 0, units / 2, set);
        fast::groupNormF32(layer, x.data(), actual.data(), units / 2, units,
                           set);
        expectClose(actual, expected);
      });
      ref::rmsNorm({x.data(), shape.data(), 3}, scale.data(), 1e-3f,
                   {expected.data(), shape.data(), 3});
      forEachSet([&](fast::InstructionSet set) {
        fast::rmsNormF32({channels, 1e-3f, scale.data()}, x.data(),
                         actual.data(), 0, 12, set);
        expectClose(actual, expected);
      });
    }
}

TEST(FastSpatial, Reduce) {
  const Shape shape = {2, 3, 4, 5};
  const auto real = makeRandom<float>(120, 6);
  const auto stored = makeRandom<int8_t>(120, 7);
  for (unsigned mask = 1; mask < 8; ++mask) {
    std::vector<int64_t> axes;
    std::vector<fast::ReduceDim> dims;
    size_t count = 2;
    for (unsigned i = 0; i < 3; ++i) {
      const bool isReduced = mask >> i & 1;
      dims.push_back({shape[i + 1], isReduced});
      if (isReduced)
        axes.push_back(i + 1);
      else
        count *= size_t(shape[i + 1]);
    }
    const Shape to = {int64_t(count)};
    auto compare = [&](ref::ReduceKind kind, auto runF32, auto runI8) {
      std::vector<float> expected(count), actual(count);
      ref::reduce(kind, {real.data(), shape.data(), 4}, axes.data(),
                  int(axes.size()), {expected.data(), to.data(), 1});
      runF32(dims, real.data(), actual.data(), 0, 1);
      runF32(dims, real.data(), actual.data(), 1, 2);
      EXPECT_EQ(actual, expected);
      std::vector<int8_t> expectedI8(count), actualI8(count);
      ref::reduce(kind, {stored.data(), shape.data(), 4}, axes.data(),
                  int(axes.size()), ref::QuantizedBounds{},
                  {expectedI8.data(), to.data(), 1});
      runI8(dims, stored.data(), actualI8.data(), 0, 2);
      EXPECT_EQ(actualI8, expectedI8);
    };
    compare(ref::ReduceKind::Max, fast::reduceMaxF32, fast::reduceMaxI8);
    compare(ref::ReduceKind::Min, fast::reduceMinF32, fast::reduceMinI8);
  }
  // NaN in whatever place.
  const std::vector<float> pair = {NAN, 1, 1, NAN};
  std::vector<float> result(2);
  for (auto run : {fast::reduceMaxF32, fast::reduceMinF32}) {
    run({{2, true}}, pair.data(), result.data(), 0, 2);
    EXPECT_TRUE(std::isnan(result[0]) && std::isnan(result[1]));
  }
  const std::vector<float> factors = {2, -3, 0.5f, 4};
  fast::reduceProdF32({{2, true}}, factors.data(), result.data(), 0, 2);
  EXPECT_EQ(result, (std::vector<float>{-6, 2}));
}

/// Shapes whose dimensions merge and others; scalars.
TEST(FastSpatial, BinaryBroadcasts) {
  const std::pair<Shape, Shape> cases[] = {
      {{2, 3, 4}, {2, 3, 4}}, {{2, 3, 4}, {4}},    {{2, 1, 4}, {3, 1}},
      {{1, 5}, {6, 1}},       {{}, {2, 2}},        {{}, {}},
      {{2, 3, 4}, {1, 1, 1}}, {{3, 1}, {2, 3, 4}},
  };
  for (const auto &[lhs, rhs] : cases) {
    const size_t rank = std::max(lhs.size(), rhs.size());
    Shape to(rank, 1);
    for (const Shape &shape : {lhs, rhs})
      for (size_t i = 0; i < shape.size(); ++i) {
        int64_t &dim = to[rank - shape.size() + i];
        dim = std::max(dim, shape[i]);
      }
    auto count = [](const Shape &shape) {
      size_t elements = 1;
      for (int64_t dim : shape)
        elements *= size_t(dim);
      return elements;
    };
    const auto a = makeRandom<int8_t>(count(lhs), 8);
    const auto b = makeRandom<int8_t>(count(rhs), 9);
    std::vector<int8_t> expected(count(to)), actual(count(to));
    const fast::BroadcastPlan plan(lhs, rhs, to);
    for (BinaryKind kind : {BinaryKind::Maximum, BinaryKind::Minimum}) {
      ref::select(kind, {a.data(), lhs.data(), int(lhs.size())},
                  {b.data(), rhs.data(), int(rhs.size())}, {-100, 99},
                  {expected.data(), to.data(), int(rank)});
      const size_t half = actual.size() / 2;
      fast::selectI8(kind, plan, a.data(), b.data(), -100, 99, actual.data(), 0,
                     half);
      fast::selectI8(kind, plan, a.data(), b.data(), -100, 99, actual.data(),
                     half, actual.size());
      EXPECT_EQ(actual, expected);
    }
  }
  const fast::BroadcastPlan merged({2, 3, 4}, {2, 3, 4}, {2, 3, 4});
  EXPECT_EQ(merged.dims.size(), 1u);
}

TEST(FastSpatial, PowerWithinBounds) {
  const std::vector<float> a = {2, 3, -8}, b = {3, 0.5f, 2};
  std::vector<float> y(3);
  const fast::BroadcastPlan plan({3}, {3}, {3});
  fast::binaryF32(BinaryKind::Power, plan, a.data(), b.data(), 0, 60, y.data(),
                  0, 3);
  EXPECT_EQ(y, (std::vector<float>{8, std::pow(3.0f, 0.5f), 60}));
}
