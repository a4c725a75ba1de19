// This file tests the kernels of indices and truth values: the reference by
// hand, the fast ones against it.
#include "npir/Kernels/Reference/Index.h"
#include "npir/Kernels/Fast/Select.h"
#include "npir/Kernels/Reference/DataMovement.h"

#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

using namespace npir_kernels;
using Shape = std::vector<int64_t>;

static size_t count(const Shape &shape) {
  return std::accumulate(shape.begin(), shape.end(), size_t(1),
                         [](size_t a, int64_t b) { return a * size_t(b); });
}
template <typename T>
static TensorRef<const T> ref(const std::vector<T> &data, const Shape &shape) {
  return {data.data(), shape.data(), int(shape.size())};
}
template <typename T>
static TensorRef<T> mut(std::vector<T> &data, const Shape &shape) {
  return {data.data(), shape.data(), int(shape.size())};
}
constexpr Truth T = Truth::True, F = Truth::False;

//===----------------------------------------------------------------------===//
// By hand
//===----------------------------------------------------------------------===//

TEST(Cast, ByHand) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(castNumber<int32_t>(-1.99f), -1);
  EXPECT_EQ(castNumber<int32_t>(NAN), 0);
  EXPECT_EQ(castNumber<int32_t>(inf), INT32_MAX);
  EXPECT_EQ(castNumber<int32_t>(2147483648.0f), INT32_MAX);
  EXPECT_EQ(castNumber<int32_t>(2147483520.0f), 2147483520);
  EXPECT_EQ(castNumber<int32_t>(-inf), INT32_MIN);
  EXPECT_EQ(castNumber<int32_t>(-2147483648.0f), INT32_MIN);
  EXPECT_EQ(castNumber<int64_t>(9223372036854775808.0f), INT64_MAX);
  EXPECT_EQ(castNumber<int64_t>(-1e30f), INT64_MIN);
  EXPECT_EQ(castNumber<int64_t>(9007199254740992.0f), 9007199254740992);
  // Ties to even.
  EXPECT_EQ(castNumber<float>(int32_t(16777217)), 16777216.0f);
  EXPECT_EQ(castNumber<float>(int64_t(16777219)), 16777220.0f);
  EXPECT_EQ(castNumber<int32_t>(int64_t(0x100000005)), 5);
  EXPECT_EQ(castNumber<int64_t>(int32_t(-7)), -7);
  EXPECT_EQ(castNumber<Truth>(0.5f), T);
  EXPECT_EQ(castNumber<Truth>(-0.0f), F);
  EXPECT_EQ(castNumber<Truth>(NAN), T);
  EXPECT_EQ(castNumber<float>(Truth(2)), 1.0f);
  EXPECT_EQ(castNumber<Truth>(Truth(2)), T);
}

TEST(Compare, NaNIsUnequalOnly) {
  for (CompareKind kind : {CompareKind::Eq, CompareKind::Lt, CompareKind::Le,
                           CompareKind::Gt, CompareKind::Ge})
    EXPECT_FALSE(evaluateCompare(kind, NAN, 1.0f));
  EXPECT_TRUE(evaluateCompare(CompareKind::Ne, NAN, NAN));
  EXPECT_TRUE(evaluateCompare(CompareKind::Le, 1, 1));
  EXPECT_FALSE(evaluateCompare(CompareKind::Gt, int64_t(-1), int64_t(0)));
}

TEST(Gather, ByHand) {
  const std::vector<float> table = {0, 1, 10, 11, 20, 21};
  std::vector<float> rows(8);
  const std::vector<int64_t> indices = {2, -3, 1, -1};
  reference::gather(ref(table, {3, 2}), 0, indices.data(), 4,
                    mut(rows, {2, 2, 2}));
  EXPECT_EQ(rows, (std::vector<float>{20, 21, 0, 1, 10, 11, 20, 21}));
  std::vector<float> columns(3);
  const int64_t last = -1;
  reference::gather(ref(table, {3, 2}), 1, &last, 1, mut(columns, {3}));
  EXPECT_EQ(columns, (std::vector<float>{1, 11, 21}));
}

TEST(Where, ByHand) {
  std::vector<int8_t> out(4);
  reference::where<int8_t>(ref<Truth>({T, F}, {1, 2}),
                           ref<int8_t>({1, 2}, {2, 1}), ref<int8_t>({9}, {}),
                           mut(out, {2, 2}));
  EXPECT_EQ(out, (std::vector<int8_t>{1, 9, 2, 9}));
}

