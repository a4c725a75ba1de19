// This file implements what random layers are made of, and their text.
#include "RandomOps.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir::npir;

std::string mlir::npir::printReal(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.17e", value);
  return text;
}

std::string RandomType::text() const {
  std::string range;
  if (min != -128 || max != 127)
    range = "<" + std::to_string(min) + ":" + std::to_string(max) + ">";
  return "!quant.uniform<i8" + range + ":f32, " + printReal(scale) + ":" +
         std::to_string(zeroPoint) + ">";
}

RandomType RandomSource::makeType() {
  RandomType type;
  type.scale = isFloat || flip() ? std::ldexp(1.0f, int(pick(-7, -1)))
                                 : float(pick(100, 5000)) * 1e-4f;
  type.zeroPoint = int(pick(0, 5) == 0 ? (flip() ? -128 : 127) : pick(-60, 60));
  return type;
}

RandomType RandomSource::makeResultType() {
  RandomType type = makeType();
  if (pick(0, 3) == 0) {
    type.min = int(pick(-128, std::min(type.zeroPoint, 0)));
    type.max = int(pick(std::max(type.zeroPoint, 0), 127));
    // A type holds more than one value.
    if (type.min == type.max)
      type.min = -128, type.max = 127;
  }
  return type;
}

npir_rt::Shape RandomSource::makeImage(int64_t least) {
  return {pick(1, 3), pick(least, 8), pick(least, 8),
          flip() ? pick(1, 5) : pick(6, 40)};
}

npir_rt::Shape RandomSource::makeShape(int64_t rank) {
  npir_rt::Shape shape = {pick(1, 3)};
  while (int64_t(shape.size()) < rank)
    shape.push_back(pick(1, 6));
  return shape;
}

std::vector<float> RandomSource::makeData(const RandomValue &value) {
  std::vector<float> data(size_t(npir_rt::numElements(value.shape)));
  // At times few values, so that they are equal.
  const int64_t reach = pick(0, 4) == 0 ? 3 : 255;
  for (float &x : data) {
    int64_t stored = pick(-128, 127);
    if (reach == 3)
      stored = value.type.zeroPoint + pick(-reach, reach);
    stored = std::clamp<int64_t>(stored, value.type.min, value.type.max);
    x = float(stored - value.type.zeroPoint) * value.type.scale;
  }
  return data;
}

std::string RandomSource::hexBytes(size_t count, int low, int high) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i)
    bytes += char(pick(low, high));
  return "dense<\"0x" + llvm::toHex(bytes) + "\">";
}

std::string RandomSource::realList(size_t count, float low, float high) {
  std::string text = "dense<[";
  for (size_t i = 0; i < count; ++i)
    text += (i ? ", " : "") +
            printReal(low + (high - low) * float(pick(0, 1000)) / 1000.0f);
  return text + "]>";
}

std::string mlir::npir::printType(const RandomValue &value, bool isFloat) {
  std::string text = "tensor<?";
  for (size_t i = 1; i < value.shape.size(); ++i)
    text += "x" + std::to_string(value.shape[i]);
  return text + "x" + (isFloat ? "f32" : value.type.text()) + ">";
}

std::string mlir::npir::printNetwork(const RandomLayer &layer, bool isFloat) {
  std::string arguments, body, types, constantTypes;
  for (size_t i = 0; i < layer.inputs.size(); ++i) {
    const std::string number = std::to_string(i);
    const std::string real = printType(layer.inputs[i], true);
    const std::string stored = printType(layer.inputs[i], isFloat);
    arguments += (i ? ", " : "") + ("%" + std::string(isFloat ? "x" : "f")) +
                 number + ": " + real + " loc(\"in" + number + "\")";
    if (!isFloat)
      body += "  %x" + number + " = npir.quantize %f" + number + " : " + real +
              " -> " + stored + " loc(\"q" + number + "\")\n";
    types += (i ? ", " : "") + stored;
  }
  for (size_t i = 0; i < layer.constants.size(); ++i) {
    body +=
        "  " + layer.constants[i] + " loc(\"c" + std::to_string(i) + "\")\n";
    constantTypes += layer.constantsFirst ? layer.constantTypes[i] + ", "
                                          : ", " + layer.constantTypes[i];
  }
  types = layer.constantsFirst ? constantTypes + types : types + constantTypes;
  const std::string result = printType(layer.result, isFloat);
  body += "  %y = " + layer.text + " : " +
          (layer.hasOneType || layer.isUnary ? types : "(" + types + ")") +
          (layer.hasOneType ? "" : " -> " + result) + " loc(\"layer\")\n";
  const std::string real = printType(layer.result, true);
  if (!isFloat)
    body += "  %d = npir.dequantize %y : " + result + " -> " + real +
            " loc(\"d\")\n";
  return "func.func @main(" + arguments + ") -> " + real +
         " attributes {npir.station = #npir.station<" +
         (isFloat ? "prepared" : "integer") + ">" +
         (isFloat ? "" : ", npir.target = \"xnnpack\"") + "} {\n" + body +
         "  return %" + (isFloat ? "y" : "d") + " : " + real + "\n}";
}
