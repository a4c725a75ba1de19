// This file tests networks: backends, batches, taps, what is refused.
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"

using namespace mlir;
using namespace mlir::npir;

static const char *const kNetwork = R"(
func.func @main(%x: tensor<?x2xf32> {npir.name = "in"} loc("x")) -> (tensor<?x1xf32> {npir.name = "out"})
    attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<[[1.0, -2.0], [3.0, 4.0]]> : tensor<2x2xf32> loc("w")
  %v = npir.constant dense<[[1.0, 10.0]]> : tensor<1x2xf32> loc("v")
  %0 = npir.linear %x, %w {clamp_min = 0.0 : f32} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("first")
  %1 = npir.linear %0, %v : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32> loc("second")
  return %1 : tensor<?x1xf32>
})";

TEST_F(ExecutionTest, BothBackendsAtSeveralBatches) {
  auto module = parse(kNetwork);
  ASSERT_TRUE(module) << messages;
  for (Backend backend : {Backend::Interpreter, Backend::XNNPACK}) {
    auto network = create(*module, backend);
    ASSERT_TRUE(network) << messages;
    EXPECT_EQ(network->getInputs().front().name, "in");
    EXPECT_EQ(network->getOutputNames(), std::vector<std::string>{"out"});
    for (int64_t batch : {1, 3, 64, 2}) {
      std::vector<float> values;
      for (int64_t i = 0; i < batch; ++i)
        values.insert(values.end(), {float(i), 1.0f});
      auto status =
          network->run(makeInput(*network, values, {batch, 2}), nullptr);
      ASSERT_TRUE(status.ok()) << status.message();
      std::vector<float> out = toFloat(network->getOutputs().front());
      ASSERT_EQ(out.size(), size_t(batch));
      for (int64_t i = 0; i < batch; ++i)
        EXPECT_EQ(out[i], std::max(0.0f, i - 2.0f) + 10 * (3.0f * i + 4));
    }
  }
}

TEST_F(ExecutionTest, TapsHaveTheSameIdsOnBothBackends) {
  auto module = parse(kNetwork);
  ASSERT_TRUE(module) << messages;
  std::vector<std::string> expected = {"x:0", "first:0", "second:0"};
  for (Backend backend : {Backend::Interpreter, Backend::XNNPACK}) {
    auto network = create(*module, backend, /*tapAll=*/true);
    ASSERT_TRUE(network) << messages;
    std::vector<std::string> seen;
    auto status = network->run(makeInput(*network, {1, 2}, {1, 2}),
                               [&](const npir_rt::TensorView &view) {
                                 seen.emplace_back(view.id);
                                 return npir_rt::Status();
                               });
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(seen, expected);
  }
}

TEST_F(ExecutionTest, AFloatModuleIsPreparedFirst) {
  auto module = parse(R"(
  func.func @main(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<float>} {
    %p = npir.constant dense<[1.0, 4.0]> : tensor<2xf32>
    %0 = npir.batch_norm %x, %p, %p, %p, %p {axis = 1 : i64, epsilon = 1.0e-6 : f32}
        : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    return %0 : tensor<?x2xf32>
  })");
  ASSERT_TRUE(module) << messages;
  auto network = create(*module, Backend::XNNPACK);
  ASSERT_TRUE(network) << messages;
  auto status = network->run(makeInput(*network, {2, 6}, {1, 2}), nullptr);
  ASSERT_TRUE(status.ok()) << status.message();
  std::vector<float> out = toFloat(network->getOutputs().front());
  EXPECT_NEAR(out[0], 2, 1e-5);
  EXPECT_NEAR(out[1], 8, 1e-5);
  // The module itself stays as it was.
  EXPECT_FALSE((*module)->hasAttr("npir.model_hash"));
}

TEST_F(ExecutionTest, WrongInputsAreErrors) {
  auto module = parse(kNetwork);
  ASSERT_TRUE(module) << messages;
  for (Backend backend : {Backend::Interpreter, Backend::XNNPACK}) {
    auto network = create(*module, backend);
    ASSERT_TRUE(network) << messages;
    EXPECT_FALSE(network->run({}, nullptr).ok());
    EXPECT_FALSE(
        network->run(makeInput(*network, {1, 2, 3}, {1, 3}), nullptr).ok());
  }
}

