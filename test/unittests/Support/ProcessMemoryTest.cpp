// This file tests what is told of the process' memory, and sizes as text.
#include "npir/Support/ProcessMemory.h"
#include "gtest/gtest.h"

#include <vector>

using namespace mlir::npir;

namespace {

TEST(ProcessMemory, SeesWhatIsTouched) {
  const uint64_t size = uint64_t(64) << 20;
  uint64_t before = getResidentBytes();
  std::vector<char> block(size, 1);
  EXPECT_EQ(block[size / 2], 1);
  EXPECT_GE(getResidentBytes(), before + size * 9 / 10);
  block = std::vector<char>();
  EXPECT_LT(getResidentBytes(), before + size / 2);
  EXPECT_GE(getPeakResidentBytes(), before + size * 9 / 10);
}

TEST(ProcessMemory, ReadsSizes) {
  EXPECT_EQ(parseByteSize("512M"), uint64_t(512) << 20);
  EXPECT_EQ(parseByteSize("2g"), uint64_t(2) << 30);
  EXPECT_EQ(parseByteSize("3K"), 3072u);
  EXPECT_EQ(parseByteSize("1T"), uint64_t(1) << 40);
  EXPECT_EQ(parseByteSize("1000"), 1000u);
  for (const char *text : {"", "M", "0", "0G", "-1", "1.5G", "1GB", "many",
                           "99999999999999999999", "99999999T"})
    EXPECT_EQ(parseByteSize(text), std::nullopt) << text;
}

TEST(ProcessMemory, DescribesSizes) {
  EXPECT_EQ(describeBytes(0), "0.0 MiB");
  EXPECT_EQ(describeBytes(uint64_t(3) << 19), "1.5 MiB");
  EXPECT_EQ(describeBytes(uint64_t(5) << 29), "2.50 GiB");
}

} // namespace
