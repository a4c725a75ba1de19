// This file tests layer normalization: its arithmetic against vectors and the
// formula, and the fast kernels, in every instruction set of the machine,
// against the reference.
#include "npir/Kernels/Fast/LayerNorm.h"
#include "npir/Kernels/LayerNorm.h"
#include "npir/Kernels/Reference/LayerNorm.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace npir_kernels;
using Bytes = std::vector<int8_t>;
using Floats = std::vector<float>;

namespace {

/// A quantized layer with its numbers.
struct Layer {
  float varianceOffset;
  Floats multipliers, offsets;
  int32_t zeroPoint = 0, min = -128, max = 127;

  int64_t channels() const { return int64_t(multipliers.size()); }
};

Bytes runReference(const Layer &layer, const Bytes &input) {
  Bytes output(input.size());
  const int64_t shape[] = {int64_t(input.size()) / layer.channels(),
                           layer.channels()};
  reference::LayerNormParams params;
  params.varianceOffset = layer.varianceOffset;
  params.multipliers = layer.multipliers.data();
  params.offsets = layer.offsets.data();
  params.outputZeroPoint = layer.zeroPoint;
  params.bounds = {layer.min, layer.max};
  reference::layerNorm({input.data(), shape, 2}, params,
                       {output.data(), shape, 2});
  return output;
}

Bytes runFast(const Layer &layer, const Bytes &input,
              fast::InstructionSet set) {
  Bytes output(input.size(), 99);
  const size_t rows = input.size() / size_t(layer.channels());
  const fast::LayerNormI8 numbers = {layer.channels(),
                                     layer.varianceOffset,
                                     layer.multipliers.data(),
                                     layer.offsets.data(),
                                     layer.zeroPoint,
                                     layer.min,
                                     layer.max};
  // In two parts, as threads do.
  fast::layerNormI8(numbers, input.data(), output.data(), rows / 2, rows, set);
  fast::layerNormI8(numbers, input.data(), output.data(), 0, rows / 2, set);
  return output;
}

std::vector<fast::InstructionSet> supportedSets() {
  std::vector<fast::InstructionSet> sets;
  for (fast::InstructionSet set : fast::instructionSets)
    if (fast::isSupported(set))
      sets.push_back(set);
  return sets;
}

/// The documented formula, every step stored before the next one; nothing of
/// npir/Kernels/LayerNorm.h.
int8_t expected(const Layer &layer, const int8_t *row, int64_t c) {
  const int64_t channels = layer.channels();
  int64_t sum = 0, squares = 0;
  for (int64_t i = 0; i < channels; ++i) {
    sum += row[i];
    squares += int64_t(row[i]) * row[i];
  }
  const int64_t deviation = channels * row[c] - sum;
  volatile double variance =
      double(channels * squares - sum * sum) + double(layer.varianceOffset);
  volatile double root = std::sqrt(variance);
  volatile float inverse = variance > 0 ? float(1 / root) : 0.0f;
  volatile float normal = float(deviation) * inverse;
  volatile float scaled = normal * layer.multipliers[c];
  volatile float moved = scaled + layer.offsets[c];
  const double stored = std::nearbyint(double(moved)) + layer.zeroPoint;
  return int8_t(
      std::min(std::max(stored, double(layer.min)), double(layer.max)));
}

/// The reference is the formula, and every variant is the reference.
void check(const Layer &layer, const Bytes &input) {
  const Bytes reference = runReference(layer, input);
  size_t wrong = 0;
  for (size_t i = 0; i < input.size(); ++i) {
    const size_t channels = size_t(layer.channels());
    // The formula is quadratic in the row: all of short rows, some of long.
    if (channels <= 64 || i % 97 == 0)
      wrong += reference[i] != expected(layer, &input[i / channels * channels],
                                        int64_t(i % channels));
  }
  EXPECT_EQ(wrong, 0u);
  for (fast::InstructionSet set : supportedSets())
    EXPECT_EQ(runFast(layer, input, set), reference) << int(set);
}

Layer randomLayer(int64_t channels, std::mt19937 &engine, float spread) {
  std::normal_distribution<float> normal(0, 1);
  Layer layer;
  layer.varianceOffset = float(engine() % 3) * 17.25f;
  for (int64_t c = 0; c < channels; ++c) {
    layer.multipliers.push_back(normal(engine) * spread);
    layer.offsets.push_back(normal(engine) * spread);
  }
  layer.zeroPoint = int32_t(engine() % 256) - 128;
  return layer;
}

} // namespace

//===----------------------------------------------------------------------===//
// The integer form
//===----------------------------------------------------------------------===//

