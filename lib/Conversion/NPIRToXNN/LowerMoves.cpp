// This file implements how npir ops that only move values become xnn ops.
#include "LowerOps.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::npir;

static Value lower(ReshapeOp op, Segment &segment) {
  return xnn::StaticReshapeOp::create(segment.getBuilder(), op.getLoc(),
                                      op.getType(), segment.use(op.getInput()));
}

static Value lower(TransposeOp op, Segment &segment) {
  return xnn::StaticTransposeOp::create(
      segment.getBuilder(), op.getLoc(), op.getType(),
      segment.use(op.getInput()), op.getPerm());
}

static Value lower(SliceOp op, Segment &segment) {
  // Only the dynamic dimension is left for XNNPACK to find out.
  SmallVector<int64_t> sizes;
  for (int64_t size : cast<RankedTensorType>(op.getType()).getShape())
    sizes.push_back(ShapedType::isDynamic(size) ? 0 : size);
  return xnn::StaticSliceOp::create(segment.getBuilder(), op.getLoc(),
                                    op.getType(), segment.use(op.getInput()),
                                    op.getOffsets(), sizes);
}

/// XNNPACK takes up to 5 operands: more are joined in fives, level by level.
static Value lower(ConcatOp op, Segment &segment) {
  constexpr size_t kMaxInputs = 5;
  OpBuilder &builder = segment.getBuilder();
  auto type = cast<RankedTensorType>(op.getType());
  auto axis = static_cast<int64_t>(op.getAxis());
  SmallVector<Value> inputs;
  for (Value input : op.getInputs())
    inputs.push_back(segment.use(input));
  if (inputs.size() == 1)
    return xnn::CopyOp::create(builder, op.getLoc(), type, inputs.front());

  unsigned numParts = 0;
  auto join = [&](ArrayRef<Value> group) -> Value {
    if (group.size() == 1)
      return group.front();
    SmallVector<int64_t> shape = llvm::to_vector(type.getShape());
    shape[axis] = 0;
    for (Value input : group)
      shape[axis] += cast<RankedTensorType>(input.getType()).getDimSize(axis);
    Location loc =
        derivedLocation(op.getLoc(), ".part" + std::to_string(numParts++));
    return xnn::ConcatenateOp::create(
        builder, loc, RankedTensorType::get(shape, type.getElementType()),
        group, axis);
  };
  while (inputs.size() > kMaxInputs) {
    SmallVector<Value> joined;
    for (ArrayRef<Value> rest = inputs; !rest.empty();
         rest = rest.drop_front(std::min(kMaxInputs, rest.size())))
      joined.push_back(join(rest.take_front(kMaxInputs)));
    inputs = std::move(joined);
  }
  return xnn::ConcatenateOp::create(builder, op.getLoc(), type, inputs, axis);
}

/// Interpolation; the target's table leaves the rest to our kernel.
static FailureOr<Value> lower(ResizeOp op, Segment &segment) {
  if (op.getMode() != ResizeMode::Bilinear)
    return failure();
  return Value(xnn::StaticResizeBilinear2DOp::create(
      segment.getBuilder(), op.getLoc(), op.getType(),
      segment.use(op.getInput()), op.getSizes(),
      op.getCoordinates() == ResizeCoordinates::AlignCorners,
      op.getCoordinates() == ResizeCoordinates::Asymmetric));
}

FailureOr<Value> mlir::npir::lowerMove(Operation *op, Segment &segment) {
  return llvm::TypeSwitch<Operation *, FailureOr<Value>>(op)
      .Case<ReshapeOp, TransposeOp, SliceOp, ConcatOp, ResizeOp>(
          [&](auto typed) { return lower(typed, segment); })
      .Default([](Operation *) { return failure(); });
}
