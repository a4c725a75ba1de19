// This file declares the order of values' uses in memory. Private to this
// library.
#ifndef NPIR_LIB_SERIALIZATION_USELISTS_H
#define NPIR_LIB_SERIALIZATION_USELISTS_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::npir {

/// Put the uses of every value into the order that a parser leaves them in: the
/// last one first. Bytecode records any other order, and then the file would
/// tell whether the module had come from text, from bytecode or from a pass.
void sortUseLists(ModuleOp module);

} // namespace mlir::npir

#endif // NPIR_LIB_SERIALIZATION_USELISTS_H
