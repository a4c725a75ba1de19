// This file declares the comparison of two networks on the same samples.
#ifndef NPIR_EXECUTION_COMPARE_H
#define NPIR_EXECUTION_COMPARE_H

#include "npir/Execution/Batches.h"
#include "npir/Report/Comparison.h"

namespace mlir::npir {

/// Run both networks on samples [span.begin, span.end) in batches of `batch`
/// and compare their outputs by position and their tensors by id, dequantized.
/// Both were made with `tapAll`. Holds the reference's tensors of one batch.
npir_rt::Status compareNetworks(Network &reference, Network &test,
                                const npir_rt::DataSet &data, SampleSpan span,
                                int64_t batch, bool quiet,
                                Comparison &comparison);

} // namespace mlir::npir

#endif // NPIR_EXECUTION_COMPARE_H
