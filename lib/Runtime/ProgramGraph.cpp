// This file turns the flatbuffer of a program file into plain structures and
// checks each of them by itself.
#include "ProgramReader.h"
#include "Program_generated.h"

#include <algorithm>
#include <cstring>

namespace npir_rt {
namespace {

constexpr size_t maxRank = 6; // XNN_MAX_TENSOR_DIMS
constexpr int64_t maxElements = int64_t(1) << 40;
constexpr int maxNesting = 4;

/// Copies lists and strings out of the buffer. A damaged buffer can refer to
/// one long list many times; a sound one holds every byte once.
class Copier {
public:
  explicit Copier(size_t graphSize) : left(graphSize) {}
  bool exceeded() const { return overrun; }

  template <typename T>
  std::vector<T> operator()(const flatbuffers::Vector<T> *values) {
    std::vector<T> result;
    if (!values || !take(values->size() * sizeof(T)))
      return result;
    // The verifier does not check that 8-byte elements are aligned.
    result.resize(values->size());
    if (!result.empty())
      std::memcpy(result.data(), values->Data(), result.size() * sizeof(T));
    return result;
  }
  std::string operator()(const flatbuffers::String *text) {
    return text && take(text->size()) ? text->str() : std::string();
  }

private:
  bool take(size_t bytes) {
    overrun |= bytes > left;
    left -= std::min(left, bytes);
    return !overrun;
  }
  size_t left;
  bool overrun = false;
};

template <typename T>
size_t sizeOf(const flatbuffers::Vector<T> *values) {
  return values ? values->size() : 0;
}

/// Sizes of at least 1 whose product stays small enough that neither it nor
/// the bytes overflow; a free batch counts as its factor.
Status checkShape(const TensorInfo &tensor) {
  if (tensor.shape.size() > maxRank)
    return Status::error("expected at most " + std::to_string(maxRank) +
                         " dimensions, got " +
                         std::to_string(tensor.shape.size()));
  if (tensor.batchFactor < 1)
    return Status::error("expected a batch factor of at least 1, got " +
                         std::to_string(tensor.batchFactor));
  int64_t elements = 1;
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    int64_t dim = tensor.shape[i];
    if (i == 0 && dim == -1)
      dim = tensor.batchFactor;
    if (dim < 1)
      return Status::error("bad shape " + toString(tensor.shape));
    if (dim > maxElements / elements)
      return Status::error("shape " + toString(tensor.shape) + " is too large");
    elements *= dim;
  }
  return Status::success();
}

Status checkQuantization(const TensorInfo &tensor) {
  const Quantization &quant = tensor.quantization;
  if (quant.scales.size() != quant.zeroPoints.size())
    return Status::error("expected as many zero points as scales, got " +
                         std::to_string(quant.zeroPoints.size()) + " and " +
                         std::to_string(quant.scales.size()));
  if (quant.axis < -1 || quant.axis >= int64_t(tensor.shape.size()))
    return Status::error("bad quantization axis " + std::to_string(quant.axis));
  if (quant.empty()) {
    if (quant.axis != -1)
      return Status::error("a quantization axis without scales");
    return Status::success();
  }
  if (tensor.type == ElementType::F32 || tensor.type == ElementType::I64 ||
      tensor.type == ElementType::Bool)
    return Status::error(std::string("scales on ") + toString(tensor.type) +
                         " elements");
  int64_t expected = quant.axis < 0 ? 1 : tensor.shape[quant.axis];
  if (int64_t(quant.scales.size()) != expected)
    return Status::error("expected " + std::to_string(expected) +
                         " scales, got " + std::to_string(quant.scales.size()));
  return Status::success();
}

Expected<AttributeValue> readValue(Copier &copy,
                                   const fb::Attribute &attribute) {
  switch (attribute.kind()) {
  case fb::AttributeKind_Int:
    return AttributeValue(int64_t(attribute.int_value()));
  case fb::AttributeKind_F32: {
    float value;
    uint32_t bits = attribute.float_bits();
    std::memcpy(&value, &bits, sizeof(value));
    return AttributeValue(value);
  }
  case fb::AttributeKind_String:
    return AttributeValue(copy(attribute.string_value()));
  case fb::AttributeKind_Ints:
    return AttributeValue(copy(attribute.ints()));
  case fb::AttributeKind_Floats:
    return AttributeValue(copy(attribute.floats()));
  case fb::AttributeKind_Bytes:
    return AttributeValue(copy(attribute.bytes()));
  }
  return Status::error("attribute '" + attribute.name()->str() +
                       "' has an unknown type");
}

Status readOps(Copier &copy,
               const flatbuffers::Vector<flatbuffers::Offset<fb::Op>> *source,
               size_t numTensors, int depth, std::vector<Op> &ops) {
  if (depth > maxNesting)
    return Status::error("ops are nested too deep");
  ops.reserve(sizeOf(source));
  for (size_t i = 0; i < sizeOf(source); ++i) {
    const fb::Op &from = *source->Get(i);
    Op op;
    op.kernel = copy(from.kernel());
    op.version = from.version();
    op.name = copy(from.name());
    op.inputs = copy(from.inputs());
    op.outputs = copy(from.outputs());
    auto outOfRange = [&](uint32_t index) { return index >= numTensors; };
    if (std::any_of(op.inputs.begin(), op.inputs.end(), outOfRange) ||
        std::any_of(op.outputs.begin(), op.outputs.end(), outOfRange))
      return Status::error("op '" + op.name + "' (" + op.kernel +
                           "): tensor index out of range");
    for (size_t j = 0; j < sizeOf(from.attributes()); ++j) {
      const fb::Attribute &attribute = *from.attributes()->Get(j);
      auto value = readValue(copy, attribute);
      if (!value)
        return value.status().withContext("op '" + op.name + "' (" + op.kernel +
                                          ")");
      op.attributes.push_back({copy(attribute.name()), std::move(*value)});
    }
    if (Status s = readOps(copy, from.body(), numTensors, depth + 1, op.body);
        !s.ok())
      return s;
    ops.push_back(std::move(op));
  }
  return Status::success();
}

Status
readPorts(Copier &copy,
          const flatbuffers::Vector<flatbuffers::Offset<fb::Port>> *source,
          size_t numTensors, const char *what, std::vector<Port> &ports) {
  for (size_t i = 0; i < sizeOf(source); ++i) {
    const fb::Port &port = *source->Get(i);
    if (port.tensor() >= numTensors)
      return Status::error(std::string(what) + " '" + port.name()->str() +
                           "': tensor index out of range");
    ports.push_back({copy(port.name()), port.tensor()});
  }
  return Status::success();
}

} // namespace

