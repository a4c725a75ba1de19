// This file tests that programs with NPIR's kernels for images, reductions and
// functions of two tensors run on several threads, and that what these could
// not survive does not load. Their numbers are tested with the kernels.
#include "TestNet.h"

#include <functional>

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

/// A program of one op from `x` (and constants) to `y`.
struct OneOp : Net {
  uint32_t x = 0, y = 0;
  Op op;

  OneOp(const char *kernel, const Shape &from, const Shape &to,
        std::vector<Attribute> attributes, ElementType type) {
    const bool isFloat = type == ElementType::F32;
    x = isFloat ? f32("x:0", from) : q8("x:0", from, 0.5f, 3);
    y = isFloat ? f32("y:0", to) : q8("y:0", to, 0.5f, 3);
    op = makeOp(kernel, "op", {x}, {y}, std::move(attributes));
  }
  void finish() {
    builder.addInput("x", x);
    builder.addOutput("y", op.outputs[0]);
    builder.addOp(op);
  }
  template <typename T>
  std::vector<T> run(const Shape &shape, const std::vector<T> &input,
                     unsigned threads = 2) {
    finish();
    ExecutorOptions options;
    options.threads = threads;
    auto executor = makeExecutor(load(), options);
    if (!executor)
      return {};
    Status status = executor->run({feed("x", shape, input)});
    EXPECT_TRUE(status.ok()) << status.message();
    return status.ok() ? values<T>(executor->outputs()[0]) : std::vector<T>();
  }
};

constexpr ElementType f32 = ElementType::F32, i8 = ElementType::I8;

Attribute floats(std::string name, std::vector<float> list) {
  return {std::move(name), AttributeValue(std::move(list))};
}

OneOp makeAvgPool(ElementType type) {
  return OneOp("npir.avg_pool2d", {-1, 2, 2, 1}, {-1, 1, 2, 1},
               {ints("kernel", {2, 1}), number("count_include_pad", 1),
                floats("requant.multipliers", {1.0f, 0.5f}),
                number("requant.min", -100)},
               type);
}
OneOp makeResize(ElementType type) {
  return OneOp("npir.resize", {-1, 1, 2, 1}, {-1, 2, 4, 1},
               {text("mode", "bilinear"), text("coordinates", "half_pixel"),
                text("rounding", "floor"), ints("sizes", {2, 4})},
               type);
}
OneOp makePad(ElementType type) {
  return OneOp("npir.pad", {-1, 2}, {-1, 5},
               {text("mode", "constant"), ints("pads_begin", {0, 2}),
                ints("pads_end", {0, 1}), real("value", 1.3f)},
               type);
}
OneOp makeDepth(ElementType type) {
  return OneOp("npir.depth_to_space", {-1, 1, 1, 4}, {-1, 2, 2, 1},
               {number("block", 2)}, type);
}
OneOp makeSpace(ElementType type) {
  return OneOp("npir.space_to_depth", {-1, 2, 2, 1}, {-1, 1, 1, 4},
               {number("block", 2)}, type);
}
OneOp makeReduce(ElementType type) {
  return OneOp("npir.reduce", {-1, 2, 2}, {-1, 2},
               {text("kind", "max"), ints("axes", {1})}, type);
}
OneOp makeMaximum(ElementType type) {
  OneOp net("npir.maximum", {-1, 2}, {-1, 2}, {}, type);
  net.op.inputs.push_back(net.x);
  return net;
}
OneOp makePow(ElementType type) {
  OneOp net("npir.pow", {-1, 2}, {-1, 2}, {}, type);
  net.op.inputs.push_back(net.x);
  return net;
}
OneOp makeGroupNorm(ElementType type) {
  OneOp net("npir.group_norm", {-1, 3, 4}, {-1, 3, 4},
            {number("groups", 2), real("epsilon", 1e-3f)}, type);
  for (const char *id : {"s", "o"})
    net.op.inputs.push_back(net.constant(id, {4}, std::vector<float>(4, 1)));
  return net;
}
OneOp makeRMSNorm(ElementType type) {
  OneOp net("npir.rms_norm", {-1, 4}, {-1, 4}, {real("epsilon", 1e-3f)}, type);
  net.op.inputs.push_back(net.constant("s", {4}, std::vector<float>(4, 1)));
  return net;
}

