// This file tests integers of all widths: in the interpreter and on the runtime
// to the bit, as pairs round float layers and folded into integer layers.
#include "Fixture.h"

#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

using namespace mlir;
using namespace mlir::npir;

namespace {
class WidthsTest : public ExecutionTest {
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

  std::vector<float> makeValues(size_t count, float spread) {
    std::mt19937 engine(3);
    std::normal_distribution<float> normal(0, spread);
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::vector<float> values = {0.0f, -0.0f, infinity, -infinity, 1e30f};
    while (values.size() < count)
      values.push_back(normal(engine));
    return values;
  }

  static bool haveEqualBits(const std::vector<float> &a,
                            const std::vector<float> &b) {
    return a.size() == b.size() && !a.empty() &&
           std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  }
};

/// All kinds of integers, as an MLIR type has them.
std::vector<std::string> getStorages() {
  std::vector<std::string> storages = {"i8<-127:127>", "u8<3:200>",
                                       "i16<-1000:999>"};
  for (const char *sign : {"i", "u"})
    for (unsigned bits : {2, 3, 4, 7, 8, 9, 12, 15, 16})
      storages.push_back(sign + std::to_string(bits));
  return storages;
}
} // namespace

TEST_F(WidthsTest, PairsRoundAlike) {
  for (const std::string &storage : getStorages())
    for (const std::string &scales :
         {std::string(":f32, 0.37>"), std::string(":f32, 0.37:1>"),
          std::string(":f32:1, {0.37, 0.5, 2.25}>"),
          std::string(":f32:2, {0.37, 0.5, 2.25, 0.1}>")}) {
      std::string type = "!quant.uniform<" + storage + scales;
      // A zero point has to be one of the integers.
      if (storage == "u8<3:200>" && scales.find("37:1") == std::string::npos)
        continue;
      if (storage == "u8<3:200>")
        type = "!quant.uniform<u8<3:200>:f32, 0.37:4>";
      SCOPED_TRACE(type);
      auto module =
          parse("func.func @main(%x: tensor<?x3x4xf32> loc(\"x\")) -> "
                "tensor<?x3x4xf32> attributes {npir.station = "
                "#npir.station<qdq>} {\n"
                "%0 = npir.quantize %x : tensor<?x3x4xf32> -> tensor<?x3x4x" +
                type +
                "> loc(\"x.quantize\")\n"
                "%1 = npir.dequantize %0 : tensor<?x3x4x" +
                type +
                "> -> tensor<?x3x4xf32> loc(\"x.dequantize\")\n"
                "return %1 : tensor<?x3x4xf32>\n}");
      ASSERT_TRUE(module) << messages;
      auto values = makeValues(12 * 50, 20);
      auto reference = run(*module, Backend::Interpreter, values, {50, 3, 4});
      auto runtime = run(*module, Backend::XNNPACK, values, {50, 3, 4});
      EXPECT_TRUE(haveEqualBits(reference, runtime)) << messages;
      // Something was rounded, and not all to one value.
      EXPECT_NE(reference, values);
      EXPECT_LT(*std::min_element(reference.begin(), reference.end()),
                *std::max_element(reference.begin(), reference.end()));
    }
}

TEST_F(WidthsTest, TapsShowRealNumbers) {
  for (const char *storage : {"u8", "i12", "u16", "i8"}) {
    auto module = parse(
        "!q = !quant.uniform<" + std::string(storage) +
        ":f32, 0.5:3>\n"
        "func.func @main(%x: tensor<?x2xf32> loc(\"x\")) -> "
        "tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {\n"
        "%0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!q> "
        "loc(\"q\")\n"
        "%1 = npir.dequantize %0 : tensor<?x2x!q> -> tensor<?x2xf32> "
        "loc(\"d\")\n"
        "return %1 : tensor<?x2xf32>\n}");
    ASSERT_TRUE(module) << messages;
    auto network = create(*module, Backend::Interpreter, /*tapAll=*/true);
    ASSERT_TRUE(network) << messages;
    std::vector<float> values = {1.2f, -0.6f}, seen;
    auto status = network->run(makeInput(*network, values, {1, 2}),
                               [&](const npir_rt::TensorView &view) {
                                 if (view.id == "q:0")
                                   seen = toFloat(view);
                                 return npir_rt::Status();
                               });
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(seen, (std::vector<float>{1.0f, -0.5f})) << storage;
  }
}

