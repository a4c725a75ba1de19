// This file implements the account of what a function computes in integers.
#include "npir/Analysis/Coverage.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::npir;
namespace json = llvm::json;

/// Elements of `type` per sample.
static int64_t getElementsPerSample(RankedTensorType type) {
  int64_t count = 1;
  for (int64_t dim : type.getShape())
    count *= ShapedType::isDynamic(dim) ? 1 : dim;
  return count;
}

/// The weight's type where it is stored: behind a dequantize, if there is one.
static RankedTensorType getStoredType(Value weight) {
  if (auto dequantize = weight.getDefiningOp<DequantizeOp>())
    return cast<RankedTensorType>(dequantize.getInput().getType());
  return cast<RankedTensorType>(weight.getType());
}

static void addWeight(LayerCoverage &layer, QuantizableOpInterface op) {
  for (OpOperand *operand : op.getOperandsWithRole(Role::Weight)) {
    RankedTensorType type = getStoredType(operand->get());
    layer.weights += type.getNumElements();
    layer.hasQuantizedWeight = isQuantizedTensor(type);
  }
}

Coverage mlir::npir::computeCoverage(func::FuncOp func) {
  Coverage coverage;
  func.walk([&](QuantizableOpInterface op) {
    if (isa<QuantizeOp>(op) || op->getNumResults() == 0)
      return;
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type)
      return;
    LayerCoverage layer;
    layer.layer = getDisplayName(op);
    layer.op = op->getName().getStringRef().str();
    quant::QuantizedType quantized = getQuantizedElementType(type);
    layer.isQuantized = static_cast<bool>(quantized);
    llvm::raw_string_ostream(layer.type)
        << (quantized ? quantized.getStorageType() : type.getElementType());
    layer.macs = getElementsPerSample(type) * op.getProductsPerElement();
    addWeight(layer, op);
    if (auto reason =
            op->getAttrOfType<StringAttr>(NPIRDialect::kFloatReasonAttrName))
      layer.floatReason = reason.str();
    coverage.layers.push_back(std::move(layer));
  });
  return coverage;
}

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
    if (!layer.floatReason.empty())
      row["float_reason"] = layer.floatReason;
    rows.push_back(std::move(row));
  }
  return json::Object{{"version", kVersion},
                      {"layers", std::move(rows)},
                      {"mac_share", getMACShare()},
                      {"total_mac_share", getTotalMACShare()},
                      {"weight_share", getWeightShare()}};
}

void Coverage::print(llvm::raw_ostream &os) const {
  size_t width = 5;
  for (const LayerCoverage &layer : layers)
    width = std::max(width, layer.layer.size());
  os << llvm::left_justify("layer", width)
     << "  type        MACs     weights  op\n";
  for (const LayerCoverage &layer : layers) {
    os << llvm::left_justify(layer.layer, width) << "  "
       << llvm::left_justify(layer.type, 4)
       << llvm::format("  %10lld  %10lld  ", static_cast<long long>(layer.macs),
                       static_cast<long long>(layer.weights))
       << layer.op;
    if (!layer.floatReason.empty())
      os << ": " << layer.floatReason;
    os << "\n";
  }
  os << llvm::format(
      "in integers: %.2f %% of the MACs of layers with weights, %.2f %% of all "
      "MACs, %.2f %% of the weights, %zu of %zu layers\n",
      100 * getMACShare(), 100 * getTotalMACShare(), 100 * getWeightShare(),
      getNumQuantized(), layers.size());
}
