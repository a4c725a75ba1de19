// This file declares a program in memory: what an .npx file holds
// (docs/Architecture.md, "The program file"), checked completely.
#ifndef NPIR_RUNTIME_PROGRAM_H
#define NPIR_RUNTIME_PROGRAM_H

#include "npir/Runtime/Status.h"
#include "npir/Runtime/Tensor.h"

#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>

namespace npir_rt {

class KernelRegistry;
class MappedFile;

/// A tensor of the program.
struct TensorInfo {
  std::string id;
  ElementType type = ElementType::F32;
  /// Sizes >= 1; the first is -1 where the batch is free.
  Shape shape;
  /// A free first dimension is `batchFactor * batch`.
  int64_t batchFactor = 1;
  Quantization quantization;
  /// A constant's data, else null. 64-byte aligned in a file, else 16-byte
  /// aligned at least, with 64 readable bytes behind the end; as long-lived as
  /// the program.
  const void *data = nullptr;

  bool isConstant() const { return data != nullptr; }
  bool isBatched() const { return !shape.empty() && shape[0] < 0; }
  /// The shape at one batch size.
  Shape shapeAt(int64_t batch) const;
};

/// int64, f32, string, list of int64, list of f32, bytes.
using AttributeValue =
    std::variant<int64_t, float, std::string, std::vector<int64_t>,
                 std::vector<float>, std::vector<int8_t>>;

struct Attribute {
  std::string name;
  AttributeValue value;
};

/// One call of a kernel, or (`xnn.subgraph`) a segment of nested calls.
struct Op {
  /// The kernel's name and version (KernelRegistry).
  std::string kernel;
  uint32_t version = 1;
  /// Layer name, for messages and profiles.
  std::string name;
  /// Tensor indices. A missing optional operand is left away.
  std::vector<uint32_t> inputs, outputs;
  std::vector<Attribute> attributes;
  std::vector<Op> body;

  /// Null where the attribute is not set.
  const AttributeValue *find(std::string_view attribute) const;
};

/// A named input or output of the program.
struct Port {
  std::string name;
  uint32_t tensor = 0;
};

/// Where the program comes from; free text, shown to the user.
struct ProgramInfo {
  std::string producer, modelHash, function, station;
};

struct LoadOptions {
  /// Read all constants once and compare their checksum.
  bool verifyConstants = true;
  /// The kernels to check the ops against; null: the built-in ones. Must
  /// outlive the program.
  const KernelRegistry *registry = nullptr;
};

/// A program whose constants lie where they were made.
struct ProgramParts {
  /// The flatbuffer that a file has between header and constants.
  AlignedBuffer graph;
  /// By tensor: as `TensorInfo::data` says; null where it is no constant.
  std::vector<const void *> constants;
  /// What a file's constants take.
  size_t constantsSize = 0;
  /// Owns some of the constants.
  AlignedBuffer memory;
};

/// A checked program. Immutable; any number of executors may share it.
class Program {
public:
  /// Maps the file. A file that is truncated, damaged, of a newer version or
  /// that holds anything a kernel would not accept is an error.
  static Expected<std::shared_ptr<const Program>>
  load(const std::string &path, const LoadOptions &options = {});

  /// The same from memory; `name` stands for the path in messages.
  static Expected<std::shared_ptr<const Program>>
  fromBuffer(AlignedBuffer buffer, const std::string &name = "program",
             const LoadOptions &options = {});

  /// The same from its parts. The constants that `parts` does not own must live
  /// as long as the program; they are not read.
  static Expected<std::shared_ptr<const Program>>
  fromParts(ProgramParts parts, const std::string &name = "program",
            const LoadOptions &options = {});

  ~Program();

  const std::string &path() const { return fileName; }
  const ProgramInfo &info() const { return origin; }
  const std::vector<TensorInfo> &tensors() const { return tensorTable; }
  const std::vector<Op> &ops() const { return opList; }
  const std::vector<Port> &inputs() const { return inputPorts; }
  const std::vector<Port> &outputs() const { return outputPorts; }
  const KernelRegistry &registry() const { return *kernels; }

  /// Whether inputs have a free batch; else the program runs at batch 1 only.
  bool hasFreeBatch() const { return freeBatch; }
  /// The tensor's index.
  std::optional<uint32_t> findTensor(std::string_view id) const;
  /// Bytes of all constants in the file.
  size_t constantBytes() const { return constantsSize; }
  /// Tells the system that the constants' pages are not needed for now; they
  /// come back from the file when touched.
  void releaseConstantPages() const;

private:
  Program() = default;
  friend class ProgramReader;

  std::string fileName;
  ProgramInfo origin;
  std::vector<TensorInfo> tensorTable;
  std::vector<Op> opList;
  std::vector<Port> inputPorts, outputPorts;
  std::unordered_map<std::string_view, uint32_t> tensorIndex;
  const KernelRegistry *kernels = nullptr;
  bool freeBatch = false;
  const uint8_t *constants = nullptr;
  size_t constantsSize = 0;
  std::unique_ptr<MappedFile> file;
  AlignedBuffer memory;
};

} // namespace npir_rt

#endif // NPIR_RUNTIME_PROGRAM_H
