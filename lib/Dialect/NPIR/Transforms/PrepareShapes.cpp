// This file implements the arithmetic of shapes that layout propagation needs.
#include "PrepareShapes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::npir;

Permutation mlir::npir::identityPermutation(int64_t rank) {
  return llvm::to_vector<4>(llvm::seq<int64_t>(0, rank));
}

Permutation mlir::npir::composePermutations(ArrayRef<int64_t> first,
                                            ArrayRef<int64_t> second) {
  Permutation perm;
  for (int64_t dim : second)
    perm.push_back(first[dim]);
  return perm;
}

Permutation mlir::npir::invertPermutation(ArrayRef<int64_t> perm) {
  Permutation inverse(perm.size());
  for (auto [i, dim] : llvm::enumerate(perm))
    inverse[dim] = i;
  return inverse;
}

Permutation mlir::npir::swapLast(int64_t rank) {
  Permutation perm = identityPermutation(rank);
  std::swap(perm[rank - 2], perm[rank - 1]);
  return perm;
}

int mlir::npir::getTransposeCost(ArrayRef<int64_t> perm) {
  if (perm.empty() || llvm::is_sorted(perm))
    return 0;
  return perm.back() == static_cast<int64_t>(perm.size()) - 1 ? 1 : 2;
}

/// The dimensions that `perm` visits, in its order, without those of size 1.
static SmallVector<int64_t> getMovedDims(ArrayRef<int64_t> shape,
                                         ArrayRef<int64_t> perm) {
  SmallVector<int64_t> dims;
  for (int64_t dim : perm)
    if (shape[dim] != 1)
      dims.push_back(dim);
  return dims;
}

bool mlir::npir::keepsMemoryOrder(ArrayRef<int64_t> shape,
                                  ArrayRef<int64_t> perm) {
  return llvm::is_sorted(getMovedDims(shape, perm));
}

/// Product of the static dimensions.
static int64_t getStaticSize(ArrayRef<int64_t> shape) {
  int64_t size = 1;
  for (int64_t dim : shape)
    if (!ShapedType::isDynamic(dim))
      size *= dim;
  return size;
}

bool mlir::npir::canReshape(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  int64_t a = getStaticSize(from), b = getStaticSize(to);
  bool fromDynamic = ShapedType::isDynamicShape(from);
  if (fromDynamic != ShapedType::isDynamicShape(to))
    return false;
  if (a == b)
    return true;
  return fromDynamic && a != 0 && b != 0 && (a % b == 0 || b % a == 0);
}

namespace {
/// Dimensions `[aBegin, aEnd)` of one shape and `[bBegin, bEnd)` of another
/// that count the same elements.
struct DimGroup {
  size_t aBegin, aEnd, bBegin, bEnd;
};
} // namespace

/// The group of two dynamic batches one of which is `aSize / bSize` times the
/// other: that one is made of the other and the dimensions behind it.
static std::optional<DimGroup> matchBatches(ArrayRef<int64_t> a, int64_t aSize,
                                            ArrayRef<int64_t> b,
                                            int64_t bSize) {
  if (a.empty() || b.empty() || !ShapedType::isDynamic(a[0]) ||
      !ShapedType::isDynamic(b[0]))
    return std::nullopt;
  ArrayRef<int64_t> longer = aSize > bSize ? a : b;
  int64_t ratio = aSize > bSize ? aSize / bSize : bSize / aSize;
  size_t end = 1;
  for (int64_t product = 1; product != ratio; product *= longer[end++])
    if (end == longer.size() || product > ratio)
      return std::nullopt;
  if (aSize > bSize)
    return DimGroup{0, end, 0, 1};
  return DimGroup{0, 1, 0, end};
}

/// Match two shapes without sizes of 1 that hold the same elements in the same
/// order: the smallest groups of equal products. An empty tensor has none.
static std::optional<SmallVector<DimGroup>> matchDims(ArrayRef<int64_t> a,
                                                      ArrayRef<int64_t> b) {
  int64_t aSize = getStaticSize(a), bSize = getStaticSize(b);
  if (aSize == 0 || bSize == 0 ||
      std::max(aSize, bSize) % std::min(aSize, bSize))
    return std::nullopt;
  SmallVector<DimGroup> groups;
  size_t i = 0, j = 0;
  if (aSize != bSize) {
    std::optional<DimGroup> batches = matchBatches(a, aSize, b, bSize);
    if (!batches)
      return std::nullopt;
    groups.push_back(*batches);
    i = batches->aEnd;
    j = batches->bEnd;
  }
  while (i < a.size()) {
    DimGroup group{i, i + 1, j, j + 1};
    int64_t aDim = a[i++], bDim = b[j++];
    // A dynamic batch meets the other's; the rest being equal, so are they.
    while (aDim != bDim)
      if (aDim < bDim)
        aDim *= a[i++];
      else
        bDim *= b[j++];
    group.aEnd = i;
    group.bEnd = j;
    groups.push_back(group);
  }
  return groups;
}

