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

std::optional<ReshapeTranspose>
mlir::npir::swapTransposeReshape(ArrayRef<int64_t> from, ArrayRef<int64_t> perm,
                                 ArrayRef<int64_t> to) {
  // Group boundaries are found by products; a dynamic batch that the reshape
  // changes, or an empty tensor, has none.
  if (getStaticSize(from) != getStaticSize(to) || getStaticSize(from) == 0)
    return std::nullopt;
  SmallVector<int64_t> dims = getMovedDims(from, perm);
  // Place of each dimension among those of `from` that are not 1.
  SmallVector<int64_t> place(from.size());
  int64_t places = 0;
  for (auto [i, size] : llvm::enumerate(from))
    place[i] = size == 1 ? -1 : places++;

  struct Group {
    int64_t place;         // of its first dimension in `from`
    size_t toBegin, toEnd; // its dimensions in `to`
  };
  SmallVector<Group> groups;
  size_t next = 0;
  for (size_t i = 0; i < dims.size();) {
    Group group{place[dims[i]], next, next};
    if (ShapedType::isDynamic(from[dims[i]])) {
      // The batch; the equal sizes of the rest make it the same in `to`.
      ++i, ++next;
    } else {
      int64_t a = from[dims[i++]], b = 1;
      while (a != b) {
        if (b < a) {
          b *= to[next++];
          continue;
        }
        if (place[dims[i]] != place[dims[i - 1]] + 1)
          return std::nullopt;
        a *= from[dims[i++]];
      }
    }
    group.toEnd = next;
    groups.push_back(group);
  }
  // Trailing dimensions of size 1 go with the last group.
  if (groups.empty())
    groups.push_back({0, 0, 0});
  groups.back().toEnd = to.size();

  SmallVector<Group> sorted = groups;
  llvm::sort(sorted,
             [](const Group &a, const Group &b) { return a.place < b.place; });
  ReshapeTranspose result;
  result.perm.resize(to.size());
  for (const Group &group : sorted)
    for (size_t i = group.toBegin; i < group.toEnd; ++i) {
      result.perm[i] = result.shape.size();
      result.shape.push_back(to[i]);
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