/// Replaces the attribute, or adds it.
void set(OneOp &net, Attribute attribute) {
  for (Attribute &old : net.op.attributes)
    if (old.name == attribute.name)
      return void(old = std::move(attribute));
  net.op.attributes.push_back(std::move(attribute));
}

} // namespace

TEST(Spatial, Runs) {
  using F = std::vector<float>;
  using Q = std::vector<int8_t>;
  EXPECT_EQ(makeAvgPool(f32).run<float>({1, 2, 2, 1}, {1, 2, 5, 4}), (F{3, 3}));
  EXPECT_EQ(makeAvgPool(i8).run<int8_t>({1, 2, 2, 1}, {3, 2, 6, -128}),
            (Q{5, -63}));
  EXPECT_EQ(makeResize(f32).run<float>({1, 1, 2, 1}, {4, 8}),
            (F{4, 5, 7, 8, 4, 5, 7, 8}));
  EXPECT_EQ(makeResize(i8).run<int8_t>({1, 1, 2, 1}, {4, 6}),
            (Q{4, 5, 6, 6, 4, 5, 6, 6}));
  EXPECT_EQ(makePad(f32).run<float>({2, 2}, {1, 2, 3, 4}),
            (F{1.3f, 1.3f, 1, 2, 1.3f, 1.3f, 1.3f, 3, 4, 1.3f}));
  EXPECT_EQ(makePad(i8).run<int8_t>({1, 2}, {1, 2}), (Q{6, 6, 1, 2, 6}));
  EXPECT_EQ(makeDepth(i8).run<int8_t>({1, 1, 1, 4}, {1, 2, 3, 4}),
            (Q{1, 2, 3, 4}));
  EXPECT_EQ(makeSpace(f32).run<float>({1, 2, 2, 1}, {1, 2, 3, 4}),
            (F{1, 2, 3, 4}));
  EXPECT_EQ(makeReduce(i8).run<int8_t>({2, 2, 2}, {1, 5, 4, 2, -7, -8, -9, -6}),
            (Q{4, 5, -7, -6}));
  EXPECT_EQ(makeMaximum(i8).run<int8_t>({1, 2}, {1, -5}), (Q{1, -5}));
  EXPECT_EQ(makePow(f32).run<float>({1, 2}, {2, 3}), (F{4, 27}));
  auto norm = makeRMSNorm(f32).run<float>({1, 4}, {2, 2, -2, 2});
  ASSERT_EQ(norm.size(), 4u);
  EXPECT_NEAR(norm[2], -1, 1e-3f);
  norm = makeGroupNorm(f32).run<float>({1, 3, 4}, std::vector<float>(12, 9));
  EXPECT_EQ(norm, std::vector<float>(12, 1));
}

