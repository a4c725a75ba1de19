// This file interprets what resizes, pads and rearranges images.
#include "Ops.h"

#include "npir/Kernels/Reference/DataMovement.h"
#include "npir/Kernels/Reference/Resize.h"

using namespace mlir;
using namespace mlir::npir;

using npir_kernels::ResizeAxis;

/// Call `move` with an unsigned number as large as `tensor`'s stored elements:
/// those that only move are bits.
template <typename Move>
static void withBits(const Tensor &tensor, Move move) {
  switch (getStorageElementType(tensor.getType()).getIntOrFloatBitWidth()) {
  case 16:
    return move(uint16_t());
  case 32:
    return move(uint32_t());
  case 64:
    return move(uint64_t());
  default:
    return move(uint8_t());
  }
}

//===----------------------------------------------------------------------===//
// Resize
//===----------------------------------------------------------------------===//

/// Dimension 0 (height) or 1 (width).
static ResizeAxis getAxis(ResizeOp op, unsigned dim) {
  ResizeAxis axis;
  axis.inputSize =
      cast<RankedTensorType>(op.getInput().getType()).getDimSize(dim + 1);
  axis.outputSize = op.getSizes()[dim];
  axis.scale = op.getScales() ? (*op.getScales())[dim] : 0.0f;
  switch (op.getCoordinates()) {
  case ResizeCoordinates::HalfPixel:
    axis.coordinates = npir_kernels::ResizeCoordinates::HalfPixel;
    break;
  case ResizeCoordinates::Asymmetric:
    axis.coordinates = npir_kernels::ResizeCoordinates::Asymmetric;
    break;
  case ResizeCoordinates::AlignCorners:
    axis.coordinates = npir_kernels::ResizeCoordinates::AlignCorners;
    break;
  }
  return axis;
}

static npir_kernels::ResizeRounding getRounding(ResizeOp op) {
  switch (op.getRounding()) {
  case ResizeRounding::Floor:
    return npir_kernels::ResizeRounding::Floor;
  case ResizeRounding::Ceil:
    return npir_kernels::ResizeRounding::Ceil;
  case ResizeRounding::RoundPreferFloor:
    return npir_kernels::ResizeRounding::RoundPreferFloor;
  case ResizeRounding::RoundPreferCeil:
    return npir_kernels::ResizeRounding::RoundPreferCeil;
  }
  llvm_unreachable("unknown rounding");
}

static FailureOr<Tensor> interpretResize(Operation *op,
                                         ArrayRef<Tensor> operands) {
  auto resize = cast<ResizeOp>(op);
  Tensor result = makeBatchedResult(op, operands[0]);
  ResizeAxis height = getAxis(resize, 0), width = getAxis(resize, 1);
  if (resize.getMode() == ResizeMode::Nearest) {
    auto rows = npir_kernels::nearestIndices(height, getRounding(resize));
    auto columns = npir_kernels::nearestIndices(width, getRounding(resize));
    withBits(result, [&](auto bits) {
      using T = decltype(bits);
      reference::gatherPixels(asRef<T>(operands[0]), rows.data(),
                              columns.data(), asMutableRef<T>(result));
    });
    return result;
  }
  if (!isQuantizedTensor(result.getType())) {
    reference::resizeBilinear(asRef<float>(operands[0]), height, width,
                              asMutableRef<float>(result));
    return result;
  }
  if (!isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  reference::resizeBilinear(
      asRef<int8_t>(operands[0]), height, width,
      getBounds(cast<RequantAttrInterface>(op->getAttr("requant"))),
      asMutableRef<int8_t>(result));
  return result;
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

static npir_kernels::PadMode getMode(PadOp op) {
  switch (op.getMode()) {
  case PadMode::Constant:
    return npir_kernels::PadMode::Constant;
  case PadMode::Edge:
    return npir_kernels::PadMode::Edge;
  case PadMode::Reflect:
    return npir_kernels::PadMode::Reflect;
  }
  llvm_unreachable("unknown mode");
}

/// The stored form of the op's value, as bits.
static uint64_t getStoredValue(PadOp op) {
  float value = op.getValue().convertToFloat();
  auto quantized = dyn_cast_or_null<quant::UniformQuantizedType>(
      getQuantizedElementType(op.getType()));
  if (quantized)
    return npir_kernels::quantizeToGrid(
        value, 1.0f / getScales(quantized).front(),
        static_cast<int32_t>(quantized.getZeroPoint()),
        static_cast<int32_t>(quantized.getStorageTypeMin()),
        static_cast<int32_t>(quantized.getStorageTypeMax()));
  Type type = cast<RankedTensorType>(op.getType()).getElementType();
  if (type.isF32())
    return llvm::bit_cast<uint32_t>(value);
  return type.isInteger(1) ? value != 0 : static_cast<int64_t>(value);
}

static FailureOr<Tensor> interpretPad(Operation *op,
                                      ArrayRef<Tensor> operands) {
  auto pad = cast<PadOp>(op);
  if (pad.getMode() == PadMode::Constant &&
      isa_and_nonnull<quant::UniformQuantizedPerAxisType>(
          getQuantizedElementType(pad.getType())))
    return op->emitOpError("can be run with one scale only, got ")
           << pad.getType();
  Tensor result = makeBatchedResult(op, operands[0]);
  withBits(result, [&](auto bits) {
    using T = decltype(bits);
    reference::pad(asRef<T>(operands[0]), pad.getPadsBegin().data(),
                   getMode(pad), static_cast<T>(getStoredValue(pad)),
                   asMutableRef<T>(result));
  });
  return result;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

static FailureOr<Tensor> interpretDepthToSpace(Operation *op,
                                               ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  withBits(result, [&](auto bits) {
    using T = decltype(bits);
    reference::depthToSpace(
        asRef<T>(operands[0]),
        static_cast<int64_t>(cast<DepthToSpaceOp>(op).getBlock()),
        asMutableRef<T>(result));
  });
  return result;
}

static FailureOr<Tensor> interpretSpaceToDepth(Operation *op,
                                               ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  withBits(result, [&](auto bits) {
    using T = decltype(bits);
    reference::spaceToDepth(
        asRef<T>(operands[0]),
        static_cast<int64_t>(cast<SpaceToDepthOp>(op).getBlock()),
        asMutableRef<T>(result));
  });
  return result;
}

OpFunction mlir::npir::lookupSpatial(Operation *op) {
  if (isa<ResizeOp>(op))
    return interpretResize;
  if (isa<PadOp>(op))
    return interpretPad;
  if (isa<DepthToSpaceOp>(op))
    return interpretDepthToSpace;
  if (isa<SpaceToDepthOp>(op))
    return interpretSpaceToDepth;
  return nullptr;
}
