// This file holds the table of random layers that read and make f32 numbers and
// have integers inside: activations quantized at run time, and weights that are
// stored as integers.
#include "RandomLayers.h"

using namespace mlir::npir;

namespace {
/// Integers of a weight `[OC, IC]`.
struct Integers {
  int bits;
  int64_t outputs, inputs;

  std::string shape() const {
    return std::to_string(outputs) + "x" + std::to_string(inputs) + "x";
  }
  int limit() const { return (1 << (bits - 1)) - 1; }
};
} // namespace

static void addConstant(RandomLayer &layer, const std::string &name,
                        const std::string &type, const std::string &text) {
  layer.constantNames.push_back(name);
  layer.constantTypes.push_back(type);
  layer.constants.push_back(text);
}

/// `%NAME = npir.constant ...` of `integers` with the scales of
/// `quantizedType`.
static std::string printIntegers(RandomSource &source, const std::string &name,
                                 const Integers &integers,
                                 const std::string &quantizedType) {
  return "%" + name + " = npir.constant " +
         source.hexBytes(size_t(integers.outputs * integers.inputs),
                         -integers.limit(), integers.limit()) +
         " : tensor<" + integers.shape() + "i8> as " + quantizedType;
}

/// The type of integers without scales, or with `scales` of the channels.
static std::string printWeightType(const Integers &integers,
                                   const std::string &scales = "") {
  const std::string limit = std::to_string(integers.limit());
  return "tensor<" + integers.shape() + "!quant.uniform<i" +
         std::to_string(integers.bits) + "<-" + limit + ":" + limit + ">:f32" +
         (scales.empty() ? ", 1.0" : ":0, {" + scales + "}") + ">>";
}

/// `[OC, G]` numbers. Powers of two where sums are to be exact; otherwise of 8
/// significant bits, which scales of groups have.
static std::string printScales(RandomSource &source, const std::string &name,
                               int64_t outputs, int64_t groups, bool isExact) {
  std::string text = "%" + name + " = npir.constant dense<[";
  for (int64_t c = 0; c < outputs; ++c) {
    text += c ? ", [" : "[";
    for (int64_t g = 0; g < groups; ++g)
      text += (g ? ", " : "") +
              printReal(isExact ? std::ldexp(1.0, -int(source.pick(4, 9)))
                                : std::ldexp(double(source.pick(128, 255)),
                                             -int(source.pick(10, 16))));
    text += "]";
  }
  return text + "]> : " + printShape({outputs, groups}, "f32");
}

/// A linear layer that reads rows of `inputs` numbers; what `addWeight` adds is
/// its weight.
template <typename AddWeight>
static RandomLayer makeLayer(RandomSource &source, const std::string &op,
                             int64_t inputs, AddWeight addWeight) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  shape.back() = inputs;
  layer.inputs = {source.makeValue(shape)};
  const int64_t outputs = source.pick(1, 40);
  layer.text = op + " %x0, %w";
  addWeight(layer, outputs);
  if (source.pick(0, 3) != 0) {
    // Multiples of an eighth: sums with them are exact.
    std::string values;
    for (int64_t c = 0; c < outputs; ++c)
      values += (c ? ", " : "") + printReal(double(source.pick(-40, 40)) / 8);
    const std::string type = printShape({outputs}, "f32");
    addConstant(layer, "b", type,
                "%b = npir.constant dense<[" + values + "]> : " + type);
    layer.text += ", %b";
  }
  if (source.pick(0, 2) == 0)
    layer.text += " {clamp_min = -1.5 : f32, clamp_max = 6.0 : f32}";
  shape.back() = outputs;
  layer.result = {shape, {}};
  return layer;
}

