// This file implements the search for tensors whose parts are recorded.
#include "SplitTensors.h"

using namespace mlir;
using namespace mlir::npir;

int64_t mlir::npir::getChannelAxis(ObserveOp op) {
  SpecAttr spec = op.getSpec();
  if (spec.getGranularity() == Granularity::PerChannel)
    return spec.getAxis();
  Value input = op.getInput();
  auto type = cast<RankedTensorType>(input.getType());
  std::optional<int64_t> axis;
  if (auto producer = input.getDefiningOp<QuantizableOpInterface>())
    axis =
        producer.getResultChannelAxis(cast<OpResult>(input).getResultNumber());
  else
    axis = type.getRank() - 1;
  // The batch is no channel.
  return axis.value_or(0) > 0 && *axis < type.getRank() ? *axis : -1;
}

/// The axis along which `slice` takes less than everything; nothing: there is
/// none, or more than one, or it is the batch.
static std::optional<int64_t> getSlicedAxis(SliceOp slice) {
  std::optional<int64_t> axis;
  auto from = cast<RankedTensorType>(slice.getInput().getType());
  auto to = cast<RankedTensorType>(slice.getType());
  for (int64_t i = 0; i < from.getRank(); ++i) {
    if (from.getDimSize(i) == to.getDimSize(i))
      continue;
    if (axis || i == 0)
      return std::nullopt;
    axis = i;
  }
  return axis;
}

static ObserveOp getObserver(Value value) {
  for (Operation *user : value.getUsers())
    if (auto observe = dyn_cast<ObserveOp>(user))
      return observe;
  return {};
}

/// The slices of `value` in order, if they cut it up along `axis`, which is
/// set. Other users of it do not matter.
static SmallVector<SliceOp, 4> getPieces(Value value, int64_t &axis) {
  SmallVector<SliceOp, 4> slices;
  std::optional<int64_t> common;
  for (Operation *user : value.getUsers()) {
    auto slice = dyn_cast<SliceOp>(user);
    if (!slice)
      continue;
    std::optional<int64_t> sliced = getSlicedAxis(slice);
    if (!sliced || (common && *common != *sliced))
      return {};
    common = sliced;
    slices.push_back(slice);
  }
  if (slices.size() < 2)
    return {};
  axis = *common;
  auto getBegin = [&](SliceOp slice) { return slice.getOffsets()[axis]; };
  llvm::sort(slices,
             [&](SliceOp a, SliceOp b) { return getBegin(a) < getBegin(b); });
  int64_t end = 0;
  for (SliceOp slice : slices) {
    if (getBegin(slice) != end)
      return {};
    end += cast<RankedTensorType>(slice.getType()).getDimSize(axis);
  }
  if (end != cast<RankedTensorType>(value.getType()).getDimSize(axis))
    return {};
  return slices;
}

static bool isLastAxis(ObserveOp op, int64_t axis) {
  return axis == cast<RankedTensorType>(op.getType()).getRank() - 1;
}

std::optional<SplitTensor> mlir::npir::findSplit(ObserveOp view) {
  int64_t axis = 0;
  SmallVector<SliceOp, 4> pieces = getPieces(view.getResult(), axis);
  if (pieces.empty())
    return std::nullopt;
  ObserveOp whole = view;
  while (auto reshape = whole.getInput().getDefiningOp<ReshapeOp>()) {
    whole = reshape.getInput().getDefiningOp<ObserveOp>();
    if (!whole)
      return std::nullopt;
  }
  // Channels of the whole: from `axis` on, all dimensions of the view.
  auto type = cast<RankedTensorType>(view.getType());
  int64_t inner =
      ShapedType::getNumElements(type.getShape().drop_front(axis + 1));
  int64_t wholeAxis = getChannelAxis(whole);
  if (!isLastAxis(whole, wholeAxis) ||
      cast<RankedTensorType>(whole.getType()).getDimSize(wholeAxis) !=
          type.getDimSize(axis) * inner)
    return std::nullopt;
  SplitTensor split;
  split.whole = whole.getId();
  for (SliceOp slice : pieces) {
    ObserveOp part = getObserver(slice.getResult());
    if (!part)
      return std::nullopt;
    int64_t own = getChannelAxis(part);
    if (own >= 0 && !isLastAxis(part, own))
      return std::nullopt;
    auto partType = cast<RankedTensorType>(part.getType());
    split.parts.push_back({part.getId(), partType.getDimSize(axis) * inner});
  }
  return split;
}