TEST_F(ExecutionTest, ATapCanStopARun) {
  auto module = parse(kNetwork);
  ASSERT_TRUE(module) << messages;
  for (Backend backend : {Backend::Interpreter, Backend::XNNPACK}) {
    auto network = create(*module, backend, /*tapAll=*/true);
    ASSERT_TRUE(network) << messages;
    auto status = network->run(makeInput(*network, {1, 2}, {1, 2}),
                               [](const npir_rt::TensorView &) {
                                 return npir_rt::Status::error("enough");
                               });
    EXPECT_NE(status.message().find("enough"), std::string::npos);
  }
}

TEST_F(ExecutionTest, AProgramIsNotForTheInterpreter) {
  auto module = parse(kNetwork);
  ASSERT_TRUE(module) << messages;
  auto program = compileToProgram(*module);
  ASSERT_TRUE(succeeded(program)) << messages;
  NetworkOptions options;
  options.backend = Backend::Interpreter;
  EXPECT_TRUE(failed(Network::create(*program, &context, options)));
  EXPECT_EQ(messages, "program: a program runs on the runtime only; give the "
                      "interpreter the module that it was made from\n");
}

TEST_F(ExecutionTest, DequantizesPerAxis) {
  std::vector<int8_t> stored = {10, 20, -10, 0};
  npir_rt::Quantization quantization{{0.5f, 2.0f}, {0, 10}, 1};
  npir_rt::TensorView view;
  view.type = npir_rt::ElementType::I8;
  view.shape = {2, 2};
  view.data = stored.data();
  view.quantization = &quantization;
  EXPECT_EQ(toFloat(view), (std::vector<float>{5, 20, -5, -20}));
}

//===----------------------------------------------------------------------===//
// Networks that are converted first
//===----------------------------------------------------------------------===//

TEST_F(ExecutionTest, LowersACopyWithoutObservers) {
  auto module = parse(R"mlir(
    func.func @main(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32>
        attributes {npir.station = #npir.station<observed>} {
      %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>,
          spec = #npir.spec<i8 affine per_tensor #npir.minmax>}
          : tensor<?x2xf32>
      %1 = npir.relu %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("y")
      return %1 : tensor<?x2xf32>
    })mlir");
  ASSERT_TRUE(module) << messages;
  NetworkOptions options;
  options.taps = {"y:0"};
  options.lower = [](ModuleOp copy) {
    copy.walk([](ObserveOp) { ADD_FAILURE() << "an observer"; });
    copy.walk([](ReluOp op) {
      OpBuilder builder(op);
      op.replaceAllUsesWith(AbsOp::create(builder, op.getLoc(), op.getType(),
                                          op.getInput(), Attribute())
                                .getResult());
      op.erase();
    });
    return success();
  };
  for (Backend backend : {Backend::Interpreter, Backend::XNNPACK}) {
    options.backend = backend;
    auto network = Network::create(*module, options);
    ASSERT_TRUE(succeeded(network)) << messages;
    unsigned seen = 0;
    auto status = (*network)->run(makeInput(**network, {-1, 2}, {1, 2}),
                                  [&](const npir_rt::TensorView &view) {
                                    EXPECT_EQ(view.id, "y:0");
                                    ++seen;
                                    return npir_rt::Status();
                                  });
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(seen, 1u);
    EXPECT_EQ(toFloat((*network)->getOutputs().front()),
              (std::vector<float>{1, 2}));
  }
  // The module itself is as it was.
  unsigned relus = 0;
  module->walk([&](ReluOp) { ++relus; });
  EXPECT_EQ(relus, 1u);
}

TEST_F(ExecutionTest, RefusesALoweringThatLosesNames) {
  auto module = parse(kNetwork);
  ASSERT_TRUE(module) << messages;
  NetworkOptions options;
  options.taps = {"second:0"};
  options.lower = [](ModuleOp copy) {
    copy.walk(
        [](LinearOp op) { op->setLoc(UnknownLoc::get(op.getContext())); });
    return success();
  };
  EXPECT_TRUE(failed(Network::create(*module, options)));
  EXPECT_EQ(
      messages,
      "expected tensor 'second:0' in the network that was converted to npir "
      "ops, got none; the conversion must keep the locations of layers\n");
  messages.clear();
  options.lower = [](ModuleOp copy) {
    return LogicalResult(copy.emitError("no"));
  };
  EXPECT_TRUE(failed(Network::create(*module, options)));
  EXPECT_EQ(messages, "no\n");
}