/// Computed by numpy, in its float32 and float64.
TEST(LayerNormI8, Vectors) {
  check({0, {10, 10, 10}, {0, 0, 0}}, {1, 2, 3});
  EXPECT_EQ(runReference({0, {10, 10, 10}, {0, 0, 0}}, {1, 2, 3}),
            (Bytes{-12, 0, 12}));
  EXPECT_EQ(runReference({12.25f,
                          {30.5f, -41.25f, 17.0625f, 100, -3},
                          {0.5f, -0.5f, 1.25f, -300, 2.5f},
                          -3},
                         {-128, 127, 5, -7, 90}),
            (Bytes{-53, -55, -4, -128, -3}));
  EXPECT_EQ(runReference({0.5f, {0.5f, 2.5f}, {0, 1}, 7, -5, 8}, {3, 4}),
            (Bytes{7, 8}));
}

/// A fused multiplication and addition would give 1 in the second channel.
TEST(LayerNormI8, ProductAndSumAreRoundedApart) {
  const float multiplier = -0x1.00b9fp-4f, offset = 0x1.2abf64p-1f;
  const Layer layer = {0, Floats(4, multiplier), Floats(4, offset)};
  const Bytes input = {-105, 87, 21, -29};
  EXPECT_EQ(runReference(layer, input), (Bytes{1, 0, 1, 1}));
  check(layer, input);
}

TEST(LayerNormI8, RandomRows) {
  std::mt19937 engine(1);
  for (int64_t channels : {1, 2, 3, 15, 16, 17, 63, 64, 100, 768})
    for (float spread : {0.01f, 1.0f, 40.0f, 1000.0f, 1e37f}) {
      SCOPED_TRACE(std::to_string(channels) + " " + std::to_string(spread));
      Layer layer = randomLayer(channels, engine, spread);
      Bytes input(size_t(channels) * 7);
      for (int8_t &q : input)
        q = int8_t(engine());
      check(layer, input);
      layer.min = layer.zeroPoint;
      layer.max = std::min(layer.zeroPoint + 20, 127);
      check(layer, input);
    }
}

TEST(LayerNormI8, RowsWithoutVariance) {
  std::mt19937 engine(2);
  for (int64_t channels : {1, 3, 64, 768, 32768})
    for (int value : {-128, -1, 0, 127})
      for (float varianceOffset : {0.0f, 0x1p-149f, 1e38f}) {
        Layer layer = randomLayer(channels, engine, 30.0f);
        layer.varianceOffset = varianceOffset;
        const Bytes input(size_t(channels) * 2, int8_t(value));
        check(layer, input);
        // The offsets alone are left.
        EXPECT_EQ(runReference(layer, input),
                  runReference(layer, Bytes(input.size(), 5)));
      }
}

/// The largest sums that there are.
TEST(LayerNormI8, ExtremeRows) {
  constexpr int64_t channels = kMaxLayerNormChannels;
  std::mt19937 engine(3);
  Layer layer = randomLayer(channels, engine, 50.0f);
  Bytes input;
  for (int64_t c = 0; c < channels; ++c)
    input.push_back(-128);
  input[77] = 127; // one against all: |d| is 255 * 32767
  for (int64_t c = 0; c < channels; ++c)
    input.push_back(c % 2 ? 127 : -128);
  for (int64_t c = 0; c < channels; ++c)
    input.push_back(c == 5 ? -128 : 127);
  check(layer, input);
  for (int32_t zeroPoint = -128; zeroPoint <= 127; ++zeroPoint) {
    Layer small = {3.5f, {90, -7, 0.25f}, {-100, 3, 500}, zeroPoint};
    check(small, {-128, 127, 0, 3, 3, 4});
  }
}

/// The exact form is the real function of the real values, but for half a step.
TEST(LayerNormI8, IsTheFunction) {
  std::mt19937 engine(4);
  const float epsilon = 1e-3f, inputScale = 0.037f, outputScale = 0.021f;
  const int32_t inputZeroPoint = -9, zeroPoint = 11;
  for (int64_t channels : {3, 64, 768}) {
    Layer layer;
    Floats scale, offset;
    std::normal_distribution<float> normal(0, 1);
    for (int64_t c = 0; c < channels; ++c) {
      scale.push_back(1 + 0.3f * normal(engine));
      offset.push_back(0.2f * normal(engine));
      layer.multipliers.push_back(layerNormRatio(scale[c], outputScale));
      layer.offsets.push_back(layerNormRatio(offset[c], outputScale));
    }
    layer.varianceOffset =
        layerNormVarianceOffset(epsilon, channels, inputScale);
    layer.zeroPoint = zeroPoint;
    Bytes input;
    for (int64_t i = 0; i < channels * 5; ++i)
      input.push_back(int8_t(std::lrint(normal(engine) * 20)));
    const Bytes output = runReference(layer, input);
    for (size_t i = 0; i < input.size(); ++i) {
      const int8_t *row = &input[i / channels * channels];
      long double mean = 0, variance = 0;
      auto real = [&](int8_t q) {
        return (q - inputZeroPoint) * (long double)(inputScale);
      };
      for (int64_t c = 0; c < channels; ++c)
        mean += real(row[c]) / channels;
      for (int64_t c = 0; c < channels; ++c)
        variance += (real(row[c]) - mean) * (real(row[c]) - mean) / channels;
      const size_t c = i % channels;
      const long double value =
          (real(input[i]) - mean) / std::sqrt(variance + epsilon) * scale[c] +
          offset[c];
      const long double stored = std::min<long double>(
          std::max<long double>(value / outputScale + zeroPoint, -128), 127);
      EXPECT_NEAR(double(output[i]), double(stored), 0.5001);
    }
  }
}

