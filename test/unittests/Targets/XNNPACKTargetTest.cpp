// This file tests the XNNPACK target: each rule of its table from both sides.
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/AsmParser/AsmParser.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace mlir;
using namespace mlir::npir;

TEST_F(XNNPACKTargetTest, Lookup) {
  ASSERT_TRUE(target);
  EXPECT_EQ(target->getName(), "xnnpack");
  EXPECT_FALSE(lookupTarget("cuda"));
  EXPECT_EQ(getTargetNames().size(), 1u);
  EXPECT_EQ(getTargetNames().front(), "xnnpack");
}

//===----------------------------------------------------------------------===//
// Legality
//===----------------------------------------------------------------------===//

TEST_F(XNNPACKTargetTest, EveryOpOfTheTableExists) {
  for (const TargetRow &row : target->getTable())
    EXPECT_TRUE(RegisteredOperationName::lookup(row.op, &context))
        << row.op.str();
}

TEST_F(XNNPACKTargetTest, Placement) {
  EXPECT_EQ(target->check(parseUnary("tanh %x", "f32", "f32")).placement,
            Placement::Native);
  Legality gate = target->check(parseUnary("hardsigmoid %x", "f32", "f32"));
  EXPECT_EQ(gate.placement, Placement::Kernel);
  EXPECT_EQ(gate.reason, "xnnpack has no 'npir.hardsigmoid' on f32 tensors");
  Operation *norm = parse(
      "%x: tensor<?x2xf32>, %p: tensor<2xf32>",
      "%0 = npir.batch_norm %x, %p, %p, %p, %p {axis = 1 : i64, epsilon = "
      "1.0e-5 : f32} : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, "
      "tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>");
  EXPECT_FALSE(target->check(norm).isLegal());
  EXPECT_EQ(getReason(norm), "xnnpack has no 'npir.batch_norm'");
}

TEST_F(XNNPACKTargetTest, Activations) {
  auto reason = [&](const std::string &type) {
    return getReason(parseUnary("tanh %x", type, type));
  };
  EXPECT_EQ(reason(q("0.5")), "");
  EXPECT_EQ(reason("!quant.uniform<u8:f32, 0.5:128>"),
            "expected 8-bit signed activations, got u8");
  EXPECT_EQ(reason("!quant.uniform<i16:f32, 0.5>"),
            "expected 8-bit signed activations, got i16");
  EXPECT_EQ(reason("!quant.uniform<i8<-127:127>:f32, 0.5>"), "");
  EXPECT_EQ(
      reason("!quant.uniform<i8:f32:1, {0.5, 0.25}>"),
      "expected activations with one scale per tensor, got one per channel");
  EXPECT_EQ(reason(q("1.0e37")), "expected scales of activations in [2^-120, "
                                 "2^120], got 1e+37");
}

// Neighbouring dimensions are joined where XNNPACK has too few, and what only
// moves has a kernel; kernels end at 16.
TEST_F(XNNPACKTargetTest, ManyDimensions) {
  auto check = [&](const std::string &op, unsigned rank) {
    std::string type = "tensor<?x";
    for (unsigned i = 2; i < rank; ++i)
      type += "1x";
    type += "2xf32>";
    return target->check(
        parse("%x: " + type, "%0 = " + op + " : " + type + " -> " + type));
  };
  for (unsigned rank : {6, 7, 16}) {
    EXPECT_EQ(check("npir.tanh %x", rank).placement, Placement::Native);
    EXPECT_EQ(check("npir.erf %x", rank).placement, Placement::Kernel);
    EXPECT_EQ(check("npir.reshape %x", rank).placement,
              rank == 6 ? Placement::Native : Placement::Kernel);
  }
  for (const char *op : {"npir.tanh %x", "npir.erf %x", "npir.reshape %x"}) {
    Legality legality = check(op, 17);
    EXPECT_FALSE(legality.isLegal());
    EXPECT_EQ(legality.reason, "expected at most 16 dimensions, got 17");
  }
}

