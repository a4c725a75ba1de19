// This file implements how the samples of a data set are fed to a network.
#include "npir/Execution/Batches.h"

#include "llvm/ADT/StringMap.h"

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

/// The arrays in the order of `inputs`.
static FailureOr<std::vector<npir_rt::NpyArray>>
orderArrays(const NamedArrays &named, ArrayRef<npir_rt::DataInput> inputs,
            Location loc) {
  std::vector<const npir_rt::NpyArray *> found(inputs.size());
  auto listInputs = [&](InFlightDiagnostic diagnostic) {
    llvm::interleaveComma(inputs, diagnostic,
                          [&](const auto &input) { diagnostic << input.name; });
    return diagnostic;
  };
  llvm::StringMap<size_t> indices;
  for (auto [i, input] : llvm::enumerate(inputs))
    indices.try_emplace(input.name, i);
  for (const auto &[name, array] : named) {
    auto index = indices.find(name);
    if (index == indices.end())
      return listInputs(emitError(loc) << "the model has no input '" << name
                                       << "', expected ");
    if (std::exchange(found[index->second], &array))
      return emitError(loc) << "input '" << name << "' is given twice";
  }
  std::vector<npir_rt::NpyArray> arrays;
  for (auto [array, input] : llvm::zip_equal(found, inputs)) {
    if (!array)
      return listInputs(emitError(loc) << "nothing is given for input '"
                                       << input.name << "', expected all of ");
    arrays.push_back(*array);
  }
  return arrays;
}

FailureOr<npir_rt::DataSet> mlir::npir::openData(const DataSource &source,
                                                 const Network &network,
                                                 SampleSpan &span,
                                                 Location loc) {
  const std::vector<npir_rt::DataInput> &inputs = network.getInputs();
  npir_rt::Expected<npir_rt::DataSet> data = npir_rt::DataSet();
  const auto *path = std::get_if<std::string>(&source);
  if (path) {
    data = npir_rt::DataSet::open(*path, inputs);
  } else {
    auto arrays = orderArrays(std::get<NamedArrays>(source), inputs, loc);
    if (failed(arrays))
      return failure();
    data = npir_rt::DataSet::fromArrays(std::move(*arrays), inputs);
  }
  if (!data)
    return emitError(loc) << data.status().message();
  if (failed(
          checkSpan(*data, path ? StringRef(*path) : "the samples", span, loc)))
    return failure();
  return std::move(*data);
}

npir_rt::Expected<npir_rt::Shape>
mlir::npir::getWholeShape(StringRef name, const npir_rt::TensorView &view,
                          int64_t batch, int64_t samples) {
  npir_rt::Shape shape = view.shape;
  // A scalar of a single run.
  if (shape.empty() && samples == batch)
    return shape;
  if (shape.empty() || shape[0] % batch != 0)
    return npir_rt::Status::error(
        "tensor '" + name.str() + "' of shape " + npir_rt::toString(shape) +
        " does not follow the batch of " + std::to_string(batch));
  shape[0] = shape[0] / batch * samples;
  return shape;
}

int64_t mlir::npir::limitBatch(const Network &network, int64_t batch) {
  bool isFree = llvm::any_of(network.getInputs(), [](const auto &input) {
    return !input.shape.empty() && input.shape[0] < 0;
  });
  return isFree ? batch : 1;
}

std::vector<npir_rt::NamedTensor>
mlir::npir::getInputs(const npir_rt::DataSet &data, int64_t begin,
                      int64_t end) {
  std::vector<npir_rt::NamedTensor> inputs;
  for (size_t i = 0; i < data.inputs().size(); ++i)
    inputs.push_back({data.inputs()[i].name, data.view(i, begin, end)});
  return inputs;
}

npir_rt::Status mlir::npir::forEachBatch(
    const npir_rt::DataSet &data, SampleSpan span, int64_t batch,
    function_ref<npir_rt::Status(int64_t, int64_t,
                                 const std::vector<npir_rt::NamedTensor> &)>
        fn) {
  for (int64_t begin = span.begin; begin < span.end;) {
    int64_t end = std::min(span.end, (begin / batch + 1) * batch);
    npir_rt::Status status = fn(begin, end, getInputs(data, begin, end));
    if (!status.ok())
      return status;
    begin = end;
  }
  return {};
}
