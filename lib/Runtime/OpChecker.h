// This file declares what kernels use to check an op: its operands, its
// attributes, and the shapes that follow from them.
#ifndef NPIR_LIB_RUNTIME_OPCHECKER_H
#define NPIR_LIB_RUNTIME_OPCHECKER_H

#include "npir/Runtime/KernelRegistry.h"

#include <array>

namespace npir_rt {

/// Reads one op. The first failure sticks: getters then return defaults, and
/// `status()` tells what was wrong.
class OpChecker {
public:
  OpChecker(const VerifyContext &context, const Op &op)
      : context(context), op(op) {}

  const Status &status() const { return first; }
  bool ok() const { return first.ok(); }
  /// Records `message` unless something failed before. Returns false.
  bool fail(const std::string &message);
  /// Fails with `message` unless `condition` holds.
  bool expect(bool condition, const std::string &message) {
    return condition ? ok() : fail(message);
  }

  bool operandCounts(size_t minInputs, size_t maxInputs, size_t outputs = 1);
  size_t numInputs() const { return op.inputs.size(); }
  const TensorInfo &input(size_t i) const {
    return context.tensors[op.inputs[i]];
  }
  const TensorInfo &output(size_t i = 0) const {
    return context.tensors[op.outputs[i]];
  }
  Shape inputShape(size_t i) const { return input(i).shapeAt(context.batch); }
  Shape outputShape(size_t i = 0) const {
    return output(i).shapeAt(context.batch);
  }

  bool hasAttribute(const char *name) const { return op.find(name); }
  /// The attribute, or the default where it is not set; a wrong type or a
  /// value outside of [low, high] fails.
  int64_t getInt(const char *name, int64_t otherwise, int64_t low,
                 int64_t high);
  template <size_t N>
  std::array<int64_t, N> getInts(const char *name,
                                 std::array<int64_t, N> otherwise, int64_t low,
                                 int64_t high) {
    if (const auto *list = getList(name, N, low, high))
      std::copy(list->begin(), list->end(), otherwise.begin());
    return otherwise;
  }
  /// A list of any length; fails where it is not set.
  std::vector<int64_t> getIntList(const char *name);
  /// NaN fails.
  float getFloat(const char *name, float otherwise);
  /// Fails where it is not set.
  std::string getString(const char *name);
  /// Exactly `count` finite numbers; fails where it is not set.
  std::vector<float> getFloats(const char *name, size_t count);
  /// Exactly `count` bytes; fails where it is not set.
  std::vector<int8_t> getBytes(const char *name, size_t count);

  /// The output must have this shape.
  bool expectOutputShape(const Shape &expected);
  /// f32, or i8 with one scale that XNNPACK takes. Of rank `rank`, if >= 0.
  bool expectActivation(const TensorInfo &tensor, int rank = -1);
  /// What moves without being looked at: f32, i8 with one scale, or integers
  /// and truth values without scales.
  bool expectData(const TensorInfo &tensor);
  /// Of one of `types`, without scales.
  bool expectPlain(const TensorInfo &tensor,
                   std::initializer_list<ElementType> types);
  /// Equal element type and quantization.
  bool expectSameType(const TensorInfo &a, const TensorInfo &b);

private:
  const std::vector<int64_t> *getList(const char *name, size_t count,
                                      int64_t low, int64_t high);
  template <typename T>
  const T *get(const char *name, const char *type);

  const VerifyContext context;
  const Op &op;
  Status first;
};

/// StoredBounds of stored 8-bit values.
struct StoredBounds {
  int64_t min = -128, max = 127;
};
/// `requant.min` and `requant.max`: -128 <= min <= max <= 127.
StoredBounds readRequantBounds(OpChecker &checker);
/// `epsilon` of a normalization: finite and not negative.
float readEpsilon(OpChecker &checker);

/// A sliding window over H and W of an NHWC tensor.
struct Window {
  int64_t kernelH = 1, kernelW = 1, strideH = 1, strideW = 1;
  int64_t dilationH = 1, dilationW = 1;
  int64_t top = 0, right = 0, bottom = 0, left = 0;

  bool hasPadding() const { return top || right || bottom || left; }
  bool hasDilation() const { return dilationH > 1 || dilationW > 1; }
};

/// [N, OH, OW, channels] of a window over `input`; checks that the window fits
/// and that its padding is not so large that results grow without bound.
Shape inferWindowed(OpChecker &checker, const Shape &input,
                    const Window &window, int64_t channels);

/// numpy's broadcasting; false where the shapes do not fit.
bool broadcast(const Shape &a, const Shape &b, Shape &result);
/// The shape of `shapes` broadcast with each other as numpy does; fails where
/// they do not.
Shape inferBroadcast(OpChecker &checker, const std::vector<Shape> &shapes);

/// For the scale of a quantized tensor: positive, finite, not denormal.
bool isUsableScale(float scale);

} // namespace npir_rt

#endif // NPIR_LIB_RUNTIME_OPCHECKER_H
