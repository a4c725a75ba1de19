// This file implements running a network over samples into arrays in memory.
#include "Run.h"

#include "llvm/ADT/StringMap.h"

#include <cstring>

using namespace mlir;
using namespace mlir::npir;
using npir_rt::Status;

namespace {
/// The part of one batch. A tensor that depends on no sample is whole in one.
struct Part {
  int64_t batch = 0;
  int64_t samples = 0;
  bool isWhole = false;
};
} // namespace

static Status append(GatheredTensor &tensor, const npir_rt::TensorView &view,
                     Part part) {
  if (part.isWhole && tensor.filled > 0)
    return {};
  if (tensor.filled == 0) {
    npir_rt::Expected<npir_rt::Shape> shape = view.shape;
    if (!part.isWhole)
      shape = getWholeShape(tensor.name, view, part.batch, part.samples);
    if (!shape)
      return shape.status();
    tensor.type = view.type;
    tensor.shape = std::move(*shape);
    size_t bytes =
        npir_rt::numElements(tensor.shape) * npir_rt::elementSize(view.type);
    if (!tensor.data.allocate(bytes))
      return Status::error("tensor '" + tensor.name +
                           "': not enough memory for " + std::to_string(bytes) +
                           " bytes");
  }
  size_t bytes = view.bytes();
  if (bytes > tensor.data.size() - tensor.filled)
    return Status::error("tensor '" + tensor.name + "' of shape " +
                         npir_rt::toString(view.shape) +
                         " does not follow the batch of " +
                         std::to_string(part.batch));
  std::memcpy(tensor.data.data() + tensor.filled, view.data, bytes);
  tensor.filled += bytes;
  return {};
}

npir_rt::Expected<std::vector<GatheredTensor>>
mlir::npir::runAndGather(Network &network, const npir_rt::DataSet &data,
                         SampleSpan span, int64_t batch,
                         ArrayRef<std::string> taps) {
  std::vector<GatheredTensor> tensors;
  auto addTensor = [&](std::string name) {
    tensors.emplace_back();
    tensors.back().name = std::move(name);
  };
  for (std::string &name : network.getOutputNames())
    addTensor(std::move(name));
  size_t outputs = tensors.size();
  llvm::StringMap<size_t> tapped;
  for (const std::string &id : taps)
    if (tapped.try_emplace(id, tensors.size()).second)
      addTensor(id);

  Status status = forEachBatch(
      data, span, batch,
      [&](int64_t begin, int64_t end,
          const std::vector<npir_rt::NamedTensor> &inputs) -> Status {
        Part part{end - begin, span.end - span.begin};
        Status status =
            network.run(inputs, [&](const npir_rt::TensorView &view) {
              auto found = tapped.find(StringRef(view.id));
              if (found == tapped.end())
                return Status();
              return append(tensors[found->second], view, part);
            });
        const auto &results = network.getOutputs();
        for (size_t i = 0; i < outputs && status.ok(); ++i) {
          part.isWhole = !network.isPerSample(i);
          status = append(tensors[i], results[i], part);
        }
        return status;
      });
  if (!status.ok())
    return status;
  for (const GatheredTensor &tensor : tensors)
    if (tensor.filled == 0)
      return Status::error("cannot tap '" + tensor.name + "': no such tensor");
  return tensors;
}
