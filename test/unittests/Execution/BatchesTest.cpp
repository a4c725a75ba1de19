// This file tests how samples are chosen and cut into batches.
#include "Fixture.h"

#include "npir/Execution/Batches.h"

using namespace mlir;
using namespace mlir::npir;

TEST_F(ExecutionTest, ParsesSamples) {
  Location loc = UnknownLoc::get(&context);
  auto check = [&](StringRef text, int64_t begin, int64_t end) {
    FailureOr<SampleSpan> span = parseSamples(text, loc);
    ASSERT_TRUE(succeeded(span)) << text.str();
    EXPECT_EQ(span->begin, begin);
    EXPECT_EQ(span->end, end);
  };
  check("", 0, -1);
  check("3:7", 3, 7);
  check(":7", 0, 7);
  check("3:", 3, -1);
  for (const char *text : {"3", "7:3", "3:3", "a:b", "-1:3", "1:2:3"}) {
    messages.clear();
    EXPECT_TRUE(failed(parseSamples(text, loc))) << text;
    EXPECT_EQ(messages, "expected samples=BEGIN:END with BEGIN < END, got '" +
                            std::string(text) + "'\n");
  }
}

namespace {
/// A data set of `count` samples [i, i].
struct Samples {
  explicit Samples(int64_t count) {
    std::vector<float> values;
    for (int64_t i = 0; i < count; ++i)
      values.insert(values.end(), {float(i), float(i)});
    path = ::testing::TempDir() + "/npir-samples.npy";
    auto status = npir_rt::writeNpy(path, npir_rt::NpyType::F4, {count, 2},
                                    values.data());
    EXPECT_TRUE(status.ok()) << status.message();
    auto array = npir_rt::NpyArray::open(path);
    EXPECT_TRUE(array.ok()) << array.status().message();
    npir_rt::DataInput input;
    input.name = "x";
    input.shape = {-1, 2};
    auto set = npir_rt::DataSet::fromArrays({*array}, {input});
    EXPECT_TRUE(set.ok()) << set.status().message();
    data = std::move(*set);
  }
  ~Samples() { std::remove(path.c_str()); }
  std::string path;
  npir_rt::DataSet data;
};
} // namespace

TEST_F(ExecutionTest, BatchBordersAreGlobal) {
  Samples samples(20);
  std::vector<std::pair<int64_t, int64_t>> seen;
  auto status = forEachBatch(
      samples.data, {3, 18}, 8,
      [&](int64_t begin, int64_t end,
          const std::vector<npir_rt::NamedTensor> &inputs) {
        seen.emplace_back(begin, end);
        EXPECT_EQ(inputs.front().name, "x");
        EXPECT_EQ(inputs.front().tensor.shape,
                  (npir_rt::Shape{end - begin, 2}));
        EXPECT_EQ(inputs.front().tensor.as<float>()[0], float(begin));
        return npir_rt::Status();
      });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(seen, (std::vector<std::pair<int64_t, int64_t>>{
                      {3, 8}, {8, 16}, {16, 18}}));
}

TEST_F(ExecutionTest, ASpanOutsideOfTheDataIsRefused) {
  Samples samples(4);
  SampleSpan span{2, 9};
  EXPECT_TRUE(failed(
      checkSpan(samples.data, "calib", span, UnknownLoc::get(&context))));
  EXPECT_EQ(messages, "expected samples within 0:4 of calib, got 2:9\n");
  span = {};
  EXPECT_TRUE(succeeded(
      checkSpan(samples.data, "calib", span, UnknownLoc::get(&context))));
  EXPECT_EQ(span.end, 4);
}
