// This file implements the fast rounding of rows to grids of their own. The
// loops are written for the compiler's vectorizer.
#include "npir/Kernels/Fast/DynamicQuantize.h"
#include "Variants.h"
#include "npir/Kernels/DynamicQuantization.h"

namespace npir_kernels::fast {
namespace {

struct Kernel {
  /// Extrema lane by lane: these do not depend on the order.
  NPIR_ALWAYS_INLINE static RowGrid findGrid(const float *__restrict row,
                                             size_t count) {
    constexpr size_t numLanes = 16;
    float mins[numLanes] = {}, maxs[numLanes] = {};
    size_t i = 0;
    for (; i + numLanes <= count; i += numLanes)
      for (size_t lane = 0; lane < numLanes; ++lane) {
        const float x = row[i + lane];
        mins[lane] = x < mins[lane] ? x : mins[lane];
        maxs[lane] = x > maxs[lane] ? x : maxs[lane];
      }
    for (; i < count; ++i) {
      mins[0] = row[i] < mins[0] ? row[i] : mins[0];
      maxs[0] = row[i] > maxs[0] ? row[i] : maxs[0];
    }
    float min = 0.0f, max = 0.0f;
    for (size_t lane = 0; lane < numLanes; ++lane) {
      min = mins[lane] < min ? mins[lane] : min;
      max = maxs[lane] > max ? maxs[lane] : max;
    }
    return computeRowGrid(flushDenormal(min), flushDenormal(max));
  }

  NPIR_ALWAYS_INLINE static void run(const float *input, float *output,
                                     size_t rows, size_t count) {
    for (size_t row = 0; row < rows; ++row) {
      const float *__restrict from = input + row * count;
      float *__restrict to = output + row * count;
      const RowGrid grid = findGrid(from, count);
      for (size_t i = 0; i < count; ++i)
        to[i] = roundInRow(from[i], grid);
    }
  }
};

} // namespace

void dynamicQuantize(const float *input, float *output, size_t rows,
                     size_t count, InstructionSet set) {
  runVariant<Kernel>(set, input, output, rows, count);
}

} // namespace npir_kernels::fast
