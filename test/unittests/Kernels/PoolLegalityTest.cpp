// This file tests which maximum pools are said to be legal for XNNPACK; that
// legal ones are computed correctly is tested against XNNPACK itself.
#include "npir/Kernels/PoolLegality.h"
#include <gtest/gtest.h>

using npir_kernels::findMaxPoolProblem;

TEST(PoolLegality, OrdinaryPoolsAreLegal) {
  EXPECT_EQ(findMaxPoolProblem({8, 8}, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}),
            nullptr);
  EXPECT_EQ(findMaxPoolProblem({7, 9}, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}),
            nullptr);
  EXPECT_EQ(findMaxPoolProblem({9, 9}, {3, 3}, {1, 1}, {2, 2, 2, 2}, {2, 2}),
            nullptr);
  EXPECT_EQ(findMaxPoolProblem({1, 9}, {1, 3}, {1, 2}, {0, 0, 1, 1}, {1, 1}),
            nullptr);
}

TEST(PoolLegality, WhatXNNPACKRejects) {
  EXPECT_STREQ(findMaxPoolProblem({8, 8}, {1, 1}, {1, 1}, {0, 0, 0, 0}, {1, 1}),
               "XNNPACK takes no 1x1 pool");
  EXPECT_STREQ(findMaxPoolProblem({8, 8}, {2, 2}, {2, 3}, {0, 0, 0, 0}, {1, 1}),
               "XNNPACK takes no pool with a stride beyond its kernel");
}

TEST(PoolLegality, WhatXNNPACKComputesWrongly) {
  // The first window ends before the input begins.
  EXPECT_STREQ(findMaxPoolProblem({8, 8}, {2, 2}, {1, 1}, {2, 0, 0, 0}, {1, 1}),
               "XNNPACK takes no pool with a window of padding alone");
  EXPECT_STREQ(findMaxPoolProblem({8, 8}, {2, 2}, {1, 1}, {0, 0, 0, 2}, {1, 1}),
               "XNNPACK takes no pool with a window of padding alone");
  // The last window is rows 2, 3, 4 of 3; row 4 would stand in for row 3.
  EXPECT_STREQ(findMaxPoolProblem({3, 8}, {3, 2}, {1, 1}, {2, 2, 0, 0}, {1, 2}),
               "XNNPACK computes a dilated pool with this padding wrongly");
  // Window 1 overwrites what stands in for column -1 in window 0: by column 1,
  // which window 0, of columns -2, -1 and 0, does not have.
  EXPECT_STREQ(findMaxPoolProblem({9, 8}, {4, 3}, {2, 1}, {3, 0, 2, 0}, {3, 1}),
               "XNNPACK computes a dilated pool with this padding wrongly");
  EXPECT_EQ(findMaxPoolProblem({9, 8}, {4, 3}, {2, 1}, {3, 0, 0, 0}, {3, 1}),
            nullptr);
  // Tap 2 would stand in, which the window of taps 0 and 1 does not have.
  EXPECT_STREQ(findMaxPoolProblem({8, 8}, {2, 2}, {1, 1}, {4, 0, 0, 0}, {2, 1}),
               "XNNPACK computes a dilated pool with this padding wrongly");
}
