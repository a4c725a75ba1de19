// This file holds the rows of the table of random layers for ops on images,
// reductions and what moves values.
#include "RandomLayers.h"

using namespace mlir::npir;

static RandomLayer makePool(RandomSource &source, const std::string &name,
                            bool isCopy) {
  RandomLayer layer;
  const npir_rt::Shape shape = source.makeImage();
  layer.inputs = {source.makeValue(shape)};
  const RandomWindow window(source, shape);
  layer.text = name + " %x0 {kernel = " + printInts(window.kernel) + ", " +
               window.text() +
               (!isCopy && source.flip() ? ", count_include_pad}" : "}");
  layer.isUnary = true;
  layer.result = {
      {shape[0], window.size(shape, 0), window.size(shape, 1), shape[3]},
      isCopy ? layer.inputs[0].type : source.makeResultType()};
  return layer;
}
static RandomLayer makeMaxPool(RandomSource &source) {
  return makePool(source, "npir.max_pool2d", true);
}
static RandomLayer makeAvgPool(RandomSource &source) {
  return makePool(source, "npir.avg_pool2d", false);
}

static RandomLayer makeReduce(RandomSource &source, const std::string &kind) {
  RandomLayer layer;
  const npir_rt::Shape shape = source.makeShape(source.pick(2, 5));
  layer.inputs = {source.makeValue(shape)};
  // Larger products overflow, and then the order of factors counts.
  if (kind == "prod")
    layer.inputs[0].type = {0x1.0p-7f, 0, -128, 127};
  const bool keep = source.flip();
  std::vector<int64_t> axes;
  const int64_t surely = source.pick(1, int64_t(shape.size()) - 1);
  npir_rt::Shape result;
  for (int64_t i = 0; i < int64_t(shape.size()); ++i) {
    const bool isReduced = i == surely || (i > 0 && source.flip());
    if (isReduced)
      axes.push_back(i);
    if (!isReduced || keep)
      result.push_back(isReduced ? 1 : shape[size_t(i)]);
  }
  layer.text = "npir.reduce " + kind + " %x0 {axes = " + printInts(axes) +
               (keep ? ", keep_dims}" : "}");
  layer.isUnary = true;
  const bool isCopy = kind == "max" || kind == "min";
  layer.result = {result,
                  isCopy ? layer.inputs[0].type : source.makeResultType()};
  return layer;
}

//===----------------------------------------------------------------------===//
// Moves: one type for all
//===----------------------------------------------------------------------===//

static RandomLayer makeMove(RandomSource &source, npir_rt::Shape from,
                            npir_rt::Shape to, std::string text) {
  RandomLayer layer;
  layer.inputs = {{std::move(from), source.makeResultType()}};
  layer.result = {std::move(to), layer.inputs[0].type};
  layer.text = std::move(text);
  layer.isUnary = true;
  return layer;
}

static RandomLayer makeResize(RandomSource &source, bool isNearest) {
  const npir_rt::Shape shape = source.makeImage();
  static const char *const coordinates[] = {"half_pixel", "asymmetric",
                                            "align_corners"};
  static const char *const roundings[] = {"floor", "ceil", "round_prefer_floor",
                                          "round_prefer_ceil"};
  static const double ratios[] = {0.5, 0.6, 1.5, 2.0, 2.7};
  int64_t sizes[2];
  std::string scales;
  const bool hasScales = source.pick(0, 2) == 0;
  for (size_t i = 0; i < 2; ++i) {
    const double scale = ratios[source.pick(0, 4)];
    sizes[i] = hasScales
                   ? std::max<int64_t>(1, int64_t(double(shape[i + 1]) * scale))
                   : source.pick(1, 13);
    scales += (i ? ", " : ", scales = array<f32: ") + printReal(scale);
  }
  std::string text =
      std::string("npir.resize ") + (isNearest ? "nearest" : "bilinear") +
      " %x0 {sizes = " + printInts(sizes) +
      ", coordinates = #npir.resize_coordinates<" +
      coordinates[source.pick(0, 2)] + ">, rounding = #npir.resize_rounding<" +
      roundings[source.pick(0, 3)] + ">" + (hasScales ? scales + ">" : "") +
      "}";
  return makeMove(source, shape, {shape[0], sizes[0], sizes[1], shape[3]},
                  text);
}
static RandomLayer makeNearest(RandomSource &source) {
  return makeResize(source, true);
}
static RandomLayer makeBilinear(RandomSource &source) {
  return makeResize(source, false);
}

static RandomLayer makePad(RandomSource &source) {
  const npir_rt::Shape shape = source.makeShape(source.pick(1, 5));
  static const char *const modes[] = {"constant", "edge", "reflect"};
  const int64_t mode = source.pick(0, 2);
  npir_rt::Shape result = shape;
  std::vector<int64_t> begin, end;
  for (size_t i = 0; i < shape.size(); ++i) {
    // No more than can be mirrored.
    const int64_t most = i == 0      ? 0
                         : mode == 2 ? std::min<int64_t>(shape[i] - 1, 3)
                                     : 3;
    begin.push_back(source.flip() ? 0 : source.pick(0, most));
    end.push_back(source.flip() ? 0 : source.pick(0, most));
    result[i] += begin.back() + end.back();
  }
  return makeMove(source, shape, result,
                  "npir.pad %x0 {pads_begin = " + printInts(begin) +
                      ", pads_end = " + printInts(end) +
                      ", mode = #npir.pad_mode<" + modes[mode] + ">, value = " +
                      printReal(double(source.pick(-40, 40)) / 4) + " : f32}");
}

