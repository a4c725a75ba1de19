// This file implements what is recorded of the batch that is open.
#include "BatchRecord.h"
#include "FloatBits.h"
#include "FlushDenormals.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

namespace mlir::npir {

/// Channels are looked at in so many rows at a time, where a span has them.
static constexpr size_t kRowsAtATime = 8;

/// So many values touch most of the counters near zero.
static constexpr size_t kManyValues = 8192;

static size_t chunksPerSample(const SampleBlock &block) {
  return (block.sample.size() + kChunk - 1) / kChunk;
}

size_t BatchRecord::chunksPerSpan(const SampleBlock &block,
                                  const Options &options) {
  if (!options.channels || block.sample.inner != 1)
    return 1;
  return std::clamp<size_t>(kRowsAtATime * block.sample.channels / kChunk, 1,
                            kSpanChunks);
}

size_t BatchRecord::spansPerSample(const SampleBlock &block,
                                   const Options &options) {
  size_t chunks = chunksPerSpan(block, options);
  return (chunksPerSample(block) + chunks - 1) / chunks;
}

size_t BatchRecord::numSpans(const SampleBlock &block, const Options &options) {
  return block.samples * spansPerSample(block, options);
}

void BatchRecord::add(const SampleBlock &block, const Options &options,
                      size_t size, NextSpan next) {
  FlushDenormals scope;
  if (options.channels && mins.empty()) {
    mins.assign(block.sample.channels, kInfinity);
    maxs.assign(block.sample.channels, -kInfinity);
  }
  // Other tensors have taken the cache since the last block.
  if (isObserved() && size / options.rowSample >= kManyValues)
    bins.fetch(
        std::min(2.0f * deviation, std::max(-extrema.least, extrema.greatest)));
  size_t spans = spansPerSample(block, options);
  size_t length = chunksPerSpan(block, options) * kChunk;
  Gathered gathered;
  while (std::optional<size_t> index = next()) {
    size_t sample = *index / spans;
    Span span;
    span.offset = *index % spans * length;
    span.size = std::min(length, block.sample.size() - span.offset);
    span.values = block.data + sample * block.sample.size() + span.offset;
    if (size_t(span.values - block.data) >= length)
      span.next = span.values - length;
    addSpan(span, block.sample, options);
    if (isObserved())
      addRows(span, block, block.firstSample + sample, options, gathered);
  }
  addBins(gathered.values, gathered.size);
}

void BatchRecord::addSpan(Span &span, const ChannelView &view,
                          const Options &options) {
  count += span.size;
  // The sums of counted rows come later, and one look at all values does.
  bool sumsAll = options.rowSample <= 1;
  if (!sumsAll && options.channels &&
      addChannels(span.values, span.size, span.offset, view, span.next)) {
    span.isFinite.fill(true);
    return;
  }
  for (size_t i = 0; i < span.size; i += kChunk) {
    const float *values = span.values + i;
    size_t size = std::min(kChunk, span.size - i);
    ChunkScan scan =
        options.channels ? sumChunk(values, size) : scanChunk(values, size);
    span.isFinite[i / kChunk] = scan.isFinite();
    if (!scan.isFinite())
      continue;
    extrema.widen(scan.extrema);
    if (sumsAll)
      addSums(scan, size);
  }
  size_t chunks = (span.size + kChunk - 1) / kChunk;
  if (llvm::all_of(llvm::ArrayRef(span.isFinite).take_front(chunks),
                   [](bool isFinite) { return isFinite; })) {
    if (options.channels)
      addChannels(span.values, span.size, span.offset, view);
    return;
  }
  for (size_t i = 0; i < span.size; i += kChunk) {
    const float *values = span.values + i;
    size_t size = std::min(kChunk, span.size - i);
    if (span.isFinite[i / kChunk]) {
      if (options.channels)
        addChannels(values, size, span.offset + i, view);
      continue;
    }
    addSlowly(values, size, span.offset + i, view, options);
    if (sumsAll)
      addSumsSlowly(values, size);
  }
}

void BatchRecord::addRows(const Span &span, const SampleBlock &block,
                          uint64_t sample, const Options &options,
                          Gathered &gathered) {
  bins.cover(extrema.least, extrema.greatest);
  bool countsAll = options.rowSample <= 1;
  for (size_t i = 0; i < span.size; i += kChunk) {
    const float *values = span.values + i;
    size_t size = std::min(kChunk, span.size - i);
    float *chunkBegin = gathered.values + gathered.size;
    auto addRow = [&](size_t first, size_t length) {
      const float *row = values + first;
      if (!span.isFinite[i / kChunk]) {
        sampled += bins.countFinite(row, length);
        if (!countsAll)
          addSumsSlowly(row, length);
        return;
      }
      if (countsAll)
        return addBins(row, length, span.next ? span.next + i : nullptr);
      if (length >= Gathered::kLongRow) {
        addSums(row, length);
        return addBins(row, length);
      }
      std::copy_n(row, length, gathered.values + gathered.size);
      gathered.size += length;
    };
    forEachCountedRow(span.offset + i, size, block.rowLength, sample,
                      options.rowSample, addRow);
    addSums(chunkBegin, gathered.values + gathered.size - chunkBegin);
    if (gathered.size >= kChunk) {
      addBins(gathered.values, kChunk);
      gathered.size -= kChunk;
      std::copy_n(gathered.values + kChunk, gathered.size, gathered.values);
    }
  }
}

void BatchRecord::addSums(const float *values, size_t size) {
  if (size == 0)
    return;
  ChunkScan scan = sumChunk(values, size);
  if (scan.isFinite())
    addSums(scan, size);
  else
    addSumsSlowly(values, size);
}

void BatchRecord::addSums(const ChunkScan &scan, size_t size) {
  sum.add(scan.sum);
  squares.add(scan.squares);
  deviation = std::sqrt(float(scan.squares / double(size)));
}

void BatchRecord::addSumsSlowly(const float *values, size_t size) {
  double chunkSum = 0.0, chunkSquares = 0.0;
  for (float x : llvm::ArrayRef(values, size)) {
    if (!isFiniteValue(x))
      continue;
    chunkSum += double(x);
    chunkSquares += double(x) * double(x);
  }
  sum.add(chunkSum);
  squares.add(chunkSquares);
}

void BatchRecord::addBins(const float *values, size_t size, const float *next) {
  if (size == 0)
    return;
  OpenBins::Hint hint;
  hint.isPositive = extrema.least >= 0.0f;
  hint.deviation = deviation;
  hint.greatest = extrema.greatest;
  hint.ahead = next;
  bins.count(values, size, hint);
  sampled += size;
}

bool BatchRecord::addChannels(const float *values, size_t size, size_t offset,
                              const ChannelView &view, const float *next) {
  ChannelScan scan;
  ptrdiff_t ahead = next ? next - values : 0;
  auto widen = [&](const float *values, size_t rows, size_t channels,
                   size_t first) {
    if (rows > 0 && channels > 0)
      scan.widen(widenChannels(values, rows, channels, mins.data() + first,
                               maxs.data() + first, ahead));
  };
  if (view.inner == 1) {
    // The end of a row, whole rows, the start of one.
    size_t column = offset % view.channels;
    size_t head = column == 0 ? 0 : std::min(size, view.channels - column);
    size_t rows = (size - head) / view.channels;
    size_t tail = size - head - rows * view.channels;
    widen(values, 1, head, column);
    widen(values + head, rows, view.channels, 0);
    widen(values + size - tail, 1, tail, 0);
  } else {
    for (size_t i = 0; i < size;) {
      size_t row = (offset + i) / view.inner;
      size_t length = std::min(size - i, (row + 1) * view.inner - (offset + i));
      widen(values + i, length, 1, row % view.channels);
      i += length;
    }
  }
  extrema.widen(scan.extrema);
  return scan.isFinite;
}

void BatchRecord::addSlowly(const float *values, size_t size, size_t offset,
                            const ChannelView &view, const Options &options) {
  for (size_t i = 0; i < size; ++i) {
    float x = values[i];
    if (!isFiniteValue(x)) {
      if ((bitsOf(x) & 0x7fffffffu) > kExponentMask)
        ++nanCount;
      else
        ++(x > 0 ? posInfCount : negInfCount);
      continue;
    }
    extrema.widen({x, x});
    if (options.channels) {
      size_t channel = (offset + i) / view.inner % view.channels;
      mins[channel] = std::min(mins[channel], x);
      maxs[channel] = std::max(maxs[channel], x);
    }
  }
}

void BatchRecord::take(BatchRecord &other) {
  count += std::exchange(other.count, 0);
  nanCount += std::exchange(other.nanCount, 0);
  posInfCount += std::exchange(other.posInfCount, 0);
  negInfCount += std::exchange(other.negInfCount, 0);
  sampled += std::exchange(other.sampled, 0);
  extrema.widen(std::exchange(other.extrema, Extrema()));
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
  result.minVal = flush(extrema.least);
  result.maxVal = flush(extrema.greatest);
  extrema = Extrema();
  result.channelMin = std::exchange(mins, {});
  result.channelMax = std::exchange(maxs, {});
  llvm::transform(result.channelMin, result.channelMin.begin(), flush);
  llvm::transform(result.channelMax, result.channelMax.begin(), flush);
  result.moments = {result.sampledCount, std::exchange(sum, FixedSum()),
                    std::exchange(squares, FixedSum())};
  return result;
}

size_t BatchRecord::memoryBytes() const {
  return bins.memoryBytes() +
         (mins.capacity() + maxs.capacity()) * sizeof(float);
}

} // namespace mlir::npir
