// This file declares the check of single ops: the interpreter computes each op
// of a module on the tensors that a running network had.
#ifndef NPIR_EXECUTION_CHECKOPS_H
#define NPIR_EXECUTION_CHECKOPS_H

#include "npir/Execution/Batches.h"
#include "npir/Report/OpCheck.h"

namespace mlir::npir {

/// Run `network`, made with `tapAll`, on samples [span.begin, span.end) in
/// batches of `batch`, and every op of `func`, the form that the network was
/// made from, on the network's own operands. So an op that differs is told
/// apart from one that only got other operands. Holds the tensors of one batch.
npir_rt::Status checkOps(Network &network, func::FuncOp func,
                         const npir_rt::DataSet &data, SampleSpan span,
                         int64_t batch, bool quiet, OpCheck &check);

} // namespace mlir::npir

#endif // NPIR_EXECUTION_CHECKOPS_H