TEST(LayerNormI8, Numbers) {
  // 1e-5 * (64 / 0.5)^2; 2^-120 gives more than an f32 holds.
  EXPECT_EQ(layerNormVarianceOffset(1e-5f, 64, 0.5f),
            float(double(1e-5f) * 16384));
  EXPECT_TRUE(std::isinf(layerNormVarianceOffset(1e-5f, 64, 0x1p-120f)));
  EXPECT_EQ(layerNormVarianceOffset(0, 64, 0x1p-120f), 0.0f);
  EXPECT_EQ(layerNormRatio(0.7f, 0.3f), 0.7f / 0.3f);
  EXPECT_TRUE(isLegalLayerNorm(1));
  EXPECT_TRUE(isLegalLayerNorm(32768));
  EXPECT_FALSE(isLegalLayerNorm(32769));
  EXPECT_FALSE(isLegalLayerNorm(0));
}

//===----------------------------------------------------------------------===//
// Float
//===----------------------------------------------------------------------===//

static Floats runReferenceF32(const Floats &input, const Floats &scale,
                              const Floats &offset, float epsilon) {
  Floats output(input.size());
  const int64_t channels = int64_t(scale.size());
  const int64_t shape[] = {int64_t(input.size()) / channels, channels};
  reference::layerNorm({input.data(), shape, 2}, scale.data(), offset.data(),
                       epsilon, {output.data(), shape, 2});
  return output;
}

static Floats runFastF32(const Floats &input, const Floats &scale,
                         const Floats &offset, float epsilon,
                         fast::InstructionSet set) {
  Floats output(input.size());
  const fast::LayerNormF32 layer = {int64_t(scale.size()), epsilon,
                                    scale.data(), offset.data()};
  fast::layerNormF32(layer, input.data(), output.data(), 0,
                     input.size() / scale.size(), set);
  return output;
}

TEST(LayerNormF32, Values) {
  // mean 2, variance 2/3; mean 4, variance 8/3 + 1/3
  EXPECT_EQ(runReferenceF32({2, 4, 6}, {1, 2, -3}, {0, 5, 1}, 1.0f / 3),
            (Floats{float(-2 / std::sqrt(3 + (double(1.0f / 3) - 1.0 / 3))), 5,
                    float(2 / std::sqrt(3 + (double(1.0f / 3) - 1.0 / 3)) * -3 +
                          1)}));
  // Without variance the offset is left; without epsilon it is 0 / 0.
  EXPECT_EQ(runReferenceF32({7, 7}, {1, 2}, {3, 4}, 1e-5f), (Floats{3, 4}));
  EXPECT_TRUE(std::isnan(runReferenceF32({7, 7}, {1, 2}, {3, 4}, 0)[0]));
  for (fast::InstructionSet set : supportedSets()) {
    EXPECT_EQ(runFastF32({7, 7}, {1, 2}, {3, 4}, 1e-5f, set), (Floats{3, 4}));
    const Floats poisoned =
        runFastF32({NAN, 1, 2, 2}, {1, 1}, {0, 0}, 1e-5f, set);
    EXPECT_TRUE(std::isnan(poisoned[0]) && std::isnan(poisoned[1]));
    EXPECT_EQ(poisoned[2], 0);
  }
}

TEST(LayerNormF32, FastIsCloseAndTheSameInEverySet) {
  std::mt19937 engine(5);
  std::normal_distribution<float> normal(0, 1);
  for (int64_t channels : {1, 3, 15, 16, 33, 64, 768, 32768})
    for (float mean : {0.0f, 3.0f, 100.0f}) {
      SCOPED_TRACE(std::to_string(channels) + " " + std::to_string(mean));
      Floats input(size_t(channels) * 3), scale, offset;
      for (float &x : input)
        x = mean + normal(engine);
      for (int64_t c = 0; c < channels; ++c) {
        scale.push_back(normal(engine));
        offset.push_back(normal(engine));
      }
      const Floats reference = runReferenceF32(input, scale, offset, 1e-5f);
      const Floats baseline = runFastF32(input, scale, offset, 1e-5f,
                                         fast::InstructionSet::Baseline);
      // No more is lost where the mean is large beside the deviations.
      constexpr float tolerance = 2e-6f;
      for (size_t i = 0; i < input.size(); ++i)
        EXPECT_NEAR(baseline[i], reference[i],
                    tolerance * std::max(1.0f, std::fabs(reference[i])));
      for (fast::InstructionSet set : supportedSets())
        EXPECT_EQ(runFastF32(input, scale, offset, 1e-5f, set), baseline);
    }
}
