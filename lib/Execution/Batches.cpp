// This file implements how the samples of a data set are fed to a network.
#include "npir/Execution/Batches.h"

using namespace mlir;
using namespace mlir::npir;

FailureOr<SampleSpan> mlir::npir::parseSamples(StringRef text, Location loc) {
  SampleSpan span;
  if (text.empty())
    return span;
  auto [begin, end] = text.split(':');
  auto parse = [](StringRef part, int64_t &value) {
    return part.empty() || (!part.getAsInteger(10, value) && value >= 0);
  };
  if (!text.contains(':') || !parse(begin, span.begin) ||
      !parse(end, span.end) || (span.end >= 0 && span.end <= span.begin))
    return emitError(loc)
           << "expected samples=BEGIN:END with BEGIN < END, got '" << text
           << "'";
  return span;
}

LogicalResult mlir::npir::checkSpan(const npir_rt::DataSet &data,
                                    StringRef name, SampleSpan &span,
                                    Location loc) {
  if (span.end < 0)
    span.end = data.size();
  if (span.begin >= span.end || span.end > data.size())
    return emitError(loc) << "expected samples within 0:" << data.size()
                          << " of " << name << ", got " << span.begin << ":"
                          << span.end;
  npir_rt::Status finite = data.checkFinite(span.begin, span.end);
  if (!finite.ok())
    return emitError(loc) << finite.message();
  return success();
}

FailureOr<npir_rt::DataSet> mlir::npir::openData(StringRef path,
                                                 const Network &network,
                                                 SampleSpan &span,
                                                 Location loc) {
  auto data = npir_rt::DataSet::open(path.str(), network.getInputs());
  if (!data)
    return emitError(loc) << data.status().message();
  if (failed(checkSpan(*data, path, span, loc)))
    return failure();
  return std::move(*data);
}

npir_rt::Status mlir::npir::forEachBatch(
    const npir_rt::DataSet &data, SampleSpan span, int64_t batch,
    function_ref<npir_rt::Status(int64_t, int64_t,
                                 const std::vector<npir_rt::NamedTensor> &)>
        fn) {
  for (int64_t begin = span.begin; begin < span.end;) {
    int64_t end = std::min(span.end, (begin / batch + 1) * batch);
    std::vector<npir_rt::NamedTensor> inputs;
    for (size_t i = 0; i < data.inputs().size(); ++i)
      inputs.push_back({data.inputs()[i].name, data.view(i, begin, end)});
    npir_rt::Status status = fn(begin, end, inputs);
    if (!status.ok())
      return status;
    begin = end;
  }
  return {};
}
