// This file implements what measures the rounding of one tensor.
#include "TensorProfiler.h"

#include "npir/Kernels/Fast/RoundToGrid.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

/// Elements that are looked at together: they and what becomes of them fit in
/// the L1 cache.
static constexpr size_t kBlock = 2048;
/// Bins of the histogram that is kept, on one side of zero, and of the one that
/// is reported.
static constexpr unsigned kLogBins = 12;
static constexpr size_t kReportedBins = 64;

mlir::npir::TensorProfiler::TensorProfiler(StringRef id,
                                           quant::QuantizedType type)
    : min(static_cast<int32_t>(type.getStorageTypeMin())),
      max(static_cast<int32_t>(type.getStorageTypeMax())), histogram(kLogBins) {
  profile.id = id.str();
  profile.bits = grid.bits = type.getStorageTypeIntegralWidth();
  profile.isSigned = grid.isSigned = type.isSigned();
  grid.narrow = grid.isSigned && min > grid.qmin();
  if (std::optional<int64_t> axis = getQuantizedAxis(type))
    profile.axis = *axis;
  for (auto [scale, zeroPoint] :
       llvm::zip_equal(getScales(type), getZeroPoints(type))) {
    params.push_back({scale, zeroPoint});
    profile.scales.push_back(scale);
    profile.zeroPoints.push_back(zeroPoint);
    zeroPoints.push_back(static_cast<int32_t>(zeroPoint));
    auto getEnd = [&, scale = scale, zero = zeroPoint](int64_t q, double half) {
      return static_cast<float>((double(q - zero) + half) * scale);
    };
    lowest.push_back(getEnd(min, -0.5));
    highest.push_back(getEnd(max, 0.5));
  }
}

void mlir::npir::TensorProfiler::add(ArrayRef<float> values,
                                     ArrayRef<int64_t> shape,
                                     Rounding rounding) {
  uint64_t nonFinite = statistics.nonFiniteCount();
  statistics.update(values);
  if (statistics.isObserved()) {
    histogram.cover(statistics.minVal, statistics.maxVal);
    histogram.count(values);
  }
  Part part = {values.data(), params.size(), values.size(), rounding,
               statistics.nonFiniteCount() == nonFinite};
  if (profile.axis >= 0)
    part.inner = ShapedType::getNumElements(
        shape.drop_front(static_cast<size_t>(profile.axis) + 1));
  for (size_t begin = 0; begin < values.size(); begin += kBlock)
    addBlock(part, begin, std::min(begin + kBlock, values.size()));
}

/// The values that a constant has after it was stored; `params` has one entry,
/// or one for each value.
template <typename T>
static void storeAndLoad(ArrayRef<float> values, ArrayRef<QuantParams> params,
                         IntegerGrid grid, float *out) {
  T stored[kBlock];
  bool isOne = params.size() == 1;
  ChannelView view;
  (isOne ? view.inner : view.channels) = values.size();
  quantizeTensor(values.data(), view, params, grid, stored);
  for (size_t i = 0; i < values.size(); ++i)
    out[i] = dequantizeValue(stored[i], params[isOne ? 0 : i]);
}

/// Call `run(begin, end, channel)` for parts of [begin, end), each of `channel`
/// alone or, across channels, of one element of each from `channel` on.
template <typename Part, typename Run>
static void forEachRun(const Part &part, size_t begin, size_t end, Run run) {
  while (begin < end) {
    size_t channel = begin / part.inner % part.channels;
    size_t rest = end - begin;
    if (part.isAcross())
      rest = part.channels - channel;
    else if (part.channels > 1)
      rest = part.inner - begin % part.inner;
    size_t next = begin + std::min(rest, end - begin);
    run(begin, next, channel);
    begin = next;
  }
}

