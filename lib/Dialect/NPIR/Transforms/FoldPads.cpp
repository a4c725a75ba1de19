// This file implements the folding of padding into the windows that run over
// it.
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

/// `pads` [top, bottom, left, right] of a window with `kernel` and `dilations`,
/// and what `pad` adds to them; nothing where a window would see padding only.
static std::optional<SmallVector<int64_t>>
addPads(PadOp pad, ArrayRef<int64_t> pads, ArrayRef<int64_t> kernel,
        ArrayRef<int64_t> dilations) {
  ArrayRef<int64_t> begin = pad.getPadsBegin(), end = pad.getPadsEnd();
  if (begin.size() != 4 || begin[0] + end[0] + begin[3] + end[3] != 0)
    return std::nullopt;
  SmallVector<int64_t> sums = {pads[0] + begin[1], pads[1] + end[1],
                               pads[2] + begin[2], pads[3] + end[2]};
  for (int i = 0; i < 4; ++i)
    if (sums[i] > (kernel[i / 2] - 1) * dilations[i / 2])
      return std::nullopt;
  return sums;
}

template <typename OpTy>
static bool foldInto(PadOp pad, OpTy op, ArrayRef<int64_t> kernel) {
  auto sums = addPads(pad, op.getPads(), kernel, op.getDilations());
  if (!sums)
    return false;
  op.setPads(*sums);
  op.getInputMutable().assign(pad.getInput());
  op->setLoc(fuseLocations({op.getLoc(), pad.getLoc()}));
  return true;
}

/// Convolutions take padding for zeros.
template <typename ConvOp>
static bool foldIntoConvolution(PadOp pad, ConvOp op) {
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  return op.getInput() == pad.getResult() && pad.getValue().isZero() &&
         foldInto(pad, op, filter.getShape().slice(1, 2));
}

static bool foldIntoUser(PadOp pad, Operation *user) {
  if (auto conv = dyn_cast<Conv2DOp>(user))
    return foldIntoConvolution(pad, conv);
  if (auto conv = dyn_cast<DepthwiseConv2DOp>(user))
    return foldIntoConvolution(pad, conv);
  // Nothing is lower: it never wins.
  if (auto pool = dyn_cast<MaxPool2DOp>(user))
    return pad.getValue().isNegative() &&
           (pad.getValue().isInfinity() || pad.getValue().isLargest()) &&
           foldInto(pad, pool, pool.getKernel());
  if (auto pool = dyn_cast<AvgPool2DOp>(user)) {
    // The zeros count; so would the pool's own padding.
    bool hasPads = llvm::any_of(pool.getPads(), [](int64_t n) { return n; });
    if (!pad.getValue().isZero() || (hasPads && !pool.getCountIncludePad()) ||
        !foldInto(pad, pool, pool.getKernel()))
      return false;
    pool.setCountIncludePad(true);
    return true;
  }
  return false;
}

void mlir::npir::foldPads(func::FuncOp func) {
  for (Block &block : func.getBody())
    for (auto pad : llvm::make_early_inc_range(block.getOps<PadOp>())) {
      if (pad.getMode() != PadMode::Constant)
        continue;
      for (Operation *user : llvm::make_early_inc_range(pad->getUsers()))
        foldIntoUser(pad, user);
      if (pad->use_empty())
        pad.erase();
    }
}
