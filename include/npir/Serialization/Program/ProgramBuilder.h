// This file declares the writer of program files (.npx), without MLIR.
#ifndef NPIR_SERIALIZATION_PROGRAM_PROGRAMBUILDER_H
#define NPIR_SERIALIZATION_PROGRAM_PROGRAMBUILDER_H

#include "npir/Runtime/Program.h"

#include <map>

namespace flatbuffers {
class DetachedBuffer;
} // namespace flatbuffers

namespace npir_rt {

/// Collects a program and writes it. What is built is checked when it is
/// loaded, not here. Equal calls give equal bytes.
class ProgramBuilder {
public:
  explicit ProgramBuilder(ProgramInfo info = {}) : origin(std::move(info)) {}

  /// A tensor that an op or the caller fills; `tensor.data` must be null.
  /// Returns its index.
  uint32_t addTensor(TensorInfo tensor);
  /// How long the data of a constant lives: until the program is written, or
  /// as long as any program that `build` gives.
  enum class Lifetime { Builder, Program };
  /// A constant. The data is not copied here. Constants with equal `data` and
  /// `bytes` share their place.
  uint32_t addConstant(TensorInfo tensor, const void *data, size_t bytes,
                       Lifetime lifetime = Lifetime::Builder);
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
  /// The program without a file. Constants that live long enough stay where
  /// they are, if kernels can read them there; the others are copied.
  Expected<std::shared_ptr<const Program>> build() const;

private:
  struct Constant {
    const void *data;
    size_t bytes;
    uint64_t offset;
    Lifetime lifetime;
  };
  class Sink;
  Status writeTo(Sink &sink) const;
  /// The tables, as a file has them.
  flatbuffers::DetachedBuffer makeGraph() const;

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
