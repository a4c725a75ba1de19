// This file declares the comparison of tensors bit by bit. Private to this
// library.
#ifndef NPIR_LIB_EXECUTION_BITS_H
#define NPIR_LIB_EXECUTION_BITS_H

#include "npir/Runtime/Tensor.h"

#include "llvm/ADT/BitVector.h"

namespace mlir::npir {

/// The number of elements that differ between `a` and `b`, two tensors of
/// `count` elements of `type`. Resets in `exact`, which has one bit per sample,
/// the samples that they belong to.
uint64_t countDifferences(const void *a, const void *b, size_t count,
                          npir_rt::ElementType type, llvm::BitVector &exact);

} // namespace mlir::npir

#endif // NPIR_LIB_EXECUTION_BITS_H
