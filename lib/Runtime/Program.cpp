// This file implements loading of program files: the header and the checksums.
#include "npir/Runtime/Program.h"
#include "ProgramReader.h"
#include "npir/Runtime/Hash.h"
#include "npir/Runtime/KernelRegistry.h"

#include <algorithm>
#include <cstring>

namespace npir_rt {

Shape TensorInfo::shapeAt(int64_t batch) const {
  Shape concrete = shape;
  if (isBatched())
    concrete[0] = batchFactor * batch;
  return concrete;
}

const AttributeValue *Op::find(std::string_view attribute) const {
  for (const Attribute &candidate : attributes)
    if (candidate.name == attribute)
      return &candidate.value;
  return nullptr;
}

Expected<std::shared_ptr<const Program>>
Program::load(const std::string &path, const LoadOptions &options) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.status();
  return ProgramReader(path, options).read(std::move(*file), AlignedBuffer());
}

Expected<std::shared_ptr<const Program>>
Program::fromBuffer(AlignedBuffer buffer, const std::string &name,
                    const LoadOptions &options) {
  return ProgramReader(name, options).read(nullptr, std::move(buffer));
}

Expected<std::shared_ptr<const Program>>
Program::fromParts(ProgramParts parts, const std::string &name,
                   const LoadOptions &options) {
  return ProgramReader(name, options).read(std::move(parts));
}

Program::~Program() = default;

std::optional<uint32_t> Program::findTensor(std::string_view id) const {
  auto found = tensorIndex.find(id);
  if (found == tensorIndex.end())
    return std::nullopt;
  return found->second;
}

void Program::releaseConstantPages() const {
  if (file)
    file->release(constants, constantsSize);
}

ProgramReader::ProgramReader(std::string name, const LoadOptions &options)
    : program(new Program()), options(options) {
  program->fileName = std::move(name);
  program->kernels =
      options.registry ? options.registry : &KernelRegistry::builtin();
}

Expected<std::shared_ptr<const Program>>
ProgramReader::read(std::unique_ptr<MappedFile> file, AlignedBuffer memory) {
  program->file = std::move(file);
  program->memory = std::move(memory);
  const uint8_t *data =
      program->file ? program->file->data() : program->memory.data();
  size_t size = program->file ? program->file->size() : program->memory.size();

  if (Status status = readHeader(data, size); !status.ok())
    return status.withContext(program->fileName);
  return readGraph(data + sizeof(ProgramHeader), header.graphSize,
                   /*places=*/nullptr);
}

Expected<std::shared_ptr<const Program>>
ProgramReader::read(ProgramParts parts) {
  program->memory = std::move(parts.memory);
  program->constantsSize = parts.constantsSize;
  return readGraph(parts.graph.data(), parts.graph.size(), &parts.constants);
}

Expected<std::shared_ptr<const Program>>
ProgramReader::readGraph(const uint8_t *data, size_t size,
                         const std::vector<const void *> *places) {
  Status status = readTables(data, size, places);
  if (status.ok())
    status = verify();
  if (!status.ok())
    return status.withContext(program->fileName);
  return std::shared_ptr<const Program>(std::move(program));
}

static Status damaged(const std::string &what) {
  return Status::error("damaged program file: " + what);
}

Status ProgramReader::readHeader(const uint8_t *data, size_t size) {
  if (size >= sizeof(programMagic) &&
      std::memcmp(data, programMagic, sizeof(programMagic)) != 0)
    return Status::error("not a program file (.npx)");
  if (size < sizeof(ProgramHeader) + programSlack)
    return damaged("expected at least " +
                   std::to_string(sizeof(ProgramHeader) + programSlack) +
                   " bytes, got " + std::to_string(size));
  std::memcpy(&header, data, sizeof(header));
  if (header.version > programVersion)
    return Status::error(
        "the file has format version " + std::to_string(header.version) +
        ", this runtime reads up to " + std::to_string(programVersion) +
        "; use a newer runtime");
  if (header.version == 0 || header.headerSize != sizeof(ProgramHeader))
    return damaged("wrong header");
  if (header.fileSize != size)
    return damaged("expected " + std::to_string(header.fileSize) +
                   " bytes, got " + std::to_string(size));
  // Each compared with what is left, so that no sum can overflow.
  uint64_t rest = size - sizeof(ProgramHeader);
  if (header.graphSize > rest || header.constantsSize > rest ||
      header.constantsSize < programSlack ||
      header.constantsSize % programAlignment != 0 ||
      header.constantsOffset !=
          alignUp(sizeof(ProgramHeader) + header.graphSize, programAlignment) ||
      header.constantsOffset != size - header.constantsSize)
    return damaged("wrong sizes in the header");

  const uint8_t *graph = data + sizeof(ProgramHeader);
  const uint8_t *constants = data + header.constantsOffset;
  if (hash64(graph, header.graphSize) != header.graphHash ||
      !std::all_of(graph + header.graphSize, constants,
                   [](uint8_t byte) { return byte == 0; }))
    return damaged("the graph's checksum does not match");
  if (options.verifyConstants &&
      hash64(constants, header.constantsSize) != header.constantsHash)
    return damaged("the constants' checksum does not match");
  program->constants = constants;
  program->constantsSize = header.constantsSize;
  return Status::success();
}

} // namespace npir_rt
