// This file defines what the tests against XNNPACK share: a subgraph that is
// built, run and compared, and random cases with a bias to the extremes.
#ifndef NPIR_UNITTESTS_KERNELS_XNNPACKHARNESS_H
#define NPIR_UNITTESTS_KERNELS_XNNPACKHARNESS_H

#include "npir/Kernels/Requantize.h"
#include "npir/Kernels/TensorRef.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>
#include <xnnpack.h>

namespace npir_kernels::test {

/// Cases per operation.
constexpr int kNumCases = 2000;

using Shape = std::vector<int64_t>;

inline int64_t countElements(const Shape &shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

/// A tensor that owns its elements, with the slack that XNNPACK reads over.
template <typename T>
struct Tensor {
  Shape shape;
  std::vector<T> data;

  explicit Tensor(Shape shape)
      : shape(std::move(shape)),
        data(countElements(this->shape) + XNN_EXTRA_BYTES) {}

  int64_t size() const { return countElements(shape); }
  TensorRef<T> ref() {
    return {data.data(), shape.data(), static_cast<int>(shape.size())};
  }
  TensorRef<const T> cref() const {
    return {data.data(), shape.data(), static_cast<int>(shape.size())};
  }
};

struct Affine {
  float scale = 1.0f;
  int32_t zeroPoint = 0;
};

inline void check(xnn_status status, const char *what) {
  if (status != xnn_status_success)
    throw std::runtime_error(std::string(what) + ": XNNPACK status " +
                             std::to_string(status));
}
#define NPIR_CHECK_XNN(call) ::npir_kernels::test::check(call, #call)

/// One XNNPACK subgraph and the buffers of its external tensors.
class Subgraph {
public:
  Subgraph() {
    NPIR_CHECK_XNN(xnn_initialize(nullptr));
    NPIR_CHECK_XNN(xnn_create_subgraph(8, 0, &graph));
  }
  ~Subgraph() {
    xnn_delete_runtime(runtime);
    xnn_delete_subgraph(graph);
  }
  Subgraph(const Subgraph &) = delete;
  Subgraph &operator=(const Subgraph &) = delete;

  xnn_subgraph_t get() const { return graph; }

  uint32_t addInput(const Tensor<float> &tensor) {
    return addFloat(tensor, XNN_VALUE_FLAG_EXTERNAL_INPUT);
  }
  uint32_t addOutput(const Tensor<float> &tensor) {
    return addFloat(tensor, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
  }
  uint32_t addInput(const Tensor<int8_t> &tensor, Affine type) {
    return addQuantized(tensor, type, XNN_VALUE_FLAG_EXTERNAL_INPUT);
  }
  uint32_t addOutput(const Tensor<int8_t> &tensor, Affine type) {
    return addQuantized(tensor, type, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
  }
  uint32_t addConstant(const Tensor<float> &tensor) {
    uint32_t id;
    const std::vector<size_t> dims = toDims(tensor.shape);
    NPIR_CHECK_XNN(xnn_define_tensor_value(
        graph, xnn_datatype_fp32, dims.size(), dims.data(), tensor.data.data(),
        XNN_INVALID_VALUE_ID, 0, &id));
    return id;
  }
  /// `scales` must live until `run`.
  template <typename T>
  uint32_t addChannelwise(const Tensor<T> &tensor,
                          const std::vector<float> &scales, size_t axis) {
    uint32_t id;
    const std::vector<size_t> dims = toDims(tensor.shape);
    NPIR_CHECK_XNN(xnn_define_channelwise_quantized_tensor_value(
        graph, sizeof(T) == 1 ? xnn_datatype_qcint8 : xnn_datatype_qcint32,
        scales.data(), dims.size(), axis, dims.data(), tensor.data.data(),
        XNN_INVALID_VALUE_ID, 0, &id));
    return id;
  }

  void run() {
    // Fusion is XNNPACK's unofficial bit 31; NPIR fuses by itself.
    constexpr uint32_t noOperatorFusion = 0x80000000;
    NPIR_CHECK_XNN(xnn_create_runtime_v4(graph, nullptr, nullptr, nullptr,
                                         noOperatorFusion, &runtime));
    NPIR_CHECK_XNN(xnn_reshape_runtime(runtime));
    NPIR_CHECK_XNN(
        xnn_setup_runtime_v2(runtime, externals.size(), externals.data()));
    NPIR_CHECK_XNN(xnn_invoke_runtime(runtime));
  }

private:
  static std::vector<size_t> toDims(const Shape &shape) {
    return {shape.begin(), shape.end()};
  }
  template <typename T>
  uint32_t addExternal(const Tensor<T> &tensor) {
    const uint32_t id = externals.size();
    externals.push_back({id, const_cast<T *>(tensor.data.data())});
    return id;
  }
  uint32_t addFloat(const Tensor<float> &tensor, uint32_t flags) {
    uint32_t id;
    const std::vector<size_t> dims = toDims(tensor.shape);
    NPIR_CHECK_XNN(xnn_define_tensor_value(graph, xnn_datatype_fp32,
                                           dims.size(), dims.data(), nullptr,
                                           addExternal(tensor), flags, &id));
    return id;
  }
  uint32_t addQuantized(const Tensor<int8_t> &tensor, Affine type,
                        uint32_t flags) {
    uint32_t id;
    const std::vector<size_t> dims = toDims(tensor.shape);
    NPIR_CHECK_XNN(xnn_define_quantized_tensor_value(
        graph, xnn_datatype_qint8, type.zeroPoint, type.scale, dims.size(),
        dims.data(), nullptr, addExternal(tensor), flags, &id));
    return id;
  }

  xnn_subgraph_t graph = nullptr;
  xnn_runtime_t runtime = nullptr;
  std::vector<xnn_external_value> externals;
};

/// Random numbers for one case. Odd cases take scales that are powers of two:
/// then many results lie exactly between two integers.
class Random {
public:
  explicit Random(int seed) : engine(seed), usePowersOfTwo(seed % 2 == 1) {}

  int64_t integer(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(engine);
  }
  bool coin() { return integer(0, 1) == 1; }
  float real(float lo, float hi) {
    return std::uniform_real_distribution<float>(lo, hi)(engine);
  }
  /// Log-uniform in [lo, hi].
  float scale(float lo, float hi) {
    return round(std::exp2(real(std::log2(lo), std::log2(hi))));
  }
  /// Keeps a derived scale a power of two where the case asks for it.
  float round(float scale) const {
    return usePowersOfTwo ? std::exp2(std::rint(std::log2(scale))) : scale;
  }
  /// Half of the zero points are -128, 0 or 127.
  int32_t zeroPoint() {
    constexpr int32_t special[] = {kInt8Min, 0, kInt8Max};
    return coin() ? special[integer(0, 2)] : integer(kInt8Min, kInt8Max);
  }
  Affine affine(float lo, float hi) { return {scale(lo, hi), zeroPoint()}; }

  void fill(Tensor<int8_t> &tensor) {
    for (int8_t &q : tensor.data)
      q = static_cast<int8_t>(integer(kInt8Min, kInt8Max));
  }
  void fill(Tensor<int32_t> &tensor, int32_t magnitude) {
    for (int32_t &q : tensor.data)
      q = static_cast<int32_t>(integer(-magnitude, magnitude));
  }
  void fill(Tensor<float> &tensor, float deviation = 1.0f) {
    std::normal_distribution<float> normal(0.0f, deviation);
    for (float &x : tensor.data)
      x = normal(engine);
  }

private:
  std::mt19937 engine;
  bool usePowersOfTwo;
};

/// Real bounds of a fused activation and their stored values.
struct Activation {
  float min = -INFINITY;
  float max = INFINITY;
  int32_t qmin = kInt8Min;
  int32_t qmax = kInt8Max;

  /// None, or bounds inside of the range of `type`.
  static Activation draw(Random &random, Affine type) {
    Activation result;
    if (random.coin())
      return result;
    result.min = random.coin() ? 0.0f : random.real(-200, 60) * type.scale;
    result.max = result.min + random.real(8, 250) * type.scale;
    result.qmin = quantizedBound(result.min, type.scale, type.zeroPoint);
    result.qmax = quantizedBound(result.max, type.scale, type.zeroPoint);
    // XNNPACK requires qmin < qmax for some operations.
    return result.qmin < result.qmax ? result : Activation();
  }
};

/// Two shapes that broadcast to `result`, of any ranks in the range. XNNPACK
/// has fewer dimensions than our kernels.
struct BroadcastShapes {
  Shape lhs, rhs, result;

  explicit BroadcastShapes(Random &random, int64_t minRank = 1,
                           int64_t maxRank = XNN_MAX_TENSOR_DIMS) {
    const int64_t rank = random.integer(minRank, maxRank);
    for (int64_t i = 0; i < rank; ++i)
      result.push_back(random.integer(1, rank <= 2 ? 40 : 5));
    lhs = rhs = result;
    for (int64_t i = 0; i < rank; ++i)
      if (random.integer(0, 3) == 0)
        (random.coin() ? lhs : rhs)[i] = 1;
    Shape &shorter = random.coin() ? lhs : rhs;
    const int64_t numDropped =
        random.coin() ? 0 : random.integer(0, rank - minRank);
    shorter.erase(shorter.begin(), shorter.begin() + numDropped);
    // Where both have size 1, so has the result.
    for (int64_t i = 0; i < rank; ++i)
      result[rank - 1 - i] =
          std::max(sizeFromBack(lhs, i), sizeFromBack(rhs, i));
  }

private:
  static int64_t sizeFromBack(const Shape &shape, int64_t i) {
    const int64_t rank = shape.size();
    return i < rank ? shape[rank - 1 - i] : 1;
  }
};

/// The difference of each element, relative to the largest magnitude of the
/// tensor: a sum that cancels has no relative precision of its own.
inline void expectClose(const Tensor<float> &expected,
                        const Tensor<float> &actual) {
  constexpr double kTolerance = 1e-5;
  double largest = 0.0;
  for (int64_t i = 0; i < expected.size(); ++i)
    largest = std::max(largest, std::fabs(double(actual.data[i])));
  for (int64_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(expected.data[i], actual.data[i], kTolerance * largest)
        << "element " << i << " of " << expected.size();
}

/// Compares bytes, and counts how many of them say anything: a test whose
/// results are all at a bound would pass with any arithmetic.
class ExactComparison {
public:
  void compare(const Tensor<int8_t> &expected, const Tensor<int8_t> &actual,
               int32_t min, int32_t max) {
    for (int64_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(int(expected.data[i]), int(actual.data[i]))
          << "element " << i << " of " << expected.size();
      ++numCompared;
      numInside += expected.data[i] > min && expected.data[i] < max;
    }
  }
  ~ExactComparison() {
    EXPECT_GT(numCompared, 10000);
    EXPECT_GT(numInside, numCompared / 4) << "too many results at a bound";
  }

private:
  int64_t numCompared = 0;
  int64_t numInside = 0;
};

} // namespace npir_kernels::test

#endif // NPIR_UNITTESTS_KERNELS_XNNPACKHARNESS_H
