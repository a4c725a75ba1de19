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

TEST_F(ExecutionTest, OpensArraysByName) {
  auto module = parse(R"(
  func.func @main(%x: tensor<?x2xf32> {npir.name = "a"}, %y: tensor<?x2xf32> {npir.name = "b"})
      -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
    %0 = npir.add %x, %y : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sum")
    return %0 : tensor<?x2xf32>
  })");
  ASSERT_TRUE(module) << messages;
  auto network = create(*module, Backend::Interpreter);
  ASSERT_TRUE(network) << messages;
  std::vector<float> first = {1, 2, 3, 4}, second = {5, 6, 7, 8};
  auto get = [](const std::vector<float> &values) {
    auto array =
        npir_rt::NpyArray::fromMemory("<f4", {2, 2}, values.data(), "memory");
    EXPECT_TRUE(array.ok());
    return *array;
  };
  auto open = [&](NamedArrays arrays) {
    SampleSpan span;
    messages.clear();
    return openData(std::move(arrays), *network, span,
                    UnknownLoc::get(&context));
  };
  auto data = open({{"b", get(second)}, {"a", get(first)}});
  ASSERT_TRUE(succeeded(data)) << messages;
  EXPECT_EQ(data->view(0, 0, 2).data, first.data());
  EXPECT_EQ(data->view(1, 0, 2).data, second.data());
  EXPECT_TRUE(failed(open({{"a", get(first)}})));
  EXPECT_EQ(messages, "nothing is given for input 'b', expected all of a, b\n");
  EXPECT_TRUE(failed(open({{"c", get(first)}})));
  EXPECT_EQ(messages, "the model has no input 'c', expected a, b\n");
  EXPECT_TRUE(failed(open({{"a", get(first)}, {"a", get(first)}})));
  EXPECT_EQ(messages, "input 'a' is given twice\n");
}

TEST_F(ExecutionTest, WholeShapesFollowTheBatch) {
  npir_rt::TensorView view;
  view.shape = {6, 5};
  auto shape = getWholeShape("t", view, 3, 100);
  ASSERT_TRUE(shape.ok());
  EXPECT_EQ(*shape, (npir_rt::Shape{200, 5}));
  EXPECT_EQ(getWholeShape("t", view, 4, 100).status().message(),
            "tensor 't' of shape [6, 5] does not follow the batch of 4");
  view.shape = {};
  EXPECT_EQ(*getWholeShape("t", view, 4, 4), npir_rt::Shape());
  EXPECT_EQ(getWholeShape("t", view, 4, 8).status().message(),
            "tensor 't' of shape [] does not follow the batch of 4");
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
