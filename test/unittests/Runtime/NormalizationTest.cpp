// This file tests layer normalization and broadcasting in programs: that they
// run, on several threads, and that what they could not survive does not load.
#include "TestNet.h"
#include "npir/Kernels/Reference/LayerNorm.h"

#include <functional>

using namespace npir_rt;
using namespace npir_rt::test;
using namespace npir_kernels;

namespace {

/// One op between input `x` and output `y`.
struct OneOp : Net {
  uint32_t x = 0, y = 0;

  void finish(Op op) {
    builder.addInput("x", x);
    builder.addOutput("y", y);
    builder.addOp(std::move(op));
  }
  template <typename T>
  std::vector<T> run(const Shape &shape, const std::vector<T> &input,
                     unsigned threads = 1) {
    ExecutorOptions options;
    options.threads = threads;
    auto executor = makeExecutor(load(), options);
    Status status = executor->run({feed("x", shape, input)});
    EXPECT_TRUE(status.ok()) << status.message();
    return values<T>(executor->outputs()[0]);
  }
};

Attribute floats(std::string name, std::vector<float> list) {
  return {std::move(name), AttributeValue(std::move(list))};
}

/// A layer of `channels` channels over [?, 5, channels].
struct LayerNormNet : OneOp {
  std::vector<float> scale, offset;
  Op op;