TEST_F(XNNPACKTargetTest, StorageOfOtherIntegers) {
  auto getStorage = [&](const std::string &type) {
    std::string text;
    llvm::raw_string_ostream(text) << target->getStorageType(
        cast<quant::QuantizedType>(parseType(type, &context)));
    return text;
  };
  for (auto [type, storage] :
       {std::pair("<u8:f32, 5.000000e-01:100>", "<i8:f32, 5.000000e-01:-28>"),
        {"<i4:f32, 5.000000e-01:1>", "<i8<-8:7>:f32, 5.000000e-01:1>"},
        {"<u4:f32, 5.000000e-01:9>", "<i8<-8:7>:f32, 5.000000e-01:1>"},
        {"<u8<10:200>:f32, 5.000000e-01:10>",
         "<i8<-118:72>:f32, 5.000000e-01:-118>"},
        {"<u8:f32:1, {5.000000e-01:128,1.000000e+00:0}>",
         "<i8:f32:1, {5.000000e-01,1.000000e+00:-128}>"},
        {"<i8<-127:127>:f32, 5.000000e-01>",
         "<i8<-127:127>:f32, 5.000000e-01>"},
        {"<i9:f32, 5.000000e-01>", "<i9:f32, 5.000000e-01>"},
        {"<u16:f32, 5.000000e-01>", "<u16:f32, 5.000000e-01>"}})
    EXPECT_EQ(getStorage(std::string("!quant.uniform") + type),
              std::string("!quant.uniform") + storage);
}

TEST_F(XNNPACKTargetTest, Weights) {
  std::string x = q("0.5"), y = q("1.0");
  EXPECT_EQ(
      getReason(parseLinear(x, "!quant.uniform<i8<-127:127>:f32, 0.5>", y)),
      "");
  EXPECT_EQ(getReason(parseLinear(x, "!quant.uniform<i4:f32, 0.5>", y)),
            "expected 8-bit signed weights, got i4");
  Operation *dynamic =
      parse("%x: tensor<?x2xf32>, %w: tensor<2x2xf32>",
            "%0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> "
            "tensor<?x2xf32>");
  EXPECT_EQ(getReason(dynamic), "expected a constant weight");
  // Prospective types: a float weight beside quantized activations.
  Operation *op =
      parse("%x: tensor<?x2xf32>",
            "%w = npir.constant dense<1.0> : tensor<2x2xf32>\n%0 = npir.linear "
            "%x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>");
  EXPECT_EQ(getReason(op), "");
  OpTypes types = OpTypes::of(op);
  Type element = parseType(q("0.5"), &context);
  types.operands[0] = withElementType(types.operands[0], element);
  types.results[0] = withElementType(types.results[0], element);
  EXPECT_EQ(target->check(op, types).reason,
            "expected a quantized weight, got f32");
  EXPECT_TRUE(failed(target->computeRequant(op, types)));
  types.operands[1] = withElementType(
      types.operands[1], parseType("!quant.uniform<i8:f32, 0.5:3>", &context));
  EXPECT_EQ(target->check(op, types).reason,
            "expected weights with zero point 0, got 3");
  types.operands[1] = withElementType(
      types.operands[1],
      parseType("!quant.uniform<i8:f32:1, {0.5, 0.5}>", &context));
  EXPECT_EQ(target->check(op, types).reason,
            "expected weight scales along the output channel, got axis 1");
}

TEST_F(XNNPACKTargetTest, NumberOfProducts) {
  auto parseWide = [&](const std::string &size) {
    std::string w = "!quant.uniform<i8<-127:127>:f32, 1.0>";
    return parse("%x: tensor<?x" + size + "x" + q("1.0") + ">",
                 "%w = npir.constant dense<1> : tensor<1x" + size +
                     "xi8> as tensor<1x" + size + "x" + w +
                     ">\n%0 = npir.linear %x, %w : (tensor<?x" + size + "x" +
                     q("1.0") + ">, tensor<1x" + size + "x" + w +
                     ">) -> tensor<?x1x" + q("1.0") + ">");
  };
  EXPECT_EQ(getReason(parseWide("65793")), "");
  EXPECT_EQ(getReason(parseWide("65794")),
            "expected at most 65793 products in one 32-bit sum, got 65794");
}

TEST_F(XNNPACKTargetTest, RangesOfMultipliers) {
  std::string w = "!quant.uniform<i8<-127:127>:f32, 1.0>";
  auto reason = [&](const std::string &input) {
    return getReason(parseLinear(q(input), w, q("1.0")));
  };
  EXPECT_EQ(reason("255.99998"), "");
  EXPECT_EQ(reason("256.0"), "expected input scale * weight scale / output "
                             "scale in [2^-32, 2^8), got 256 in channel 0");
  EXPECT_EQ(reason("2.3283064365386963e-10"), ""); // 2^-32
  EXPECT_NE(reason("2.3283062977608182e-10"), ""); // one step below
}