void mlir::npir::TensorProfiler::round(const Part &part, size_t begin,
                                       size_t end, float *rounded) const {
  if (part.rounding == Rounding::Computed) {
    npir_kernels::fast::roundToGrid({profile.scales.data(), zeroPoints.data(),
                                     part.channels, part.inner, min, max},
                                    begin, part.values + begin, rounded,
                                    end - begin);
    return;
  }
  auto store = grid.isSigned ? storeAndLoad<int16_t> : storeAndLoad<uint16_t>;
  forEachRun(part, begin, end, [&](size_t from, size_t to, size_t channel) {
    store(ArrayRef(part.values + from, to - from),
          ArrayRef(params).slice(channel, part.isAcross() ? to - from : 1),
          grid, rounded + (from - begin));
  });
}

uint64_t mlir::npir::TensorProfiler::countClipped(const Part &part,
                                                  size_t begin,
                                                  size_t end) const {
  uint64_t clipped = 0;
  forEachRun(part, begin, end, [&](size_t from, size_t to, size_t channel) {
    const float *values = part.values + from, *low = &lowest[channel],
                *high = &highest[channel];
    uint32_t count = 0;
    if (part.isAcross()) {
      for (size_t i = 0; i < to - from; ++i)
        count += (values[i] < low[i]) | (values[i] > high[i]);
    } else {
      const float least = *low, greatest = *high;
      for (size_t i = 0; i < to - from; ++i)
        count += (values[i] < least) | (values[i] > greatest);
    }
    clipped += count;
  });
  return clipped;
}

void mlir::npir::TensorProfiler::addBlock(const Part &part, size_t begin,
                                          size_t end) {
  float rounded[kBlock];
  round(part, begin, end, rounded);
  profile.clipped += countClipped(part, begin, end);
  ArrayRef<float> block(part.values + begin, end - begin);
  if (part.areFinite) {
    profile.local.add(block, ArrayRef<float>(rounded, block.size()));
    return;
  }
  // NaN and infinities are no signal.
  SmallVector<float> finite, finiteRounded;
  for (auto [value, result] : llvm::zip_first(block, rounded)) {
    profile.clipped -= std::isinf(value);
    if (!std::isfinite(value))
      continue;
    finite.push_back(value);
    finiteRounded.push_back(result);
  }
  profile.local.add(finite, finiteRounded);
}

/// Join the bins of `histogram` to at most kReportedBins of one width. Zero is
/// an edge, so that each bin goes to one whole.
static void report(const Histogram &histogram, TensorProfile &profile) {
  ArrayRef<uint64_t> bins = histogram.bins();
  if (histogram.total() == 0)
    return;
  // Zeros have a bin of their own; they belong to the first positive one.
  size_t negatives = histogram.zeroBin();
  size_t positives = std::max<size_t>(bins.size() - 1 - negatives, 1);
  // Bins on each side of zero; one more step of the width may save a bin.
  auto count = [&](size_t joined) {
    return llvm::divideCeil(negatives, joined) +
           llvm::divideCeil(positives, joined);
  };
  size_t joined = llvm::divideCeil(negatives + positives, kReportedBins);
  while (count(joined) > kReportedBins)
    ++joined;
  auto below = static_cast<int64_t>(llvm::divideCeil(negatives, joined));
  profile.counts.assign(count(joined), 0);
  for (auto [i, value] : llvm::enumerate(bins)) {
    size_t bin = i < negatives ? static_cast<size_t>(below) - 1 -
                                     (negatives - 1 - i) / joined
                               : static_cast<size_t>(below) +
                                     (i - negatives - (i > negatives)) / joined;
    profile.counts[bin] += value;
  }
  double width = histogram.binWidth() * double(joined);
  for (size_t i = 0; i <= profile.counts.size(); ++i)
    profile.edges.push_back(double(static_cast<int64_t>(i) - below) * width);
}

TensorProfile mlir::npir::TensorProfiler::take() {
  profile.count = statistics.count;
  profile.nonFinite = statistics.nonFiniteCount();
  if (statistics.isObserved()) {
    profile.min = statistics.minVal;
    profile.max = statistics.maxVal;
  }
  report(histogram, profile);
  profile.bytes = held + sizeof(*this) +
                  histogram.bins().size() * sizeof(uint64_t) +
                  params.size() * (sizeof(QuantParams) + 4 * sizeof(float));
  return std::move(profile);
}
