// This file tests linear layers with dynamic activations against XNNPACK, to
// the bit.
#include "XNNPACKHarness.h"
#include "npir/Kernels/DynamicQuantization.h"
#include "npir/Kernels/Reference/DynamicLinear.h"
#include <cpuinfo.h>

using namespace npir_kernels;
using namespace npir_kernels::test;

namespace {

/// A layer of random numbers, and XNNPACK's results of it.
struct Layer {
  Tensor<float> input, scales, bias, expected;
  Tensor<int8_t> weight;
  bool hasBias;
  reference::FloatBounds bounds;

  /// Weights of `bits`, `groups` scales for each channel.
  Layer(Random &random, int64_t rows, int64_t inputs, int64_t outputs, int bits,
        int64_t groups)
      : input({rows, inputs}), scales({outputs, groups}), bias({outputs}),
        expected({rows, outputs}), weight({outputs, inputs}),
        hasBias(random.integer(0, 3) != 0) {
    const float magnitude = random.scale(1e-3f, 1e+3f);
    random.fill(input, magnitude);
    // Rows of one sign, of zeros, and with an offset.
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t kind = random.integer(0, 5);
      for (int64_t k = 0; k < inputs; ++k) {
        float &x = input.data[row * inputs + k];
        x = kind == 0   ? std::fabs(x)
            : kind == 1 ? -std::fabs(x)
            : kind == 2 ? 0.0f
            : kind == 3 ? x + 3 * magnitude
                        : x;
      }
    }
    const int32_t limit = (1 << (bits - 1)) - 1;
    for (int8_t &w : weight.data)
      w = static_cast<int8_t>(random.integer(-limit - 1, limit));
    const float scale = random.scale(1e-4f, 1e-1f);
    for (float &s : scales.data)
      s = random.round(scale * random.real(0.2f, 2.0f));
    if (groups > 1)
      for (float &s : scales.data)
        s = roundUpToBfloat16(s);
    random.fill(bias, scale * magnitude * float(limit));
    if (random.coin()) {
      bounds.min = random.coin() ? 0.0f : -scale * magnitude * float(limit);
      bounds.max = bounds.min + 4 * scale * magnitude * float(limit);
    }
  }

  /// The weights as XNNPACK takes them: two in a byte, the even one low, 8 more
  /// than they are.
  std::vector<uint8_t> pack() const {
    std::vector<uint8_t> packed(weight.size() / 2 + XNN_EXTRA_BYTES);
    for (int64_t i = 0; i < weight.size(); ++i)
      packed[i / 2] |= ((weight.data[i] + 8) & 15) << (i % 2 * 4);
    return packed;
  }

  void computeExpected(int bits) {
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected);
    const std::vector<size_t> inputDims(input.shape.begin(), input.shape.end());
    const std::vector<size_t> dims(weight.shape.begin(), weight.shape.end());
    uint32_t dynamicId, filterId;
    NPIR_CHECK_XNN(xnn_define_dynamically_quantized_tensor_value(
        graph.get(), xnn_datatype_qdint8, 2, 1, inputDims.data(),
        XNN_INVALID_VALUE_ID, 0, &dynamicId));
    NPIR_CHECK_XNN(xnn_define_unary(graph.get(), xnn_unary_convert, nullptr,
                                    inputId, dynamicId, 0));
    const std::vector<uint8_t> packed =
        bits == 4 ? pack() : std::vector<uint8_t>();
    std::vector<uint16_t> halves;
    for (float s : scales.data) {
      uint32_t word;
      std::memcpy(&word, &s, sizeof(word));
      halves.push_back(static_cast<uint16_t>(word >> 16));
    }
    const int64_t groups = scales.shape[1];
    if (groups > 1)
      NPIR_CHECK_XNN(xnn_define_blockwise_quantized_tensor_value(
          graph.get(), xnn_datatype_qbint4, 8, halves.data(), 2, 0,
          dims[1] / groups, dims.data(), packed.data(), XNN_INVALID_VALUE_ID, 0,
          &filterId));
    else
      NPIR_CHECK_XNN(xnn_define_channelwise_quantized_tensor_value_v2(
          graph.get(), bits == 4 ? xnn_datatype_qcint4 : xnn_datatype_qcint8,
          bits == 4 ? 8 : 0, scales.data.data(), 2, 0, dims.data(),
          bits == 4 ? static_cast<const void *>(packed.data())
                    : weight.data.data(),
          XNN_INVALID_VALUE_ID, 0, &filterId));
    const uint32_t biasId =
        hasBias ? graph.addConstant(bias) : XNN_INVALID_VALUE_ID;
    NPIR_CHECK_XNN(xnn_define_fully_connected(graph.get(), bounds.min,
                                              bounds.max, dynamicId, filterId,
                                              biasId, outputId, 0));
    graph.run();
  }

  Tensor<float> computeReference() {
    Tensor<float> result(expected.shape);
    reference::dynamicLinear(input.cref(), weight.cref(), scales.cref(),
                             hasBias ? bias.data.data() : nullptr, bounds,
                             result.ref());
    return result;
  }
};

int64_t countDifferences(const Tensor<float> &a, const Tensor<float> &b) {
  int64_t count = 0;
  for (int64_t i = 0; i < a.size(); ++i)
    count += std::memcmp(&a.data[i], &b.data[i], sizeof(float)) != 0;
  return count;
}

bool hasFMA() { return cpuinfo_initialize() && cpuinfo_has_x86_fma3(); }
bool hasVNNI() { return cpuinfo_initialize() && cpuinfo_has_x86_avx512vnni(); }

void testChannels(int bits) {
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const int64_t inputs = random.integer(1, 70) * (bits == 4 ? 2 : 1);
    Layer layer(random, random.integer(1, 20), inputs, random.integer(1, 40),
                bits, 1);
    layer.computeExpected(bits);
    const Tensor<float> actual = layer.computeReference();
    if (hasFMA())
      ASSERT_EQ(countDifferences(layer.expected, actual), 0);
    else
      expectClose(layer.expected, actual);
  }
}

} // namespace

TEST(XNNPACKDynamic, EightBits) { testChannels(8); }
TEST(XNNPACKDynamic, FourBits) { testChannels(4); }

TEST(XNNPACKDynamic, FourBitsInGroups) {
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const int64_t groupSize = 32 * random.integer(1, 8);
    const int64_t groups = random.integer(2, 5);
    Layer layer(random, random.integer(1, 20), groupSize * groups,
                random.integer(1, 40), 4, groups);
    layer.computeExpected(4);
    const Tensor<float> actual = layer.computeReference();
    expectClose(layer.expected, actual);
    // XNNPACK's other kernels add in another order.
    if (hasVNNI())
      ASSERT_EQ(countDifferences(layer.expected, actual), 0);
  }
}
