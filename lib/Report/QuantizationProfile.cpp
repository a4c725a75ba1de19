// This file implements the printing of profiles, as text and as JSON.
#include "npir/Report/QuantizationProfile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include <algorithm>
#include <cmath>

using namespace mlir::npir;
namespace json = llvm::json;

double TensorProfile::getClippedShare() const {
  uint64_t finite = count - nonFinite;
  return finite == 0 ? 0.0 : double(clipped) / double(finite);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// One number, or one per channel.
template <typename To, typename From>
static json::Value toJSON(llvm::ArrayRef<From> values, int64_t axis) {
  if (axis < 0)
    return static_cast<To>(values.front());
  return json::Array(
      llvm::map_range(values, [](From value) { return To(value); }));
}

json::Value TensorProfile::toJSON() const {
  json::Object statistics{
      {"id", id},
      {"qsnr", decibelToJSON(local.getSQNR())},
      {"mse", decibelToJSON(local.getMSE())},
      {"cumulative_qsnr", decibelToJSON(cumulative.getSQNR())},
      {"cumulative_mse", decibelToJSON(cumulative.getMSE())},
      {"min", min},
      {"max", max},
      {"scale", ::toJSON<double>(llvm::ArrayRef(scales), axis)},
      {"zero_point", ::toJSON<int64_t>(llvm::ArrayRef(zeroPoints), axis)},
      {"bits", int64_t(bits)},
      {"signed", isSigned},
      {"clipped", getClippedShare()},
      {"clipped_count", static_cast<int64_t>(clipped)},
      {"count", static_cast<int64_t>(count)},
      {"non_finite", static_cast<int64_t>(nonFinite)}};
  if (axis >= 0)
    statistics["axis"] = axis;
  json::Array countArray;
  for (uint64_t bin : counts)
    countArray.push_back(static_cast<int64_t>(bin));
  return json::Object{
      {"statistics", std::move(statistics)},
      {"histogram", json::Object{{"edges", json::Array(edges)},
                                 {"counts", std::move(countArray)}}},
      {"sums", json::Object{{"local", local.toJSON()},
                            {"cumulative", cumulative.toJSON()}}},
      {"time", seconds},
      {"memory", static_cast<int64_t>(bytes)}};
}

static json::Value toJSON(const QSNRSummary &summary) {
  return json::Object{{"min", decibelToJSON(summary.least)},
                      {"min_layer", summary.leastLayer},
                      {"median", decibelToJSON(summary.median)}};
}

json::Value QuantizationProfile::toJSON() const {
  json::Array layerArray, outputArray;
  for (const LayerProfile &layer : layers) {
    json::Object object{{"layer", layer.layer}};
    if (layer.output)
      object["output"] = layer.output->toJSON();
    if (layer.weight)
      object["weight"] = layer.weight->toJSON();
    layerArray.push_back(std::move(object));
  }
  for (const auto &[name, error] : outputs)
    outputArray.push_back(json::Object{{"name", name},
                                       {"qsnr", decibelToJSON(error.getSQNR())},
                                       {"mse", decibelToJSON(error.getMSE())},
                                       {"sums", error.toJSON()}});
  json::Object layerSummary;
  auto add = [&](llvm::StringRef key,
                 const std::optional<QSNRSummary> &summary) {
    if (summary)
      layerSummary[key] = ::toJSON(*summary);
  };
  add("output_qsnr", summarize(&LayerProfile::output, &TensorProfile::local));
  add("cumulative_output_qsnr",
      summarize(&LayerProfile::output, &TensorProfile::cumulative));
  add("weight_qsnr", summarize(&LayerProfile::weight, &TensorProfile::local));
  return json::Object{
      {"version", kVersion},
      {"model", model},
      {"samples", samples},
      {"layers", std::move(layerArray)},
      {"summary", json::Object{{"outputs", std::move(outputArray)},
                               {"layers", std::move(layerSummary)}}}};
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::optional<QSNRSummary> QuantizationProfile::summarize(
    std::optional<TensorProfile> LayerProfile::*tensor,
    ErrorStatistics TensorProfile::*error) const {
  std::vector<std::pair<double, const LayerProfile *>> values;
  for (const LayerProfile &layer : layers)
    if (const std::optional<TensorProfile> &profile = layer.*tensor)
      values.emplace_back(((*profile).*error).getSQNR(), &layer);
  if (values.empty())
    return std::nullopt;
  // Of equal ones the first; NaN is the worst there is.
  auto isLess = [](const auto &a, const auto &b) {
    return std::isnan(a.first) ? !std::isnan(b.first) : a.first < b.first;
  };
  llvm::stable_sort(values, isLess);
  size_t half = values.size() / 2;
  double median = values[half].first;
  // Halfway between two, unless there is no such place.
  if (values.size() % 2 == 0 && values[half - 1].first != median)
    median = (values[half - 1].first + median) / 2;
  return QSNRSummary{values[0].first, median, values[0].second->layer};
}

static void printRange(llvm::raw_ostream &os, llvm::ArrayRef<float> values) {
  auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  os << llvm::format("%.4g", *least);
  if (*least != *greatest)
    os << llvm::format(" to %.4g", *greatest);
}

static void printRange(llvm::raw_ostream &os, llvm::ArrayRef<int64_t> values) {
  auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  os << *least;
  if (*least != *greatest)
    os << " to " << *greatest;
}

static void printTensor(llvm::raw_ostream &os, llvm::StringRef title,
                        const TensorProfile &tensor, bool isComputed) {
  os << "  " << title << llvm::format(" QSNR: %.2f dB", tensor.local.getSQNR());
  if (isComputed)
    os << llvm::format(" (cumulative %.2f dB)", tensor.cumulative.getSQNR());
  os << llvm::format(", MSE %.3g, clipped %.3g %%, values %.4g to %.4g, ",
                     tensor.local.getMSE(), 100.0 * tensor.getClippedShare(),
                     tensor.min, tensor.max);
  os << (tensor.isSigned ? "i" : "u") << tensor.bits << " scale ";
  printRange(os, tensor.scales);
  os << " zero point ";
  printRange(os, tensor.zeroPoints);
  if (tensor.nonFinite != 0)
    os << ", " << tensor.nonFinite << " values not finite";
  os << "\n";
}

void QuantizationProfile::print(llvm::raw_ostream &os) const {
  os << model << ", " << samples << " samples\n";
  for (const LayerProfile &layer : layers) {
    os << layer.layer << "\n";
    if (layer.output)
      printTensor(os, "Output", *layer.output, /*isComputed=*/true);
    if (layer.weight)
      printTensor(os, "Weight", *layer.weight, /*isComputed=*/false);
  }
  auto printSummary = [&](llvm::StringRef title,
                          const std::optional<QSNRSummary> &summary) {
    if (summary)
      os << title << llvm::format(": least %.2f dB (", summary->least)
         << summary->leastLayer
         << llvm::format("), median %.2f dB\n", summary->median);
  };
  printSummary("Output QSNR over layers",
               summarize(&LayerProfile::output, &TensorProfile::local));
  printSummary("Cumulative output QSNR over layers",
               summarize(&LayerProfile::output, &TensorProfile::cumulative));
  printSummary("Weight QSNR over layers",
               summarize(&LayerProfile::weight, &TensorProfile::local));
  for (const auto &[name, error] : outputs)
    os << "Model output '" << name
       << llvm::format("' QSNR: %.2f dB\n", error.getSQNR());
}