TEST(Logical, ByHand) {
  const std::vector<Truth> a = {F, F, T, T}, b = {F, T, F, Truth(4)};
  std::vector<Truth> out(4);
  reference::logical(LogicalKind::And, ref(a, {4}), ref(b, {4}), mut(out, {4}));
  EXPECT_EQ(out, (std::vector<Truth>{F, F, F, T}));
  reference::logical(LogicalKind::Or, ref(a, {4}), ref(b, {4}), mut(out, {4}));
  EXPECT_EQ(out, (std::vector<Truth>{F, T, T, T}));
  reference::logical(LogicalKind::Xor, ref(a, {4}), ref(b, {4}), mut(out, {4}));
  EXPECT_EQ(out, (std::vector<Truth>{F, T, T, F}));
  reference::logicalNot(ref(b, {4}), mut(out, {4}));
  EXPECT_EQ(out, (std::vector<Truth>{T, F, T, F}));
}

TEST(Argmax, ByHand) {
  const std::vector<float> x = {1, 3, 3, 0, 5, -1};
  std::vector<int64_t> out(2);
  reference::argmax(ref(x, {2, 3}), 1, /*last=*/false, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{1, 1}));
  reference::argmax(ref(x, {2, 3}), 1, /*last=*/true, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{2, 1}));
  std::vector<int64_t> columns(3);
  reference::argmax(ref(x, {2, 3}), 0, /*last=*/false, columns.data());
  EXPECT_EQ(columns, (std::vector<int64_t>{0, 1, 0}));
  // The first NaN, as for numpy.
  const std::vector<float> nan = {1, NAN, 9, NAN};
  int64_t index = -1;
  reference::argmax(ref(nan, {4}), 0, /*last=*/false, &index);
  EXPECT_EQ(index, 1);
  reference::argmax(ref(nan, {4}), 0, /*last=*/true, &index);
  EXPECT_EQ(index, 3);
}

//===----------------------------------------------------------------------===//
// The fast kernels
//===----------------------------------------------------------------------===//

namespace {
/// Shapes of three operands that broadcast to the fourth.
struct Shapes {
  Shape a, b, c, out;
};
const Shapes allShapes[] = {
    {{}, {}, {}, {}},
    {{5}, {5}, {1}, {5}},
    {{2, 1, 1, 7}, {2, 3, 4, 7}, {1}, {2, 3, 4, 7}},
    {{2, 3, 1}, {3, 5}, {2, 1, 1}, {2, 3, 5}},
    {{40000}, {40000}, {40000}, {40000}},
    {{300, 200}, {300, 200}, {200}, {300, 200}},
    {{2, 1, 3, 1, 2, 1}, {1, 2, 1, 3, 1, 2}, {1}, {2, 2, 3, 3, 2, 2}},
};

template <typename E>
std::vector<E> makeRandom(const Shape &shape, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<E> data(count(shape));
  for (E &value : data)
    value = E(int(engine() % 5) - (std::is_same_v<E, Truth> ? 0 : 2));
  if constexpr (std::is_same_v<E, float>)
    data.back() = NAN;
  return data;
}

fast::ShapeRef shapeRef(const Shape &shape) {
  return {shape.data(), int(shape.size())};
}

/// Calls `run(begin, end)` for parts of the rows, as threads do.
template <typename Box, typename Run>
void inParts(const Box &box, const Run &run) {
  const size_t rows = box.rows(), middle = rows / 3;
  run(middle, rows);
  run(size_t(0), middle);
}

template <typename E>
void expectSame(const std::vector<E> &got, const std::vector<E> &want) {
  ASSERT_EQ(got.size(), want.size());
  EXPECT_EQ(std::memcmp(got.data(), want.data(), got.size() * sizeof(E)), 0);
}

template <typename E>
void testWhere() {
  for (const Shapes &s : allShapes) {
    const auto condition = makeRandom<Truth>(s.a, 1);
    const auto x = makeRandom<E>(s.b, 2), y = makeRandom<E>(s.c, 3);
    std::vector<E> want(count(s.out)), got(want.size());
    reference::where(ref(condition, s.a), ref(x, s.b), ref(y, s.c),
                     mut(want, s.out));
    const auto box = fast::makeBroadcastBox(
        {shapeRef(s.a), shapeRef(s.b), shapeRef(s.c)}, shapeRef(s.out));
    inParts(box, [&](size_t begin, size_t end) {
      fast::where(box, sizeof(E), condition.data(), x.data(), y.data(),
                  got.data(), begin, end);
    });
    expectSame(got, want);
  }
}

template <typename E>
void testCompare() {
  for (const Shapes &s : allShapes)
    for (int kind = 0; kind < 6; ++kind) {
      const auto x = makeRandom<E>(s.a, 4), y = makeRandom<E>(s.b, 5);
      // Without the third operand the result may be smaller.
      Shape out(std::max(s.a.size(), s.b.size()), 1);
      for (const Shape *shape : {&s.a, &s.b})
        for (size_t i = 0; i < shape->size(); ++i)
          out[out.size() - shape->size() + i] =
              std::max(out[out.size() - shape->size() + i], (*shape)[i]);
      std::vector<Truth> want(count(out)), got(want.size());
      reference::compare(CompareKind(kind), ref(x, s.a), ref(y, s.b),
                         mut(want, out));
      const auto box =
          fast::makeBroadcastBox({shapeRef(s.a), shapeRef(s.b)}, shapeRef(out));
      inParts(box, [&](size_t begin, size_t end) {
        fast::compare(box, CompareKind(kind), x.data(), y.data(), got.data(),
                      begin, end);
      });
      expectSame(got, want);
    }
}

template <typename To, typename From>
void testCast() {
  auto input = makeRandom<From>({1000}, 6);
  if constexpr (std::is_same_v<From, float>)
    for (size_t i = 0; i < input.size(); ++i)
      input[i] *= std::ldexp(1.0f, int(i % 80));
  std::vector<To> want(1000), got(1000);
  reference::cast(ref(input, {1000}), mut(want, {1000}));
  fast::cast(input.data(), got.data(), got.size());
  expectSame(got, want);
}
template <typename From>
void testCasts() {
  testCast<float, From>();
  testCast<Truth, From>();
  testCast<int32_t, From>();
  testCast<int64_t, From>();
}
} // namespace