TEST_F(WidthsTest, RefusesInputsThatItCannotRead) {
  auto module = parse("func.func @main(%x: "
                      "tensor<?x2x!quant.uniform<u16:f32, 0.5>> loc(\"x\")) -> "
                      "tensor<?x2xf32> attributes {npir.station = "
                      "#npir.station<qdq>} {\n"
                      "%0 = npir.dequantize %x : "
                      "tensor<?x2x!quant.uniform<u16:f32, 0.5>> -> "
                      "tensor<?x2xf32>\n"
                      "return %0 : tensor<?x2xf32>\n}");
  ASSERT_TRUE(module) << messages;
  EXPECT_FALSE(create(*module, Backend::Interpreter));
  EXPECT_NE(messages.find("expected an input of f32, i1, i32, i64, or of "
                          "quantized integers of 8 bits or of 32 signed "
                          "bits, got "),
            std::string::npos)
      << messages;
}

TEST_F(WidthsTest, IntegerLayersAgree) {
  // Every class of arithmetic, between types of one kind of integers.
  for (const std::string &storage : getStorages()) {
    if (storage == "u8<3:200>")
      continue;
    SCOPED_TRACE(storage);
    auto type = [&](const std::string &name) {
      return "tensor<?x4x" + name + ">";
    };
    std::string text =
        "!a = !quant.uniform<" + storage +
        ":f32, 0.5:1>\n!b = !quant.uniform<" + storage +
        ":f32, 0.75:1>\n!w = !quant.uniform<i4<-7:7>:f32:0, {0.25, 0.5, 0.125, "
        "0.25}>\n"
        "func.func @main(%x: tensor<?x4xf32> loc(\"x\")) -> tensor<?x4xf32> "
        "attributes {npir.station = #npir.station<qdq>, npir.target = "
        "\"xnnpack\"} {\n";
    unsigned number = 0;
    auto round = [&](const std::string &value, const std::string &quantized) {
      std::string id = std::to_string(number++);
      text += "%q" + id + " = npir.quantize " + value +
              " {requested} : tensor<?x4xf32> -> " + type(quantized) +
              " loc(\"q" + id + "\")\n%d" + id + " = npir.dequantize %q" + id +
              " : " + type(quantized) + " -> tensor<?x4xf32> loc(\"d" + id +
              "\")\n";
      return "%d" + id;
    };
    std::string x = round("%x", "!a");
    text +=
        "%w = npir.constant dense<[[-7, 7, 1, 2], [0, 1, -1, 3], [2, -2, 5, "
        "1], [1, 1, 1, 1]]> : tensor<4x4xi8> as tensor<4x4x!w> "
        "loc(\"w\")\n%wd = npir.dequantize %w : tensor<4x4x!w> -> "
        "tensor<4x4xf32> loc(\"wd\")\n%1 = npir.linear " +
        x +
        ", %wd {clamp_max = 40.0 : f32} : (tensor<?x4xf32>, "
        "tensor<4x4xf32>) -> tensor<?x4xf32> loc(\"linear\")\n";
    std::string linear = round("%1", "!b");
    text += "%2 = npir.add " + linear + ", " + x +
            " : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> "
            "loc(\"add\")\n";
    std::string add = round("%2", "!b");
    text += "%3 = npir.mul " + add + ", " + x +
            " : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> "
            "loc(\"mul\")\n";
    std::string mul = round("%3", "!a");
    text += "%4 = npir.tanh " + mul +
            " : tensor<?x4xf32> -> tensor<?x4xf32> loc(\"tanh\")\n";
    std::string tanh = round("%4", "!a");
    text += "%5 = npir.hardsigmoid " + tanh +
            " : tensor<?x4xf32> -> tensor<?x4xf32> loc(\"gate\")\n";
    std::string gate = round("%5", "!a");
    text += "%6 = npir.sub " + add + ", " + gate +
            " : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> "
            "loc(\"sub\")\n";
    std::string sub = round("%6", "!b");
    // A conversion.
    std::string last = round(sub, "!a");
    text += "return " + last + " : tensor<?x4xf32>\n}";
    auto module = parse(text);
    ASSERT_TRUE(module) << messages << text;
    PassManager pm(&context);
    pm.addPass(createFoldQDQPass());
    ASSERT_TRUE(succeeded(pm.run(*module))) << messages;
    auto values = makeValues(4 * 100, 15);
    auto reference = run(*module, Backend::Interpreter, values, {100, 4});
    auto runtime = run(*module, Backend::XNNPACK, values, {100, 4});
    EXPECT_TRUE(haveEqualBits(reference, runtime)) << messages;
  }
}
