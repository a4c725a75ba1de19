// This file declares how Python builds a module: inputs, constants over numpy's
// memory, any registered npir op by name.
#ifndef NPIR_PYTHON_SRC_MODULEBUILDER_H
#define NPIR_PYTHON_SRC_MODULEBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace npir_py {

/// Becomes `npir.NPIRError` in Python; the text is the diagnostic's.
struct Error : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Sizes of the dimensions; none for the batch.
using Shape = std::vector<std::optional<int64_t>>;

/// Builds one module with one function `@main` at station `float`. Values are
/// numbers that the methods return. Every method throws Error.
class ModuleBuilder {
public:
  ModuleBuilder();

  /// A new input. All inputs come before the first op.
  unsigned addInput(const std::string &name, const Shape &shape);

  /// A constant of f32 over `data`, which stays alive until `release` is
  /// called; nothing is copied if it is aligned to 16 bytes and larger than
  /// 1 KiB. `release` is always called, at the latest at the module's end.
  unsigned addConstant(const std::string &name,
                       const std::vector<int64_t> &shape, const void *data,
                       std::function<void()> release);

  /// An op by its full name. `attributes` hold MLIR's text of each attribute.
  /// The result's shape is inferred, or given for an op that cannot know it.
  unsigned addOp(const std::string &opName,
                 const std::vector<unsigned> &operands,
                 const std::vector<std::pair<std::string, std::string>>
                     &attributes,
                 const std::string &layer, const std::optional<Shape> &shape);

  /// The shape of a value.
  Shape getShape(unsigned value) const;

  /// End the function, and verify the module.
  void setOutputs(
      const std::vector<std::pair<std::string, unsigned>> &outputs);

  /// Write the module to a file, whole or not at all.
  void save(const std::string &path);

  /// The module's text; large constants are left out.
  std::string str();

private:
  mlir::Value getValue(unsigned value) const;

  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp func;
  mlir::OpBuilder builder;
  std::vector<mlir::Value> values;
  std::vector<std::string> inputNames;
};

} // namespace npir_py

#endif // NPIR_PYTHON_SRC_MODULEBUILDER_H
