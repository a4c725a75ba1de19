// This file declares a sum that does not depend on the order of its summands.
#ifndef NPIR_OBSERVERS_FIXEDSUM_H
#define NPIR_OBSERVERS_FIXEDSUM_H

#include "llvm/ADT/StringRef.h"
#include <array>
#include <cstdint>
#include <string>

namespace mlir::npir {

/// A fixed-point number of 256 bits with unit 2^-80. Each summand is rounded to
/// a multiple of the unit, half to even, and lies between -2^130 and 2^130
/// (others count as the nearer end); 2^45 of them cannot overflow.
class FixedSum {
public:
  /// Adds a number. `value` must not be NaN.
  void add(double value);
  void add(const FixedSum &other);

  /// The sum, within 1e-15 of its size.
  double toDouble() const;

  /// A minus sign, where there is one, and hexadecimal digits: the multiple of
  /// the unit. `parse` reads it back; false where `text` is something else.
  std::string toString() const;
  bool parse(llvm::StringRef text);

  bool operator==(const FixedSum &other) const { return words == other.words; }
  bool operator!=(const FixedSum &other) const { return !(*this == other); }

private:
  bool isNegative() const { return words.back() >> 63; }
  FixedSum negated() const;

  /// Two's complement, the lowest 64 bits first.
  std::array<uint64_t, 4> words = {};
};

/// Sums over finite values, from which mean and mean square follow. Those of a
/// sample are added up in f32 over chunks of 4096 values, whose sums are exact
/// from there on: within about 1e-6 of the sum of their sizes.
struct Moments {
  /// Values added.
  uint64_t count = 0;
  FixedSum sum;
  FixedSum squares;

  void add(const Moments &other) {
    count += other.count;
    sum.add(other.sum);
    squares.add(other.squares);
  }

  /// 0 where there are no values.
  double mean() const { return count ? sum.toDouble() / double(count) : 0.0; }
  double meanSquare() const {
    return count ? squares.toDouble() / double(count) : 0.0;
  }
  /// The standard deviation; not negative.
  double deviation() const;

  bool operator==(const Moments &other) const {
    return count == other.count && sum == other.sum && squares == other.squares;
  }
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_FIXEDSUM_H