TEST_F(XNNPACKTargetTest, RangesOfAddAndConvert) {
  auto add = [&](const std::string &input) {
    return getReason(parse(
        "%x: tensor<?x2x" + q(input) + ">, %y: tensor<?x2x" + q("1.0") + ">",
        "%0 = npir.add %y, %x : (tensor<?x2x" + q("1.0") + ">, tensor<?x2x" +
            q(input) + ">) -> tensor<?x2x" + q("1.0") + ">"));
  };
  EXPECT_EQ(add("9.765625e-4"), ""); // 2^-10
  EXPECT_NE(add("9.765624e-4"), "");
  EXPECT_EQ(add("255.99998"), "");
  EXPECT_EQ(add("256.0"), "expected input scale / output scale in [2^-10, "
                          "2^8), got 256");
  auto convert = [&](const std::string &input) {
    return getReason(parseUnary("quantize %x", q(input), q("1.0")));
  };
  EXPECT_EQ(convert("3.90625e-3"), ""); // 2^-8
  EXPECT_NE(convert("3.90624e-3"), "");
  EXPECT_EQ(convert("128.0"), "");
  EXPECT_EQ(convert("128.0001"),
            "expected input scale / output scale in [2^-8, 2^7], got 128.0001");
}

TEST_F(XNNPACKTargetTest, Pools) {
  auto check = [&](const std::string &attributes, const std::string &size) {
    return target->check(parse("%x: tensor<?x4x4x2xf32>",
                               "%0 = npir.max_pool2d %x {" + attributes +
                                   "} : tensor<?x4x4x2xf32> -> "
                                   "tensor<?x" +
                                   size + "x2xf32>"));
  };
  EXPECT_EQ(
      check("kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>", "2x2")
          .placement,
      Placement::Native);
  Legality one = check("kernel = array<i64: 1, 1>", "4x4");
  EXPECT_EQ(one.placement, Placement::Kernel);
  EXPECT_EQ(one.reason, "XNNPACK takes no 1x1 pool");
  EXPECT_EQ(
      check("kernel = array<i64: 2, 2>, strides = array<i64: 3, 3>", "1x1")
          .placement,
      Placement::Kernel);
}

TEST_F(XNNPACKTargetTest, Means) {
  auto reason = [&](const std::string &size, const std::string &input) {
    return getReason(parse(
        "%x: tensor<?x" + size + "x2x" + q(input) + ">",
        "%0 = npir.reduce mean %x {axes = array<i64: 1>} : tensor<?x" + size +
            "x2x" + q(input) + "> -> tensor<?x2x" + q("1.0e10") + ">"));
  };
  EXPECT_EQ(reason("8421504", "1.0"), "");
  EXPECT_EQ(reason("8421505", "1.0"),
            "expected 1 to 8421504 elements in one mean, got 8421505");
  EXPECT_NE(reason("4", "1.0e-30"), ""); // a denormal multiplier
}

TEST_F(XNNPACKTargetTest, OpsThatAreInFloatOnly) {
  Operation *softmax =
      parse("%x: tensor<?x3xf32>",
            "%0 = npir.softmax %x : tensor<?x3xf32> -> tensor<?x3xf32>");
  EXPECT_TRUE(target->isFloatOnly(softmax));
  // With such numbers, or at all.
  Operation *tanh =
      parse("%x: tensor<?x3x!quant.uniform<i4:f32, 0.5>>",
            "%0 = npir.tanh %x : tensor<?x3x!quant.uniform<i4:f32, 0.5>> -> "
            "tensor<?x3x!quant.uniform<i4:f32, 0.5>>");
  EXPECT_FALSE(target->check(tanh).isLegal());
  EXPECT_FALSE(target->isFloatOnly(tanh));
  EXPECT_FALSE(target->isFloatOnly(tanh->getParentOp()));
}

