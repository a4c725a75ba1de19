// This file implements the collection of counts and extrema. Distribution.cpp
// has that of histograms and batches, and the merging.
#include "npir/Observers/TensorStatistics.h"
#include "FloatBits.h"
#include <algorithm>
#include <cassert>
#include <cmath>

namespace mlir::npir {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Counts a value that is not finite; true when it is.
bool countNonFinite(float x, TensorStatistics &stats) {
  if (std::isnan(x))
    ++stats.nanCount;
  else if (std::isinf(x))
    ++(x > 0 ? stats.posInfCount : stats.negInfCount);
  else
    return false;
  return true;
}

/// Elements that are looked at together; one NaN costs a second, slow look at
/// them. They fit in the L1 cache.
constexpr size_t kBlock = 4096;

//===----------------------------------------------------------------------===//
// Values of one channel, one after the other. Floats are compared as integers
// that order the same way: integer minima are reductions that every compiler
// turns into SIMD code, and NaN and infinities end up beyond the finite keys.
//===----------------------------------------------------------------------===//

int32_t toKey(float x) {
  int32_t bits = int32_t(bitsOf(x));
  int32_t key = bits ^ ((bits >> 31) & 0x7fffffff);
  return (bits & int32_t(kExponentMask)) == 0 ? 0 : key; // as `flushDenormal`
}

float fromKey(int32_t key) {
  return floatOf(uint32_t(key < 0 ? key ^ 0x7fffffff : key));
}

void accumulateRow(const float *data, size_t size, TensorStatistics &stats,
                   float &min, float &max) {
  const int32_t minusInfinity = toKey(-kInfinity), infinity = toKey(kInfinity);
  stats.count += size;
  for (size_t start = 0; start < size; start += kBlock) {
    size_t end = std::min(size, start + kBlock);
    int32_t least = infinity, greatest = minusInfinity;
    for (size_t i = start; i < end; ++i) {
      int32_t key = toKey(data[i]);
      least = std::min(least, key);
      greatest = std::max(greatest, key);
    }
    if (least > minusInfinity && greatest < infinity) {
      min = std::min(min, fromKey(least));
      max = std::max(max, fromKey(greatest));
      continue;
    }
    for (size_t i = start; i < end; ++i) {
      if (countNonFinite(data[i], stats))
        continue;
      min = std::min(min, flushDenormal(data[i]));
      max = std::max(max, flushDenormal(data[i]));
    }
  }
}

//===----------------------------------------------------------------------===//
// Channel last: neighbours are of different channels.
//===----------------------------------------------------------------------===//

bool allFinite(const float *data, size_t size) {
  uint32_t found = 0;
  for (size_t i = 0; i < size; ++i)
    found |= uint32_t((bitsOf(data[i]) & kExponentMask) == kExponentMask);
  return found == 0;
}

/// Widens `width` ranges by one value each. Becomes packed min and max
/// instructions.
void widenRow(const float *__restrict data, size_t width,
              float *__restrict mins, float *__restrict maxs) {
  for (size_t i = 0; i < width; ++i) {
    float x = flushDenormal(data[i]);
    mins[i] = x < mins[i] ? x : mins[i];
    maxs[i] = x > maxs[i] ? x : maxs[i];
  }
}

/// The least width of a step.
constexpr size_t kLanes = 64;

void accumulateRows(const float *data, size_t rows, size_t channels,
                    TensorStatistics &stats, float *mins, float *maxs) {
  if (rows == 0 || channels == 0)
    return;
  stats.count += uint64_t(rows) * channels;

  // Few channels: `group` rows at a time, each with ranges of its own, so that
  // a step is one long row. They are folded at the end.
  size_t group = std::max<size_t>(1, std::min(rows, kLanes / channels));
  size_t width = group * channels;
  llvm::SmallVector<float, kLanes> laneMins(width, kInfinity);
  llvm::SmallVector<float, kLanes> laneMaxs(width, -kInfinity);

  size_t rowsPerBlock = std::max<size_t>(1, kBlock / width) * group;
  for (size_t row = 0; row < rows; row += rowsPerBlock) {
    size_t size = std::min(rowsPerBlock, rows - row) * channels;
    const float *block = data + row * channels;
    if (allFinite(block, size)) {
      size_t offset = 0;
      for (; offset + width <= size; offset += width)
        widenRow(block + offset, width, laneMins.data(), laneMaxs.data());
      // What is left is whole rows, so lane i is still of channel
      // i % channels.
      widenRow(block + offset, size - offset, laneMins.data(), laneMaxs.data());
      continue;
    }
    for (size_t i = 0; i < size; ++i) {
      size_t channel = i % channels;
      if (!countNonFinite(block[i], stats))
        widenRow(&block[i], 1, &laneMins[channel], &laneMaxs[channel]);
    }
  }
  for (size_t i = 0; i < width; ++i) {
    mins[i % channels] = std::min(mins[i % channels], laneMins[i]);
    maxs[i % channels] = std::max(maxs[i % channels], laneMaxs[i]);
  }
}

} // namespace

void TensorStatistics::update(const float *data, ChannelView view) {
  // Values without channels came before: channels would be incomplete.
  if (count != 0 && channelMin.empty())
    return update({data, view.size()});
  dropDistribution();
  if (channelMin.empty()) {
    channelMin.assign(view.channels, kInfinity);
    channelMax.assign(view.channels, -kInfinity);
  }
  assert(channelMin.size() == view.channels && "number of channels changed");

  if (view.inner == 1 && view.channels > 1) {
    accumulateRows(data, view.outer, view.channels, *this, channelMin.data(),
                   channelMax.data());
  } else {
    // One channel is one row, however it is spread over outer and inner.
    size_t rows = view.channels == 1 ? 1 : view.outer * view.channels;
    size_t length = view.channels == 1 ? view.size() : view.inner;
    for (size_t row = 0; row < rows; ++row) {
      size_t channel = row % view.channels;
      accumulateRow(data + row * length, length, *this, channelMin[channel],
                    channelMax[channel]);
    }
  }
  for (size_t i = 0; i < view.channels; ++i) {
    minVal = std::min(minVal, channelMin[i]);
    maxVal = std::max(maxVal, channelMax[i]);
  }
}

void TensorStatistics::update(llvm::ArrayRef<float> values) {
  if (values.empty())
    return;
  dropDistribution();
  channelMin.clear();
  channelMax.clear();
  accumulateRow(values.data(), values.size(), *this, minVal, maxVal);
}

} // namespace mlir::npir
