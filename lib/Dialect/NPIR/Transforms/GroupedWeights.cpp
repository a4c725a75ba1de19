// This file implements the quantization of weights with a scale for every group
// of neighbours.
#include "GroupedWeights.h"
#include "ObservedRanges.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Kernels/DynamicQuantization.h"

using namespace mlir;
using namespace mlir::npir;

static quant::UniformQuantizedType getIntegers(SpecAttr spec) {
  IntegerGrid grid = getFormat(spec).grid;
  return getIntegersOnlyType(spec.getContext(), grid.bits, grid.qmin(),
                             grid.qmax());
}

LogicalResult mlir::npir::resolveGroupedWeight(ObserveOp weight) {
  ElementsAttr value = getFloatConstant(weight.getInput());
  if (!value)
    return emitErrorAt(weight)
           << "expected a constant for a weight in groups, got '"
           << weight.getInput().getDefiningOp()->getName() << "'";
  if (failed(checkFinite(weight, ConstantBytes(value).as<float>())))
    return failure();
  setTypes(weight, getIntegers(weight.getSpec()), Type());
  return success();
}

DequantizeGroupsOp mlir::npir::quantizeInGroups(OpBuilder &builder,
                                                ObserveOp op) {
  SpecAttr spec = op.getSpec();
  Value input = op.getInput();
  auto type = cast<RankedTensorType>(input.getType());
  ConstantBytes bytes(getFloatConstant(input));
  ArrayRef<float> values = bytes.as<float>();
  size_t outputs = type.getDimSize(0), inputs = type.getDimSize(1);
  size_t groupSize = spec.getGroupSize(), groups = inputs / groupSize;
  QuantFormat format = getFormat(spec);

  SmallVector<QuantParams> params;
  SmallVector<float> scales;
  for (const std::optional<RealRange> &range : deriveGroupRanges(
           values.data(), ChannelView::get(type.getShape(), /*axis=*/0),
           groupSize, getObserver(spec), format,
           ContextThreads{op.getContext()})) {
    QuantParams p = computeQuantParams(range.value_or(RealRange()), format.grid,
                                       format.scheme);
    p.scale = npir_kernels::roundUpToBfloat16(p.scale);
    scales.push_back(p.scale);
    params.push_back(p);
  }
  std::vector<int8_t> stored(values.size());
  quantizeTensor(values.data(), ChannelView{1, outputs * groups, groupSize},
                 params, format.grid, stored.data());

  Type f32 = builder.getF32Type();
  auto weight = createConstant(builder, input.getLoc(),
                               withElementType(type, getIntegers(spec)),
                               ArrayRef<int8_t>(stored));
  auto scale = createConstant(
      builder, getServingLocation(input, ".scales"),
      RankedTensorType::get({int64_t(outputs), int64_t(groups)}, f32),
      ArrayRef<float>(scales));
  return DequantizeGroupsOp::create(
      builder, getServingLocation(input, ".dequantize"), type, weight, scale);
}
