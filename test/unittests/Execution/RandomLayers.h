// This file declares what the tables of random layers share.
#ifndef NPIR_TEST_UNITTESTS_EXECUTION_RANDOMLAYERS_H
#define NPIR_TEST_UNITTESTS_EXECUTION_RANDOMLAYERS_H

#include "RandomOps.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"

#include <array>
#include <cmath>

namespace mlir::npir {

/// `array<i64: 1, 2>`.
std::string printInts(llvm::ArrayRef<int64_t> values);

/// `tensor<1x2xELEMENT>`.
std::string printShape(const npir_rt::Shape &shape, const std::string &element);

/// A constant operand of `count` f32 numbers in [low, high].
void addReals(RandomLayer &layer, RandomSource &source, const std::string &name,
              int64_t count, float low, float high);

inline std::string toHex(const std::string &bytes) {
  return llvm::toHex(bytes);
}

/// A window that fits an image, with padding smaller than its extent.
struct RandomWindow {
  RandomWindow(RandomSource &source, const npir_rt::Shape &shape) {
    for (size_t i = 0; i < 2; ++i) {
      strides[i] = source.pick(1, 3);
      dilations[i] = source.pick(0, 2) == 0 ? source.pick(1, 3) : 1;
      kernel[i] = source.pick(1, 4);
      int64_t extent = (kernel[i] - 1) * dilations[i] + 1;
      pads[2 * i] = source.pick(0, extent - 1);
      pads[2 * i + 1] = source.pick(0, extent - 1);
      // Where it does not fit, one element does.
      if (shape[i + 1] + pads[2 * i] + pads[2 * i + 1] < extent)
        kernel[i] = dilations[i] = 1, pads[2 * i] = pads[2 * i + 1] = 0;
    }
  }

  /// Of the result, height (0) or width (1).
  int64_t size(const npir_rt::Shape &shape, size_t i) const {
    return (shape[i + 1] + pads[2 * i] + pads[2 * i + 1] -
            (kernel[i] - 1) * dilations[i] - 1) /
               strides[i] +
           1;
  }
  std::string text() const {
    return "strides = " + printInts(strides) + ", pads = " + printInts(pads) +
           ", dilations = " + printInts(dilations);
  }

  std::array<int64_t, 2> kernel = {}, strides = {}, dilations = {};
  std::array<int64_t, 4> pads = {};
};

/// The rows for ops on images and for what moves values.
const std::vector<RandomOp> &getRandomImageOps();
/// Those for what indices and truth values select.
const std::vector<RandomOp> &getRandomIndexOps();
/// Those that are in f32 outside and have integers inside.
const std::vector<RandomOp> &getRandomSchemeOps();

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_EXECUTION_RANDOMLAYERS_H