static RandomLayer makeDynamic(RandomSource &source, int bits, int64_t inputs,
                               int64_t groups) {
  return makeLayer(source, "npir.dynamic_linear", inputs,
                   [&](RandomLayer &layer, int64_t outputs) {
                     const Integers integers{bits, outputs, inputs};
                     const std::string type = printWeightType(integers);
                     addConstant(layer, "w", type,
                                 printIntegers(source, "w", integers, type));
                     addConstant(
                         layer, "s", printShape({outputs, groups}, "f32"),
                         printScales(source, "s", outputs, groups, false));
                     layer.text += ", %s";
                   });
}

static RandomLayer makeDynamicBytes(RandomSource &source) {
  return makeDynamic(source, 8, source.pick(1, 70), 1);
}
static RandomLayer makeDynamicNibbles(RandomSource &source) {
  return makeDynamic(source, 4, source.pick(1, 70), 1);
}
static RandomLayer makeDynamicGroups(RandomSource &source) {
  const int64_t groups = source.pick(2, 4);
  return makeDynamic(source, 4, 32 * source.pick(1, 4) * groups, groups);
}

/// A linear layer in f32 with a weight of integers.
static RandomLayer makeStored(RandomSource &source, int bits) {
  const int64_t inputs = source.pick(1, 60);
  return makeLayer(
      source, "npir.linear", inputs, [&](RandomLayer &layer, int64_t outputs) {
        const Integers integers{bits, outputs, inputs};
        std::string scales;
        for (int64_t c = 0; c < outputs; ++c)
          scales += (c ? ", " : "") +
                    printReal(std::ldexp(1.0, -int(source.pick(4, 9))));
        const std::string stored = printWeightType(integers, scales);
        const std::string real = printShape({outputs, inputs}, "f32");
        addConstant(layer, "w", real,
                    printIntegers(source, "q", integers, stored) +
                        " loc(\"fc.weight\")\n  %w = npir.dequantize %q : " +
                        stored + " -> " + real);
      });
}

static RandomLayer makeStoredBytes(RandomSource &source) {
  return makeStored(source, 8);
}
static RandomLayer makeStoredNibbles(RandomSource &source) {
  return makeStored(source, 4);
}

static RandomLayer makeStoredGroups(RandomSource &source) {
  const int64_t groups = source.pick(2, 4);
  const int64_t inputs = 32 * groups;
  return makeLayer(
      source, "npir.linear", inputs, [&](RandomLayer &layer, int64_t outputs) {
        const Integers integers{4, outputs, inputs};
        const std::string stored = printWeightType(integers);
        const std::string real = printShape({outputs, inputs}, "f32");
        addConstant(layer, "w", real,
                    printIntegers(source, "q", integers, stored) +
                        " loc(\"fc.weight\")\n  " +
                        printScales(source, "s", outputs, groups, true) +
                        " loc(\"fc.scales\")\n"
                        "  %w = npir.dequantize_groups %q, %s : " +
                        stored + ", " + printShape({outputs, groups}, "f32") +
                        " -> " + real);
      });
}

static RandomLayer makeDynamicQuantize(RandomSource &source) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  shape.back() = source.pick(1, 70);
  layer.inputs = {source.makeValue(shape)};
  layer.text = "npir.dynamic_quantize %x0";
  // Written `: T`, without a result type.
  layer.hasOneType = true;
  layer.result = {shape, {}};
  return layer;
}

const std::vector<RandomOp> &mlir::npir::getRandomSchemeOps() {
  // The sums of XNNPACK's groups have another order on other machines.
  static const std::vector<RandomOp> table = {
      {"npir.dynamic_linear", makeDynamicBytes, false, true, 0},
      {"npir.dynamic_linear nibbles", makeDynamicNibbles, false, true, 0},
      {"npir.dynamic_linear groups", makeDynamicGroups, false, true, 1e-6f},
      {"npir.dynamic_quantize", makeDynamicQuantize, false, true, 0},
      {"npir.linear stored bytes", makeStoredBytes, false, true, 0},
      {"npir.linear stored nibbles", makeStoredNibbles, false, true, 0},
      {"npir.dequantize_groups", makeStoredGroups, false, true, 0},
  };
  return table;
}
