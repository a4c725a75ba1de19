// This file implements the writer of program files.
#include "npir/Serialization/Program/ProgramBuilder.h"
#include "Program_generated.h"
#include "npir/Runtime/File.h"
#include "npir/Runtime/Hash.h"
#include "npir/Runtime/ProgramFormat.h"

#include <cassert>
#include <cstring>

namespace npir_rt {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// Absent where empty, as the reader takes it.
template <typename T>
Offset<flatbuffers::Vector<T>> makeVector(FlatBufferBuilder &builder,
                                          const std::vector<T> &values) {
  return values.empty() ? 0 : builder.CreateVector(values);
}

Offset<fb::Attribute> makeAttribute(FlatBufferBuilder &builder,
                                    const Attribute &attribute) {
  auto name = builder.CreateString(attribute.name);
  const AttributeValue &value = attribute.value;
  Offset<flatbuffers::String> text = 0;
  Offset<flatbuffers::Vector<int64_t>> ints = 0;
  Offset<flatbuffers::Vector<float>> floats = 0;
  Offset<flatbuffers::Vector<int8_t>> bytes = 0;
  if (auto *string = std::get_if<std::string>(&value))
    text = builder.CreateString(*string);
  if (auto *list = std::get_if<std::vector<int64_t>>(&value))
    ints = makeVector(builder, *list);
  if (auto *list = std::get_if<std::vector<float>>(&value))
    floats = makeVector(builder, *list);
  if (auto *list = std::get_if<std::vector<int8_t>>(&value))
    bytes = makeVector(builder, *list);

  fb::AttributeBuilder table(builder);
  table.add_name(name);
  // The kinds are in the order of AttributeValue's alternatives.
  table.add_kind(fb::AttributeKind(value.index()));
  if (auto *number = std::get_if<int64_t>(&value))
    table.add_int_value(*number);
  if (auto *number = std::get_if<float>(&value)) {
    uint32_t bits;
    std::memcpy(&bits, number, sizeof(bits));
    table.add_float_bits(bits);
  }
  if (!text.IsNull())
    table.add_string_value(text);
  if (!ints.IsNull())
    table.add_ints(ints);
  if (!floats.IsNull())
    table.add_floats(floats);
  if (!bytes.IsNull())
    table.add_bytes(bytes);
  return table.Finish();
}

Offset<fb::Op> makeOp(FlatBufferBuilder &builder, const Op &op) {
  std::vector<Offset<fb::Attribute>> attributes;
  for (const Attribute &attribute : op.attributes)
    attributes.push_back(makeAttribute(builder, attribute));
  std::vector<Offset<fb::Op>> body;
  for (const Op &nested : op.body)
    body.push_back(makeOp(builder, nested));
  auto kernel = builder.CreateString(op.kernel);
  auto name = builder.CreateString(op.name);
  auto inputs = makeVector(builder, op.inputs);
  auto outputs = makeVector(builder, op.outputs);
  auto attributeList = makeVector(builder, attributes);
  auto bodyList = makeVector(builder, body);
  return fb::CreateOp(builder, kernel, op.version, name, inputs, outputs,
                      attributeList, bodyList);
}

std::vector<Offset<fb::Port>> makePorts(FlatBufferBuilder &builder,
                                        const std::vector<Port> &ports) {
  std::vector<Offset<fb::Port>> result;
  for (const Port &port : ports)
    result.push_back(
        fb::CreatePort(builder, builder.CreateString(port.name), port.tensor));
  return result;
}

} // namespace

/// Where the bytes go: appended in order, then the header over the first ones.
class ProgramBuilder::Sink {
public:
  virtual ~Sink() = default;
  virtual Status begin(uint64_t) { return Status::success(); }
  virtual Status append(const void *data, size_t bytes) = 0;
  virtual Status patchHeader(const ProgramHeader &header) = 0;
};

uint32_t ProgramBuilder::addTensor(TensorInfo tensor) {
  assert(!tensor.data && "constants are added by addConstant");
  tensorTable.push_back(std::move(tensor));
  tensorConstant.push_back(-1);
  return uint32_t(tensorTable.size() - 1);
}

