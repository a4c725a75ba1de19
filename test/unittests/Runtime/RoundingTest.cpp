// This file tests the rounding of floats in programs: that it runs, on several
// threads, and that what it could not survive does not load.
#include "TestNet.h"
#include "npir/Kernels/Reference/Elementwise.h"

#include <functional>

using namespace npir_rt;
using namespace npir_rt::test;
using namespace npir_kernels;

namespace {

/// Rounds input `x` to output `y`, both [?, 3, 2], with a scale for each index
/// of dimension 1.
struct RoundingNet : Net {
  uint32_t x, y;
  Op op;
  std::vector<float> scales = {0.5f, 0.25f, 3.0f};
  std::vector<int64_t> zeroPoints = {0, -8, 7};

  RoundingNet() {
    x = f32("x:0", {-1, 3, 2});
    y = f32("y:0", {-1, 3, 2});
    op = makeOp("npir.round_to_grid", "round", {x}, {y},
                {number("axis", 1),
                 number("min", -8),
                 number("max", 7),
                 {"scales", AttributeValue(scales)},
                 {"zero_points", AttributeValue(zeroPoints)}});
  }
  AttributeValue &attribute(const std::string &name) {
    for (Attribute &attribute : op.attributes)
      if (attribute.name == name)
        return attribute.value;
    ADD_FAILURE() << name;
    return op.attributes[0].value;
  }
  void finish() {
    builder.addInput("x", x);
    builder.addOutput("y", y);
    builder.addOp(op);
  }
};

TEST(RoundToGridOp, IsTheReference) {
  for (unsigned threads : {1, 2}) {
    RoundingNet net;
    net.finish();
    // Many units of work, whose borders lie inside of rows.
    const Shape shape = {20001, 3, 2};
    auto input = randomWhole<float>(size_t(numElements(shape)), -50, 50, 3);
    for (float &value : input)
      value *= 0.37f;
    const std::vector<int32_t> zeroPoints(net.zeroPoints.begin(),
                                          net.zeroPoints.end());
    std::vector<float> want(input.size());
    reference::roundToGrid({input.data(), shape.data(), 3},
                           {net.scales.data(), zeroPoints.data(), 3, 1},
                           {-8, 7}, {want.data(), shape.data(), 3});
    ExecutorOptions options;
    options.threads = threads;
    auto executor = makeExecutor(net.load(), options);
    Status status = executor->run({feed("x", shape, input)});
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(values<float>(executor->outputs()[0]), want);
  }
}

TEST(RoundToGridOp, WhatCannotRunDoesNotLoad) {
  struct Case {
    std::function<void(RoundingNet &)> damage;
    const char *message;
  };
  const Case cases[] = {
      {[](auto &net) { net.op.inputs.push_back(net.x); },
       "expected 1 inputs, got 2"},
      {[](auto &net) { net.op.outputs[0] = net.q8("z:0", {-1, 3, 2}, 1, 0); },
       "expected input and result to be f32"},
      {[](auto &net) { net.op.outputs[0] = net.f32("z:0", {-1, 2, 3}); },
       "expected the result 'z:0' to have shape [2, 3, 2] at batch 2, got "
       "[2, 2, 3]"},
      {[](auto &net) { net.attribute("axis") = int64_t(3); },
       "expected an axis of the input"},
      {[](auto &net) { net.attribute("axis") = int64_t(0); },
       "expected one scale, or one for each index of the axis"},
      {[](auto &net) { net.attribute("axis") = int64_t(-1); },
       "expected one scale, or one for each index of the axis"},
      {[](auto &net) { net.attribute("scales") = std::vector<float>{1, 2}; },
       "attribute 'scales'"},
      {[](auto &net) { net.attribute("scales") = std::vector<float>{1, 0, 1}; },
       "expected scales in [2^-120, 2^120]"},
      {[](auto &net) { net.attribute("min") = int64_t(8); },
       "expected integers of up to 16 bits"},
      {[](auto &net) { net.attribute("max") = int64_t(40000); },
       "expected integers of up to 16 bits"},
      {[](auto &net) {
         net.attribute("zero_points") = std::vector<int64_t>{0, 0, 8};
       },
       "expected zero points between 'min' and 'max'"},
      {[](auto &net) { net.op.attributes.clear(); }, "attribute 'zero_points'"},
  };
  for (const Case &c : cases) {
    RoundingNet net;
    c.damage(net);
    net.y = net.op.outputs[0];
    net.finish();
    expectPart(net.loadError(), c.message);
  }
}

} // namespace
