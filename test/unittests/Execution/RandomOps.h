// This file declares random layers: for each op of a table, text of a network
// with that one layer, of random shape, attributes and quantized types.
#ifndef NPIR_TEST_UNITTESTS_EXECUTION_RANDOMOPS_H
#define NPIR_TEST_UNITTESTS_EXECUTION_RANDOMOPS_H

#include "npir/Runtime/Tensor.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace mlir::npir {

/// A per-tensor type of signed 8-bit integers.
struct RandomType {
  float scale = 1;
  int zeroPoint = 0;
  int min = -128, max = 127;

  std::string text() const;
};

/// A tensor of a random layer.
struct RandomValue {
  npir_rt::Shape shape;
  RandomType type;
};

/// One layer. `text` is the op with its attributes and operands %x0, %x1, ...
struct RandomLayer {
  std::vector<RandomValue> inputs;
  /// Operands that are no activations: `%w`, its type and its definition.
  std::vector<std::string> constantNames, constantTypes, constants;
  /// These stand before the inputs.
  bool constantsFirst = false;
  std::string text;
  /// `text` ends as `: T -> T` rather than `: (T, ...) -> T`.
  bool isUnary = false;
  /// `text` ends as `: T`: the operand's type is the result's.
  bool hasOneType = false;
  RandomValue result;
};

/// Picks numbers and types, in 8 bits or in float.
class RandomSource {
public:
  RandomSource(unsigned seed, bool isFloat) : isFloat(isFloat), engine(seed) {}

  /// In [low, high].
  int64_t pick(int64_t low, int64_t high) {
    return low + int64_t(engine() % uint64_t(high - low + 1));
  }
  bool flip() { return engine() % 2 == 0; }
  /// Of every other type the scale is a power of two, which makes ties; in
  /// float of all, so that sums of products are exact.
  RandomType makeType();
  /// The same, and at times not the whole byte.
  RandomType makeResultType();
  RandomValue makeValue(npir_rt::Shape shape) {
    return {std::move(shape), makeType()};
  }
  /// [N, H, W, C].
  npir_rt::Shape makeImage(int64_t least = 1);
  npir_rt::Shape makeShape(int64_t rank);
  /// Whole numbers as far as the type goes.
  std::vector<float> makeData(const RandomValue &value);
  std::string hexBytes(size_t count, int low, int high);
  /// Numbers in [low, high] as `dense<...>` takes them.
  std::string realList(size_t count, float low, float high);

  const bool isFloat;

private:
  std::mt19937 engine;
};

/// A row of the table.
struct RandomOp {
  /// `npir.conv2d`, or with a form of it: `npir.reduce mean`.
  std::string name;
  RandomLayer (*make)(RandomSource &source);
  /// What can be tested.
  bool hasIntegerForm, hasFloatForm;
  /// Largest difference in float, relative to the result's largest magnitude,
  /// or to 1 where that is larger; 0: none.
  float tolerance;
};

/// All ops but functions of one number, which name themselves.
const std::vector<RandomOp> &getRandomOps();

/// A layer with the function `name`, with what attributes it needs.
RandomLayer makeUnary(const std::string &name, RandomSource &source);

/// A float.
std::string printReal(double value);

/// `tensor<?x2x!quant...>`; in float, of f32.
std::string printType(const RandomValue &value, bool isFloat);

/// The whole network: quantizes, computes, dequantizes.
std::string printNetwork(const RandomLayer &layer, bool isFloat);

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_EXECUTION_RANDOMOPS_H
