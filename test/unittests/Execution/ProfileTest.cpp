// This file tests the profiling of quantized networks, with figures computed by
// hand.
#include "Fixture.h"

#include "npir/Execution/Profile.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::npir;

namespace {
class ProfileTest : public ExecutionTest {
protected:
  /// y = x * w^T with two inputs and two outputs. `%x` has the attributes
  /// `input`.
  static std::string getNetwork(const std::string &input,
                                const std::string &output) {
    return R"mlir(
      module attributes {npir.model_hash = "0"} {
        func.func @main(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32>
            attributes {npir.station = #npir.station<calibrated>} {
          %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, )mlir" +
           input + R"mlir(} : tensor<?x2xf32>
          %w = npir.constant dense<[[1.0, 0.3], [-2.0, 0.0]]>
              : tensor<2x2xf32> loc("w")
          %1 = npir.observe %w {id = "w:0", role = #npir.role<weight>,
              spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>,
              resolved = !quant.uniform<i8<-127:127>:f32:0, {0.25, 0.5}>}
              : tensor<2x2xf32>
          %2 = npir.linear %0, %1 : (tensor<?x2xf32>, tensor<2x2xf32>)
              -> tensor<?x2xf32> loc("y")
          %3 = npir.observe %2 {id = "y:0", role = #npir.role<activation>, )mlir" +
           output + R"mlir(} : tensor<?x2xf32>
          return %3 : tensor<?x2xf32>
        }
      })mlir";
  }

  FailureOr<QuantizationProfile> profile(const std::string &text,
                                         int64_t batch = 2) {
    OwningOpRef<ModuleOp> module = parse(text);
    EXPECT_TRUE(module) << messages;
    ProfileOptions options;
    options.quiet = true;
    options.batch = batch;
    auto array = npir_rt::NpyArray::fromMemory(
        "<f4", {static_cast<int64_t>(samples.size() / 2), 2}, samples.data(),
        "samples");
    EXPECT_TRUE(array.ok());
    options.data = NamedArrays{{"x", *array}};
    return profileQuantization(*module, options);
  }

  static double decibel(double signal, double noise) {
    return 10 * std::log10(signal / noise);
  }

  const std::string kInput =
      "spec = #npir.spec<i8 affine per_tensor #npir.minmax>, "
      "resolved = !quant.uniform<i8:f32, 1.0:-128>";
  const std::string kOutput =
      "spec = #npir.spec<i8 affine per_tensor #npir.minmax>, "
      "resolved = !quant.uniform<i8:f32, 0.5>";
  std::vector<float> samples = {1.25, 2, -2, 0, 4, 256};
};
} // namespace

TEST_F(ProfileTest, FollowsTheFormulas) {
  FailureOr<QuantizationProfile> result = profile(getNetwork(kInput, kOutput));
  ASSERT_TRUE(succeeded(result)) << messages;
  EXPECT_EQ(result->samples, 3);
  ASSERT_EQ(result->layers.size(), 2u);
  const LayerProfile &x = result->layers[0], &y = result->layers[1];
  EXPECT_EQ(x.layer, "x");
  EXPECT_EQ(y.layer, "y");
  ASSERT_TRUE(x.output && !x.weight && y.output && y.weight);

  // The grid is 0 to 255: 1.25 becomes 1, -2 becomes 0, 256 becomes 255.
  double signal = 1.25 * 1.25 + 4 + 4 + 16 + 256.0 * 256.0;
  double noise = 0.25 * 0.25 + 4 + 1;
  EXPECT_NEAR(x.output->local.getSQNR(), decibel(signal, noise), 1e-9);
  EXPECT_NEAR(x.output->local.getMSE(), noise / 6, 1e-12);
  EXPECT_NEAR(x.output->cumulative.getSQNR(), decibel(signal, noise), 1e-9);
  // -2 and 256 lie more than half a step beyond.
  EXPECT_EQ(x.output->clipped, 2u);
  EXPECT_NEAR(x.output->getClippedShare(), 2.0 / 6, 1e-12);
  EXPECT_EQ(x.output->min, -2);
  EXPECT_EQ(x.output->max, 256);
  EXPECT_EQ(x.output->count, 6u);

  // In steps of a quarter and of a half: only 0.3 changes, to 0.25.
  double weight = 0.3f;
  EXPECT_NEAR(
      y.weight->local.getSQNR(),
      decibel(1 + weight * weight + 4, (weight - 0.25) * (weight - 0.25)),
      1e-6);
  EXPECT_EQ(y.weight->axis, 0);
  EXPECT_EQ(y.weight->scales, (std::vector<float>{0.25, 0.5}));
  EXPECT_EQ(y.weight->clipped, 0u);

  // y in float, and from the rounded x and w, rounded to halves in [-64, 63.5].
  double local = 0, cumulative = 0, outputSignal = 0;
  auto round = [](double value) {
    return std::clamp(std::nearbyint(value * 2) / 2, -64.0, 63.5);
  };
  for (size_t i = 0; i < 3; ++i) {
    double a = samples[2 * i], b = samples[2 * i + 1];
    double qa = std::clamp(std::nearbyint(a), 0.0, 255.0),
           qb = std::clamp(std::nearbyint(b), 0.0, 255.0);
    double exact[] = {a + weight * b, -2 * a};
    double quantized[] = {qa + 0.25 * qb, -2 * qa};
    for (size_t j = 0; j < 2; ++j) {
      double value = static_cast<float>(exact[j]);
      outputSignal += value * value;
      local += std::pow(value - round(value), 2);
      cumulative += std::pow(value - round(quantized[j]), 2);
    }
  }
  EXPECT_NEAR(y.output->local.getSQNR(), decibel(outputSignal, local), 1e-4);
  EXPECT_NEAR(y.output->cumulative.getSQNR(), decibel(outputSignal, cumulative),
              1e-4);
  ASSERT_EQ(result->outputs.size(), 1u);
  EXPECT_NEAR(result->outputs[0].second.getSQNR(),
              decibel(outputSignal, cumulative), 1e-4);

  // Every value is in a bin whose edges hold it.
  ASSERT_EQ(x.output->edges.size(), x.output->counts.size() + 1);
  EXPECT_LE(x.output->counts.size(), 64u);
  EXPECT_EQ(std::accumulate(x.output->counts.begin(), x.output->counts.end(),
                            uint64_t(0)),
            6u);
  EXPECT_LE(x.output->edges.front(), -2);
  EXPECT_GE(x.output->edges.back(), 256);
  EXPECT_TRUE(llvm::is_contained(x.output->edges, 0.0));
  EXPECT_GT(x.output->bytes, 0u);
}