/// Without its data.
static Expected<TensorInfo> readTensor(Copier &copy, const fb::Tensor &from,
                                       size_t constantsSize) {
  TensorInfo tensor;
  tensor.id = copy(from.id());
  if (from.type() >= numElementTypes)
    return Status::error("unknown element type " + std::to_string(from.type()));
  tensor.type = ElementType(from.type());
  tensor.shape = copy(from.shape());
  tensor.batchFactor = from.batch_factor();
  tensor.quantization.scales = copy(from.scales());
  tensor.quantization.zeroPoints = copy(from.zero_points());
  tensor.quantization.axis = from.axis();
  if (Status s = checkShape(tensor); !s.ok())
    return s;
  if (tensor.isBatched() && from.constant())
    return Status::error("a constant with a free batch");
  if (tensor.isBatched() && tensor.quantization.axis == 0)
    return Status::error("scales along a free batch");
  if (Status s = checkQuantization(tensor); !s.ok())
    return s;
  if (from.constant()) {
    uint64_t bytes =
        uint64_t(numElements(tensor.shape)) * elementSize(tensor.type);
    if (from.size() != bytes)
      return Status::error("expected " + std::to_string(bytes) +
                           " bytes of data, got " +
                           std::to_string(from.size()));
    // The segment ends with slack that belongs to no constant.
    uint64_t room = constantsSize - programSlack;
    if (from.offset() % programAlignment != 0 || from.offset() > room ||
        bytes > room - from.offset())
      return Status::error("data outside of the file");
  }
  return tensor;
}

Status ProgramReader::readTables(const uint8_t *data, size_t size,
                                 const std::vector<const void *> *places) {
  // A buffer of n bytes needs no more than n/4 tables; a damaged one could
  // refer to the same table again and again.
  flatbuffers::Verifier verifier(
      data, size, /*max_depth=*/32,
      /*max_tables=*/flatbuffers::uoffset_t(size / 4 + 16));
  if (!fb::VerifyProgramBuffer(verifier))
    return Status::error("damaged program file: malformed graph");
  const fb::Program &graph = *fb::GetProgram(data);

  Copier copy(size);
  program->origin = {copy(graph.producer()), copy(graph.model_hash()),
                     copy(graph.function()), copy(graph.station())};
  size_t numTensors = sizeOf(graph.tensors());
  if (places && places->size() != numTensors)
    return Status::internal("expected a place for every tensor");
  program->tensorTable.reserve(numTensors);
  for (size_t i = 0; i < numTensors; ++i) {
    const fb::Tensor &from = *graph.tensors()->Get(i);
    auto tensor = readTensor(copy, from, program->constantsSize);
    if (!tensor)
      return tensor.status().withContext("tensor '" + from.id()->str() + "'");
    if (from.constant())
      tensor->data = places ? (*places)[i] : program->constants + from.offset();
    program->tensorTable.push_back(std::move(*tensor));
  }
  for (size_t i = 0; i < numTensors; ++i) {
    const std::string &id = program->tensorTable[i].id;
    if (id.empty() || !program->tensorIndex.emplace(id, i).second)
      return Status::error("tensor " + std::to_string(i) +
                           ": expected a unique id, got '" + id + "'");
  }
  if (Status s = readOps(copy, graph.ops(), numTensors, 0, program->opList);
      !s.ok())
    return s;
  if (Status s = readPorts(copy, graph.inputs(), numTensors, "input",
                           program->inputPorts);
      !s.ok())
    return s;
  if (Status s = readPorts(copy, graph.outputs(), numTensors, "output",
                           program->outputPorts);
      !s.ok())
    return s;
  if (copy.exceeded())
    return Status::error("damaged program file: parts of the graph overlap");
  return Status::success();
}

} // namespace npir_rt