TEST(Spatial, WhatCannotRunDoesNotLoad) {
  struct Case {
    OneOp (*make)(ElementType);
    ElementType type;
    std::function<void(OneOp &)> damage;
    const char *message;
  };
  const Case cases[] = {
      {makeAvgPool, i8,
       [](OneOp &net) { set(net, floats("requant.multipliers", {1.0f})); },
       "attribute 'requant.multipliers': expected 2 finite numbers"},
      {makeAvgPool, i8,
       [](OneOp &net) { set(net, ints("kernel", {512, 512})); },
       "expected at most 65536 elements in one mean, got 262144"},
      {makeAvgPool, f32, [](OneOp &net) { set(net, ints("kernel", {3, 1})); },
       "the window's extent 3 is larger than the padded input"},
      {makeAvgPool, f32,
       [](OneOp &net) { net.op.outputs[0] = net.f32("z:0", {-1, 2, 2, 1}); },
       "to have shape [2, 1, 2, 1] at batch 2"},
      {makeAvgPool, f32,
       [](OneOp &net) {
         net.op.outputs[0] = net.q8("z:0", {-1, 1, 2, 1}, 1, 0);
       },
       "expected input and result of one type"},
      {makeResize, f32, [](OneOp &net) { set(net, text("mode", "cubic")); },
       "attribute 'mode': unknown 'cubic'"},
      {makeResize, f32,
       [](OneOp &net) { set(net, text("coordinates", "pixel")); },
       "attribute 'coordinates': unknown 'pixel'"},
      {makeResize, f32,
       [](OneOp &net) { set(net, floats("scales", {1.0f, 0.0f})); },
       "attribute 'scales': expected positive numbers"},
      {makeResize, f32, [](OneOp &net) { set(net, ints("sizes", {2, 5})); },
       "to have shape [2, 2, 5, 1] at batch 2"},
      {makeResize, i8,
       [](OneOp &net) {
         net.op.outputs[0] = net.q8("z:0", {-1, 2, 4, 1}, 1, 0);
       },
       "to have the same element type, scale and zero point"},
      {makePad, f32, [](OneOp &net) { set(net, text("mode", "wrap")); },
       "attribute 'mode': unknown 'wrap'"},
      {makePad, f32,
       [](OneOp &net) { set(net, ints("pads_begin", {0, 2, 0})); },
       "expected padding for each dimension"},
      {makePad, f32, [](OneOp &net) { set(net, ints("pads_begin", {0, -1})); },
       "expected padding of 0 to 2^31"},
      {makePad, f32, [](OneOp &net) { set(net, ints("pads_begin", {1, 2})); },
       "cannot pad a free batch"},
      {makePad, f32, [](OneOp &net) { set(net, text("mode", "reflect")); },
       "expected fewer mirrored elements than dimension 1 has"},
      {makePad, f32, [](OneOp &net) { set(net, ints("pads_end", {0, 2})); },
       "to have shape [2, 6] at batch 2"},
      {makePad, f32, [](OneOp &net) { set(net, real("value", NAN)); },
       "attribute 'value': expected a number, got nan"},
      {makeDepth, f32, [](OneOp &net) { set(net, number("block", 3)); },
       "blocks of 3 do not fit [2, 1, 1, 4]"},
      {makeDepth, f32, [](OneOp &net) { set(net, number("block", 0)); },
       "attribute 'block': expected a value in [1, 65536], got 0"},
      {makeSpace, i8, [](OneOp &net) { set(net, number("block", 4)); },
       "blocks of 4 do not fit [2, 2, 2, 1]"},
      {makeReduce, f32, [](OneOp &net) { set(net, text("kind", "mean")); },
       "attribute 'kind': unknown 'mean'"},
      {makeReduce, i8, [](OneOp &net) { set(net, text("kind", "prod")); },
       "expected f32 tensors"},
      {makeReduce, f32, [](OneOp &net) { set(net, ints("axes", {0})); },
       "expected ascending axes within the rank, from 1 on"},
      {makeReduce, f32, [](OneOp &net) { set(net, ints("axes", {1, 1})); },
       "expected ascending axes within the rank, from 1 on"},
      {makeReduce, f32, [](OneOp &net) { set(net, ints("axes", {3})); },
       "expected ascending axes within the rank, from 1 on"},
      {makeReduce, f32, [](OneOp &net) { set(net, number("keep_dims", 1)); },
       "to have shape [2, 1, 2] at batch 2"},
      {makeMaximum, i8,
       [](OneOp &net) { net.op.outputs[0] = net.q8("z:0", {-1, 2}, 1, 0); },
       "to have the same element type, scale and zero point"},
      {makeMaximum, i8,
       [](OneOp &net) { set(net, number("requant.max", 128)); },
       "attribute 'requant.max': expected a value in [-128, 127], got 128"},
      {makeMaximum, f32,
       [](OneOp &net) {
         net.op.inputs[1] = net.constant("c", {3}, std::vector<float>(3));
       },
       "expected shapes that broadcast"},
      {makePow, i8, [](OneOp &) {}, "expected f32 tensors"},
      {makePow, f32,
       [](OneOp &net) {
         set(net, real("clamp_min", 1));
         set(net, real("clamp_max", 0));
       },
       "expected clamp_min to be at most clamp_max"},
      {makeGroupNorm, f32, [](OneOp &net) { set(net, number("groups", 3)); },
       "expected groups that divide the channels"},
      {makeGroupNorm, f32, [](OneOp &net) { set(net, number("groups", 5)); },
       "attribute 'groups': expected a value in [1, 4], got 5"},
      {makeGroupNorm, f32,
       [](OneOp &net) {
         net.op.inputs[2] = net.constant("t", {3}, std::vector<float>(3));
       },
       "expected 't' to be 4 f32 values"},
      {makeGroupNorm, f32, [](OneOp &net) { set(net, real("epsilon", -1)); },
       "attribute 'epsilon': expected a finite number of at least 0"},
      {makeGroupNorm, i8, [](OneOp &) {},
       "expected input and result to be f32"},
      {makeRMSNorm, f32, [](OneOp &net) { net.op.inputs.pop_back(); },
       "expected 2 inputs, got 1"},
      {makeRMSNorm, f32,
       [](OneOp &net) { net.op.outputs[0] = net.f32("z:0", {-1, 5}); },
       "to have shape [2, 4] at batch 2"},
  };
  for (const Case &test : cases) {
    OneOp net = test.make(test.type);
    test.damage(net);
    net.finish();
    EXPECT_NE(net.loadError().find(test.message), std::string::npos)
        << net.loadError() << "\n"
        << test.message;
  }
}

