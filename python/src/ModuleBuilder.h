// This file declares the builder that importers make modules with: inputs,
// constants and npir ops by name, each checked as soon as it is made.
#ifndef NPIR_PYTHON_SRC_MODULEBUILDER_H
#define NPIR_PYTHON_SRC_MODULEBUILDER_H

#include "Model.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mlir::npir {

/// The value of an op's attribute. `Text` is the attribute in MLIR's syntax,
/// for example `#npir.reduce_kind<mean>`.
struct AttributeText {
  std::string text;
};
using AttributeValue =
    std::variant<bool, int64_t, double, std::vector<int64_t>, AttributeText>;

/// The integers of a quantized tensor and what they stand for: one scale and
/// zero point, or one for each index of dimension `axis`.
struct QuantizedElements {
  /// 2 to 16; stored as 8 bits up to 8, else as 16.
  unsigned bits = 8;
  bool isSigned = true;
  std::vector<double> scales;
  std::vector<int64_t> zeroPoints;
  std::optional<int64_t> axis;
};

/// Builds a module with one function `@main`, op by op. It is at station
/// `float`, or at `qdq` if a tensor of it is quantized. Names become layer
/// names: locations `loc("name")`. Element types are named as numpy does:
/// float32, int32, int64, bool.
///
/// Everything that can fail leaves its reason for takeDiagnostics(), and the
/// module as it was. Not thread-safe.
class ModuleBuilder {
public:
  explicit ModuleBuilder(StringRef name);
  ~ModuleBuilder();
  ModuleBuilder(const ModuleBuilder &) = delete;

  /// Add an argument to the function. A dynamic dimension is
  /// ShapedType::kDynamic; only the first, the batch, may be.
  FailureOr<Value> addInput(StringRef name, ArrayRef<int64_t> shape,
                            StringRef elementType = "float32");

  /// Add a constant of row-major elements, a bool being a byte. Up to
  /// kMaxInlineBytes they are copied and `release` is called at once; more stay
  /// where they are, without a copy, and `release` is called when nothing
  /// refers to them any more. `data` is then aligned to 16 bytes. On failure
  /// `release` is called, too.
  FailureOr<Value> addConstant(StringRef name, ArrayRef<int64_t> shape,
                               StringRef elementType, ArrayRef<char> data,
                               llvm::unique_function<void()> release);

  /// The same with the integers of `elements`, each of one or two bytes.
  FailureOr<Value> addQuantizedConstant(StringRef name, ArrayRef<int64_t> shape,
                                        const QuantizedElements &elements,
                                        ArrayRef<char> data,
                                        llvm::unique_function<void()> release);

  /// Round `input`, of f32, to `elements`; dequantize what was rounded, or a
  /// quantized constant. Nothing else reads a quantized value. The rounding is
  /// `requested`: its bounds may be the network's only ReLU.
  FailureOr<Value> addQuantize(Value input, const QuantizedElements &elements,
                               StringRef name);
  FailureOr<Value> addDequantize(Value input, StringRef name);

  /// Add the registered op `opName` of the npir dialect with one result,
  /// whose type is inferred unless `resultShape` is given. Its elements are
  /// then `elementType`, or those of the first operand where that is empty.
  /// Every check of the op's verifier holds afterwards. A bool attribute is a
  /// unit attribute.
  FailureOr<Value>
  addOp(StringRef opName, ValueRange operands,
        ArrayRef<std::pair<std::string, AttributeValue>> attributes,
        StringRef name,
        std::optional<ArrayRef<int64_t>> resultShape = std::nullopt,
        StringRef elementType = "");

  /// The name of the type of a tensor's elements.
  static StringRef getElementTypeName(Value value);

  /// Name the results of the function. Closes it: nothing is added after that.
  LogicalResult setOutputs(ArrayRef<std::pair<std::string, Value>> outputs);

  /// The finished module; the builder is of no more use. A quantized one is
  /// prepared (--npir-prepare): that is what station `qdq` is.
  FailureOr<std::shared_ptr<Model>> finish();

  /// The module as text with locations and without big constants, for
  /// debugging: MLIR encodes all constants before it leaves the big ones out.
  std::string str();

  /// Where the elements of the constant that defines `value` lie; null if it is
  /// no constant, or one that is stored inline.
  static const void *getConstantData(Value value);

  /// The errors since the last call, one a line, without the final newline.
  std::string takeDiagnostics();

private:
  FailureOr<Type> getElementType(const QuantizedElements &elements,
                                 Location loc);
  FailureOr<Value> addConstant(StringRef name, RankedTensorType type,
                               ArrayRef<char> data,
                               llvm::unique_function<void()> release);
  /// `op` if it is right; else it is erased.
  FailureOr<Value> check(Operation *op);
  LogicalResult checkOpen();
  LogicalResult checkShape(ArrayRef<int64_t> shape, bool allowDynamic);
  FailureOr<Type> getElementType(StringRef name);
  LogicalResult
  setAttributes(Operation *op,
                ArrayRef<std::pair<std::string, AttributeValue>> attributes);
  FailureOr<Attribute> getAttribute(const AttributeValue &value);
  LogicalResult inferResultType(Operation *op);
  Location getNameLoc(StringRef name);

  std::shared_ptr<Model> model;
  MLIRContext *context;
  OpBuilder builder;
  ModuleOp module;
  func::FuncOp function;
  DiagnosticEngine::HandlerID handler;
  SmallVector<std::string> inputNames;
  SmallVector<std::string> errors;
  bool isClosed = false;
};

} // namespace mlir::npir

#endif // NPIR_PYTHON_SRC_MODULEBUILDER_H
