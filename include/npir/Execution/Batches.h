// This file declares how the samples of a data set are fed to a network.
#ifndef NPIR_EXECUTION_BATCHES_H
#define NPIR_EXECUTION_BATCHES_H

#include "npir/Execution/Network.h"

#include <variant>

namespace mlir::npir {

/// Samples [begin, end) of a data set; `end` < 0: to its end.
struct SampleSpan {
  int64_t begin = 0;
  int64_t end = -1;
};

/// Arrays by the names of the inputs.
using NamedArrays = std::vector<std::pair<std::string, npir_rt::NpyArray>>;

/// Where samples come from: a folder or .npz file, or arrays.
using DataSource = std::variant<std::string, NamedArrays>;

/// Parse `BEGIN:END` (either side may be empty; an empty text is everything).
FailureOr<SampleSpan> parseSamples(StringRef text, Location loc);

/// Check that `span` lies in `data`, called `name`, and holds finite numbers
/// only; fills in `span.end`.
LogicalResult checkSpan(const npir_rt::DataSet &data, StringRef name,
                        SampleSpan &span, Location loc);

/// Open `source` for `network` and checkSpan. Every input has one array, and
/// every array an input. Errors are diagnostics at `loc`.
FailureOr<npir_rt::DataSet> openData(const DataSource &source,
                                     const Network &network, SampleSpan &span,
                                     Location loc);

/// The shape of a tensor over `samples` samples whose part of `batch` samples
/// is `view`, called `name`; an error where it does not follow the batch. A
/// scalar stays one where all samples are in one batch.
npir_rt::Expected<npir_rt::Shape> getWholeShape(StringRef name,
                                                const npir_rt::TensorView &view,
                                                int64_t batch, int64_t samples);

/// Samples of one run: `batch`, or 1 where the network's batch is fixed, since
/// a sample is all of that batch then.
int64_t limitBatch(const Network &network, int64_t batch);

/// Samples [begin, end) of every input.
std::vector<npir_rt::NamedTensor> getInputs(const npir_rt::DataSet &data,
                                            int64_t begin, int64_t end);

/// Call `fn(begin, end, inputs)` for consecutive batches over `span`: batch
/// borders are multiples of `batch` in global sample indices, so the first and
/// the last may be smaller. Stops at the first error.
npir_rt::Status forEachBatch(
    const npir_rt::DataSet &data, SampleSpan span, int64_t batch,
    function_ref<npir_rt::Status(int64_t, int64_t,
                                 const std::vector<npir_rt::NamedTensor> &)>
        fn);

} // namespace mlir::npir

#endif // NPIR_EXECUTION_BATCHES_H
