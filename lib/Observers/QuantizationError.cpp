// This file implements what quantization does to the values of a tensor.
#include "npir/Observers/QuantizationError.h"
#include "ExactError.h"
#include "FloatBits.h"
#include "HistogramError.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <limits>

namespace mlir::npir {

double QuantizationError::sqnr() const {
  return noise == 0.0 ? std::numeric_limits<double>::infinity()
                      : 10.0 * std::log10(signal / noise);
}

//===----------------------------------------------------------------------===//
// Expected
//===----------------------------------------------------------------------===//

QuantizationError estimateError(const TensorStatistics &statistics,
                                QuantParams params, IntegerGrid grid) {
  if (statistics.histogram.total() == 0)
    return {};
  return HistogramError(statistics.histogram,
                        {statistics.minVal, statistics.maxVal})
      .error(params, grid);
}

QuantizationError estimateChannelError(const TensorStatistics &statistics,
                                       llvm::ArrayRef<QuantParams> params,
                                       IntegerGrid grid) {
  QuantizationError sum;
  for (auto [i, histogram] : llvm::enumerate(statistics.channelHistograms))
    if (histogram.total() != 0 && i < params.size())
      sum += HistogramError(histogram, {statistics.channelMin[i],
                                        statistics.channelMax[i]})
                 .error(params[i], grid);
  return sum;
}

//===----------------------------------------------------------------------===//
// Measured
//===----------------------------------------------------------------------===//

/// Values that one task looks at.
static constexpr size_t kChunk = size_t(1) << 16;

void sumSquaredErrors(llvm::ArrayRef<float> values,
                      llvm::ArrayRef<LevelGrid> grids,
                      llvm::MutableArrayRef<double> sums,
                      ParallelFor parallelFor) {
  llvm::fill(sums, 0.0);
  if (values.size() <= kChunk)
    return addSquaredErrors(values, grids, sums);
  size_t chunks = (values.size() + kChunk - 1) / kChunk;
  std::vector<double> partial(chunks * grids.size());
  parallelFor(chunks, [&](size_t chunk) {
    addSquaredErrors(values.drop_front(chunk * kChunk).take_front(kChunk),
                     grids,
                     llvm::MutableArrayRef(partial).slice(chunk * grids.size(),
                                                          grids.size()));
  });
  for (size_t i = 0; i < partial.size(); ++i)
    sums[i % grids.size()] += partial[i];
}

/// Adds a run of values that share `levels`.
static void addRun(llvm::ArrayRef<float> values, const LevelGrid &levels,
                   QuantizationError &error) {
  for (float x : values) {
    if (!isFiniteValue(x))
      continue;
    double value = flushDenormal(x), exact = value * levels.inverse;
    double level =
        std::clamp(std::nearbyint(exact), levels.lowest, levels.highest);
    double difference = value - level * levels.scale;
    ++error.count;
    error.clipped +=
        exact < levels.lowest - 0.5 || exact > levels.highest + 0.5 ? 1 : 0;
    error.signal += value * value;
    error.noise += difference * difference;
  }
}

QuantizationError measureError(const float *data, ChannelView view,
                               llvm::ArrayRef<QuantParams> params,
                               IntegerGrid grid, ParallelFor parallelFor) {
  llvm::SmallVector<LevelGrid> grids;
  for (QuantParams one : params)
    grids.emplace_back(one, grid);
  bool isWhole = grids.size() == 1;
  size_t chunks = (view.size() + kChunk - 1) / kChunk;
  std::vector<QuantizationError> errors(chunks);
  parallelFor(chunks, [&](size_t chunk) {
    size_t at = chunk * kChunk, end = std::min(at + kChunk, view.size());
    while (at < end) {
      // A run is a row, or what of it lies in the chunk.
      size_t next =
          isWhole ? end : std::min(end, (at / view.inner + 1) * view.inner);
      size_t channel = isWhole ? 0 : at / view.inner % view.channels;
      addRun({data + at, next - at}, grids[channel], errors[chunk]);
      at = next;
    }
  });
  QuantizationError sum;
  for (const QuantizationError &error : errors)
    sum += error;
  return sum;
}

} // namespace mlir::npir
