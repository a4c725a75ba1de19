// This file implements the fully connected layer of float activations and
// integer weights.
#include "Verification.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/XNN/IR/XNNHybridOps.h"
#include "npir/Kernels/DynamicQuantization.h"

#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace mlir::npir;
using namespace mlir::npir::xnn;

#define GET_OP_CLASSES
#include "npir/Dialect/XNN/IR/XNNHybridOps.cpp.inc"

/// What XNNPACK takes of groups: of 4 bits, in runs of a multiple of 32, with
/// scales in bfloat16.
static LogicalResult verifyGroups(HybridFullyConnectedOp op, int64_t groupSize,
                                  unsigned bits, ArrayRef<float> scales) {
  constexpr int64_t kBlock = 32; // XNN_MIN_BLOCKSIZE
  if (bits != 4 || groupSize % kBlock != 0)
    return op.emitOpError("expected 4-bit weights in groups of a multiple of ")
           << kBlock << ", got " << bits << " bits in groups of " << groupSize;
  for (float scale : scales)
    if (!npir_kernels::isBfloat16(scale))
      return op.emitOpError("expected group scales of 8 significant bits, got ")
             << scale;
  return success();
}

LogicalResult HybridFullyConnectedOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto filter = cast<RankedTensorType>(getFilter().getType());
  auto scaleType = cast<RankedTensorType>(getScales().getType());
  if (failed(verifyActivations(*this, {getInput(), getResult()})))
    return failure();
  if (isQuantizedTensor(getResult().getType()))
    return emitOpError("expected a result of f32, got ")
           << getResult().getType();
  if (filter.getRank() != 2 || !filter.hasStaticShape() ||
      !isIntegersOnly(filter))
    return emitOpError("expected a filter [OC, IC] of signed integers of up to "
                       "8 bits in a type of scale 1, got ")
           << filter;
  int64_t outputs = filter.getDimSize(0), inputs = filter.getDimSize(1);
  unsigned bits = getQuantizedElementType(filter).getStorageTypeIntegralWidth();
  if (bits != 8 && (bits != 4 || inputs % 2 != 0))
    return emitOpError("expected a filter of 8 bits, or of 4 and with an even "
                       "number of input channels, got ")
           << filter;
  if (input.getRank() < 1 || input.getShape().back() != inputs)
    return emitOpError("expected an input of shape [..., ")
           << inputs << "], got " << input;
  if (scaleType.getRank() != 2 || scaleType.getDimSize(0) != outputs ||
      scaleType.getDimSize(1) < 1 || inputs % scaleType.getDimSize(1) != 0)
    return emitOpError("expected scales [")
           << outputs << ", G] where G divides " << inputs << ", got "
           << scaleType;
  if (getBias() &&
      getBias().getType() !=
          RankedTensorType::get({outputs}, Float32Type::get(getContext())))
    return emitOpError("expected a bias of ")
           << outputs << " f32 numbers, got " << getBias().getType();
  for (Value constant : getOperands().drop_front())
    if (!constant.getDefiningOp<ConstantOp>())
      return emitOpError("expected filter, scales and bias to be constants");
  ConstantBytes bytes = *getConstantBytes(getScales());
  ArrayRef<float> scales = bytes.as<float>();
  for (float scale : scales)
    if (!npir_kernels::isLegalScale(scale))
      return emitOpError("expected scales in [2^-120, 2^120], got ") << scale;
  int64_t groups = scaleType.getDimSize(1);
  if (getDynamic() && groups > 1 &&
      failed(verifyGroups(*this, inputs / groups, bits, scales)))
    return failure();
  if (getDynamic() && !npir_kernels::isLegalAccumulation(inputs))
    return emitOpError("expected at most ")
           << npir_kernels::kMaxAccumulatedProducts
           << " products in one 32-bit sum, got " << inputs;
  SmallVector<int64_t> shape(input.getShape());
  shape.back() = outputs;
  if (failed(verifyShape(*this, shape)))
    return failure();
  return verifyBounds(*this, getOutputMin(), getOutputMax(), "output_min",
                      "output_max");
}
