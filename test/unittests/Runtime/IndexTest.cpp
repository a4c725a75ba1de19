// This file tests the runtime's kernels of indices and truth values: results,
// errors at run time, and programs that must not load.
#include "TestNet.h"

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

using Bytes = std::vector<uint8_t>;
using Indices = std::vector<int64_t>;

/// A program of one op whose operands are all inputs.
struct OneOp : Net {
  std::vector<uint32_t> operands;

  uint32_t input(ElementType type, Shape shape) {
    uint32_t tensor =
        plain("in" + std::to_string(operands.size()), type, std::move(shape));
    builder.addInput("in" + std::to_string(operands.size()), tensor);
    operands.push_back(tensor);
    return tensor;
  }
  void finish(const std::string &kernel, ElementType type, Shape shape,
              std::vector<Attribute> attributes = {}) {
    uint32_t y = plain("y", type, std::move(shape));
    builder.addOutput("y", y);
    builder.addOp(
        makeOp(kernel, "layer", operands, {y}, std::move(attributes)));
  }
};

constexpr ElementType F32 = ElementType::F32, I32 = ElementType::I32,
                      I64 = ElementType::I64, Bool = ElementType::Bool;

TEST(Index, GatherAtTwoBatches) {
  OneOp net;
  net.operands.push_back(net.constant("table", {3, 2}, {0, 1, 10, 11, 20, 21}));
  net.input(I64, {-1, 2});
  net.finish("npir.gather", F32, {-1, 2, 2}, {number("axis", 0)});
  for (unsigned threads : {1, 2}) {
    ExecutorOptions options;
    options.threads = threads;
    auto executor = makeExecutor(net.load(), options);
    ASSERT_TRUE(executor);
    ASSERT_TRUE(executor->run({feed("in1", {1, 2}, Indices{2, -3})}).ok());
    EXPECT_EQ(values<float>(executor->outputs()[0]),
              (std::vector<float>{20, 21, 0, 1}));
    ASSERT_TRUE(
        executor->run({feed("in1", {2, 2}, Indices{1, 0, -1, 1})}).ok());
    EXPECT_EQ(values<float>(executor->outputs()[0]),
              (std::vector<float>{10, 11, 0, 1, 20, 21, 10, 11}));
    Status status = executor->run({feed("in1", {1, 2}, Indices{0, 3})});
    EXPECT_EQ(status.message(), "layer 'layer': expected indices in [-3, 3), "
                                "got 3 at element 1");
    status = executor->run({feed("in1", {1, 2}, Indices{-4, 0})});
    expectPart(status.message(), "got -4 at element 0");
  }
}

TEST(Index, GatherOfAFreeBatchByInt32) {
  OneOp net;
  net.input(I64, {-1, 3});
  net.input(I32, {2});
  net.finish("npir.gather", I64, {-1, 2}, {number("axis", 1)});
  auto executor = makeExecutor(net.load());
  ASSERT_TRUE(executor);
  ASSERT_TRUE(executor
                  ->run({feed("in0", {2, 3}, Indices{1, 2, 3, 4, 5, 6}),
                         feed("in1", {2}, std::vector<int32_t>{-1, 0})})
                  .ok());
  EXPECT_EQ(values<int64_t>(executor->outputs()[0]), (Indices{3, 1, 6, 4}));
}

template <typename T>
std::vector<T> run(OneOp &net, const std::vector<NamedTensor> &inputs) {
  auto executor = makeExecutor(net.load());
  if (!executor)
    return {};
  Status status = executor->run(inputs);
  EXPECT_TRUE(status.ok()) << status.message();
  return values<T>(executor->outputs()[0]);
}

