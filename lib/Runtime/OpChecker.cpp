// This file implements the checks that kernels share.
#include "OpChecker.h"

#include <algorithm>
#include <cmath>

namespace npir_rt {

/// Sizes of windows, strides, dilations and paddings.
static constexpr int64_t maxWindow = 1 << 16;
/// XNNPACK keeps one pointer per output pixel and window element.
static constexpr int64_t maxWindowElements = int64_t(1) << 28;

bool OpChecker::fail(const std::string &message) {
  if (first.ok())
    first =
        Status::error("op '" + op.name + "' (" + op.kernel + "): " + message);
  return false;
}

bool OpChecker::operandCounts(size_t minInputs, size_t maxInputs,
                              size_t outputs) {
  if (op.inputs.size() < minInputs || op.inputs.size() > maxInputs)
    return fail("expected " + std::to_string(minInputs) +
                (minInputs == maxInputs ? std::string()
                                        : " to " + std::to_string(maxInputs)) +
                " inputs, got " + std::to_string(op.inputs.size()));
  if (op.outputs.size() != outputs)
    return fail("expected " + std::to_string(outputs) + " outputs, got " +
                std::to_string(op.outputs.size()));
  return ok();
}

template <typename T>
const T *OpChecker::get(const char *name, const char *type) {
  const AttributeValue *value = op.find(name);
  if (!value)
    return nullptr;
  if (const T *typed = std::get_if<T>(value))
    return typed;
  fail(std::string("attribute '") + name + "': expected " + type);
  return nullptr;
}

int64_t OpChecker::getInt(const char *name, int64_t otherwise, int64_t low,
                          int64_t high) {
  const int64_t *value = get<int64_t>(name, "an integer");
  if (!value)
    return otherwise;
  if (*value < low || *value > high) {
    fail(std::string("attribute '") + name + "': expected a value in [" +
         std::to_string(low) + ", " + std::to_string(high) + "], got " +
         std::to_string(*value));
    return otherwise;
  }
  return *value;
}

const std::vector<int64_t> *OpChecker::getList(const char *name, size_t count,
                                               int64_t low, int64_t high) {
  const auto *list = get<std::vector<int64_t>>(name, "a list of integers");
  if (!list)
    return nullptr;
  bool inRange = std::all_of(list->begin(), list->end(), [&](int64_t value) {
    return value >= low && value <= high;
  });
  if (list->size() == count && inRange)
    return list;
  fail(std::string("attribute '") + name + "': expected " +
       std::to_string(count) + " values in [" + std::to_string(low) + ", " +
       std::to_string(high) + "]");
  return nullptr;
}

std::vector<int64_t> OpChecker::getIntList(const char *name) {
  const auto *list = get<std::vector<int64_t>>(name, "a list of integers");
  if (list)
    return *list;
  fail(std::string("attribute '") + name + "' is missing");
  return {};
}

float OpChecker::getFloat(const char *name, float otherwise) {
  const float *value = get<float>(name, "an f32 number");
  if (!value)
    return otherwise;
  if (std::isnan(*value))
    fail(std::string("attribute '") + name + "': expected a number, got nan");
  return *value;
}

std::string OpChecker::getString(const char *name) {
  const auto *value = get<std::string>(name, "a string");
  if (value)
    return *value;
  fail(std::string("attribute '") + name + "' is missing");
  return {};
}

std::vector<float> OpChecker::getFloats(const char *name, size_t count) {
  const auto *list = get<std::vector<float>>(name, "a list of f32 numbers");
  if (list && list->size() == count &&
      std::all_of(list->begin(), list->end(),
                  [](float value) { return std::isfinite(value); }))
    return *list;
  fail(std::string("attribute '") + name + "': expected " +
       std::to_string(count) + " finite numbers");
  return std::vector<float>(count);
}

std::vector<int8_t> OpChecker::getBytes(const char *name, size_t count) {
  const auto *list = get<std::vector<int8_t>>(name, "bytes");
  if (list && list->size() == count)
    return *list;
  fail(std::string("attribute '") + name + "': expected " +
       std::to_string(count) + " bytes");
  return std::vector<int8_t>(count);
}

bool OpChecker::expectOutputShape(const Shape &expected) {
  if (!ok())
    return false;
  Shape got = outputShape();
  if (got == expected)
    return true;
  return fail("expected the result '" + output().id + "' to have shape " +
              toString(expected) + " at batch " +
              std::to_string(context.batch) + ", got " + toString(got));
}

bool isUsableScale(float scale) { return std::isnormal(scale) && scale > 0; }

bool OpChecker::expectActivation(const TensorInfo &tensor, int rank) {
  if (rank >= 0 && int(tensor.shape.size()) != rank)
    return fail("expected '" + tensor.id + "' to have rank " +
                std::to_string(rank) + ", got " +
                std::to_string(tensor.shape.size()));
  if (tensor.type == ElementType::F32)
    return ok();
  const Quantization &quant = tensor.quantization;
  if (tensor.type != ElementType::I8 || quant.scales.size() != 1 ||
      quant.isPerAxis())
    return fail("expected '" + tensor.id +
                "' to be f32, or i8 with one scale for the whole tensor");
  if (!isUsableScale(quant.scales[0]) || quant.zeroPoints[0] < -128 ||
      quant.zeroPoints[0] > 127)
    return fail("bad scale or zero point of '" + tensor.id + "'");
  return ok();
}

bool OpChecker::expectData(const TensorInfo &tensor) {
  if (tensor.type == ElementType::F32 || tensor.type == ElementType::I8)
    return expectActivation(tensor);
  return expectPlain(tensor,
                     {ElementType::I32, ElementType::I64, ElementType::Bool});
}

bool OpChecker::expectPlain(const TensorInfo &tensor,
                            std::initializer_list<ElementType> types) {
  if (std::find(types.begin(), types.end(), tensor.type) != types.end() &&
      tensor.quantization.empty())
    return ok();
  std::string names;
  for (ElementType type : types)
    names += (names.empty() ? "" : " or ") + std::string(toString(type));
  return fail("expected '" + tensor.id + "' to be " + names +
              " without scales, got " + toString(tensor.type) +
              (tensor.quantization.empty() ? "" : " with scales"));
}

bool OpChecker::expectSameType(const TensorInfo &a, const TensorInfo &b) {
  return expect(a.type == b.type && a.quantization == b.quantization,
                "expected '" + a.id + "' and '" + b.id +
                    "' to have the same element type, scale and zero point");
}

StoredBounds readRequantBounds(OpChecker &checker) {
  StoredBounds bounds;
  bounds.min = checker.getInt("requant.min", bounds.min, -128, 127);
  bounds.max = checker.getInt("requant.max", bounds.max, bounds.min, 127);
  return bounds;
}

bool broadcast(const Shape &a, const Shape &b, Shape &result) {
  const Shape &longer = a.size() >= b.size() ? a : b;
  const Shape &shorter = a.size() >= b.size() ? b : a;
  Shape shape = longer;
  const size_t offset = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    int64_t &dim = shape[offset + i];
    if (dim != shorter[i] && dim != 1 && shorter[i] != 1)
      return false;
    dim = dim == 1 ? shorter[i] : dim;
  }
  result = std::move(shape);
  return true;
}