TEST_F(ProfileTest, DoesNotDependOnTheBatch) {
  FailureOr<QuantizationProfile> one = profile(getNetwork(kInput, kOutput), 1);
  FailureOr<QuantizationProfile> all = profile(getNetwork(kInput, kOutput), 3);
  ASSERT_TRUE(succeeded(one) && succeeded(all)) << messages;
  for (auto [a, b] : llvm::zip_equal(one->layers, all->layers)) {
    EXPECT_NEAR(a.output->local.getSQNR(), b.output->local.getSQNR(), 1e-9);
    EXPECT_NEAR(a.output->cumulative.getSQNR(), b.output->cumulative.getSQNR(),
                1e-9);
    EXPECT_EQ(a.output->counts, b.output->counts);
  }
}

TEST_F(ProfileTest, LeavesOutWhatIsNotProfiled) {
  FailureOr<QuantizationProfile> result =
      profile(getNetwork(kInput + ", unprofiled", "spec = #npir.spec<none>"));
  ASSERT_TRUE(succeeded(result)) << messages;
  ASSERT_EQ(result->layers.size(), 1u);
  EXPECT_EQ(result->layers[0].layer, "y");
  EXPECT_TRUE(result->layers[0].weight && !result->layers[0].output);
  // What is left out is rounded all the same.
  EXPECT_TRUE(std::isfinite(result->outputs[0].second.getSQNR()));
}

TEST_F(ProfileTest, CountsWhatIsNotFinite) {
  // 3e38 * -2 overflows.
  samples = {1, 2, 3e38f, 0};
  FailureOr<QuantizationProfile> result = profile(getNetwork(kInput, kOutput));
  ASSERT_TRUE(succeeded(result)) << messages;
  const TensorProfile &y = *result->layers[1].output;
  EXPECT_EQ(y.nonFinite, 1u);
  EXPECT_EQ(y.local.getCount(), 3u);
  EXPECT_EQ(y.clipped, 1u);
  EXPECT_NEAR(y.local.getSQNR(), 0, 1e-9);
}

TEST_F(ProfileTest, RefusesOtherStations) {
  std::string text =
      getNetwork("spec = #npir.spec<none>", "spec = #npir.spec<none>");
  size_t place = text.find("calibrated");
  EXPECT_TRUE(failed(profile(text.replace(place, 10, "observed"))));
  EXPECT_NE(messages.find("calibrated"), std::string::npos) << messages;
}

TEST_F(ProfileTest, RefusesTensorsWithoutType) {
  EXPECT_TRUE(failed(profile(getNetwork(
      "spec = #npir.spec<i8 affine per_tensor #npir.minmax>", kOutput))));
  EXPECT_NE(messages.find("expected a resolved type of tensor 'x:0', got none; "
                          "run --npir-attach-calibration first"),
            std::string::npos)
      << messages;
  messages.clear();
  EXPECT_TRUE(failed(profile(getNetwork(kInput, kOutput), 0)));
  EXPECT_NE(messages.find("expected a batch of at least 1, got 0"),
            std::string::npos)
      << messages;
}