uint32_t ProgramBuilder::addConstant(TensorInfo tensor, const void *data,
                                     size_t bytes, Lifetime lifetime) {
  auto [entry, isNew] =
      constantIndex.try_emplace({data, bytes}, constants.size());
  if (isNew) {
    constants.push_back({data, bytes, constantsEnd, lifetime});
    constantsEnd = alignUp(constantsEnd + bytes, programAlignment);
  }
  uint32_t index = addTensor(std::move(tensor));
  tensorConstant[index] = int64_t(entry->second);
  return index;
}

flatbuffers::DetachedBuffer ProgramBuilder::makeGraph() const {
  FlatBufferBuilder builder;
  std::vector<Offset<fb::Tensor>> tensorList;
  for (size_t i = 0; i < tensorTable.size(); ++i) {
    const TensorInfo &tensor = tensorTable[i];
    const Constant *constant =
        tensorConstant[i] < 0 ? nullptr : &constants[tensorConstant[i]];
    auto id = builder.CreateString(tensor.id);
    auto shape = makeVector(builder, tensor.shape);
    auto scales = makeVector(builder, tensor.quantization.scales);
    auto zeroPoints = makeVector(builder, tensor.quantization.zeroPoints);
    tensorList.push_back(fb::CreateTensor(
        builder, id, uint8_t(tensor.type), shape, tensor.batchFactor, scales,
        zeroPoints, tensor.quantization.axis, constant != nullptr,
        constant ? constant->offset : 0, constant ? constant->bytes : 0));
  }
  std::vector<Offset<fb::Op>> ops;
  for (const Op &op : opList)
    ops.push_back(makeOp(builder, op));
  // One statement each: the order of evaluation is part of the bytes.
  auto producer = builder.CreateString(origin.producer);
  auto modelHash = builder.CreateString(origin.modelHash);
  auto function = builder.CreateString(origin.function);
  auto station = builder.CreateString(origin.station);
  auto tensors = makeVector(builder, tensorList);
  auto opVector = makeVector(builder, ops);
  auto inputs = makeVector(builder, makePorts(builder, inputPorts));
  auto outputs = makeVector(builder, makePorts(builder, outputPorts));
  fb::FinishProgramBuffer(
      builder, fb::CreateProgram(builder, producer, modelHash, function,
                                 station, tensors, opVector, inputs, outputs));
  return builder.Release();
}

Status ProgramBuilder::writeTo(Sink &sink) const {
  const flatbuffers::DetachedBuffer graph = makeGraph();
  ProgramHeader header = {};
  std::memcpy(header.magic, programMagic, sizeof(programMagic));
  header.version = programVersion;
  header.headerSize = sizeof(ProgramHeader);
  header.graphSize = graph.size();
  header.constantsOffset =
      alignUp(sizeof(ProgramHeader) + header.graphSize, programAlignment);
  header.constantsSize = constantsEnd + programSlack;
  header.fileSize = header.constantsOffset + header.constantsSize;
  header.graphHash = hash64(graph.data(), graph.size());

  static const uint8_t zeros[programAlignment + programSlack] = {};
  if (Status s = sink.begin(header.fileSize); !s.ok())
    return s;
  // The header's place; its hash of the constants is known at the end.
  if (Status s = sink.append(zeros, sizeof(header)); !s.ok())
    return s;
  if (Status s = sink.append(graph.data(), header.graphSize); !s.ok())
    return s;
  if (Status s =
          sink.append(zeros, header.constantsOffset - sizeof(ProgramHeader) -
                                 header.graphSize);
      !s.ok())
    return s;
  Hash64 hash;
  auto appendHashed = [&](const void *data, size_t bytes) {
    hash.update(data, bytes);
    return sink.append(data, bytes);
  };
  for (const Constant &constant : constants) {
    // In pieces, so that the hash finds in the cache what the write has read.
    constexpr size_t piece = 1 << 20;
    auto *data = static_cast<const uint8_t *>(constant.data);
    for (size_t done = 0; done < constant.bytes; done += piece)
      if (Status s =
              appendHashed(data + done, std::min(piece, constant.bytes - done));
          !s.ok())
        return s;
    const uint64_t end = constant.offset + constant.bytes;
    if (Status s = appendHashed(zeros, alignUp(end, programAlignment) - end);
        !s.ok())
      return s;
  }
  if (Status s = appendHashed(zeros, programSlack); !s.ok())
    return s;
  header.constantsHash = hash.digest();
  return sink.patchHeader(header);
}

