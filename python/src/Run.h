// This file declares running a network over samples into arrays in memory.
#ifndef NPIR_PYTHON_SRC_RUN_H
#define NPIR_PYTHON_SRC_RUN_H

#include "npir/Execution/Batches.h"

namespace mlir::npir {

/// A tensor over all samples.
struct GatheredTensor {
  std::string name;
  npir_rt::ElementType type = npir_rt::ElementType::F32;
  npir_rt::Shape shape;
  npir_rt::AlignedBuffer data;
  /// Bytes that are there.
  size_t filled = 0;
};

/// Run `network` on samples [span.begin, span.end) of `data` in batches, and
/// gather its outputs and, by their ids, the tensors that it taps: `taps`, as
/// the network was made with. Outputs come first, in order.
npir_rt::Expected<std::vector<GatheredTensor>>
runAndGather(Network &network, const npir_rt::DataSet &data, SampleSpan span,
             int64_t batch, ArrayRef<std::string> taps);

} // namespace mlir::npir

#endif // NPIR_PYTHON_SRC_RUN_H