TEST_F(XNNPACKTargetTest, LayerNorms) {
  Legality legality = target->check(parseLayerNorm("f32", "f32", "0.0"));
  EXPECT_EQ(legality.placement, Placement::Kernel);
  legality = target->check(parseLayerNorm(q("0.3"), q("0.7"), "1.0e-5"));
  EXPECT_EQ(legality.placement, Placement::Kernel);
  auto reason = [&](Operation *op) {
    Legality legality = target->check(op);
    EXPECT_FALSE(legality.isLegal());
    EXPECT_TRUE(failed(target->computeRequant(op)));
    return legality.reason;
  };
  EXPECT_EQ(reason(parseLayerNorm(q("7.6e-37"), q("0.7"), "1.0")),
            "expected epsilon * (channels / input scale)^2 below 2^128, got "
            "epsilon 1 and input scale 7.6e-37");
  auto parseWide = [&](const std::string &channels) {
    std::string type = "tensor<?x" + channels + "x" + q("0.5") + ">";
    std::string parameter = "tensor<" + channels + "xf32>";
    return parse("%x: " + type, "%p = npir.constant dense<1.0> : " + parameter +
                                    "\n%0 = npir.layer_norm %x, %p, %p "
                                    "{epsilon = 1.0e-5 : f32} : (" +
                                    type + ", " + parameter + ", " + parameter +
                                    ") -> " + type);
  };
  EXPECT_TRUE(target->check(parseWide("32768")).isLegal());
  EXPECT_EQ(reason(parseWide("32769")),
            "expected 1 to 32768 channels, got 32769");
  EXPECT_EQ(
      reason(parse("%x: tensor<?x3x" + q("0.5") + ">, %p: tensor<3xf32>",
                   "%0 = npir.layer_norm %x, %p, %p {epsilon = 1.0 : f32} : "
                   "(tensor<?x3x" +
                       q("0.5") +
                       ">, tensor<3xf32>, tensor<3xf32>) -> "
                       "tensor<?x3x" +
                       q("0.5") + ">")),
      "expected a constant scale and offset");
  // The quotient is more than an f32 holds.
  EXPECT_EQ(reason(parseLayerNorm(q("0.5"), q("7.6e-37"), "1.0")),
            "expected finite scales and offsets over the output scale, got "
            "300 over 7.6e-37");
}

TEST_F(XNNPACKTargetTest, Broadcast) {
  auto parseBroadcast = [&](const std::string &from, const std::string &to) {
    return parse("%x: tensor<1x2x" + from + ">, %like: tensor<?xf32>",
                 "%0 = npir.broadcast %x like %like : (tensor<1x2x" + from +
                     ">, tensor<?xf32>) -> tensor<?x2x" + to + ">");
  };
  EXPECT_EQ(target->check(parseBroadcast("f32", "f32")).placement,
            Placement::Kernel);
  Operation *op = parseBroadcast(q("0.5"), q("0.5"));
  EXPECT_EQ(target->check(op).placement, Placement::Kernel);
  EXPECT_TRUE(getRequant<RequantCopyAttr>(op));
}

TEST_F(XNNPACKTargetTest, WindowMeans) {
  auto pool = [&](const std::string &from, const std::string &to,
                  const std::string &size) {
    return parse("%x: tensor<?x" + size + "x1x1x" + from + ">",
                 "%0 = npir.avg_pool2d %x {kernel = array<i64: " + size +
                     ", 1>} : tensor<?x" + size + "x1x1x" + from +
                     "> -> tensor<?x1x1x1x" + to + ">");
  };
  EXPECT_EQ(target->check(pool("f32", "f32", "70000")).placement,
            Placement::Kernel);
  auto requant =
      getRequant<RequantWindowMeanAttr>(pool(q("0.5", 3), q("0.25", 4), "3"));
  ASSERT_TRUE(requant);
  EXPECT_EQ(requant.getMultipliers().asArrayRef(),
            ArrayRef<float>({2.0f, 1.0f, 2.0f * (1.0f / 3.0f)}));
  EXPECT_EQ(getReason(pool(q("1.0"), q("1.0"), "65537")),
            "expected at most 65536 elements in one window, got 65537");
  EXPECT_NE(getReason(pool(q("1.0e-30"), q("1.0e10"), "2")), "");
}

