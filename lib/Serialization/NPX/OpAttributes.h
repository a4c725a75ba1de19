// This file declares how MLIR attributes become attributes of an op record.
// Private to this library.
#ifndef NPIR_LIB_SERIALIZATION_NPX_OPATTRIBUTES_H
#define NPIR_LIB_SERIALIZATION_NPX_OPATTRIBUTES_H

#include "npir/Runtime/Program.h"

#include "mlir/IR/Operation.h"

namespace mlir::npir {

/// Append the attributes of `op`, defaults included, to `record`, in the order
/// of their names. A diagnostic where one has no form in a program.
LogicalResult appendAttributes(Operation *op, npir_rt::Op &record);

} // namespace mlir::npir

#endif // NPIR_LIB_SERIALIZATION_NPX_OPATTRIBUTES_H
