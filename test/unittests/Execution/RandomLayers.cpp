// This file holds the table of random layers: those that multiply, combine or
// select. What moves values and what works on images has files of its own.
#include "RandomLayers.h"

#include <cstring>

using namespace mlir::npir;

std::string mlir::npir::printInts(llvm::ArrayRef<int64_t> values) {
  std::string text = "array<i64";
  for (size_t i = 0; i < values.size(); ++i)
    text += (i ? ", " : ": ") + std::to_string(values[i]);
  return text + ">";
}

std::string mlir::npir::printShape(const npir_rt::Shape &shape,
                                   const std::string &element) {
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + element + ">";
}

void mlir::npir::addReals(RandomLayer &layer, RandomSource &source,
                          const std::string &name, int64_t count, float low,
                          float high) {
  const std::string type = printShape({count}, "f32");
  layer.constantNames.push_back(name);
  layer.constantTypes.push_back(type);
  layer.constants.push_back("%" + name + " = npir.constant " +
                            source.realList(size_t(count), low, high) + " : " +
                            type);
}

//===----------------------------------------------------------------------===//
// Multiply-accumulate
//===----------------------------------------------------------------------===//

static std::string makeClamp(RandomSource &source) {
  if (source.pick(0, 2) != 0)
    return {};
  return ", clamp_min = " + printReal(-double(source.pick(0, 4)) / 2) +
         " : f32, clamp_max = " + printReal(double(source.pick(1, 12)) / 2) +
         " : f32";
}

/// A constant: integers of `bytes` bytes of a type, or f32 numbers with so few
/// bits that sums of products are exact, in whatever order.
static void addNumbers(RandomLayer &layer, RandomSource &source,
                       const std::string &name, const npir_rt::Shape &shape,
                       const std::string &quantized, unsigned bytes,
                       int64_t reach) {
  std::string data;
  for (int64_t i = 0; i < npir_rt::numElements(shape); ++i) {
    const auto number = int32_t(source.pick(-reach, reach));
    const float real = float(bytes == 1 ? number % 8 : number) / 8;
    char part[4];
    std::memcpy(part, &number, 4);
    if (source.isFloat)
      std::memcpy(part, &real, 4);
    data.append(part, source.isFloat ? 4 : bytes);
  }
  const std::string type =
      printShape(shape, source.isFloat ? "f32" : quantized);
  layer.constantNames.push_back(name);
  layer.constantTypes.push_back(type);
  std::string text =
      "%" + name + " = npir.constant dense<\"0x" + toHex(data) + "\"> : ";
  if (source.isFloat)
    text += type;
  else
    text += printShape(shape, "i" + std::to_string(8 * bytes)) + " as " + type;
  layer.constants.push_back(text);
}

/// Weights with their channels along `axis`, and at times a bias.
static void addWeights(RandomLayer &layer, RandomSource &source,
                       const npir_rt::Shape &shape, size_t axis) {
  const int64_t channels = shape[axis];
  const bool perChannel = source.flip();
  const float input = layer.inputs[0].type.scale;
  std::string scales, biasScales;
  for (int64_t c = 0; c < (perChannel ? channels : 1); ++c) {
    const float scale = source.flip()
                            ? std::ldexp(1.0f, -int(source.pick(4, 9)))
                            : float(source.pick(1, 200)) * 1e-4f;
    const float product = input * scale;
    scales += (c ? ", " : "") + printReal(scale);
    biasScales += (c ? ", " : "") + printReal(product);
  }
  auto print = [&](const std::string &storage, const std::string &list,
                   size_t along) {
    return "!quant.uniform<" + storage + ":f32" +
           (perChannel ? ":" + std::to_string(along) + ", {" + list + "}"
                       : ", " + list) +
           ">";
  };
  addNumbers(layer, source, "w", shape, print("i8<-127:127>", scales, axis), 1,
             127);
  layer.text += ", %w";
  if (source.pick(0, 3) == 0)
    return;
  addNumbers(layer, source, "b", {channels}, print("i32", biasScales, 0), 4,
             3000);
  layer.text += ", %b";
}

static RandomLayer makeConv2D(RandomSource &source) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeImage();
  const int64_t groups = source.pick(1, 3), outputs = source.pick(1, 6);
  shape[3] = groups * source.pick(1, 7);
  layer.inputs = {source.makeValue(shape)};
  const RandomWindow window(source, shape);
  layer.text = "npir.conv2d %x0";
  addWeights(
      layer, source,
      {groups * outputs, window.kernel[0], window.kernel[1], shape[3] / groups},
      0);
  layer.text += " {groups = " + std::to_string(groups) + " : i64, " +
                window.text() + makeClamp(source) + "}";
  layer.result = {{shape[0], window.size(shape, 0), window.size(shape, 1),
                   groups * outputs},
                  source.makeResultType()};
  return layer;
}