TEST_F(XNNPACKTargetTest, TransposedConvolutions) {
  auto reason = [&](const std::string &attributes, const std::string &size) {
    return getReason(
        parse("%x: tensor<?x1x1x1xf32>",
              "%w = npir.constant dense<1.0> : tensor<1x2x2x1xf32>\n"
              "%0 = npir.transpose_conv2d %x, %w {" +
                  attributes +
                  "} : (tensor<?x1x1x1xf32>, tensor<1x2x2x1xf32>) -> "
                  "tensor<?x" +
                  size + "xf32>"));
  };
  EXPECT_EQ(reason("strides = array<i64: 2, 2>", "2x2x1"), "");
  EXPECT_EQ(reason("strides = array<i64: 2, 2>, pads = array<i64: 1, 0, 0, 0>",
                   "1x2x1"),
            "expected a result that is at least as large as the stride");
  // Only above the stride for the dilation's sake.
  const std::string dilated = "dilations = array<i64: 3, 1>, output_padding = "
                              "array<i64: 1, 0>";
  EXPECT_EQ(reason(dilated, "5x2x1"),
            "expected output padding below the stride");
  EXPECT_EQ(reason(dilated + ", pads = array<i64: 0, 1, 0, 0>", "4x2x1"), "");
}

TEST_F(XNNPACKTargetTest, Resizes) {
  auto check = [&](const std::string &op, const std::string &attributes,
                   const std::string &type) {
    return target->check(parse("%x: tensor<?x2x2x1x" + type + ">",
                               "%0 = npir.resize " + op +
                                   " %x {sizes = array<i64: 4, 4>" +
                                   attributes + "} : tensor<?x2x2x1x" + type +
                                   "> -> tensor<?x4x4x1x" + type + ">"));
  };
  EXPECT_EQ(check("bilinear", "", "f32").placement, Placement::Native);
  EXPECT_EQ(check("bilinear", "", q("0.5")).placement, Placement::Native);
  EXPECT_EQ(check("nearest", "", q("0.5")).placement, Placement::Kernel);
  Legality scaled =
      check("bilinear", ", scales = array<f32: 2.0, 2.25>", "f32");
  EXPECT_EQ(scaled.placement, Placement::Kernel);
  EXPECT_EQ(scaled.reason,
            "expected the ratio of the sizes as scale, got 2.25");
}

TEST_F(XNNPACKTargetTest, SelectionsAndReductions) {
  auto reduce = [&](const std::string &kind, const std::string &from,
                    const std::string &to) {
    return target->check(parse("%x: tensor<?x2x" + from + ">",
                               "%0 = npir.reduce " + kind +
                                   " %x {axes = array<i64: 1>} : "
                                   "tensor<?x2x" +
                                   from + "> -> tensor<?x" + to + ">"));
  };
  EXPECT_EQ(reduce("sum", "f32", "f32").placement, Placement::Native);
  EXPECT_EQ(reduce("prod", "f32", "f32").placement, Placement::Kernel);
  EXPECT_EQ(reduce("max", q("0.5"), q("0.5")).placement, Placement::Kernel);
  auto maximum = [&](const std::string &type) {
    return target->check(parse("%x: tensor<?x2x" + type + ">",
                               "%0 = npir.maximum %x, %x : (tensor<?x2x" +
                                   type + ">, tensor<?x2x" + type +
                                   ">) -> tensor<?x2x" + type + ">"));
  };
  EXPECT_EQ(maximum("f32").placement, Placement::Native);
  EXPECT_EQ(maximum(q("0.5")).placement, Placement::Kernel);
}

//===----------------------------------------------------------------------===//
// Documentation
//===----------------------------------------------------------------------===//

/// docs/Targets.md holds the table as the code has it; with
/// NPIR_UPDATE_DOCS set the test writes it.
TEST_F(XNNPACKTargetTest, DocumentationIsUpToDate) {
  std::string table;
  llvm::raw_string_ostream os(table);
  target->printTable(os);
  std::string path = NPIR_DOCS "/Targets.md";
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::string document = text.str();
  size_t begin = document.find("| op |");
  ASSERT_NE(begin, std::string::npos);
  size_t end = document.find("\n\n", begin) + 1;
  if (std::getenv("NPIR_UPDATE_DOCS")) {
    document.replace(begin, end - begin, table);
    std::ofstream(path) << document;
    return;
  }
  EXPECT_EQ(document.substr(begin, end - begin), table)
      << "run this test with NPIR_UPDATE_DOCS=1";
}