static RandomLayer makeBlocks(RandomSource &source, bool toDepth) {
  const int64_t block = source.pick(1, 3);
  npir_rt::Shape plain = source.makeImage();
  plain[1] *= block;
  plain[2] *= block;
  npir_rt::Shape packed = {plain[0], plain[1] / block, plain[2] / block,
                           plain[3] * block * block};
  std::string text = toDepth ? "npir.space_to_depth" : "npir.depth_to_space";
  text += " %x0 {block = " + std::to_string(block) + " : i64}";
  return makeMove(source, toDepth ? plain : packed, toDepth ? packed : plain,
                  text);
}
static RandomLayer makeDepthToSpace(RandomSource &source) {
  return makeBlocks(source, false);
}
static RandomLayer makeSpaceToDepth(RandomSource &source) {
  return makeBlocks(source, true);
}

static RandomLayer makeReshape(RandomSource &source) {
  const npir_rt::Shape shape = source.makeShape(source.pick(3, 5));
  npir_rt::Shape result = {shape[0], 1};
  for (size_t i = 1; i < shape.size(); ++i)
    result[1] *= shape[i];
  return source.flip() ? makeMove(source, shape, result, "npir.reshape %x0")
                       : makeMove(source, result, shape, "npir.reshape %x0");
}

static RandomLayer makeTranspose(RandomSource &source) {
  const npir_rt::Shape shape = source.makeShape(source.pick(2, 5));
  // The batch stays first.
  std::vector<int64_t> perm;
  for (size_t i = 0; i < shape.size(); ++i)
    perm.push_back(int64_t(i));
  for (size_t i = 2; i < perm.size(); ++i)
    std::swap(perm[i], perm[size_t(source.pick(1, int64_t(i)))]);
  npir_rt::Shape result;
  for (int64_t dim : perm)
    result.push_back(shape[size_t(dim)]);
  return makeMove(source, shape, result,
                  "npir.transpose %x0 {perm = " + printInts(perm) + "}");
}

static RandomLayer makeSlice(RandomSource &source) {
  const npir_rt::Shape shape = source.makeShape(source.pick(2, 5));
  npir_rt::Shape result = {shape[0]};
  std::vector<int64_t> offsets = {0}, sizes = {-1};
  for (size_t i = 1; i < shape.size(); ++i) {
    offsets.push_back(source.pick(0, shape[i] - 1));
    const int64_t rest = shape[i] - offsets[i];
    const bool isAll = source.flip();
    sizes.push_back(isAll ? -1 : source.pick(1, rest));
    result.push_back(isAll ? rest : sizes[i]);
  }
  return makeMove(source, shape, result,
                  "npir.slice %x0 {offsets = " + printInts(offsets) +
                      ", sizes = " + printInts(sizes) + "}");
}

static RandomLayer makeConcat(RandomSource &source) {
  RandomLayer layer;
  npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  const auto axis = size_t(source.pick(1, int64_t(shape.size()) - 1));
  const RandomType type = source.makeResultType();
  int64_t sum = 0;
  const int64_t count = source.pick(1, 12);
  layer.text = "npir.concat ";
  for (int64_t i = 0; i < count; ++i) {
    shape[axis] = source.pick(1, 5);
    sum += shape[axis];
    layer.inputs.push_back({shape, type});
    layer.text += (i ? ", %x" : "%x") + std::to_string(i);
  }
  shape[axis] = sum;
  layer.text += " {axis = " + std::to_string(axis) + " : i64}";
  layer.result = {shape, type};
  return layer;
}

static RandomLayer makeBroadcast(RandomSource &source) {
  RandomLayer layer;
  const npir_rt::Shape shape = source.makeShape(source.pick(2, 5));
  const RandomType type = source.makeResultType();
  npir_rt::Shape from = shape;
  for (size_t i = 1; i < from.size(); ++i)
    if (source.flip())
      from[i] = 1;
  layer.inputs = {{from, type}, source.makeValue({shape[0], 2})};
  layer.text = "npir.broadcast %x0 like %x1";
  layer.result = {shape, type};
  return layer;
}

static RandomLayer makeQuantize(RandomSource &source) {
  const npir_rt::Shape shape = source.makeShape(source.pick(2, 4));
  RandomLayer layer = makeMove(source, shape, shape, "npir.quantize %x0");
  layer.result.type = source.makeResultType();
  return layer;
}

#define REDUCE(KIND)                                                           \
  [](RandomSource &source) { return makeReduce(source, KIND); }

const std::vector<RandomOp> &mlir::npir::getRandomImageOps() {
  static const std::vector<RandomOp> table = {
      {"npir.max_pool2d", makeMaxPool, true, true, 0},
      {"npir.avg_pool2d", makeAvgPool, true, true, 1e-6f},
      {"npir.reduce mean", REDUCE("mean"), true, true, 1e-6f},
      {"npir.reduce sum", REDUCE("sum"), false, true, 1e-5f},
      {"npir.reduce prod", REDUCE("prod"), false, true, 1e-4f},
      {"npir.reduce max", REDUCE("max"), true, true, 0},
      {"npir.reduce min", REDUCE("min"), true, true, 0},
      {"npir.resize nearest", makeNearest, true, true, 0},
      {"npir.resize bilinear", makeBilinear, true, true, 1e-5f},
      {"npir.pad", makePad, true, true, 0},
      {"npir.depth_to_space", makeDepthToSpace, true, true, 0},
      {"npir.space_to_depth", makeSpaceToDepth, true, true, 0},
      {"npir.reshape", makeReshape, true, true, 0},
      {"npir.transpose", makeTranspose, true, true, 0},
      {"npir.slice", makeSlice, true, true, 0},
      {"npir.concat", makeConcat, true, true, 0},
      {"npir.broadcast", makeBroadcast, true, true, 0},
      {"npir.quantize", makeQuantize, true, false, 0},
  };
  return table;
}
