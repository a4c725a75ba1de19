// This file tests how Ctrl-C is noted.
#include "npir/Support/Interrupt.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {

volatile std::sig_atomic_t seen = 0;

TEST(Interrupt, IsNotedOnceAndTheHandlerComesBack) {
  struct sigaction own = {}, before = {};
  own.sa_handler = [](int) { seen = 1; };
  sigaction(SIGINT, &own, &before);
  {
    InterruptGuard guard;
    EXPECT_FALSE(InterruptGuard::wasInterrupted());
    std::raise(SIGINT);
    EXPECT_TRUE(InterruptGuard::wasInterrupted());
    EXPECT_EQ(seen, 0);
  }
  std::raise(SIGINT);
  EXPECT_EQ(seen, 1);
  {
    InterruptGuard guard;
    EXPECT_FALSE(InterruptGuard::wasInterrupted());
  }
  sigaction(SIGINT, &before, nullptr);
}

TEST(InterruptDeathTest, TheSecondEndsTheProcess) {
  EXPECT_EXIT(
      {
        InterruptGuard guard;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

} // namespace
