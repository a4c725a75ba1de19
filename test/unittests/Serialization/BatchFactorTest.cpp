// This file tests how the writer follows the batch through reshapes.
#include "NPXTestUtils.h"

using namespace mlir;
using namespace mlir::npir;

namespace {

using BatchFactorTest = NPXTest;

TEST_F(BatchFactorTest, ReshapeMovesAFactorIntoTheBatchAndBack) {
  auto program = compile(R"mlir(
    func.func @main(%x: tensor<?x3x2xf32> loc("x")) -> tensor<?x3xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %w = npir.constant dense<[[1.0, 1.0]]> : tensor<1x2xf32> loc("w")
      %0 = npir.reshape %x : tensor<?x3x2xf32> -> tensor<?x2xf32> loc("in")
      %1 = npir.linear %0, %w : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32> loc("fc")
      %2 = npir.hardsigmoid %1 : tensor<?x1xf32> -> tensor<?x1xf32> loc("h")
      %3 = npir.reshape %2 : tensor<?x1xf32> -> tensor<?x3xf32> loc("out")
      return %3 : tensor<?x3xf32>
    })mlir");
  ASSERT_TRUE(program) << message;
  auto factor = [&](const char *id) {
    return program->tensors()[*program->findTensor(id)].batchFactor;
  };
  EXPECT_EQ(factor("x:0"), 1);
  EXPECT_EQ(factor("in:0"), 3);
  EXPECT_EQ(factor("fc:0"), 3);
  EXPECT_EQ(factor("h:0"), 3);
  EXPECT_EQ(factor("out:0"), 1);
  EXPECT_EQ((run<float, float>(program, {2, 3, 2},
                               {3, 0, -3, 0, 0, 0, 1, 2, -1, -2, 0, 0})),
            (std::vector<float>{1, 0, 0.5f, 1, 0, 0.5f}));
}

TEST_F(BatchFactorTest, BroadcastTakesTheSecondOperands) {
  auto program = compile(R"mlir(
    func.func @main(%x: tensor<?x3x2xf32> loc("x")) -> tensor<?x1xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %t = npir.constant dense<4.0> : tensor<1x1xf32> loc("t")
      %p = npir.constant dense<[3.0, 5.0]> : tensor<2xf32> loc("p")
      %0 = npir.reshape %x : tensor<?x3x2xf32> -> tensor<?x2xf32> loc("in")
      %1 = npir.layer_norm %0, %p, %p {epsilon = 1.0 : f32} : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("norm")
      %2 = npir.broadcast %t like %1 : (tensor<1x1xf32>, tensor<?x2xf32>) -> tensor<?x1xf32> loc("out")
      return %2 : tensor<?x1xf32>
    })mlir");
  ASSERT_TRUE(program) << message;
  auto factor = [&](const char *id) {
    return program->tensors()[*program->findTensor(id)].batchFactor;
  };
  EXPECT_EQ(factor("norm:0"), 3);
  EXPECT_EQ(factor("out:0"), 3);
  EXPECT_EQ((run<float, float>(program, {2, 3, 2}, std::vector<float>(12))),
            std::vector<float>(6, 4));
}

