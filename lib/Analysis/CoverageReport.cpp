// This file implements how coverage is told: shares, JSON and a table.
#include "npir/Analysis/Coverage.h"

#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::npir;
namespace json = llvm::json;

/// The part of `getCount`, summed over the layers, that those with `isCounted`
/// have; 1 where the sum is 0.
static double getShare(ArrayRef<LayerCoverage> layers,
                       function_ref<int64_t(const LayerCoverage &)> getCount,
                       function_ref<bool(const LayerCoverage &)> isCounted) {
  int64_t all = 0, counted = 0;
  for (const LayerCoverage &layer : layers) {
    all += getCount(layer);
    counted += isCounted(layer) ? getCount(layer) : 0;
  }
  return all ? double(counted) / double(all) : 1.0;
}

double Coverage::getMACShare() const {
  return getShare(
      layers, [](const auto &l) { return l.weights ? l.macs : 0; },
      [](const auto &l) { return l.isQuantized; });
}

double Coverage::getTotalMACShare() const {
  return getShare(
      layers, [](const auto &l) { return l.macs; },
      [](const auto &l) { return l.isQuantized; });
}

double Coverage::getWeightShare() const {
  return getShare(
      layers, [](const auto &l) { return l.weights; },
      [](const auto &l) { return l.hasQuantizedWeight; });
}

size_t Coverage::getNumQuantized() const {
  return llvm::count_if(layers, [](const auto &l) { return l.isQuantized; });
}

int64_t Coverage::getNumIslands() const {
  int64_t islands = 0;
  for (const LayerCoverage &layer : layers)
    islands = std::max(islands, layer.island);
  return islands;
}

int64_t Coverage::getConverted() const {
  int64_t converted = 0;
  for (const LayerCoverage &layer : layers)
    converted += layer.converted;
  return converted;
}

std::vector<TargetShare> Coverage::getTargetShares() const {
  std::vector<TargetShare> shares;
  size_t count = layers.empty() ? 0 : layers.front().targets.size();
  for (size_t i = 0; i < count; ++i) {
    auto isInteger = [i](const LayerCoverage &layer) {
      return layer.targets[i].form == "integer";
    };
    TargetShare &share = shares.emplace_back();
    share.target = layers.front().targets[i].target;
    share.macShare = getShare(
        layers, [](const auto &l) { return l.weights ? l.macs : 0; },
        isInteger);
    share.totalMACShare =
        getShare(layers, [](const auto &l) { return l.macs; }, isInteger);
    share.layers = llvm::count_if(layers, isInteger);
  }
  return shares;
}

static json::Object toJSON(const TargetCoverage &coverage) {
  json::Object object{{"target", coverage.target}, {"form", coverage.form}};
  if (!coverage.kernel.empty())
    object["kernel"] = coverage.kernel;
  if (!coverage.reason.empty())
    object["reason"] = coverage.reason;
  return object;
}

json::Value Coverage::toJSON() const {
  json::Array rows;
  for (const LayerCoverage &layer : layers) {
    json::Object row{{"layer", layer.layer},
                     {"op", layer.op},
                     {"type", layer.type},
                     {"quantized", layer.isQuantized},
                     {"macs", layer.macs},
                     {"weights", layer.weights},
                     {"quantized_weight", layer.hasQuantizedWeight}};
    if (!layer.scheme.empty())
      row["scheme"] = layer.scheme;
    if (!layer.schemeNote.empty())
      row["scheme_note"] = layer.schemeNote;
    if (!layer.floatReason.empty())
      row["float_reason"] = layer.floatReason;
    if (layer.island) {
      row["island"] = layer.island;
      row["converted"] = layer.converted;
    }
    if (!layer.targets.empty()) {
      json::Array targets;
      for (const TargetCoverage &target : layer.targets)
        targets.push_back(::toJSON(target));
      row["targets"] = std::move(targets);
    }
    rows.push_back(std::move(row));
  }
  json::Object report{{"version", kVersion},
                      {"layers", std::move(rows)},
                      {"mac_share", getMACShare()},
                      {"total_mac_share", getTotalMACShare()},
                      {"weight_share", getWeightShare()},
                      {"islands", getNumIslands()},
                      {"converted", getConverted()}};
  json::Array shares;
  for (const TargetShare &share : getTargetShares())
    shares.push_back(json::Object{{"target", share.target},
                                  {"mac_share", share.macShare},
                                  {"total_mac_share", share.totalMACShare},
                                  {"layers", int64_t(share.layers)}});
  if (!shares.empty())
    report["targets"] = std::move(shares);
  return report;
}

void Coverage::print(llvm::raw_ostream &os) const {
  size_t width = 5, schemeWidth = 6;
  for (const LayerCoverage &layer : layers) {
    width = std::max(width, layer.layer.size());
    schemeWidth = std::max(schemeWidth, layer.scheme.size());
  }
  os << llvm::left_justify("layer", width) << "  type  "
     << llvm::left_justify("scheme", schemeWidth)
     << "        MACs     weights  island  converted  op\n";
  for (const LayerCoverage &layer : layers) {
    os << llvm::left_justify(layer.layer, width) << "  "
       << llvm::left_justify(layer.type, 4) << "  "
       << llvm::left_justify(layer.scheme, schemeWidth)
       << llvm::format("  %10lld  %10lld  ", static_cast<long long>(layer.macs),
                       static_cast<long long>(layer.weights));
    if (layer.island)
      os << llvm::format("%6lld  %9lld  ", static_cast<long long>(layer.island),
                         static_cast<long long>(layer.converted));
    else
      os.indent(19);
    os << layer.op;
    if (!layer.floatReason.empty())
      os << ": " << layer.floatReason;
    if (!layer.schemeNote.empty())
      os << "; " << layer.schemeNote;
    for (const TargetCoverage &target : layer.targets) {
      os << "; " << target.target << ": " << target.form;
      if (!target.kernel.empty() && target.kernel != target.target)
        os << " on a kernel of " << target.kernel;
      if (!target.reason.empty() && target.reason != layer.floatReason)
        os << ", " << target.reason;
    }
    os << "\n";
  }
  os << llvm::format(
      "in integers: %.2f %% of the MACs of layers with weights, %.2f %% of all "
      "MACs, %.2f %% of the weights, %zu of %zu layers\n",
      100 * getMACShare(), 100 * getTotalMACShare(), 100 * getWeightShare(),
      getNumQuantized(), layers.size());
  for (const TargetShare &share : getTargetShares())
    os << llvm::format(
        "%s would compute in integers: %.2f %% of the MACs of layers with "
        "weights, %.2f %% of all MACs, %zu of %zu layers\n",
        share.target.c_str(), 100 * share.macShare, 100 * share.totalMACShare,
        share.layers, layers.size());
  os << llvm::format(
      "islands in float: %lld, which convert %lld elements per sample\n",
      static_cast<long long>(getNumIslands()),
      static_cast<long long>(getConverted()));
}
