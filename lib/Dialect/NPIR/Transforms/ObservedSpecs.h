// This file declares the spec that a tensor gets from the configuration.
// Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDSPECS_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDSPECS_H

#include "TensorQueries.h"

namespace mlir::npir {

/// Fails, with an error at `value`, where no integers are what the
/// configuration asks for.
LogicalResult checkSpec(Value value, const ResolvedSpec &resolved);

/// The spec of `value`: of another scheme than `spec` where the layers that
/// read it have not got that one (`explainFallBack`). Null after an error.
SpecAttr getSpecAttr(Value value, const ObservedTensor &observed,
                     const SpecConfig &spec);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDSPECS_H
