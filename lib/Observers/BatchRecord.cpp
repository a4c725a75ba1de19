// This file implements what is recorded of the batch that is open.
#include "BatchRecord.h"
#include "FloatBits.h"
#include "FlushDenormals.h"
#include <algorithm>
#include <cmath>

namespace mlir::npir {

/// Elements of a row that are worth a call of their own.
static constexpr size_t kLongRow = 256;

size_t BatchRecord::chunksPerSample(const SampleBlock &block) {
  return (block.sample.size() + kChunk - 1) / kChunk;
}

void BatchRecord::add(const SampleBlock &block, size_t begin, size_t end,
                      const Options &options) {
  FlushDenormals scope;
  size_t size = block.sample.size(), chunks = chunksPerSample(block);
  if (options.channels && mins.empty()) {
    mins.assign(block.sample.channels, kInfinity);
    maxs.assign(block.sample.channels, -kInfinity);
  }
  float rows[kChunk];
  for (size_t chunk = begin; chunk < end; ++chunk) {
    size_t sample = chunk / chunks, offset = chunk % chunks * kChunk;
    const float *values = block.data + sample * size + offset;
    size_t chunkSize = std::min(kChunk, size - offset);
    ChunkScan scan = scanChunk(values, chunkSize);
    if (scan.isFinite()) {
      count += chunkSize;
      least = std::min(least, scan.least);
      greatest = std::max(greatest, scan.greatest);
      sum.add(scan.sum);
      squares.add(scan.squares);
      if (options.channels)
        addChannels(values, chunkSize, offset, block.sample);
    } else {
      addSlowly(values, chunkSize, offset, block.sample, options);
    }
    if (!isObserved())
      continue;
    bins.cover(least, greatest);
    if (options.rowSample <= 1) {
      addBins(values, chunkSize, scan);
      continue;
    }
    // Short rows are counted together.
    size_t gathered = 0;
    forEachCountedRow(offset, chunkSize, block.rowLength,
                      block.firstSample + sample, options.rowSample,
                      [&](size_t first, size_t length) {
                        if (length >= kLongRow)
                          return addBins(values + first, length, scan);
                        std::copy_n(values + first, length, rows + gathered);
                        gathered += length;
                      });
    addBins(rows, gathered, scan);
  }
}

void BatchRecord::addBins(const float *values, size_t size,
                          const ChunkScan &scan) {
  if (scan.isFinite()) {
    bins.count(values, size, scan, greatest);
    sampled += size;
  } else {
    sampled += bins.countFinite(values, size);
  }
}

void BatchRecord::addChannels(const float *values, size_t size, size_t offset,
                              const ChannelView &view) {
  if (view.inner == 1) {
    // The end of a row, whole rows, the start of one.
    size_t column = offset % view.channels;
    size_t head = column == 0 ? 0 : std::min(size, view.channels - column);
    size_t rows = (size - head) / view.channels;
    size_t tail = size - head - rows * view.channels;
    if (head > 0)
      widenChannels(values, 1, head, mins.data() + column,
                    maxs.data() + column);
    if (rows > 0)
      widenChannels(values + head, rows, view.channels, mins.data(),
                    maxs.data());
    if (tail > 0)
      widenChannels(values + size - tail, 1, tail, mins.data(), maxs.data());
    return;
  }
  for (size_t i = 0; i < size;) {
    size_t row = (offset + i) / view.inner;
    size_t length = std::min(size - i, (row + 1) * view.inner - (offset + i));
    size_t channel = row % view.channels;
    widenChannels(values + i, length, 1, &mins[channel], &maxs[channel]);
    i += length;
  }
}

void BatchRecord::addSlowly(const float *values, size_t size, size_t offset,
                            const ChannelView &view, const Options &options) {
  double chunkSum = 0.0, chunkSquares = 0.0;
  count += size;
  for (size_t i = 0; i < size; ++i) {
    float x = values[i];
    if (!isFiniteValue(x)) {
      if ((bitsOf(x) & 0x7fffffffu) > kExponentMask)
        ++nanCount;
      else
        ++(x > 0 ? posInfCount : negInfCount);
      continue;
    }
    least = std::min(least, x);
    greatest = std::max(greatest, x);
    if (options.channels) {
      size_t channel = (offset + i) / view.inner % view.channels;
      mins[channel] = std::min(mins[channel], x);
      maxs[channel] = std::max(maxs[channel], x);
    }
    chunkSum += double(x);
    chunkSquares += double(x) * double(x);
  }
  sum.add(chunkSum);
  squares.add(chunkSquares);
}

void BatchRecord::take(BatchRecord &other) {
  count += std::exchange(other.count, 0);
  nanCount += std::exchange(other.nanCount, 0);
  posInfCount += std::exchange(other.posInfCount, 0);
  negInfCount += std::exchange(other.negInfCount, 0);
  sampled += std::exchange(other.sampled, 0);
  least = std::min(least, std::exchange(other.least, kInfinity));
  greatest = std::max(greatest, std::exchange(other.greatest, -kInfinity));
  if (mins.empty()) {
    mins = std::move(other.mins);
    maxs = std::move(other.maxs);
  }
  for (size_t i = 0; i < other.mins.size(); ++i) {
    mins[i] = std::min(mins[i], other.mins[i]);
    maxs[i] = std::max(maxs[i], other.maxs[i]);
  }
  other.mins.clear();
  other.maxs.clear();
  sum.add(std::exchange(other.sum, FixedSum()));
  squares.add(std::exchange(other.squares, FixedSum()));
  bins.take(other.bins);
}

TensorStatistics BatchRecord::takeStatistics() {
  TensorStatistics result;
  result.count = std::exchange(count, 0);
  result.nanCount = std::exchange(nanCount, 0);
  result.posInfCount = std::exchange(posInfCount, 0);
  result.negInfCount = std::exchange(negInfCount, 0);
  result.sampledCount = std::exchange(sampled, 0);
  auto flush = [](float x) { return flushDenormal(x); };
  result.minVal = flush(std::exchange(least, kInfinity));
  result.maxVal = flush(std::exchange(greatest, -kInfinity));
  result.channelMin = std::exchange(mins, {});
  result.channelMax = std::exchange(maxs, {});
  llvm::transform(result.channelMin, result.channelMin.begin(), flush);
  llvm::transform(result.channelMax, result.channelMax.begin(), flush);
  result.moments = {result.finiteCount(), std::exchange(sum, FixedSum()),
                    std::exchange(squares, FixedSum())};
  return result;
}

size_t BatchRecord::memoryBytes() const {
  return bins.memoryBytes() +
         (mins.capacity() + maxs.capacity()) * sizeof(float);
}

} // namespace mlir::npir
