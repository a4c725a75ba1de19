// This file tests the interpreter's walk: taps, observers, what it refuses.
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

TEST_F(InterpreterTest, TapsSeeEveryValueInOrder) {
  auto func =
      parse(R"(func.func @f(%x: tensor<?xf32> loc("in")) -> tensor<?xf32> {
    %0 = npir.relu %x : tensor<?xf32> -> tensor<?xf32> loc("a")
    %1 = npir.observe %0 {id = "a:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?xf32> loc("a.observe")
    %2 = npir.add %1, %0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32> loc("b")
    return %2 : tensor<?xf32>
  })");
  ASSERT_TRUE(func) << messages;
  auto interpreter = Interpreter::create(func);
  ASSERT_TRUE(succeeded(interpreter));
  std::vector<std::pair<std::string, float>> seen;
  auto results =
      (*interpreter)
          ->run({makeInput<float>(func, 0, {3, -1}, 2)},
                [&](Value value, const Tensor &tensor) {
                  seen.emplace_back(getTensorId(value), tensor.as<float>()[0]);
                });
  ASSERT_TRUE(succeeded(results));
  EXPECT_EQ(results->front().as<float>()[0], 6);
  EXPECT_EQ(results->front().as<float>()[1], 0);
  std::vector<std::pair<std::string, float>> expected = {
      {"in:0", 3}, {"a:0", 3}, {"a.observe:0", 3}, {"b:0", 6}};
  EXPECT_EQ(seen, expected);
}

TEST_F(InterpreterTest, AnArgumentMayBeAResult) {
  auto func = parse(
      R"(func.func @f(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
    return %x, %x : tensor<?xf32>, tensor<?xf32>
  })");
  ASSERT_TRUE(func) << messages;
  auto interpreter = Interpreter::create(func);
  ASSERT_TRUE(succeeded(interpreter));
  auto results =
      (*interpreter)->run({makeInput<float>(func, 0, {4}, 1)}, nullptr);
  ASSERT_TRUE(succeeded(results));
  EXPECT_EQ((*results)[0].as<float>()[0], 4);
  EXPECT_EQ((*results)[1].as<float>()[0], 4);
}

TEST_F(InterpreterTest, WrongInputsAreDiagnosed) {
  auto func = parse(R"(func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
    return %x : tensor<?x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  auto interpreter = Interpreter::create(func);
  ASSERT_TRUE(succeeded(interpreter));
  EXPECT_TRUE(failed((*interpreter)->run({}, nullptr)));
  EXPECT_EQ(messages, "expected 1 inputs, got 0\n");
  messages.clear();
  Tensor wrong(RankedTensorType::get({1, 3}, Float32Type::get(&context)));
  EXPECT_TRUE(failed((*interpreter)->run({wrong}, nullptr)));
  EXPECT_EQ(messages, "expected 'tensor<?x2xf32>' for input 0, got "
                      "'tensor<1x3xf32>'\n");
}

TEST_F(InterpreterTest, UnknownOpsAreListedWithTheirLayers) {
  context.allowUnregisteredDialects();
  auto func = parse(R"(func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
    %0 = "other.op"(%x) : (tensor<?x2xf32>) -> tensor<?x2xf32> loc("strange")
    return %0 : tensor<?x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_TRUE(failed(Interpreter::create(func)));
  EXPECT_EQ(messages, "the interpreter cannot run 1 of the ops of @f\n"
                      "'other.op' is not an op that it knows\n");
}
