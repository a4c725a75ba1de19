// This file implements the comparison of two runs of a network.
#include "npir/Report/Comparison.h"

#include "llvm/Support/Format.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir::npir;
namespace json = llvm::json;

namespace {
/// As many sums side by side as SIMD code can use: without them, a compiler
/// must add one element after the other.
struct Lanes {
  static constexpr size_t kCount = 8;
  double signal[kCount] = {}, noise[kCount] = {}, product[kCount] = {},
         energy[kCount] = {}, maxError[kCount] = {};

  void add(size_t lane, double x, double y) {
    // Equal infinities are no error; their difference is NaN.
    double error = x == y ? 0.0 : x - y;
    double magnitude = std::fabs(error);
    signal[lane] += x * x;
    energy[lane] += y * y;
    product[lane] += x * y;
    noise[lane] += error * error;
    maxError[lane] = magnitude > maxError[lane] ? magnitude : maxError[lane];
  }
  static double sum(const double (&lanes)[kCount]) {
    return std::accumulate(std::begin(lanes), std::end(lanes), 0.0);
  }
};
} // namespace

void ErrorStatistics::add(llvm::ArrayRef<float> reference,
                          llvm::ArrayRef<float> test) {
  Lanes lanes;
  size_t size = reference.size(), whole = size - size % Lanes::kCount;
  for (size_t i = 0; i < whole; i += Lanes::kCount)
    for (size_t lane = 0; lane < Lanes::kCount; ++lane)
      lanes.add(lane, reference[i + lane], test[i + lane]);
  for (size_t i = whole; i < size; ++i)
    lanes.add(i - whole, reference[i], test[i]);
  signal += Lanes::sum(lanes.signal);
  energy += Lanes::sum(lanes.energy);
  product += Lanes::sum(lanes.product);
  noise += Lanes::sum(lanes.noise);
  for (double lane : lanes.maxError)
    maxError = std::max(maxError, lane);
  // Squares are not negative, so only a NaN makes their sum one.
  if (std::isnan(noise))
    maxError = noise;
  count += size;
}

double ErrorStatistics::getSQNR() const {
  if (noise == 0)
    return std::numeric_limits<double>::infinity();
  return 10.0 * std::log10(signal / noise);
}

double ErrorStatistics::getCosine() const {
  if (signal == 0 && energy == 0)
    return 1.0;
  return product / std::sqrt(signal * energy);
}

json::Value mlir::npir::decibelToJSON(double decibel) {
  if (std::isinf(decibel))
    return decibel > 0 ? "inf" : "-inf";
  if (std::isnan(decibel))
    return "nan";
  return decibel;
}

static json::Value toJSON(const ComparisonEntry &entry) {
  json::Object object{
      {"id", entry.id},
      {"count", static_cast<int64_t>(entry.statistics.getCount())},
      {"sums", entry.statistics.toJSON()}};
  if (entry.isInteger) {
    object["integer"] = true;
  } else {
    object["sqnr_db"] = decibelToJSON(entry.statistics.getSQNR());
    object["cosine"] = decibelToJSON(entry.statistics.getCosine());
    object["max_error"] = decibelToJSON(entry.statistics.getMaxError());
  }
  if (entry.bitsCompared)
    object["differing"] = static_cast<int64_t>(entry.differing);
  return object;
}

json::Value Comparison::toJSON() const {
  json::Array outputArray, tensorArray;
  for (const ComparisonEntry &entry : outputs)
    outputArray.push_back(::toJSON(entry));
  for (const ComparisonEntry &entry : tensors)
    tensorArray.push_back(::toJSON(entry));
  json::Object object{{"version", kVersion},
                      {"reference", reference},
                      {"test", test},
                      {"samples", samples},
                      {"outputs", std::move(outputArray)},
                      {"tensors", std::move(tensorArray)}};
  if (bitsCompared)
    object["bit_exact_samples"] = bitExactSamples;
  return object;
}

static void printEntry(llvm::raw_ostream &os, const ComparisonEntry &entry,
                       size_t width, const char *mark) {
  os << llvm::left_justify(entry.id, width);
  if (entry.isInteger)
    os << "   integers           -            -";
  else
    os << llvm::format("  %9.2f  %10.6f  %11.4g", entry.statistics.getSQNR(),
                       entry.statistics.getCosine(),
                       entry.statistics.getMaxError());
  if (entry.bitsCompared)
    os << llvm::format("  %10llu",
                       static_cast<unsigned long long>(entry.differing));
  os << mark << "\n";
}

void Comparison::print(llvm::raw_ostream &os) const {
  size_t width = 6;
  const ComparisonEntry *lowest = nullptr;
  for (const ComparisonEntry &entry : tensors)
    if (!entry.isInteger &&
        (!lowest || entry.statistics.getSQNR() < lowest->statistics.getSQNR()))
      lowest = &entry;
  for (const auto *list : {&outputs, &tensors})
    for (const ComparisonEntry &entry : *list)
      width = std::max(width, entry.id.size());
  os << test << " against " << reference << ", " << samples << " samples\n";
  os << llvm::left_justify("tensor", width)
     << "    SQNR dB      cosine    max error"
     << (bitsCompared ? "   bits off" : "") << "\n";
  for (const ComparisonEntry &entry : tensors)
    printEntry(os, entry, width,
               &entry == lowest && std::isfinite(entry.statistics.getSQNR())
                   ? "  <- lowest"
                   : "");
  for (const ComparisonEntry &entry : outputs)
    printEntry(os, entry, width, "  (output)");
  if (bitsCompared)
    os << "bit-exact samples: " << bitExactSamples << " of " << samples << "\n";
}