static RandomLayer makeDepthwise(RandomSource &source) {
  RandomLayer layer;
  const npir_rt::Shape shape = source.makeImage();
  const int64_t outputs = shape[3] * source.pick(1, 3);
  layer.inputs = {source.makeValue(shape)};
  const RandomWindow window(source, shape);
  layer.text = "npir.depthwise_conv2d %x0";
  addWeights(layer, source, {1, window.kernel[0], window.kernel[1], outputs},
             3);
  layer.text += " {" + window.text() + makeClamp(source) + "}";
  layer.result = {
      {shape[0], window.size(shape, 0), window.size(shape, 1), outputs},
      source.makeResultType()};
  return layer;
}

static RandomLayer makeTransposeConv2D(RandomSource &source) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeImage();
  const int64_t groups = source.pick(1, 3), outputs = source.pick(1, 6);
  shape[3] = groups * source.pick(1, 7);
  layer.inputs = {source.makeValue(shape)};
  const bool isDilated = source.pick(0, 3) == 0;
  int64_t kernel[2], strides[2], dilations[2], pads[4], extra[2], size[2];
  for (int i = 0; i < 2; ++i) {
    kernel[i] = source.pick(1, 4);
    strides[i] = source.pick(1, 3);
    dilations[i] = isDilated ? source.pick(1, 3) : 1;
    const int64_t whole = (shape[size_t(i) + 1] - 1) * strides[i] +
                          (kernel[i] - 1) * dilations[i] + 1;
    // At least as much as XNNPACK needs is left.
    pads[2 * i] = source.pick(
        0, std::max<int64_t>(
               0, std::min(whole - strides[i], kernel[i] * dilations[i])));
    pads[2 * i + 1] = source.pick(
        0, std::max<int64_t>(0, std::min(whole - strides[i] - pads[2 * i],
                                         kernel[i] * dilations[i])));
    extra[i] = source.pick(0, strides[i] - 1);
    size[i] = whole + extra[i] - pads[2 * i] - pads[2 * i + 1];
  }
  layer.text = "npir.transpose_conv2d %x0";
  addWeights(layer, source,
             {groups * outputs, kernel[0], kernel[1], shape[3] / groups}, 0);
  layer.text +=
      " {groups = " + std::to_string(groups) +
      " : i64, strides = " + printInts(strides) +
      ", dilations = " + printInts(dilations) + ", pads = " + printInts(pads) +
      ", output_padding = " + printInts(extra) + makeClamp(source) + "}";
  layer.result = {{shape[0], size[0], size[1], groups * outputs},
                  source.makeResultType()};
  return layer;
}

static RandomLayer makeLinear(RandomSource &source) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  shape.back() = source.pick(1, 60);
  const int64_t outputs = source.pick(1, 40);
  layer.inputs = {source.makeValue(shape)};
  layer.text = "npir.linear %x0";
  addWeights(layer, source, {outputs, shape.back()}, 0);
  const std::string clamp = makeClamp(source);
  if (!clamp.empty())
    layer.text += " {" + clamp.substr(2) + "}";
  shape.back() = outputs;
  layer.result = {shape, source.makeResultType()};
  return layer;
}

//===----------------------------------------------------------------------===//
// Functions of two tensors
//===----------------------------------------------------------------------===//

static RandomLayer makeBinary(RandomSource &source, const std::string &name,
                              bool isSelection) {
  RandomLayer layer;
  const npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  npir_rt::Shape operands[2] = {shape, shape};
  // Either operand broadcasts along some dimensions.
  for (size_t i = 1; i < shape.size(); ++i)
    if (source.pick(0, 2) == 0)
      operands[source.pick(0, 1)][i] = 1;
  layer.inputs = {source.makeValue(operands[0]), source.makeValue(operands[1])};
  layer.result = {shape, source.makeResultType()};
  if (isSelection)
    layer.inputs[0].type = layer.inputs[1].type = layer.result.type;
  layer.text = name + " %x0, %x1";
  const std::string clamp = makeClamp(source);
  if (!clamp.empty() && !(isSelection && !source.isFloat))
    layer.text += " {" + clamp.substr(2) + "}";
  return layer;
}

//===----------------------------------------------------------------------===//
// Normalization and attention
//===----------------------------------------------------------------------===//

static RandomLayer makeNorm(RandomSource &source, const std::string &name,
                            const std::string &attributes, bool hasOffset) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  shape.back() = source.pick(1, 70);
  layer.inputs = {source.makeValue(shape)};
  addReals(layer, source, "s", shape.back(), -2, 2);
  if (hasOffset)
    addReals(layer, source, "o", shape.back(), -1, 1);
  layer.text = name + (hasOffset ? " %x0, %s, %o {" : " %x0, %s {") +
               attributes + "epsilon = 1.0e-3 : f32}";
  layer.result = {shape, source.makeResultType()};
  return layer;
}

