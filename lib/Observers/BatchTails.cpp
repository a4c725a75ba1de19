// This file implements the tails of a batch, and their bytes in a file.
#include "npir/Observers/BatchTails.h"
#include "ByteReader.h"
#include "FloatBits.h"
#include "Percentile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/EndianStream.h"
#include <algorithm>
#include <cmath>

namespace mlir::npir {

/// The recorded tails, ascending.
static llvm::ArrayRef<double> getTails() {
  static const std::array<double, BatchTails::kCount> tails = {
      1e-5, 1.5e-5, 2e-5, 2.5e-5, 3e-5, 4e-5, 5e-5, 7.5e-5, //
      1e-4, 1.5e-4, 2e-4, 2.5e-4, 3e-4, 4e-4, 5e-4, 7.5e-4, //
      1e-3, 1.5e-3, 2e-3, 2.5e-3, 3e-3, 4e-3, 5e-3, 7.5e-3, //
      1e-2, 1.5e-2, 2e-2, 2.5e-2, 3e-2, 4e-2, 5e-2, 7.5e-2, //
      1e-1};
  return tails;
}

double BatchTails::unit() const {
  return Histogram::binWidthFor(minVal, maxVal) / 8;
}

BatchTails BatchTails::get(const Histogram &histogram, float minVal,
                           float maxVal) {
  BatchTails result;
  result.finiteCount = histogram.total();
  result.minVal = minVal;
  result.maxVal = maxVal;
  double unit = result.unit();
  auto round = [&](Histogram::Side side, std::array<float, kCount> &values) {
    std::vector<double> exact =
        histogram.quantiles(side, getTails(), minVal, maxVal);
    // None of the batch's rows was counted.
    if (histogram.total() == 0)
      exact.assign(kCount, side == Histogram::Side::Lower ? minVal : maxVal);
    // 18 bits: a float holds each multiple.
    llvm::transform(exact, values.begin(), [&](double value) {
      return float(std::nearbyint(value / unit) * unit);
    });
  };
  round(Histogram::Side::Lower, result.lower);
  round(Histogram::Side::Upper, result.upper);
  return result;
}

RealRange BatchTails::range(double tail) const {
  // 1 - 0.9995 is not quite 5e-4, which is meant.
  constexpr double kSlack = 1e-9;
  llvm::ArrayRef<double> tails = getTails();
  size_t next = llvm::partition_point(
                    tails, [&](double t) { return t < tail * (1 - kSlack); }) -
                tails.begin();
  next = std::min(next, kCount - 1);
  double part = 1.0;
  if (next > 0 && tails[next] > tail * (1 + kSlack))
    part = std::log(tail / tails[next - 1]) /
           std::log(tails[next] / tails[next - 1]);
  auto at = [&](const std::array<float, kCount> &values) {
    double to = values[next];
    double from = next > 0 ? values[next - 1] : to;
    return std::clamp(from + part * (to - from), double(minVal),
                      double(maxVal));
  };
  return rangeOfPercentiles({at(lower), at(upper)}, minVal, maxVal);
}

void BatchTails::widen(const BatchTails &other) {
  finiteCount += other.finiteCount;
  minVal = std::min(minVal, other.minVal);
  maxVal = std::max(maxVal, other.maxVal);
  for (size_t i = 0; i < kCount; ++i) {
    lower[i] = std::min(lower[i], other.lower[i]);
    upper[i] = std::max(upper[i], other.upper[i]);
  }
}

//===----------------------------------------------------------------------===//
// Bytes: count, bits of the extrema, then both sides from the widest tail
// inwards as differences of multiples, none of which is negative.
//===----------------------------------------------------------------------===//

void BatchTails::write(llvm::raw_ostream &os) const {
  llvm::encodeULEB128(finiteCount, os);
  llvm::support::endian::write(os, bitsOf(minVal), llvm::endianness::little);
  llvm::support::endian::write(os, bitsOf(maxVal), llvm::endianness::little);
  double unit = this->unit();
  auto writeSide = [&](const std::array<float, kCount> &values) {
    int64_t last = 0;
    for (size_t i = kCount; i-- > 0;) {
      auto multiple = int64_t(double(values[i]) / unit);
      if (i + 1 == kCount)
        llvm::encodeSLEB128(multiple, os);
      else
        llvm::encodeULEB128(std::abs(multiple - last), os);
      last = multiple;
    }
  };
  writeSide(lower);
  writeSide(upper);
}

bool BatchTails::read(ByteReader &reader, bool isSampled) {
  finiteCount = reader.readUnsigned();
  minVal = floatOf(reader.readWord());
  maxVal = floatOf(reader.readWord());
  if (reader.failed() || (finiteCount == 0 && !isSampled) ||
      !isFiniteValue(minVal) || !isFiniteValue(maxVal) || minVal > maxVal)
    return false;
  double unit = this->unit();
  // Quantiles lie between the extrema, give or take the rounding.
  double least = minVal - unit, greatest = maxVal + unit;
  auto readSide = [&](int64_t direction, std::array<float, kCount> &values) {
    double value = 0.0;
    for (size_t i = kCount; i-- > 0;) {
      double step = i + 1 == kCount
                        ? double(reader.readSigned())
                        : double(direction) * double(reader.readUnsigned());
      value += step * unit;
      if (!(value >= least && value <= greatest))
        return false;
      values[i] = float(value);
    }
    return true;
  };
  return readSide(-1, lower) && readSide(1, upper) && !reader.failed();
}

} // namespace mlir::npir
