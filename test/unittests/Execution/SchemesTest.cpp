// This file tests layers whose activations are quantized at run time, or whose
// weights alone are quantized: from a configuration to the runtime, which
// computes what the interpreter computes.
#include "Fixture.h"

#include "npir/Config/ConfigFile.h"
#include "npir/Pipelines/Pipelines.h"
#include "npir/Runtime/Engine.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace mlir;
using namespace mlir::npir;

namespace {

constexpr int kCases = 200;

/// The op of a layer, the sizes between batch and channels of its input, and
/// those between output and input channels of its weight.
struct Form {
  const char *op;
  std::vector<int64_t> rows, kernel;
};

const Form kVectors{"npir.linear", {}, {}}, kRows{"npir.linear", {3}, {}},
    kPixels{"npir.conv2d", {3, 2}, {1, 1}};

std::string toText(const std::vector<int64_t> &sizes) {
  std::string text;
  for (int64_t size : sizes)
    text += std::to_string(size) + "x";
  return text;
}

/// A random layer as text: an input, a weight, perhaps a bias and a clamp.
struct RandomLayer {
  RandomLayer(int seed, int64_t inputs, const Form &form)
      : engine(seed), inputs(inputs), outputs(draw(1, 40)) {
    samples = draw(1, 9);
    bool hasBias = draw(0, 3) != 0, hasClamp = draw(0, 2) == 0;
    std::string batch = "?x" + toText(form.rows);
    std::string x = llvm::formatv("tensor<{0}{1}xf32>", batch, inputs);
    std::string w = llvm::formatv("tensor<{0}x{1}{2}xf32>", outputs,
                                  toText(form.kernel), inputs);
    std::string b = llvm::formatv("tensor<{0}xf32>", outputs);
    std::string y = llvm::formatv("tensor<{0}{1}xf32>", batch, outputs);
    std::string constants = llvm::formatv(
        "%w = npir.constant dense<\"{0}\"> : {1} loc(\"fc.weight\")\n",
        toHex(makeValues(inputs * outputs, 0.1f)), w);
    if (hasBias)
      constants += llvm::formatv(
          "%b = npir.constant dense<\"{0}\"> : {1} loc(\"fc.bias\")\n",
          toHex(makeValues(outputs, 1.0f)), b);
    text = llvm::formatv(
        "func.func @main(%x: {0} loc(\"x\")) -> {1} {{\n{2}"
        "%y = {7} %x, %w{3} {4} : ({0}, {5}{6}) -> {1} loc(\"fc\")\n"
        "return %y : {1}\n}",
        x, y, constants, hasBias ? ", %b" : "",
        hasClamp ? "{clamp_min = 0.0 : f32, clamp_max = 6.0 : f32}" : "", w,
        hasBias ? ", " + b : "", form.op);
    shape = {samples};
    shape.insert(shape.end(), form.rows.begin(), form.rows.end());
    shape.push_back(inputs);
    values =
        makeValues(npir_rt::numElements(shape), std::exp2(float(draw(-8, 8))));
    // Rows that begin with a zero row and go on with an offset.
    for (int64_t i = 0; i < inputs; ++i)
      values[i] = 0.0f;
    for (size_t i = values.size() / 2; i < values.size(); ++i)
      values[i] += 2.0f;
  }

  int64_t draw(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine);
  }
  std::vector<float> makeValues(size_t count, float spread) {
    std::normal_distribution<float> normal(0, spread);
    std::vector<float> drawn(count);
    for (float &value : drawn)
      value = normal(engine);
    return drawn;
  }
  static std::string toHex(const std::vector<float> &floats) {
    return "0x" + llvm::toHex(llvm::ArrayRef(
                      reinterpret_cast<const uint8_t *>(floats.data()),
                      floats.size() * sizeof(float)));
  }

  std::mt19937 engine;
  int64_t inputs, outputs, samples;
  std::string text;
  npir_rt::Shape shape;
  std::vector<float> values;
};

