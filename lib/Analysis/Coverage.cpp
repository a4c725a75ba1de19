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
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  for (OpOperand *operand : op.getOperandsWithRole(Role::Weight)) {
    RankedTensorType type = getStoredType(operand->get());
    layer.weights += type.getNumElements();
    layer.hasQuantizedWeight = isQuantizedTensor(type);
    std::optional<int64_t> axis =
        op.getChannelAxis(operand->getOperandNumber());
    int64_t channels = axis ? type.getDimSize(*axis) : 1;
    if (channels > 0)
      layer.macs +=
          getElementsPerSample(result) * (type.getNumElements() / channels);
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
    addWeight(layer, op);
    coverage.layers.push_back(std::move(layer));
  });
  return coverage;
}

double Coverage::getMACShare() const {
  int64_t all = 0, quantized = 0;
  for (const LayerCoverage &layer : layers) {
    all += layer.macs;
    quantized += layer.isQuantized ? layer.macs : 0;
  }
  return all ? double(quantized) / double(all) : 1.0;
}

double Coverage::getWeightShare() const {
  int64_t all = 0, quantized = 0;
  for (const LayerCoverage &layer : layers) {
    all += layer.weights;
    quantized += layer.hasQuantizedWeight ? layer.weights : 0;
  }
  return all ? double(quantized) / double(all) : 1.0;
}

size_t Coverage::getNumQuantized() const {
  return llvm::count_if(layers, [](const auto &l) { return l.isQuantized; });
}

json::Value Coverage::toJSON() const {
  json::Array rows;
  for (const LayerCoverage &layer : layers)
    rows.push_back(
        json::Object{{"layer", layer.layer},
                     {"op", layer.op},
                     {"type", layer.type},
                     {"quantized", layer.isQuantized},
                     {"macs", layer.macs},
                     {"weights", layer.weights},
                     {"quantized_weight", layer.hasQuantizedWeight}});
  return json::Object{{"version", kVersion},
                      {"layers", std::move(rows)},
                      {"mac_share", getMACShare()},
                      {"weight_share", getWeightShare()}};
}

void Coverage::print(llvm::raw_ostream &os) const {
  size_t width = 5;
  for (const LayerCoverage &layer : layers)
    width = std::max(width, layer.layer.size());
  os << llvm::left_justify("layer", width)
     << "  type        MACs     weights  op\n";
  for (const LayerCoverage &layer : layers)
    os << llvm::left_justify(layer.layer, width) << "  "
       << llvm::left_justify(layer.type, 4)
       << llvm::format("  %10lld  %10lld  ", static_cast<long long>(layer.macs),
                       static_cast<long long>(layer.weights))
       << layer.op << "\n";
  os << llvm::format(
      "in integers: %.2f %% of the MACs, %.2f %% of the weights, "
      "%zu of %zu layers\n",
      100 * getMACShare(), 100 * getWeightShare(), getNumQuantized(),
      layers.size());
}
