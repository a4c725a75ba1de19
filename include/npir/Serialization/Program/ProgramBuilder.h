// This file declares the writer of program files (.npx), without MLIR.
#ifndef NPIR_SERIALIZATION_PROGRAM_PROGRAMBUILDER_H
#define NPIR_SERIALIZATION_PROGRAM_PROGRAMBUILDER_H

#include "npir/Runtime/Program.h"

#include <map>

namespace npir_rt {

/// Collects a program and writes it. What is built is checked when it is
/// loaded, not here. Equal calls give equal bytes.
class ProgramBuilder {
public:
  explicit ProgramBuilder(ProgramInfo info = {}) : origin(std::move(info)) {}

  /// A tensor that an op or the caller fills; `tensor.data` must be null.
  /// Returns its index.
  uint32_t addTensor(TensorInfo tensor);
  /// A constant. The data is not copied: it must live until the program is
  /// written. Constants with equal `data` and `bytes` share their place.
  uint32_t addConstant(TensorInfo tensor, const void *data, size_t bytes);
  void addOp(Op op) { opList.push_back(std::move(op)); }
  void addInput(std::string name, uint32_t tensor) {
    inputPorts.push_back({std::move(name), tensor});
  }
  void addOutput(std::string name, uint32_t tensor) {
    outputPorts.push_back({std::move(name), tensor});
  }

  /// Writes the file atomically, the constants straight from their places.
  Status write(const std::string &path) const;
  /// The file's bytes, for Program::fromBuffer.
  Expected<AlignedBuffer> writeToMemory() const;

private:
  struct Constant {
    const void *data;
    size_t bytes;
    uint64_t offset;
  };
  class Sink;
  Status writeTo(Sink &sink) const;

  ProgramInfo origin;
  std::vector<TensorInfo> tensorTable;
  /// Index into `constants`, or -1.
  std::vector<int64_t> tensorConstant;
  std::vector<Constant> constants;
  std::map<std::pair<const void *, size_t>, size_t> constantIndex;
  uint64_t constantsEnd = 0;
  std::vector<Op> opList;
  std::vector<Port> inputPorts, outputPorts;
};

} // namespace npir_rt

#endif // NPIR_SERIALIZATION_PROGRAM_PROGRAMBUILDER_H