Shape inferBroadcast(OpChecker &checker, const std::vector<Shape> &shapes) {
  Shape result;
  for (const Shape &shape : shapes)
    checker.expect(broadcast(result, shape, result),
                   "expected shapes that broadcast, got " + toString(shape));
  return result;
}

float readEpsilon(OpChecker &checker) {
  const float epsilon = checker.getFloat("epsilon", NAN);
  checker.expect(epsilon >= 0 && std::isfinite(epsilon),
                 "attribute 'epsilon': expected a finite number of at least 0");
  return epsilon;
}

/// Output size along one dimension.
static int64_t inferWindowDim(OpChecker &checker, int64_t size, int64_t kernel,
                              int64_t stride, int64_t dilation, int64_t before,
                              int64_t after) {
  if (!checker.expect(kernel >= 1 && kernel <= maxWindow && stride >= 1 &&
                          stride <= maxWindow && dilation >= 1 &&
                          dilation <= maxWindow && before >= 0 && after >= 0,
                      "bad window, stride, dilation or padding"))
    return 1;
  int64_t extent = (kernel - 1) * dilation + 1;
  // More padding than that would be all that a window sees, and could make a
  // small input large.
  if (!checker.expect(before <= extent + size && after <= extent + size,
                      "expected the padding to be at most the window's extent "
                      "and the input's size, " +
                          std::to_string(extent + size)) ||
      !checker.expect(size + before + after >= extent,
                      "the window's extent " + std::to_string(extent) +
                          " is larger than the padded input"))
    return 1;
  return (size + before + after - extent) / stride + 1;
}

Shape inferWindowed(OpChecker &checker, const Shape &input,
                    const Window &window, int64_t channels) {
  if (!checker.ok() || !checker.expect(input.size() == 4, "expected rank 4"))
    return {};
  int64_t height =
      inferWindowDim(checker, input[1], window.kernelH, window.strideH,
                     window.dilationH, window.top, window.bottom);
  int64_t width =
      inferWindowDim(checker, input[2], window.kernelW, window.strideW,
                     window.dilationW, window.left, window.right);
  checker.expect(double(height) * double(width) * double(window.kernelH) *
                         double(window.kernelW) <=
                     double(maxWindowElements),
                 "the window is too large for the image");
  return {input[0], height, width, channels};
}

} // namespace npir_rt