class SchemesTest : public ExecutionTest {
protected:
  /// The module after the road up to `station`, or null.
  OwningOpRef<ModuleOp> quantize(const std::string &text, StringRef config,
                                 Station station) {
    OwningOpRef<ModuleOp> module = parse(text);
    if (!module)
      return {};
    PassManager pm(&context, ModuleOp::getOperationName());
    QuantizePipelineOptions options;
    options.config = config.str();
    options.stopAt = station;
    buildQuantizePipeline(pm, options);
    return succeeded(pm.run(*module)) ? std::move(module)
                                      : OwningOpRef<ModuleOp>();
  }

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

  static double getSQNR(const std::vector<float> &signal,
                        const std::vector<float> &other) {
    double power = 0, noise = 0;
    for (auto [x, y] : llvm::zip_equal(signal, other)) {
      power += double(x) * x;
      noise += (double(x) - y) * (double(x) - y);
    }
    return 10 * std::log10(power / noise);
  }

  void compare(StringRef config, int64_t step, bool isExact, double sqnr) {
    compare(config, step, {kRows, kVectors, kVectors}, isExact, sqnr);
  }

  /// `config` on random layers of `forms` in turn: the interpreter's results
  /// and the runtime's.
  void compare(StringRef config, int64_t step, const std::vector<Form> &forms,
               bool isExact, double sqnr) {
    int64_t differing = 0;
    std::vector<float> signal, rounded;
    for (int i = 0; i < kCases; ++i) {
      SCOPED_TRACE(i);
      RandomLayer layer(i, step * (1 + i % 7), forms[i % forms.size()]);
      messages.clear();
      OwningOpRef<ModuleOp> module =
          quantize(layer.text, config, Station::Integer);
      ASSERT_TRUE(module) << messages;
      EXPECT_EQ(messages, "");
      auto reference =
          run(*module, Backend::Interpreter, layer.values, layer.shape);
      auto runtime = run(*module, Backend::XNNPACK, layer.values, layer.shape);
      ASSERT_EQ(reference.size(), runtime.size()) << messages;
      ASSERT_FALSE(runtime.empty());
      double largest = 0;
      for (float y : reference)
        largest = std::max(largest, std::fabs(double(y)));
      for (size_t k = 0; k < runtime.size(); ++k) {
        differing +=
            std::memcmp(&reference[k], &runtime[k], sizeof(float)) != 0;
        ASSERT_NEAR(reference[k], runtime[k], 2e-5 * largest);
      }
      OwningOpRef<ModuleOp> plain = parse(layer.text);
      auto exact = run(*plain, Backend::Interpreter, layer.values, layer.shape);
      llvm::append_range(signal, exact);
      llvm::append_range(rounded, runtime);
    }
    if (isExact)
      EXPECT_EQ(differing, 0);
    EXPECT_GT(getSQNR(signal, rounded), sqnr);
    EXPECT_LT(getSQNR(signal, rounded), sqnr + 12);
  }

  /// XNNPACK adds up the parts of groups in another order elsewhere.
  static bool hasVNNI() {
    return StringRef(npir_rt::describeEngine()).contains("avx512vnni");
  }
};

} // namespace

TEST_F(SchemesTest, DynamicActivations) {
  compare("preset:dynamic", 5, /*isExact=*/true, 34);
}

TEST_F(SchemesTest, DynamicActivationsAndFourBits) {
  compare("preset:w4a8-dynamic", 6, /*isExact=*/true, 14);
}

TEST_F(SchemesTest, DynamicActivationsAndFourBitsOfOddChannels) {
  compare("preset:w4a8-dynamic", 5, /*isExact=*/true, 14);
}

TEST_F(SchemesTest, DynamicActivationsAndGroupsOfFourBits) {
  compare("preset:w4a8-group", 32, hasVNNI(), 14);
}

TEST_F(SchemesTest, DynamicActivationsOfPointwiseConvolutions) {
  compare("preset:dynamic", 5, {kPixels}, /*isExact=*/true, 34);
  compare("preset:w4a8-dynamic", 6, {kPixels}, /*isExact=*/true, 14);
}

TEST_F(SchemesTest, WeightsOfEightBits) {
  compare("preset:w8a16", 5, /*isExact=*/false, 36);
}

TEST_F(SchemesTest, WeightsOfFourBits) {
  compare("preset:w4a16", 6, /*isExact=*/false, 14);
}
