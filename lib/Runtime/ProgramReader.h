// This file declares the steps from the bytes of a program file to a checked
// Program.
#ifndef NPIR_LIB_RUNTIME_PROGRAMREADER_H
#define NPIR_LIB_RUNTIME_PROGRAMREADER_H

#include "npir/Runtime/File.h"
#include "npir/Runtime/Program.h"
#include "npir/Runtime/ProgramFormat.h"

namespace npir_rt {

class ProgramReader {
public:
  ProgramReader(std::string name, const LoadOptions &options);
  /// One of the two.
  Expected<std::shared_ptr<const Program>>
  read(std::unique_ptr<MappedFile> file, AlignedBuffer memory);
  Expected<std::shared_ptr<const Program>> read(ProgramParts parts);

private:
  /// What both have in common. `places`: of constants, by tensor; null: those
  /// of the file.
  Expected<std::shared_ptr<const Program>>
  readGraph(const uint8_t *data, size_t size,
            const std::vector<const void *> *places);

  /// Header, sizes, checksums.
  Status readHeader(const uint8_t *data, size_t size);
  /// The flatbuffer into plain structures (ProgramGraph.cpp).
  Status readTables(const uint8_t *data, size_t size,
                    const std::vector<const void *> *places);
  /// Who makes what, and each op by its kernel (ProgramVerify.cpp).
  Status verify();

  std::shared_ptr<Program> program;
  LoadOptions options;
  ProgramHeader header = {};
};

} // namespace npir_rt

#endif // NPIR_LIB_RUNTIME_PROGRAMREADER_H
