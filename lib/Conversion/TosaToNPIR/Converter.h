// This file declares the conversion of one function of TOSA ops: what the forms
// of its ops are written with. Private to this library.
#ifndef NPIR_LIB_CONVERSION_TOSATONPIR_CONVERTER_H
#define NPIR_LIB_CONVERSION_TOSATONPIR_CONVERTER_H

#include "npir/Dialect/NPIR/IR/Constants.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::npir {

class TosaConverter;

/// The npir form of one kind of op: makes ops by the converter, and returns the
/// value that stands for the op's only result, or fails after
/// TosaConverter::refuse.
using TosaForm = std::function<FailureOr<Value>(TosaConverter &, Operation *)>;

/// The forms of all ops that npir has one for.
class TosaForms {
public:
  template <typename OpT>
  void add(FailureOr<Value> (*form)(TosaConverter &, OpT)) {
    forms[OpT::getOperationName()] = [form](TosaConverter &converter,
                                            Operation *op) {
      return form(converter, cast<OpT>(op));
    };
  }
  /// Null for an op without one.
  const TosaForm *find(Operation *op) const {
    auto found = forms.find(op->getName().getStringRef());
    return found == forms.end() ? nullptr : &found->second;
  }

private:
  llvm::StringMap<TosaForm> forms;
};

void addElementwiseForms(TosaForms &forms);
void addLayerForms(TosaForms &forms);
void addMoveForms(TosaForms &forms);
void addReductionForms(TosaForms &forms);
void addResizeForm(TosaForms &forms);

/// An op that has no npir form, and why.
struct TosaProblem {
  Operation *op; ///< null: the function
  std::string reason;
};

/// Converts one function of one block. The npir ops are made in a block of
/// their own, which takes the place of the function's in the end: a function
/// that cannot be converted stays as it was.
class TosaConverter {
public:
  TosaConverter(func::FuncOp func, const TosaForms &forms);

  /// What cannot be converted; if there is nothing, `func` is converted.
  SmallVector<TosaProblem> run();

  /// Whether floats of another width have become f32.
  bool changesWidth() const { return widthChanged; }

  //===--------------------------------------------------------------------===//
  // For forms
  //===--------------------------------------------------------------------===//

  OpBuilder &getBuilder() { return builder; }

  /// What `value`, of TOSA, has become.
  Value get(Value value);
  /// The type that the op's result has to have.
  RankedTensorType getResultType(Operation *op);
  /// Shape of a converted value.
  static ArrayRef<int64_t> getShape(Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  }
  /// Number of leading ones of `value` that its npir form has not.
  static int64_t countDroppedDims(Value value);

  /// The location of an op that serves the one that is being converted; of the
  /// one that stands for it where `suffix` is empty.
  Location getLoc(StringRef suffix = "");

  /// A new op whose result type is inferred, or `type`. Fails, with a reason,
  /// where the op's verifier refuses it.
  template <typename OpT>
  FailureOr<Value> create(StringRef suffix, ValueRange operands,
                          ArrayRef<NamedAttribute> attributes = {},
                          RankedTensorType type = {}) {
    return create(OpT::getOperationName(), suffix, operands, attributes, type);
  }

  /// `value` in another shape: itself where it has it, and a constant where it
  /// is one.
  FailureOr<Value> reshape(Value value, ArrayRef<int64_t> shape,
                           StringRef suffix);
  /// `value` with its dimensions permuted likewise.
  FailureOr<Value> transpose(Value value, ArrayRef<int64_t> perm,
                             StringRef suffix);
  /// A constant of int32 indices.
  Value createIndices(ArrayRef<int32_t> values, StringRef suffix);

  NamedAttribute named(StringRef name, Attribute value);
  NamedAttribute named(StringRef name, ArrayRef<int64_t> values);
  NamedAttribute named(StringRef name, int64_t value);
  NamedAttribute named(StringRef name, float value);
  NamedAttribute flag(StringRef name);

  /// Says why the op that is being converted is refused.
  FailureOr<Value> refuse(const Twine &reason);

  /// The numbers of an operand that says a shape. Refuses what is not known.
  FailureOr<SmallVector<int64_t>> getNumbers(Value shape, StringRef what);
  /// Refuses an operand that is not a constant of zeros (`what` says which).
  LogicalResult expectZero(Value operand, StringRef what);
  /// Refuses operands that are not of f32.
  LogicalResult expectFloats(ValueRange operands);
  /// Refuses a dimension before which ones are left out.
  LogicalResult expectLeadingBatch(Value value);

private:
  FailureOr<Value> create(StringRef name, StringRef suffix, ValueRange operands,
                          ArrayRef<NamedAttribute> attributes,
                          RankedTensorType type);
  RankedTensorType convertType(Type type);
  Value createPlaceholder(RankedTensorType type);
  void convertArguments();
  void convert(Operation *op);
  void finish();

  func::FuncOp func;
  const TosaForms &forms;
  std::unique_ptr<Block> block; ///< of npir ops
  OpBuilder builder;
  IRMapping mapping;
  Operation *current = nullptr;
  SmallVector<TosaProblem> problems;
  std::string diagnostic; ///< the last error of a verifier
  bool widthChanged = false;
};

inline bool isTosaOp(Operation *op) {
  return isa_and_nonnull<tosa::TosaDialect>(op->getDialect());
}

/// The npir type of a TOSA tensor: floats are f32, and ones before a dynamic
/// dimension are left out. Null, with a reason, where there is none.
RankedTensorType convertTosaType(Type type, std::string &reason);

/// The constant of TOSA, or of any other dialect, that `value` is; null where
/// it is none.
ElementsAttr getTosaConstant(Value value);

/// False, with a reason, for a resource that has not the bytes of its type.
bool hasAllBytes(ElementsAttr value, std::string &reason);

/// The same as an npir constant of type `type` (as convertTosaType gives it).
/// Its bytes are not copied where they can stay.
ConstantOp createFromTosa(OpBuilder &builder, Location loc, ElementsAttr value,
                          RankedTensorType type);

/// The only number of a constant whose elements are all equal.
std::optional<double> getUniformNumber(ElementsAttr value);

/// What `op`, a function of one or two numbers, computes of constants; null
/// where its operands are none, or too many.
Value foldToConstant(OpBuilder &builder, Operation *op);

/// Give the TOSA ops of `func` that have no layer name one that nothing else
/// has, and its constants the names of what takes them.
void nameTosaOps(func::FuncOp func);

/// Find activations, softmax and means that are written in small ops in `func`,
/// of npir ops.
void recomposeOps(func::FuncOp func);
/// The part of it that ends with `op`: what it can be replaced by, or null.
Value recomposeActivation(OpBuilder &builder, Operation *op);

} // namespace mlir::npir

#endif // NPIR_LIB_CONVERSION_TOSATONPIR_CONVERTER_H
