// This file tests the repetition of values: the reference by hand, the fast
// kernel against it.
#include "npir/Kernels/Fast/Broadcast.h"
#include "npir/Kernels/Reference/Broadcast.h"

#include <gtest/gtest.h>
#include <numeric>
#include <vector>

using namespace npir_kernels;
using Shape = std::vector<int64_t>;

template <typename T>
static std::vector<T> runReference(const Shape &from, const Shape &to,
                                   const std::vector<T> &input) {
  std::vector<T> output(
      std::accumulate(to.begin(), to.end(), size_t(1), std::multiplies<>()));
  reference::broadcast<T>({input.data(), from.data(), int(from.size())},
                          {output.data(), to.data(), int(to.size())});
  return output;
}

TEST(Broadcast, ByHand) {
  EXPECT_EQ((runReference<float>({2, 1}, {2, 3}, {1, 2})),
            (std::vector<float>{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ((runReference<int8_t>({2}, {2, 2, 2}, {1, 2})),
            (std::vector<int8_t>{1, 2, 1, 2, 1, 2, 1, 2}));
  EXPECT_EQ((runReference<float>({}, {3}, {7})), (std::vector<float>{7, 7, 7}));
  EXPECT_EQ((runReference<int8_t>({2, 1, 2}, {2, 2, 2}, {1, 2, 3, 4})),
            (std::vector<int8_t>{1, 2, 1, 2, 3, 4, 3, 4}));
}

template <typename T>
static void compare(const Shape &from, const Shape &to) {
  std::vector<T> input(std::accumulate(from.begin(), from.end(), size_t(1),
                                       std::multiplies<>()));
  std::iota(input.begin(), input.end(), T(1));
  const std::vector<T> expected = runReference(from, to, input);
  std::vector<T> output(expected.size());
  // In parts, as threads do.
  for (size_t i = 0; i < size_t(to[0]); ++i)
    fast::broadcast(from.data(), to.data(), int(to.size()), sizeof(T),
                    input.data(), output.data(), i, i + 1);
  EXPECT_EQ(output, expected);
  std::fill(output.begin(), output.end(), T(0));
  fast::broadcast(from.data(), to.data(), int(to.size()), sizeof(T),
                  input.data(), output.data(), 0, size_t(to[0]));
  EXPECT_EQ(output, expected);
}

/// Every choice of repeated dimensions.
TEST(Broadcast, FastIsTheReference) {
  const Shape to = {2, 3, 1, 5, 4};
  for (unsigned repeated = 0; repeated < 32; ++repeated) {
    SCOPED_TRACE(repeated);
    Shape from = to;
    for (int i = 0; i < 5; ++i)
      if (repeated >> i & 1)
        from[size_t(i)] = 1;
    compare<float>(from, to);
    compare<int8_t>(from, to);
  }
  compare<float>({1}, {1000});
  compare<int8_t>({1}, {1000});
}
