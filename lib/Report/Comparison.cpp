// This file implements the comparison of two runs of a network.
#include "npir/Report/Comparison.h"

#include "llvm/Support/Format.h"
#include <algorithm>
#include <cmath>

using namespace mlir::npir;
namespace json = llvm::json;

void ErrorStatistics::add(llvm::ArrayRef<float> reference,
                          llvm::ArrayRef<float> test) {
  for (size_t i = 0; i < reference.size(); ++i) {
    double x = reference[i], y = test[i], error = x - y;
    signal += x * x;
    energy += y * y;
    product += x * y;
    // Equal infinities are no error; their difference is NaN.
    if (x == y)
      continue;
    noise += error * error;
    double magnitude = std::fabs(error);
    if (!(magnitude <= maxError))
      maxError = std::isnan(maxError) ? maxError : magnitude;
  }
  count += reference.size();
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
      {"sqnr_db", decibelToJSON(entry.statistics.getSQNR())},
      {"cosine", decibelToJSON(entry.statistics.getCosine())},
      {"max_error", decibelToJSON(entry.statistics.getMaxError())},
      {"count", static_cast<int64_t>(entry.statistics.getCount())},
      {"sums", entry.statistics.toJSON()}};
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
  os << llvm::left_justify(entry.id, width)
     << llvm::format("  %9.2f  %10.6f  %11.4g", entry.statistics.getSQNR(),
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
    if (!lowest || entry.statistics.getSQNR() < lowest->statistics.getSQNR())
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