TEST(Index, WhereCompareLogicalNotCast) {
  {
    OneOp net;
    net.input(Bool, {-1, 1});
    net.input(F32, {-1, 2});
    net.input(F32, {1});
    net.finish("npir.where", F32, {-1, 2});
    EXPECT_EQ(
        run<float>(net, {feed("in0", {2, 1}, Bytes{1, 0}),
                         feed("in1", {2, 2}, std::vector<float>{1, 2, 3, 4}),
                         feed("in2", {1}, std::vector<float>{9})}),
        (std::vector<float>{1, 2, 9, 9}));
  }
  {
    OneOp net;
    net.input(I64, {-1, 2});
    net.input(I64, {1});
    net.finish("npir.compare", Bool, {-1, 2}, {text("kind", "le")});
    EXPECT_EQ(run<uint8_t>(net, {feed("in0", {1, 2}, Indices{3, 4}),
                                 feed("in1", {1}, Indices{3})}),
              (Bytes{1, 0}));
  }
  {
    OneOp net;
    net.input(Bool, {-1, 2});
    net.input(Bool, {-1, 2});
    net.finish("npir.logical", Bool, {-1, 2}, {text("kind", "xor")});
    EXPECT_EQ(run<uint8_t>(net, {feed("in0", {1, 2}, Bytes{1, 7}),
                                 feed("in1", {1, 2}, Bytes{0, 1})}),
              (Bytes{1, 0}));
  }
  {
    OneOp net;
    net.input(Bool, {-1, 2});
    net.finish("npir.not", Bool, {-1, 2});
    EXPECT_EQ(run<uint8_t>(net, {feed("in0", {1, 2}, Bytes{2, 0})}),
              (Bytes{0, 1}));
  }
  {
    OneOp net;
    net.input(F32, {-1, 2});
    net.finish("npir.cast", I64, {-1, 2});
    EXPECT_EQ(run<int64_t>(
                  net, {feed("in0", {1, 2}, std::vector<float>{-2.7f, 1e30f})}),
              (Indices{-2, INT64_MAX}));
  }
  {
    OneOp net;
    net.input(F32, {-1, 3});
    net.finish("npir.argmax", I64, {-1, 1},
               {number("axis", 1), number("keep_dims", 1)});
    EXPECT_EQ(run<int64_t>(net, {feed("in0", {2, 3},
                                      std::vector<float>{1, 5, 5, 9, 0, 1})}),
              (Indices{1, 0}));
  }
}

TEST(Index, Moves) {
  const Indices data = {1, 2, 3, 4, 5, 6};
  const auto ids = feed("in0", {1, 2, 3}, data);
  {
    OneOp net;
    net.input(I64, {-1, 2, 3});
    net.finish("npir.reshape", I64, {-1, 6});
    EXPECT_EQ(run<int64_t>(net, {ids}), (Indices{1, 2, 3, 4, 5, 6}));
  }
  {
    OneOp net;
    net.input(I64, {-1, 2, 3});
    net.finish("npir.transpose", I64, {-1, 3, 2}, {ints("perm", {0, 2, 1})});
    EXPECT_EQ(run<int64_t>(net, {ids}), (Indices{1, 4, 2, 5, 3, 6}));
  }
  {
    OneOp net;
    net.input(I64, {-1, 2, 3});
    net.finish("npir.slice", I64, {-1, 1, 2},
               {ints("offsets", {0, 1, 1}), ints("sizes", {-1, 1, -1})});
    EXPECT_EQ(run<int64_t>(net, {ids}), (Indices{5, 6}));
  }
  {
    OneOp net;
    net.input(I64, {-1, 2, 3});
    net.operands.push_back(net.operands[0]);
    net.finish("npir.concat", I64, {-1, 2, 6}, {number("axis", 2)});
    EXPECT_EQ(run<int64_t>(net, {ids}),
              (Indices{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}));
  }
  {
    OneOp net;
    net.input(Bool, {-1, 1});
    net.operands.push_back(net.operands[0]);
    net.finish("npir.broadcast", Bool, {-1, 3});
    EXPECT_EQ(run<uint8_t>(net, {feed("in0", {2, 1}, Bytes{1, 0})}),
              (Bytes{1, 1, 1, 0, 0, 0}));
  }
}

/// The message of an op that must not load.
std::string error(const std::string &kernel,
                  std::vector<std::pair<ElementType, Shape>> inputs,
                  ElementType type, Shape shape,
                  std::vector<Attribute> attributes = {}) {
  OneOp net;
  for (auto &[inputType, inputShape] : inputs)
    net.input(inputType, inputShape);
  net.finish(kernel, type, std::move(shape), std::move(attributes));
  return net.loadError();
}

