// This file holds the table of random layers that select by indices and truth
// values.
#include "RandomLayers.h"

using namespace mlir::npir;

static void addConstant(RandomLayer &layer, const std::string &name,
                        const std::string &values, const std::string &type) {
  layer.constantNames.push_back(name);
  layer.constantTypes.push_back(type);
  layer.constants.push_back("%" + name + " = npir.constant dense<" + values +
                            "> : " + type);
}

/// Indices from the front and from the end.
static RandomLayer makeGather(RandomSource &source) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  const int64_t axis = source.pick(1, int64_t(shape.size()) - 1);
  const int64_t size = shape[size_t(axis)], count = source.pick(1, 9);
  layer.inputs = {source.makeValue(shape)};
  std::string values;
  for (int64_t i = 0; i < count; ++i)
    values += (i ? ", " : "[") + std::to_string(source.pick(-size, size - 1));
  addConstant(layer, "i", values + "]",
              printShape({count}, source.flip() ? "i64" : "i32"));
  layer.text =
      "npir.gather %x0, %i {axis = " + std::to_string(axis) + " : i64}";
  shape[size_t(axis)] = count;
  layer.result = {shape, layer.inputs[0].type};
  return layer;
}

/// Each operand broadcasts along some dimensions.
static RandomLayer makeWhere(RandomSource &source) {
  RandomLayer layer;
  const npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  npir_rt::Shape operands[2] = {shape, shape};
  for (size_t i = 1; i < shape.size(); ++i)
    if (source.pick(0, 2) == 0)
      operands[source.pick(0, 1)][i] = 1;
  layer.inputs = {source.makeValue(operands[0]), source.makeValue(operands[1])};
  layer.result = {shape, source.makeType()};
  layer.inputs[0].type = layer.inputs[1].type = layer.result.type;
  std::string values;
  for (int64_t i = 0; i < shape.back(); ++i)
    values += std::string(i ? ", " : "[") + (source.flip() ? "true" : "false");
  addConstant(layer, "c", values + "]", printShape({shape.back()}, "i1"));
  layer.constantsFirst = true;
  layer.text = "npir.where %c, %x0, %x1";
  return layer;
}

const std::vector<RandomOp> &mlir::npir::getRandomIndexOps() {
  static const std::vector<RandomOp> table = {
      {"npir.gather", makeGather, true, true, 0},
      {"npir.where", makeWhere, true, true, 0},
  };
  return table;
}
