// This file tests the lines that long work shows.
#include "npir/Support/Progress.h"
#include "gtest/gtest.h"

#include <regex>
#include <thread>

using namespace mlir::npir;

namespace {

std::string show(bool quiet, std::chrono::milliseconds time) {
  std::string text;
  llvm::raw_string_ostream os(text);
  {
    Progress progress("calibrating", "samples", 100, quiet, os);
    progress.update(10);
    std::this_thread::sleep_for(time);
    progress.update(50);
    progress.update(60);
    progress.update(100);
  }
  return text;
}

TEST(Progress, ShowsSpeedAndTimeLeft) {
  using std::chrono::milliseconds;
  std::string text = show(false, milliseconds(2050));
  // The next line comes 10 seconds later, or at the end.
  std::regex lines(
      "calibrating: 50/100 samples, [0-9.]+/s, [1-9][0-9]* s left\n"
      "calibrating: 100/100 samples, [0-9.]+/s, 0 s left\n");
  EXPECT_TRUE(std::regex_match(text, lines)) << text;
  EXPECT_EQ(show(true, milliseconds(2050)), "");
  EXPECT_EQ(show(false, milliseconds(1)), "");
}

} // namespace