static RandomLayer makeLayerNorm(RandomSource &source) {
  return makeNorm(source, "npir.layer_norm", "", true);
}
static RandomLayer makeRMSNorm(RandomSource &source) {
  return makeNorm(source, "npir.rms_norm", "", false);
}
static RandomLayer makeGroupNorm(RandomSource &source) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  const int64_t groups = source.pick(1, 20);
  shape.back() = groups * source.pick(1, 7);
  layer.inputs = {source.makeValue(shape)};
  addReals(layer, source, "s", shape.back(), -2, 2);
  addReals(layer, source, "o", shape.back(), -1, 1);
  layer.text =
      "npir.group_norm %x0, %s, %o {groups = " + std::to_string(groups) +
      " : i64, epsilon = 1.0e-3 : f32}";
  layer.result = {shape, source.makeType()};
  return layer;
}

static RandomLayer makePrelu(RandomSource &source) {
  RandomLayer layer;
  const npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  layer.inputs = {source.makeValue(shape)};
  addReals(layer, source, "s", shape.back(), -2, 2);
  layer.text = "npir.prelu %x0, %s";
  layer.result = {shape, source.makeType()};
  return layer;
}

static RandomLayer makeMatmul(RandomSource &source) {
  RandomLayer layer;
  const npir_rt::Shape lhs = source.makeShape(4);
  npir_rt::Shape rhs = lhs, result = lhs;
  result[3] = source.pick(1, 9);
  const bool isTransposed = source.flip();
  rhs[isTransposed ? 3 : 2] = lhs[3];
  rhs[isTransposed ? 2 : 3] = result[3];
  layer.inputs = {source.makeValue(lhs), source.makeValue(rhs)};
  layer.text = std::string("npir.matmul %x0, %x1") +
               (isTransposed ? " {transpose_rhs}" : "");
  layer.result = {result, source.makeType()};
  return layer;
}

static RandomLayer makeSoftmax(RandomSource &source) {
  RandomLayer layer;
  layer.inputs = {source.makeValue(source.makeShape(source.pick(2, 4)))};
  layer.result = {layer.inputs[0].shape, source.makeType()};
  layer.text = "npir.softmax %x0";
  layer.isUnary = true;
  return layer;
}

RandomLayer mlir::npir::makeUnary(const std::string &name,
                                  RandomSource &source) {
  RandomLayer layer;
  layer.inputs = {source.makeValue(source.makeShape(source.pick(2, 4)))};
  layer.result = {layer.inputs[0].shape, source.makeResultType()};
  layer.text = name + " %x0";
  layer.isUnary = true;
  if (name == "npir.clamp")
    layer.text += " {min = " + printReal(-double(source.pick(0, 9)) / 2) +
                  " : f32, max = " + printReal(double(source.pick(1, 9)) / 2) +
                  " : f32}";
  if (name == "npir.leaky_relu" || name == "npir.elu")
    layer.text +=
        " {alpha = " + printReal(float(source.pick(-8, 8)) / 8) + " : f32}";
  return layer;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

#define BINARY(NAME, IS_SELECTION)                                             \
  [](RandomSource &source) {                                                   \
    return makeBinary(source, "npir." NAME, IS_SELECTION);                     \
  }

const std::vector<RandomOp> &mlir::npir::getRandomOps() {
  static const std::vector<RandomOp> table = [] {
    std::vector<RandomOp> ops = {
        {"npir.conv2d", makeConv2D, true, true, 0},
        {"npir.depthwise_conv2d", makeDepthwise, true, true, 0},
        {"npir.transpose_conv2d", makeTransposeConv2D, true, true, 0},
        {"npir.linear", makeLinear, true, true, 0},
        {"npir.add", BINARY("add", false), true, true, 0},
        {"npir.sub", BINARY("sub", false), true, true, 0},
        {"npir.mul", BINARY("mul", false), true, true, 0},
        {"npir.div", BINARY("div", false), false, true, 0},
        {"npir.pow", BINARY("pow", false), false, true, 0},
        {"npir.maximum", BINARY("maximum", true), true, true, 0},
        {"npir.minimum", BINARY("minimum", true), true, true, 0},
        {"npir.prelu", makePrelu, false, true, 0},
        {"npir.layer_norm", makeLayerNorm, true, true, 1e-4f},
        {"npir.group_norm", makeGroupNorm, false, true, 1e-5f},
        {"npir.rms_norm", makeRMSNorm, false, true, 1e-5f},
        {"npir.matmul", makeMatmul, false, true, 1e-5f},
        {"npir.softmax", makeSoftmax, false, true, 1e-5f},
    };
    for (const auto *more :
         {&getRandomImageOps(), &getRandomIndexOps(), &getRandomSchemeOps()})
      ops.insert(ops.end(), more->begin(), more->end());
    return ops;
  }();
  return table;
}
