// This file tests every function of one number that the dialect has, in float
// and in 8 bits, in the interpreter and on the runtime. A new op is tested
// without a change here.
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Targets/Target.h"

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::npir;

namespace {
class UnaryTest : public ExecutionTest {
protected:
  /// Names of all ops with UnaryOpInterface.
  std::vector<std::string> getOpNames() {
    std::vector<std::string> names;
    for (RegisteredOperationName name : context.getRegisteredOperations())
      if (name.hasInterface<UnaryOpInterface>())
        names.push_back(name.getStringRef().str());
    return names;
  }

  /// The attributes that an op cannot do without.
  static std::string getAttributes(StringRef op) {
    if (op == "npir.clamp")
      return "{min = -1.5 : f32, max = 2.25 : f32} ";
    if (op == "npir.leaky_relu" || op == "npir.elu")
      return "{alpha = 0.25 : f32} ";
    return "";
  }

  static UnaryOpInterface findUnary(ModuleOp module) {
    UnaryOpInterface found;
    module.walk([&](UnaryOpInterface op) { found = op; });
    return found;
  }

  std::vector<float> run(ModuleOp module, Backend backend,
                         const std::vector<float> &values) {
    std::unique_ptr<Network> network = create(module, backend);
    if (!network)
      return {};
    npir_rt::Status status = network->run(
        makeInput(*network, values, {1, int64_t(values.size())}), nullptr);
    EXPECT_TRUE(status.ok()) << status.message();
    return toFloat(network->getOutputs().front());
  }
};
} // namespace

TEST_F(UnaryTest, FloatOnBothBackends) {
  std::vector<float> values;
  for (int i = -200; i <= 200; ++i)
    values.push_back(i / 20.0f);
  std::vector<std::string> names = getOpNames();
  ASSERT_GE(names.size(), 5u);
  for (const std::string &name : names) {
    SCOPED_TRACE(name);
    auto module =
        parse("func.func @main(%x: tensor<?x401xf32>) -> tensor<?x401xf32> {\n"
              "  %y = " +
              name + " %x " + getAttributes(name) +
              ": tensor<?x401xf32> -> tensor<?x401xf32> loc(\"f\")\n"
              "  return %y : tensor<?x401xf32>\n}");
    ASSERT_TRUE(module) << messages;
    UnaryOpInterface unary = findUnary(*module);
    std::vector<float> interpreter = run(*module, Backend::Interpreter, values);
    std::vector<float> runtime = run(*module, Backend::XNNPACK, values);
    ASSERT_EQ(interpreter.size(), values.size()) << messages;
    ASSERT_EQ(runtime.size(), values.size()) << messages;
    for (size_t i = 0; i < values.size(); ++i) {
      float expected =
          npir_kernels::evaluateUnary(unary.getUnaryFunction(), values[i]);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(interpreter[i]) && std::isnan(runtime[i]));
        continue;
      }
      EXPECT_EQ(interpreter[i], expected);
      if (std::isinf(expected)) {
        EXPECT_EQ(runtime[i], expected);
        continue;
      }
      EXPECT_NEAR(runtime[i], expected,
                  1e-6f * std::max(1.0f, std::fabs(expected)));
    }
  }
}

TEST_F(UnaryTest, EightBitsAgreeToTheBit) {
  const Target *target = lookupTarget("xnnpack");
  ASSERT_TRUE(target);
  // Every stored value once.
  std::vector<float> values;
  for (int q = -128; q < 128; ++q)
    values.push_back(float(q + 3) * 0.05f);
  for (const std::string &name : getOpNames())
    for (const char *resultType :
         {"i8:f32, 4.0e-02:-5", "i8:f32, 5.0e-02:-3"}) {
      SCOPED_TRACE(name + " to " + resultType);
      auto module = parse(
          "!x = !quant.uniform<i8:f32, 5.0e-02:-3>\n!y = !quant.uniform<" +
          std::string(resultType) +
          ">\n"
          "func.func @main(%x: tensor<?x256xf32>) -> tensor<?x256xf32> "
          "attributes {npir.station = #npir.station<integer>, npir.target = "
          "\"xnnpack\"} {\n"
          "  %q = npir.quantize %x : tensor<?x256xf32> -> tensor<?x256x!x> "
          "loc(\"q\")\n"
          "  %y = " +
          name + " %q " + getAttributes(name) +
          ": tensor<?x256x!x> -> tensor<?x256x!y> loc(\"f\")\n"
          "  %d = npir.dequantize %y : tensor<?x256x!y> -> tensor<?x256xf32> "
          "loc(\"d\")\n"
          "  return %d : tensor<?x256xf32>\n}");
      ASSERT_TRUE(module) << messages;
      UnaryOpInterface op = findUnary(*module);
      FailureOr<Attribute> requant = target->computeRequant(op);
      ASSERT_TRUE(succeeded(requant) && *requant);
      op->setAttr("requant", *requant);
      std::vector<float> interpreter =
          run(*module, Backend::Interpreter, values);
      std::vector<float> runtime = run(*module, Backend::XNNPACK, values);
      ASSERT_EQ(interpreter.size(), values.size()) << messages;
      ASSERT_EQ(runtime.size(), values.size()) << messages;
      EXPECT_EQ(std::memcmp(interpreter.data(), runtime.data(),
                            values.size() * sizeof(float)),
                0);
      // And it is the function, but for rounding and saturation.
      float scale = StringRef(resultType).contains("4.0e") ? 0.04f : 0.05f;
      float zeroPoint = scale == 0.04f ? -5 : -3;
      for (size_t i = 0; i < values.size(); ++i) {
        float exact =
            npir_kernels::evaluateUnary(op.getUnaryFunction(), values[i]);
        // What is no number is stored as 0.
        if (std::isnan(exact))
          exact = -zeroPoint * scale;
        exact = std::min(std::max(exact, (-128 - zeroPoint) * scale),
                         (127 - zeroPoint) * scale);
        EXPECT_NEAR(interpreter[i], exact, 0.51f * scale) << values[i];
      }
    }
}