Status ProgramBuilder::write(const std::string &path) const {
  class FileSink final : public Sink {
  public:
    explicit FileSink(AtomicFile &file) : file(file) {}
    Status append(const void *data, size_t bytes) override {
      return file.write(data, bytes);
    }
    Status patchHeader(const ProgramHeader &header) override {
      return file.overwrite(0, &header, sizeof(header));
    }

  private:
    AtomicFile &file;
  };
  auto file = AtomicFile::create(path);
  if (!file)
    return file.status();
  FileSink sink(**file);
  if (Status s = writeTo(sink); !s.ok())
    return s;
  return (*file)->commit();
}

static Status outOfMemory(uint64_t bytes) {
  return Status::error("not enough memory for a program of " +
                       std::to_string(bytes) + " bytes");
}

Expected<AlignedBuffer> ProgramBuilder::writeToMemory() const {
  class MemorySink final : public Sink {
  public:
    Status begin(uint64_t bytes) override {
      return buffer.allocate(bytes) ? Status::success() : outOfMemory(bytes);
    }
    Status append(const void *data, size_t bytes) override {
      if (bytes > 0)
        std::memcpy(buffer.data() + used, data, bytes);
      used += bytes;
      return Status::success();
    }
    Status patchHeader(const ProgramHeader &header) override {
      std::memcpy(buffer.data(), &header, sizeof(header));
      return Status::success();
    }
    AlignedBuffer buffer;

  private:
    size_t used = 0;
  };
  MemorySink sink;
  if (Status s = writeTo(sink); !s.ok())
    return s;
  return std::move(sink.buffer);
}

/// True where kernels can read a constant (TensorInfo::data): it is aligned,
/// and what they may read behind it lies on a page that it lies on, too.
static bool isReadableThere(const void *data, size_t bytes) {
  constexpr uintptr_t leastPage = 4096;
  auto begin = reinterpret_cast<uintptr_t>(data), end = begin + bytes;
  return bytes > 0 && begin % constantAlignment == 0 &&
         (end - 1) / leastPage == (end + programSlack - 1) / leastPage;
}

Expected<std::shared_ptr<const Program>> ProgramBuilder::build() const {
  ProgramParts parts;
  const flatbuffers::DetachedBuffer graph = makeGraph();
  if (!parts.graph.allocate(graph.size()))
    return outOfMemory(graph.size());
  std::memcpy(parts.graph.data(), graph.data(), graph.size());
  parts.constantsSize = constantsEnd + programSlack;

  auto stays = [](const Constant &constant) {
    return constant.lifetime == Lifetime::Program &&
           isReadableThere(constant.data, constant.bytes);
  };
  size_t copied = programSlack;
  for (const Constant &constant : constants)
    if (!stays(constant))
      copied += alignUp(constant.bytes, programAlignment);
  if (!parts.memory.allocate(copied))
    return outOfMemory(copied);
  uint8_t *place = parts.memory.data();
  std::vector<const void *> places;
  for (const Constant &constant : constants) {
    places.push_back(stays(constant) ? constant.data : place);
    if (stays(constant))
      continue;
    if (constant.bytes > 0)
      std::memcpy(place, constant.data, constant.bytes);
    place += alignUp(constant.bytes, programAlignment);
  }
  for (int64_t constant : tensorConstant)
    parts.constants.push_back(constant < 0 ? nullptr : places[constant]);
  return Program::fromParts(std::move(parts));
}

} // namespace npir_rt