/// Segments of XNNPACK: transposed convolution and interpolation.
TEST(Spatial, SegmentsThatCannotRunDoNotLoad) {
  auto deconvolve = [](std::vector<Attribute> attributes, Shape result) {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 2, 2, 1});
    uint32_t w = net.constant("w", {1, 2, 2, 1}, std::vector<float>(4, 1));
    uint32_t y = net.f32("y:0", std::move(result));
    return opError(net,
                   makeOp("xnn.deconvolution_2d", "up", {x, w}, {y},
                          std::move(attributes)),
                   {x}, y);
  };
  const Attribute strides = ints("strides", {2, 2});
  expectPart(deconvolve({strides}, {-1, 5, 4, 1}),
             "to have shape [2, 4, 4, 1] at batch 2");
  expectPart(deconvolve({strides, ints("adjustment", {2, 0})}, {-1, 6, 4, 1}),
             "expected output padding below the stride");
  expectPart(
      deconvolve({strides, ints("padding", {2, 0, 1, 0})}, {-1, 1, 4, 1}),
      "expected a result that is at least as large as the stride");
  expectPart(
      deconvolve({strides, ints("padding", {2, 0, 2, 0})}, {-1, 1, 4, 1}),
      "expected padding that leaves something of the result");
  expectPart(deconvolve({strides, number("groups", 2)}, {-1, 4, 4, 1}),
             "expected a value in [1, 1], got 2");
  auto resize = [](std::vector<Attribute> attributes) {
    Net net;
    uint32_t x = net.f32("x:0", {-1, 2, 2, 1}),
             y = net.f32("y:0", {-1, 3, 3, 1});
    return opError(net,
                   makeOp("xnn.static_resize_bilinear_2d", "up", {x}, {y},
                          std::move(attributes)),
                   {x}, y);
  };
  expectPart(resize({ints("sizes", {3, 4})}),
             "to have shape [2, 3, 4, 1] at batch 2");
  expectPart(resize({ints("sizes", {3, 1 << 24})}), "attribute 'sizes'");
  expectPart(resize({ints("sizes", {3, 3}), number("align_corners", 1),
                     number("legacy", 1)}),
             "expected only one of align_corners and legacy");
}