TEST(FastIndex, WhereIsTheReference) {
  testWhere<int8_t>();
  testWhere<float>();
  testWhere<int64_t>();
}

TEST(FastIndex, CompareIsTheReference) {
  testCompare<float>();
  testCompare<Truth>();
  testCompare<int32_t>();
  testCompare<int64_t>();
}

TEST(FastIndex, LogicalIsTheReference) {
  const Shape a = {3, 1, 5}, b = {4, 1}, out = {3, 4, 5};
  const auto x = makeRandom<Truth>(a, 7), y = makeRandom<Truth>(b, 8);
  for (int kind = 0; kind < 3; ++kind) {
    std::vector<Truth> want(60), got(60);
    reference::logical(LogicalKind(kind), ref(x, a), ref(y, b), mut(want, out));
    const auto box =
        fast::makeBroadcastBox({shapeRef(a), shapeRef(b)}, shapeRef(out));
    inParts(box, [&](size_t begin, size_t end) {
      fast::logical(box, LogicalKind(kind), x.data(), y.data(), got.data(),
                    begin, end);
    });
    expectSame(got, want);
  }
}

TEST(FastIndex, CastIsTheReference) {
  testCasts<float>();
  testCasts<Truth>();
  testCasts<int32_t>();
  testCasts<int64_t>();
}

TEST(FastIndex, ArgmaxIsTheReference) {
  const Shape shape = {6, 9, 4};
  const auto x = makeRandom<float>(shape, 9);
  for (bool last : {false, true})
    for (int axis = 0; axis < 3; ++axis) {
      fast::AxisView view;
      for (int i = 0; i < 3; ++i)
        (i < axis    ? view.outer
         : i == axis ? view.size
                     : view.inner) *= shape[size_t(i)];
      std::vector<int64_t> want(size_t(view.outer * view.inner)),
          got(want.size());
      reference::argmax(ref(x, shape), axis, last, want.data());
      fast::argmax(view, last, x.data(), got.data(), 0, size_t(view.outer));
      expectSame(got, want);
    }
}

template <typename E>
static void testTranspose() {
  const Shape shape = {3, 4, 5, 2}, permuted = {4, 3, 2, 5};
  const int64_t perm[] = {1, 0, 3, 2};
  const int64_t strides[] = {40, 10, 2, 1}, outStrides[] = {30, 10, 5, 1};
  const auto x = makeRandom<E>(shape, 10);
  std::vector<E> want(120), got(120);
  reference::transpose(ref(x, shape), perm, mut(want, permuted));
  fast::StridedBox<2> box;
  for (int i = 0; i < 4; ++i)
    box.addInner(permuted[size_t(i)], {strides[perm[i]], outStrides[i]});
  inParts(box, [&](size_t begin, size_t end) {
    fast::copyStrided(box, sizeof(E), x.data(), got.data(), begin, end);
  });
  expectSame(got, want);
}

TEST(FastIndex, StridedCopyIsTheReference) {
  testTranspose<int8_t>();
  testTranspose<float>();
  testTranspose<int64_t>();
}