  LayerNormNet(int64_t channels, ElementType type) {
    const Shape shape = {-1, 5, channels};
    if (type == ElementType::F32) {
      x = f32("x:0", shape);
      y = f32("y:0", shape);
    } else {
      x = q8("x:0", shape, 0.25f, 3);
      y = q8("y:0", shape, 0.02f, -7);
    }
    scale = randomWhole<float>(size_t(channels), -9, 9, 1);
    offset = randomWhole<float>(size_t(channels), -9, 9, 2);
    op = makeOp("npir.layer_norm", "norm",
                {x, constant("s", {channels}, scale),
                 constant("o", {channels}, offset)},
                {y}, {real("epsilon", 1e-3f)});
    if (type == ElementType::I8)
      op.attributes.insert(op.attributes.end(),
                           {real("requant.variance_offset", 2.5f),
                            floats("requant.multipliers", scale),
                            floats("requant.offsets", offset),
                            number("requant.min", -100),
                            number("requant.max", 90)});
  }
  AttributeValue &attribute(const std::string &name) {
    for (Attribute &attribute : op.attributes)
      if (attribute.name == name)
        return attribute.value;
    ADD_FAILURE() << name;
    return op.attributes[0].value;
  }
};

TEST(LayerNorm, Float) {
  for (unsigned threads : {1, 2})
    for (int64_t channels : {1, 3, 4000}) {
      LayerNormNet net(channels, ElementType::F32);
      net.finish(net.op);
      const Shape shape = {3, 5, channels};
      auto input = randomWhole<float>(size_t(15 * channels), -50, 50, 3);
      std::vector<float> want(input.size());
      reference::layerNorm({input.data(), shape.data(), 3}, net.scale.data(),
                           net.offset.data(), 1e-3f,
                           {want.data(), shape.data(), 3});
      auto got = net.run(shape, input, threads);
      ASSERT_EQ(got.size(), want.size());
      for (size_t i = 0; i < want.size(); ++i)
        EXPECT_NEAR(got[i], want[i], 2e-6f * std::max(9.f, std::fabs(want[i])));
    }
}

TEST(LayerNorm, EightBits) {
  for (unsigned threads : {1, 2})
    for (int64_t channels : {1, 3, 4000, 32768}) {
      LayerNormNet net(channels, ElementType::I8);
      net.finish(net.op);
      const Shape shape = {2, 5, channels};
      auto input = randomWhole<int8_t>(size_t(10 * channels), -128, 127, 3);
      std::vector<int8_t> want(input.size());
      reference::LayerNormParams params;
      params.varianceOffset = 2.5f;
      params.multipliers = net.scale.data();
      params.offsets = net.offset.data();
      params.outputZeroPoint = -7;
      params.bounds = {-100, 90};
      reference::layerNorm({input.data(), shape.data(), 3}, params,
                           {want.data(), shape.data(), 3});
      EXPECT_EQ(net.run(shape, input, threads), want);
    }
}

TEST(LayerNorm, WhatCannotRunDoesNotLoad) {
  struct Case {
    ElementType type;
    std::function<void(LayerNormNet &)> damage;
    const char *message;
  };
  constexpr ElementType f32 = ElementType::F32, i8 = ElementType::I8;
  const Case cases[] = {
      {f32, [](auto &net) { net.op.inputs.pop_back(); },
       "expected 3 inputs, got 2"},
      {f32, [](auto &net) { net.attribute("epsilon") = -1.0f; },
       "attribute 'epsilon': expected a finite number of at least 0"},
      {f32, [](auto &net) { net.attribute("epsilon") = INFINITY; },
       "attribute 'epsilon': expected a finite number of at least 0"},
      {f32, [](auto &net) { net.op.attributes.clear(); },
       "attribute 'epsilon': expected a finite number of at least 0"},
      {f32,
       [](auto &net) {
         net.op.inputs[1] = net.constant("t", {4}, std::vector<float>(4));
       },
       "expected 't' to be 3 f32 values"},
      {f32, [](auto &net) { net.op.outputs[0] = net.f32("z:0", {-1, 3, 5}); },
       "expected the result 'z:0' to have shape [2, 5, 3] at batch 2, got "
       "[2, 3, 5]"},
      {f32,
       [](auto &net) { net.op.outputs[0] = net.q8("z:0", {-1, 5, 3}, 1, 0); },
       "expected input and result of one type"},
      {i8, [](auto &net) { net.attribute("requant.variance_offset") = -1.0f; },
       "attribute 'requant.variance_offset': expected a finite number of at "
       "least 0"},
      {i8,
       [](auto &net) {
         net.attribute("requant.multipliers") = std::vector<float>(2);
       },
       "attribute 'requant.multipliers': expected 3 finite numbers"},
      {i8,
       [](auto &net) {
         net.attribute("requant.offsets") = std::vector<float>{0, NAN, 0};
       },
       "attribute 'requant.offsets': expected 3 finite numbers"},
      {i8,
       [](auto &net) {
         net.attribute("requant.offsets") = std::vector<int64_t>(3);
       },
       "attribute 'requant.offsets': expected a list of f32 numbers"},
      {i8, [](auto &net) { net.attribute("requant.min") = int64_t(-129); },
       "attribute 'requant.min': expected a value in [-128, 127], got -129"},
      {i8, [](auto &net) { net.attribute("requant.max") = int64_t(-101); },
       "attribute 'requant.max': expected a value in [-100, 127], got -101"},
  };
  for (const Case &test : cases) {
    LayerNormNet net(3, test.type);
    test.damage(net);
    net.y = net.op.outputs[0];
    net.finish(net.op);
    EXPECT_NE(net.loadError().find(test.message), std::string::npos)
        << net.loadError() << "\n"
        << test.message;
  }
  LayerNormNet wide(32769, i8);
  wide.finish(wide.op);
  EXPECT_NE(wide.loadError().find("expected at most 32768 channels, got 32769"),
            std::string::npos);
  Net scalar;
  uint32_t x = scalar.f32("x:0", {});
  scalar.builder.addInput("x", x);
  scalar.builder.addOp(makeOp("npir.layer_norm", "norm", {x, x, x},
                              {scalar.f32("y:0", {})}, {real("epsilon", 0)}));
  scalar.builder.addOutput("y", x);
  EXPECT_NE(scalar.loadError().find("expected a static last dimension"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// Broadcast
//===----------------------------------------------------------------------===//

TEST(Broadcast, TakesItsBatchFromTheSecondOperand) {
  for (unsigned threads : {1, 2}) {
    OneOp net;
    net.x = net.f32("x:0", {-1, 2});
    net.y = net.f32("y:0", {-1, 2, 3});
    uint32_t token = net.constant("t", {1, 2, 1}, std::vector<float>{7, -8});
    net.finish(makeOp("npir.broadcast", "op", {token, net.x}, {net.y}));
    auto got = net.run<float>({3, 2}, std::vector<float>(6), threads);
    EXPECT_EQ(got, (std::vector<float>{7, 7, 7, -8, -8, -8, 7, 7, 7, -8, -8, -8,
                                       7, 7, 7, -8, -8, -8}));
  }
}

TEST(Broadcast, EightBitsAndABatchOfItsOwn) {
  OneOp net;
  net.x = net.q8("x:0", {-1, 1, 2}, 0.5f, 1);
  net.y = net.q8("y:0", {-1, 2, 2}, 0.5f, 1);
  net.finish(makeOp("npir.broadcast", "op", {net.x, net.x}, {net.y}));
  EXPECT_EQ(net.run<int8_t>({2, 1, 2}, {1, 2, 3, 4}),
            (std::vector<int8_t>{1, 2, 1, 2, 3, 4, 3, 4}));
}

/// A static program; rank 0 is one element.
TEST(Broadcast, WithoutABatch) {
  for (const Shape &shape : {Shape{}, Shape{1}, Shape{2, 3}}) {
    OneOp net;
    net.x = net.f32("x:0", {});
    net.y = net.f32("y:0", shape);
    net.finish(makeOp("npir.broadcast", "op", {net.x}, {net.y}));
    EXPECT_EQ(net.run<float>({}, {5}),
              std::vector<float>(size_t(numElements(shape)), 5));
  }
}

TEST(Broadcast, WhatCannotRunDoesNotLoad) {
  auto message = [](auto makeInputs, const Shape &result) {
    OneOp net;
    net.x = net.f32("x:0", {-1, 2});
    net.y = net.f32("y:0", result);
    net.finish(makeOp("npir.broadcast", "op", makeInputs(net), {net.y}));
    return net.loadError();
  };
  auto contains = [](const std::string &text, const char *part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  auto constant = [](Net &net, const Shape &shape) {
    return net.constant("t", shape,
                        std::vector<float>(size_t(numElements(shape))));
  };
  using Inputs = std::vector<uint32_t>;
  contains(message([&](OneOp &net) { return Inputs{net.x}; }, {-1, 2}),
           "expected a second operand for a result with a free batch, and for "
           "no other");
  contains(
      message([&](OneOp &net) { return Inputs{constant(net, {2}), net.x}; },
              {4, 2}),
      "expected a second operand for a result with a free batch");
  contains(
      message([&](OneOp &net) { return Inputs{constant(net, {3}), net.x}; },
              {-1, 2}),
      "expected an operand that broadcasts to [2, 2] at batch 2, got [3]");
  contains(
      message(
          [&](OneOp &net) { return Inputs{constant(net, {1, 1, 2}), net.x}; },
          {-1, 2}),
      "expected an operand that broadcasts to");
  contains(message(
               [&](OneOp &net) {
                 uint32_t token = constant(net, {1, 2});
                 return Inputs{token, token};
               },
               {-1, 2}),
           "expected the batch of 't' for the result");
  // Right at batch 2 alone: the result's batch is three times the network's.
  OneOp net;
  net.x = net.f32("x:0", {-1, 2});
  TensorInfo info = Net::info("y:0", ElementType::F32, {-1, 2});
  info.batchFactor = 3;
  net.y = net.builder.addTensor(info);
  net.finish(makeOp("npir.broadcast", "op",
                    {net.constant("t", {2}, std::vector<float>(2)), net.x},
                    {net.y}));
  contains(net.loadError(), "expected the batch of 'x:0' for the result");
  OneOp types;
  types.x = types.f32("x:0", {-1, 2});
  types.y = types.q8("y:0", {-1, 2}, 1, 0);
  types.finish(makeOp("npir.broadcast", "op", {types.x, types.x}, {types.y}));
  contains(types.loadError(), "to have the same element type");
}

} // namespace