TEST(Index, RefusesWhatItCannotRun) {
  expectPart(error("npir.gather", {{F32, {3, 2}}, {F32, {-1}}}, F32, {-1, 2},
                   {number("axis", 0)}),
             "expected 'in1' to be i32 or i64 without scales, got f32");
  expectPart(error("npir.gather", {{F32, {3, 2}}, {I64, {-1}}}, F32, {-1, 2}),
             "attribute 'axis' is missing");
  expectPart(error("npir.gather", {{F32, {3, 2}}, {I64, {-1}}}, F32, {-1, 2},
                   {number("axis", 2)}),
             "attribute 'axis': expected a value in [0, 1], got 2");
  expectPart(error("npir.gather", {{F32, {3, 2}}, {I64, {-1}}}, F32, {-1, 3},
                   {number("axis", 0)}),
             "expected the result 'y' to have shape [2, 2] at batch 2");
  expectPart(error("npir.gather", {{F32, {3, 2}}, {I64, {-1}}}, I64, {-1, 2},
                   {number("axis", 0)}),
             "to have the same element type");
  expectPart(
      error("npir.where", {{I32, {-1}}, {F32, {-1}}, {F32, {-1}}}, F32, {-1}),
      "expected 'in0' to be bool without scales, got i32");
  expectPart(error("npir.where", {{Bool, {-1, 3}}, {F32, {-1, 2}}, {F32, {1}}},
                   F32, {-1, 3}),
             "expected shapes that broadcast, got [2, 2]");
  expectPart(error("npir.compare", {{F32, {-1}}, {F32, {-1}}}, Bool, {-1},
                   {text("kind", "less")}),
             "attribute 'kind': unknown keyword 'less'");
  expectPart(error("npir.compare", {{F32, {-1}}, {F32, {-1}}}, Bool, {-1}),
             "attribute 'kind' is missing");
  expectPart(error("npir.compare", {{F32, {-1}}, {I64, {-1}}}, Bool, {-1},
                   {text("kind", "lt")}),
             "to have the same element type");
  expectPart(error("npir.compare", {{F32, {-1}}, {F32, {-1}}}, F32, {-1},
                   {text("kind", "lt")}),
             "expected 'y' to be bool without scales, got f32");
  expectPart(error("npir.logical", {{I64, {-1}}, {I64, {-1}}}, Bool, {-1},
                   {text("kind", "and")}),
             "expected 'in0' to be bool");
  expectPart(error("npir.not", {{Bool, {-1}}}, Bool, {-1, 1}),
             "expected the result 'y' to have shape [2] at batch 2");
  expectPart(error("npir.cast", {{F32, {-1}}}, ElementType::U8, {-1}),
             "expected 'y' to be f32 or i32 or i64 or bool without scales, got "
             "u8");
  expectPart(
      error("npir.argmax", {{F32, {-1, 2}}}, I32, {-1}, {number("axis", 1)}),
      "expected 'y' to be i64");
  expectPart(
      error("npir.argmax", {{F32, {-1, 2}}}, I64, {-1, 2}, {number("axis", 1)}),
      "expected the result 'y' to have shape [2] at batch 2");
  expectPart(error("npir.reshape", {{I64, {-1, 2}}}, I64, {-1, 3}),
             "expected as many elements in the result");
  expectPart(error("npir.transpose",
                   {
                       {I64, {2, 3}},
                   },
                   I64, {3, 2}, {ints("perm", {1, 1})}),
             "attribute 'perm' is no permutation");
  expectPart(error("npir.slice", {{I64, {-1, 3}}}, I64, {-1, 3},
                   {ints("offsets", {0, 2}), ints("sizes", {-1, 2})}),
             "expected a slice within the operand");
  expectPart(error("npir.slice", {{I64, {-1, 3}}}, I64, {1, 3},
                   {ints("offsets", {0, 0}), ints("sizes", {1, 3})}),
             "cannot slice a free batch");
  expectPart(error("npir.slice", {{I64, {-1, 3}}}, I64, {-1, 3},
                   {ints("offsets", {0, INT64_MIN}), ints("sizes", {-1, -1})}),
             "expected offsets within the operand");
  expectPart(error("npir.concat", {{I64, {-1, 3}}, {I64, {-1}}}, I64, {-1, 3},
                   {number("axis", 1)}),
             "expected operands of one rank");
  expectPart(error("npir.concat", {{I64, {2, 3}}, {I64, {3, 3}}}, I64, {2, 6},
                   {number("axis", 1)}),
             "expected operands that differ along the axis only");
  expectPart(error("npir.concat", {{I64, {2, 3}}}, I64, {2, 3}),
             "attribute 'axis' is missing");
}

/// XNNPACK has none of them, be they unused.
TEST(Index, NoneInASegment) {
  Net net;
  uint32_t x = net.f32("x", {-1, 2}), y = net.f32("y", {-1, 2});
  uint32_t ids = net.plain("ids", I64, {-1});
  net.builder.addInput("x", x);
  net.builder.addInput("ids", ids);
  net.builder.addOutput("y", y);
  net.builder.addOp(
      segment({x, ids}, {y}, {makeOp("xnn.copy", "copy", {x}, {y})}));
  expectPart(net.loadError(), "expected input 'ids' to be f32, or i8 with "
                              "scales");
}

TEST(Index, ScalesOnIndices) {
  Net net;
  uint32_t x =
      net.builder.addTensor(Net::info("x", I64, {-1, 2}, Net::perTensor(1, 0)));
  net.builder.addInput("x", x);
  net.builder.addOutput("y", x);
  expectPart(net.loadError(), "tensor 'x': scales on i64 elements");
}

} // namespace
