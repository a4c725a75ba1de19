// This file implements sums that do not depend on the order of their summands.
#include "npir/Observers/FixedSum.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <cmath>

namespace mlir::npir {

/// Bits behind the point.
static constexpr int kFraction = 80;

void FixedSum::add(double value) {
  constexpr double kGreatest = 0x1p130;
  value = std::clamp(value, -kGreatest, kGreatest);
  // value = mantissa * 2^shift units, the mantissa of at most 53 bits.
  int exponent = 0;
  double fraction = std::frexp(value, &exponent);
  int shift = exponent - 53 + kFraction;
  auto mantissa = int64_t(
      shift >= 0 ? fraction * 0x1p53
                 : std::nearbyint(std::ldexp(fraction, exponent + kFraction)));
  shift = std::max(shift, 0);

  FixedSum summand;
  summand.words.fill(mantissa < 0 ? ~uint64_t(0) : 0);
  size_t word = shift / 64, bit = shift % 64;
  std::fill_n(summand.words.begin(), word, 0);
  summand.words[word] = uint64_t(mantissa) << bit;
  if (bit > 0 && word + 1 < summand.words.size())
    summand.words[word + 1] = uint64_t(mantissa >> (64 - bit));
  add(summand);
}

void FixedSum::add(const FixedSum &other) {
  uint64_t carry = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    uint64_t sum = words[i] + other.words[i];
    uint64_t overflow = sum < words[i];
    words[i] = sum + carry;
    carry = overflow + (words[i] < sum);
  }
}

FixedSum FixedSum::negated() const {
  FixedSum result, one;
  for (size_t i = 0; i < words.size(); ++i)
    result.words[i] = ~words[i];
  one.words[0] = 1;
  result.add(one);
  return result;
}

double FixedSum::toDouble() const {
  if (isNegative())
    return -negated().toDouble();
  double result = 0.0;
  for (size_t i = words.size(); i-- > 0;)
    result += std::ldexp(double(words[i]), int(64 * i) - kFraction);
  return result;
}

std::string FixedSum::toString() const {
  if (isNegative())
    return "-" + negated().toString();
  std::string digits;
  for (size_t i = words.size(); i-- > 0;)
    digits += llvm::utohexstr(words[i], /*LowerCase=*/true, /*Width=*/16);
  size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return digits.substr(first);
}

bool FixedSum::parse(llvm::StringRef text) {
  *this = FixedSum();
  bool negative = text.consume_front("-");
  // The sign bit is no digit's.
  if (text.empty() || text.size() > 63 ||
      !llvm::all_of(text, [](char c) { return llvm::isHexDigit(c); }))
    return false;
  for (size_t i = 0; i < text.size(); ++i) {
    size_t bit = 4 * (text.size() - 1 - i);
    words[bit / 64] |= uint64_t(llvm::hexDigitValue(text[i])) << (bit % 64);
  }
  if (negative)
    *this = negated();
  return true;
}

double Moments::deviation() const {
  double mean = this->mean();
  return std::sqrt(std::max(0.0, meanSquare() - mean * mean));
}

} // namespace mlir::npir