TEST_F(BatchFactorTest, BroadcastOfAnotherBatch) {
  EXPECT_FALSE(compile(R"mlir(
    func.func @main(%x: tensor<?x4xf32> loc("x")) -> tensor<?x4xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %0 = npir.reshape %x : tensor<?x4xf32> -> tensor<?x1xf32> loc("r")
      %1 = npir.broadcast %0 like %x : (tensor<?x1xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> loc("b")
      return %1 : tensor<?x4xf32>
    })mlir"));
  EXPECT_EQ(message, "'npir.broadcast' op expected operands of one batch size, "
                     "got 4 and 1 times the network's");
}

TEST_F(BatchFactorTest, OperandsOfTwoBatches) {
  EXPECT_FALSE(compile(R"mlir(
    func.func @main(%x: tensor<?x4xf32> loc("x"), %y: tensor<?x2xf32> loc("y")) -> tensor<?x2xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %0 = npir.reshape %x : tensor<?x4xf32> -> tensor<?x2xf32> loc("r")
      %1 = npir.add %0, %y : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("a")
      return %1 : tensor<?x2xf32>
    })mlir"));
  EXPECT_EQ(message, "'xnn.binary' op expected operands of one batch size, "
                     "got 2 and 1 times the network's");
}

/// Matrices whose rows, or whose number, are a multiple of the batch.
TEST_F(BatchFactorTest, ProductsKeepTheFactorOfTheirOperands) {
  auto program = compile(R"mlir(
    func.func @main(%x: tensor<?x2x3x2xf32> loc("x")) -> tensor<?x6x1xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %w = npir.constant dense<[[1.0], [10.0]]> : tensor<2x1xf32> loc("w")
      %0 = npir.reshape %x : tensor<?x2x3x2xf32> -> tensor<?x3x2xf32> loc("heads")
      %1 = npir.slice %0 {offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, 2, 2>} : tensor<?x3x2xf32> -> tensor<?x2x2xf32> loc("part")
      %2 = npir.matmul %0, %1 {transpose_rhs} : (tensor<?x3x2xf32>, tensor<?x2x2xf32>) -> tensor<?x3x2xf32> loc("product")
      %3 = npir.concat %0, %2 {axis = 2 : i64} : (tensor<?x3x2xf32>, tensor<?x3x2xf32>) -> tensor<?x3x4xf32> loc("cat")
      %4 = npir.reshape %3 : tensor<?x3x4xf32> -> tensor<?x2xf32> loc("rows")
      %5 = npir.matmul %4, %w : (tensor<?x2xf32>, tensor<2x1xf32>) -> tensor<?x1xf32> loc("sums")
      %6 = npir.reshape %5 : tensor<?x1xf32> -> tensor<?x12xf32> loc("flat")
      %7 = npir.slice %6 {offsets = array<i64: 0, 3>, sizes = array<i64: -1, 6>} : tensor<?x12xf32> -> tensor<?x6xf32> loc("six")
      %8 = npir.reshape %7 : tensor<?x6xf32> -> tensor<?x6x1xf32> loc("out")
      return %8 : tensor<?x6x1xf32>
    })mlir");
  ASSERT_TRUE(program) << message;
  auto factor = [&](const char *id) {
    return program->tensors()[*program->findTensor(id)].batchFactor;
  };
  EXPECT_EQ(factor("heads:0"), 2);
  EXPECT_EQ(factor("part:0"), 2);
  EXPECT_EQ(factor("product:0"), 2);
  EXPECT_EQ(factor("cat:0"), 2);
  EXPECT_EQ(factor("rows:0"), 12);
  EXPECT_EQ(factor("sums:0"), 12);
  EXPECT_EQ(factor("flat:0"), 1);
  EXPECT_EQ(factor("out:0"), 1);
  // Head 0 is [[1,2],[3,4],[5,6]], its product [[5,11],[11,25],[17,39]]; head 1
  // is [[0,1],[0,0],[2,0]], its product [[1,0],[0,0],[0,0]]. The sums are
  // 21 115 43 261 65 407 and 10 1 0 0 2 0.
  EXPECT_EQ((run<float, float>(program, {1, 2, 3, 2},
                               {1, 2, 3, 4, 5, 6, 0, 1, 0, 0, 2, 0})),
            (std::vector<float>{261, 65, 407, 10, 1, 0}));
}

TEST_F(BatchFactorTest, BatchFromNowhere) {
  context.allowUnregisteredDialects();
  OwningOpRef<ModuleOp> module = parse(R"mlir(
    func.func @main() -> tensor<?x2xf32> attributes {npir.station = #npir.station<target>} {
      %0 = "test.make"() : () -> tensor<?x2xf32> loc("make")
      return %0 : tensor<?x2xf32>
    })mlir");
  ASSERT_TRUE(module) << message;
  EXPECT_TRUE(failed(buildProgram(*module)));
  EXPECT_EQ(message, "'test.make' op has a dynamic batch, but no operand has");
}

TEST_F(BatchFactorTest, ReshapeThatSplitsSamples) {
  EXPECT_FALSE(compile(R"mlir(
    func.func @main(%x: tensor<?x2xf32> loc("x")) -> tensor<?x4xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %0 = npir.reshape %x : tensor<?x2xf32> -> tensor<?x4xf32> loc("r")
      return %0 : tensor<?x4xf32>
    })mlir"));
  EXPECT_EQ(message, "'xnn.static_reshape' op splits a sample: expected a "
                     "multiple of 4 elements per sample, got 2");
}

} // namespace
