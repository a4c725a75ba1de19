// This file tests what conversions of other dialects to npir ops need.
#include "npir/Conversion/ToNPIR.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/InitAll.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
class ToNPIRTest : public ::testing::Test {
protected:
  ToNPIRTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
        }) {
    DialectRegistry registry;
    registerAllDialects(registry);
    registry.insert<arith::ArithDialect>();
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  /// The function's body; what it returns first is `result`.
  func::FuncOp parse(StringRef body, StringRef type) {
    std::string text = ("func.func @main(%x: " + type + " loc(\"x\")) -> " +
                        type + " {\n" + body + "\nreturn %r : " + type + "\n}")
                           .str();
    module = parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return {};
    auto func = cast<func::FuncOp>(module->getBody()->front());
    result = func.getBody().front().getTerminator()->getOperand(0);
    return func;
  }

  FailureOr<Value> transpose(ArrayRef<int64_t> perm) {
    OpBuilder builder(&context);
    builder.setInsertionPointAfterValue(result);
    return transposeWeight(builder, result, perm);
  }

  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
  Value result;
};
} // namespace

TEST_F(ToNPIRTest, TransposesAFloatConstantOfAnyDialect) {
  for (StringRef op : {"npir.constant", "arith.constant"}) {
    ASSERT_TRUE(parse(("%r = " + op +
                       " dense<[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]> : "
                       "tensor<2x1x3xf32> loc(\"w\")")
                          .str(),
                      "tensor<2x1x3xf32>"))
        << messages;
    FailureOr<Value> transposed = transpose({2, 0, 1});
    ASSERT_TRUE(succeeded(transposed)) << messages;
    EXPECT_EQ(cast<RankedTensorType>(transposed->getType()).getShape(),
              (ArrayRef<int64_t>{3, 2, 1}));
    EXPECT_EQ(getTensorId(*transposed), "w:0");
    auto bytes = getConstantBytes(*transposed);
    ASSERT_TRUE(succeeded(bytes));
    EXPECT_EQ(bytes->as<float>(), (ArrayRef<float>{1, 4, 2, 5, 3, 6}));
  }
}

TEST_F(ToNPIRTest, TransposesIntegersAndTheAxisOfTheirScales) {
  ASSERT_TRUE(parse(R"mlir(
    %q = npir.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
        as tensor<2x3x!quant.uniform<i8<-127:127>:f32:1, {0.5, 1.0, 2.0}>>
        loc("w")
    %r = npir.dequantize %q
        : tensor<2x3x!quant.uniform<i8<-127:127>:f32:1, {0.5, 1.0, 2.0}>>
        -> tensor<2x3xf32> loc("w.dequantize"))mlir",
                    "tensor<2x3xf32>"))
      << messages;
  FailureOr<Value> transposed = transpose({1, 0});
  ASSERT_TRUE(succeeded(transposed)) << messages;
  EXPECT_EQ(getTensorId(*transposed), "w.dequantize:0");
  auto dequantize = transposed->getDefiningOp<DequantizeOp>();
  ASSERT_TRUE(dequantize);
  quant::QuantizedType type =
      getQuantizedElementType(dequantize.getInput().getType());
  EXPECT_EQ(getQuantizedAxis(type), 0);
  EXPECT_EQ(getScales(type), (SmallVector<float>{0.5, 1, 2}));
  auto bytes = getConstantBytes(dequantize.getInput());
  ASSERT_TRUE(succeeded(bytes));
  EXPECT_EQ(bytes->as<int8_t>(), (ArrayRef<int8_t>{1, 4, 2, 5, 3, 6}));
  EXPECT_TRUE(succeeded(module->verify()));
}

TEST_F(ToNPIRTest, RefusesOtherWeights) {
  ASSERT_TRUE(parse("%r = npir.abs %x : tensor<2x3xf32> -> tensor<2x3xf32> "
                    "loc(\"a\")",
                    "tensor<2x3xf32>"));
  EXPECT_TRUE(failed(transpose({1, 0})));
  EXPECT_EQ(messages,
            "expected a constant weight, got the result of 'npir.abs'\n");
  messages.clear();
  result = cast<func::FuncOp>(module->getBody()->front()).getArgument(0);
  EXPECT_TRUE(failed(transpose({1, 0})));
  EXPECT_EQ(messages, "expected a constant weight, got an argument\n");
  messages.clear();
  ASSERT_TRUE(parse("%r = npir.constant dense<0.0> : tensor<2x3xf32>",
                    "tensor<2x3xf32>"));
  EXPECT_TRUE(failed(transpose({1, 1})));
  EXPECT_TRUE(failed(transpose({0})));
  EXPECT_EQ(messages,
            "expected a permutation of the weight's 2 dimensions, got [1, 1]\n"
            "expected a permutation of the weight's 2 dimensions, got [0]\n");
}

TEST_F(ToNPIRTest, ConvertsConstantsInPlace) {
  func::FuncOp func = parse(R"mlir(
    %i = arith.constant 3 : index
    %r = arith.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("c"))mlir",
                            "tensor<2xf32>");
  ASSERT_TRUE(func) << messages;
  convertConstants(func);
  auto constants = llvm::to_vector(func.getOps<ConstantOp>());
  ASSERT_EQ(constants.size(), 1u);
  EXPECT_EQ(getTensorId(constants[0]), "c:0");
  EXPECT_EQ(llvm::to_vector(func.getOps<arith::ConstantOp>()).size(), 1u);
}
