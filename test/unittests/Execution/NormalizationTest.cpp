// This file tests layer normalization and broadcasting in the interpreter and
// on the runtime, in the exact 8-bit form to the bit.
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Targets/Target.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace mlir;
using namespace mlir::npir;

namespace {
class NormalizationTest : public ExecutionTest {
protected:
  std::vector<float> run(ModuleOp module, Backend backend,
                         const std::vector<float> &values,
                         const npir_rt::Shape &shape) {
    std::unique_ptr<Network> network = create(module, backend);
    if (!network)
      return {};
    npir_rt::Status status =
        network->run(makeInput(*network, values, shape), nullptr);
    EXPECT_TRUE(status.ok()) << status.message();
    return toFloat(network->getOutputs().front());
  }

  std::vector<float> makeRows(size_t count) {
    std::mt19937 engine(1);
    std::normal_distribution<float> normal(0, 1);
    std::vector<float> values(count);
    for (float &value : values)
      value = normal(engine);
    // A row without variance, and one of two values that saturate.
    std::fill_n(values.begin(), count / 8, 0.7f);
    for (size_t i = count / 8; i < count / 4; ++i)
      values[i] = i % 2 ? 100.0f : -100.0f;
    return values;
  }
};

constexpr char kConstants[] =
    "  %s = npir.constant dense<1.25> : tensor<48xf32> loc(\"s\")\n"
    "  %o = npir.constant dense<-0.375> : tensor<48xf32> loc(\"o\")\n";
} // namespace

TEST_F(NormalizationTest, FloatLayerNorm) {
  auto module = parse(
      "func.func @main(%x: tensor<?x4x48xf32>) -> tensor<?x4x48xf32> {\n" +
      std::string(kConstants) +
      "  %y = npir.layer_norm %x, %s, %o {epsilon = 1.0e-5 : f32} : "
      "(tensor<?x4x48xf32>, tensor<48xf32>, tensor<48xf32>) -> "
      "tensor<?x4x48xf32> loc(\"f\")\n"
      "  return %y : tensor<?x4x48xf32>\n}");
  ASSERT_TRUE(module) << messages;
  std::vector<float> values = makeRows(8 * 48);
  auto interpreter = run(*module, Backend::Interpreter, values, {2, 4, 48});
  auto runtime = run(*module, Backend::XNNPACK, values, {2, 4, 48});
  ASSERT_EQ(interpreter.size(), values.size()) << messages;
  ASSERT_EQ(runtime.size(), values.size()) << messages;
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(runtime[i], interpreter[i],
                2e-6f * std::max(1.0f, std::fabs(interpreter[i])));
}

TEST_F(NormalizationTest, EightBitLayerNormAgreesToTheBit) {
  const Target *target = lookupTarget("xnnpack");
  for (const char *resultType :
       {"i8:f32, 2.0e-02:-5", "i8:f32, 3.7e-03:100", "i8:f32, 1.5:0"}) {
    SCOPED_TRACE(resultType);
    auto module = parse(
        "!x = !quant.uniform<i8:f32, 2.5e-02:-3>\n!y = !quant.uniform<" +
        std::string(resultType) +
        ">\n"
        "func.func @main(%x: tensor<?x4x48xf32>) -> tensor<?x4x48xf32> "
        "attributes {npir.station = #npir.station<integer>, npir.target = "
        "\"xnnpack\"} {\n" +
        kConstants +
        "  %q = npir.quantize %x : tensor<?x4x48xf32> -> tensor<?x4x48x!x> "
        "loc(\"q\")\n"
        "  %y = npir.layer_norm %q, %s, %o {epsilon = 1.0e-5 : f32} : "
        "(tensor<?x4x48x!x>, tensor<48xf32>, tensor<48xf32>) -> "
        "tensor<?x4x48x!y> loc(\"f\")\n"
        "  %d = npir.dequantize %y : tensor<?x4x48x!y> -> tensor<?x4x48xf32> "
        "loc(\"d\")\n"
        "  return %d : tensor<?x4x48xf32>\n}");
    ASSERT_TRUE(module) << messages;
    LayerNormOp op;
    module->walk([&](LayerNormOp found) { op = found; });
    FailureOr<Attribute> requant = target->computeRequant(op);
    ASSERT_TRUE(succeeded(requant) && *requant);
    op->setAttr("requant", *requant);
    std::vector<float> values = makeRows(8 * 48);
    auto interpreter = run(*module, Backend::Interpreter, values, {2, 4, 48});
    auto runtime = run(*module, Backend::XNNPACK, values, {2, 4, 48});
    ASSERT_EQ(interpreter.size(), values.size()) << messages;
    ASSERT_EQ(runtime.size(), values.size()) << messages;
    EXPECT_EQ(std::memcmp(interpreter.data(), runtime.data(),
                          values.size() * sizeof(float)),
              0);
  }
}

TEST_F(NormalizationTest, ClassTokenInBothForms) {
  for (const char *type : {"f32", "!quant.uniform<i8:f32, 5.0e-01:3>"}) {
    SCOPED_TRACE(type);
    bool isFloat = StringRef(type) == "f32";
    std::string requant =
        isFloat ? "" : "{requant = #npir.requant_copy<min = -128, max = 127>} ";
    std::string last = isFloat
                           ? "  return %y : tensor<?x1x3xf32>\n}"
                           : "  %d = npir.dequantize %y : tensor<?x1x3x!t> -> "
                             "tensor<?x1x3xf32> loc(\"d\")\n  return %d : "
                             "tensor<?x1x3xf32>\n}";
    auto module = parse(
        "!t = " + std::string(type) +
        "\nfunc.func @main(%x: tensor<?x2xf32>) -> tensor<?x1x3xf32> "
        "attributes {npir.station = #npir.station<integer>, npir.target = "
        "\"xnnpack\"} {\n  %t = npir.constant " +
        (isFloat ? "dense<[[[1.0, 2.0, -3.0]]]> : tensor<1x1x3xf32>"
                 : "dense<[[[5, 7, -3]]]> : tensor<1x1x3xi8> as "
                   "tensor<1x1x3x!t>") +
        " loc(\"t\")\n  %y = npir.broadcast %t like %x " + requant +
        ": (tensor<1x1x3x!t>, tensor<?x2xf32>) -> tensor<?x1x3x!t> "
        "loc(\"b\")\n" +
        last);
    ASSERT_TRUE(module) << messages;
    for (Backend backend : {Backend::Interpreter, Backend::XNNPACK})
      EXPECT_EQ(run(*module, backend, std::vector<float>(4), {2, 2}),
                (std::vector<float>{1, 2, -3, 1, 2, -3}))
          << messages;
  }
}