static SmallVector<int64_t> getSizes(ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> dims) {
  SmallVector<int64_t> sizes;
  for (int64_t dim : dims)
    sizes.push_back(shape[dim]);
  return sizes;
}

std::optional<ReshapeTranspose>
mlir::npir::swapTransposeReshape(ArrayRef<int64_t> from, ArrayRef<int64_t> perm,
                                 ArrayRef<int64_t> to) {
  SmallVector<int64_t> dims = getMovedDims(from, perm);
  SmallVector<int64_t> toDims =
      getMovedDims(to, identityPermutation(to.size()));
  std::optional<SmallVector<DimGroup>> groups =
      matchDims(getSizes(from, dims), getSizes(to, toDims));
  if (!groups)
    return std::nullopt;
  // Place of each dimension among those of `from` that are not 1.
  SmallVector<int64_t> sorted(dims);
  llvm::sort(sorted);
  SmallVector<int64_t> place(from.size());
  for (auto [i, dim] : llvm::enumerate(sorted))
    place[dim] = i;
  for (const DimGroup &group : *groups)
    for (size_t i = group.aBegin + 1; i < group.aEnd; ++i)
      if (place[dims[i]] != place[dims[i - 1]] + 1)
        return std::nullopt;
  llvm::sort(*groups, [&](const DimGroup &a, const DimGroup &b) {
    return place[dims[a.aBegin]] < place[dims[b.aBegin]];
  });
  // Dimensions of size 1 stay behind the one that they follow in `to`.
  ReshapeTranspose result;
  result.perm.resize(to.size());
  auto append = [&](size_t first) {
    size_t dim = first;
    do {
      result.perm[dim] = result.shape.size();
      result.shape.push_back(to[dim]);
      ++dim;
    } while (dim < to.size() && to[dim] == 1);
  };
  if (!to.empty() && to[0] == 1)
    append(0);
  for (const DimGroup &group : *groups)
    for (size_t j = group.bBegin; j < group.bEnd; ++j)
      append(toDims[j]);
  return result;
}

std::optional<Permutation>
mlir::npir::swapReshapeTranspose(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                                 ArrayRef<int64_t> perm) {
  SmallVector<int64_t> fromDims =
      getMovedDims(from, identityPermutation(from.size()));
  SmallVector<int64_t> toDims =
      getMovedDims(to, identityPermutation(to.size()));
  std::optional<SmallVector<DimGroup>> groups =
      matchDims(getSizes(from, fromDims), getSizes(to, toDims));
  if (!groups)
    return std::nullopt;
  SmallVector<size_t> groupOf(to.size());
  for (auto [g, group] : llvm::enumerate(*groups))
    for (size_t j = group.bBegin; j < group.bEnd; ++j)
      groupOf[toDims[j]] = g;
  Permutation result;
  if (!from.empty() && ShapedType::isDynamic(from[0]))
    result.push_back(0);
  for (auto [dim, size] : llvm::enumerate(from))
    if (size == 1)
      result.push_back(dim);
  SmallVector<int64_t> moved = getMovedDims(to, perm);
  for (size_t i = 0; i < moved.size();) {
    // The group moves as a whole or not at all.
    const DimGroup &group = (*groups)[groupOf[moved[i]]];
    for (size_t j = group.bBegin; j < group.bEnd; ++j, ++i)
      if (i == moved.size() || moved[i] != toDims[j])
        return std::nullopt;
    for (size_t j = group.aBegin; j < group.aEnd; ++j)
      if (!ShapedType::isDynamic(from[fromDims[j]]))
        result.push_back(fromDims[j]);
  }
  return result;
}

std::optional<ColumnOrder> mlir::npir::getColumnOrder(ArrayRef<int64_t> from,
                                                      ArrayRef<int64_t> perm,
                                                      ArrayRef<int64_t> to) {
  if (to.empty() || getStaticSize(from) == 0)
    return std::nullopt;
  SmallVector<int64_t> dims = getMovedDims(from, perm);
  // The dimensions that make up the last one of `to`.
  size_t begin = dims.size();
  for (int64_t size = 1; size != to.back();) {
    if (begin == 0 || ShapedType::isDynamic(from[dims[begin - 1]]))
      return std::nullopt;
    size *= from[dims[--begin]];
    if (to.back() % size != 0)
      return std::nullopt;
  }
  ArrayRef<int64_t> rows = ArrayRef(dims).take_front(begin);
  ArrayRef<int64_t> columns = ArrayRef(dims).drop_front(begin);
  SmallVector<int64_t> sorted(columns);
  llvm::sort(sorted);
  if (!llvm::is_sorted(rows) ||
      (!rows.empty() && !sorted.empty() && rows.back() > sorted.front()))
    return std::nullopt;
  ColumnOrder order;
  for (int64_t dim : columns)
    order.shape.push_back(from[dim]);
  for (int64_t dim : sorted)
    order.perm.push_back(llvm::find(columns, dim) - columns.begin());
  return order;
}
