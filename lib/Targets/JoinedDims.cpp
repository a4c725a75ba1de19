// This file implements how an op of many dimensions is one of few.
#include "npir/Targets/JoinedDims.h"

#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// What of an op's shapes can be joined.
struct JoinableShapes {
  /// So many operands broadcast to the result; what follows stays as it is.
  unsigned numOperands;
  /// So many dimensions at the end are the op's own.
  size_t numTrailing;
};
} // namespace

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static bool hasScalePerChannel(Value value) {
  quant::QuantizedType type = getQuantizedElementType(value.getType());
  return type && getQuantizedAxis(type).has_value();
}

static std::optional<JoinableShapes> getJoinable(Operation *op) {
  if (isa<QuantizeOp, DequantizeOp>(op)) {
    if (hasScalePerChannel(op->getOperand(0)) ||
        hasScalePerChannel(op->getResult(0)))
      return std::nullopt;
    return JoinableShapes{1, 0};
  }
  if (isa<UnaryOpInterface>(op))
    return JoinableShapes{1, 0};
  if (isa<BinaryOpInterface>(op))
    return JoinableShapes{2, 0};
  if (isa<SoftmaxOp, PreluOp, LinearOp, DynamicLinearOp>(op))
    return JoinableShapes{1, 1};
  if (isa<MatmulOp>(op))
    return JoinableShapes{2, 2};
  return std::nullopt;
}

/// Groups of neighbouring dimensions [0, count) with equal `kinds`, by the
/// first of each; kind -1 goes with any. The first dimension is a group.
static SmallVector<size_t> findGroups(ArrayRef<int64_t> kinds) {
  SmallVector<size_t> firsts;
  int64_t current = -1;
  for (auto [i, kind] : llvm::enumerate(kinds)) {
    if (i < 2 || (kind != -1 && current != -1 && kind != current)) {
      firsts.push_back(i);
      current = kind;
    } else if (current == -1) {
      current = kind;
    }
  }
  return firsts;
}

/// The product over each group; the free batch stays free.
static SmallVector<int64_t> join(ArrayRef<int64_t> shape,
                                 ArrayRef<size_t> firsts) {
  SmallVector<int64_t> joined;
  for (auto [i, first] : llvm::enumerate(firsts)) {
    size_t end = i + 1 < firsts.size() ? firsts[i + 1] : shape.size();
    int64_t size = shape[first];
    for (int64_t dim : shape.slice(first + 1, end - first - 1))
      size *= dim;
    joined.push_back(size);
  }
  return joined;
}

/// `repeats`: operands are repeated to the result's shape first, but for the
/// batch, so that all dimensions are alike.
static JoinedDims joinBroadcast(Operation *op, JoinableShapes joinable,
                                bool repeats) {
  ArrayRef<int64_t> result = getShape(op->getResult(0));
  size_t leading = result.size() - joinable.numTrailing;
  // Each operand's leading dimensions, with ones in front of those it lacks.
  SmallVector<SmallVector<int64_t>> aligned;
  for (Value operand : op->getOperands().take_front(joinable.numOperands)) {
    ArrayRef<int64_t> shape = getShape(operand).drop_back(joinable.numTrailing);
    SmallVector<int64_t> dims(leading - shape.size(), 1);
    llvm::append_range(dims, shape);
    aligned.push_back(std::move(dims));
  }
  JoinedDims joined;
  if (repeats)
    for (auto [k, dims] : llvm::enumerate(aligned)) {
      llvm::copy(result.slice(1, leading - 1), dims.begin() + 1);
      SmallVector<int64_t> &whole = joined.repeated.emplace_back(dims);
      llvm::append_range(
          whole, getShape(op->getOperand(k)).take_back(joinable.numTrailing));
    }
  // A dimension's kind: which operands are repeated along it.
  SmallVector<int64_t> kinds(leading, 0);
  for (size_t i = 0; i < leading; ++i) {
    if (result[i] == 1)
      kinds[i] = -1;
    for (auto [k, dims] : llvm::enumerate(aligned))
      if (result[i] != 1 && dims[i] == 1)
        kinds[i] |= int64_t(1) << k;
  }
  SmallVector<size_t> firsts = findGroups(kinds);

  joined.result = join(result.take_front(leading), firsts);
  llvm::append_range(joined.result, result.take_back(joinable.numTrailing));
  for (auto [k, operand] : llvm::enumerate(op->getOperands())) {
    ArrayRef<int64_t> shape = getShape(operand);
    if (k >= joinable.numOperands) {
      joined.operands.emplace_back(shape);
      continue;
    }
    SmallVector<int64_t> dims = join(aligned[k], firsts);
    if (!repeats && shape.size() < result.size())
      dims.erase(dims.begin(),
                 llvm::find_if(dims, [](int64_t dim) { return dim != 1; }));
    llvm::append_range(dims, shape.take_back(joinable.numTrailing));
    joined.operands.push_back(std::move(dims));
  }
  return joined;
}

/// `transposes`: what is reduced comes last.
static JoinedDims joinReduction(ReduceOp op, bool transposes) {
  SmallVector<int64_t> shape(getShape(op.getInput()));
  SmallVector<int64_t> kinds(shape.size(), 0);
  for (int64_t axis : op.getAxes())
    kinds[axis] = 1;
  JoinedDims joined;
  if (transposes) {
    joined.perm = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
    llvm::stable_sort(
        joined.perm, [&](int64_t a, int64_t b) { return kinds[a] < kinds[b]; });
    shape = applyPermutation(shape, joined.perm);
    kinds = applyPermutation(kinds, joined.perm);
  }
  SmallVector<size_t> firsts = findGroups(kinds);
  joined.operands.push_back(join(shape, firsts));
  for (auto [i, first] : llvm::enumerate(firsts)) {
    if (kinds[first])
      joined.axes.push_back(i);
    if (!kinds[first] || op.getKeepDims())
      joined.result.push_back(kinds[first] ? 1 : joined.operands[0][i]);
  }
  return joined;
}

int64_t JoinedDims::getRank() const {
  size_t rank = result.size();
  for (ArrayRef<int64_t> operand : operands)
    rank = std::max(rank, operand.size());
  return int64_t(rank);
}

std::optional<JoinedDims> mlir::npir::joinDims(Operation *op, int64_t maxRank) {
  auto reduce = dyn_cast<ReduceOp>(op);
  std::optional<JoinableShapes> joinable = getJoinable(op);
  if (!reduce && !joinable)
    return std::nullopt;
  auto join = [&](bool prepares) {
    return reduce ? joinReduction(reduce, prepares)
                  : joinBroadcast(op, *joinable, prepares);
  };
  JoinedDims joined = join(/*prepares=*/false);
  return joined.getRank() <= maxRank ? joined : join(/*prepares=*/true);
}
