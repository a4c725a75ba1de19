// This file implements the rules about how many dimensions tensors have.
#include "XNNPACKRules.h"

#include "npir/Dialect/XNN/IR/Limits.h"
#include "npir/Kernels/TensorRef.h"
#include "npir/Targets/JoinedDims.h"

using namespace mlir;
using namespace mlir::npir;

/// The largest rank of the tensors that `op` reads and makes.
static int64_t getRank(const OpTypes &types) {
  int64_t rank = 0;
  for (ArrayRef<Type> list :
       {ArrayRef(types.operands), ArrayRef(types.results)})
    for (Type type : list)
      rank = std::max(rank, cast<RankedTensorType>(type).getRank());
  return rank;
}

std::string mlir::npir::findRankProblem(Operation *, const OpTypes &types) {
  if (int64_t rank = getRank(types); rank > xnn::kMaxRank)
    return Text() << "expected at most " << xnn::kMaxRank << " dimensions, got "
                  << rank;
  return {};
}

std::string mlir::npir::findKernelRankProblem(Operation *,
                                              const OpTypes &types) {
  if (int64_t rank = getRank(types); rank > npir_kernels::kMaxRank)
    return Text() << "expected at most " << npir_kernels::kMaxRank
                  << " dimensions, got " << rank;
  return {};
}

/// For an op that may be computed on fewer dimensions.
std::string mlir::npir::findJoinedRankProblem(Operation *op,
                                              const OpTypes &types) {
  std::string problem = findKernelRankProblem(op, types);
  if (!problem.empty() || getRank(types) <= xnn::kMaxRank ||
      joinDims(op, xnn::kMaxRank))
    return problem;
  return findRankProblem(op, types);
}
