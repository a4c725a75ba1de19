// This file defines what the operations of the npir dialect share.
#ifndef NPIR_DIALECT_NPIR_IR_NPIROPBASE_TD
#define NPIR_DIALECT_NPIR_IR_NPIROPBASE_TD

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "npir/Dialect/NPIR/IR/NPIRAttrs.td"
include "npir/Dialect/NPIR/IR/NPIRInterfaces.td"

def NPIR_QuantizedElement : Type<CPred<"::llvm::isa<::mlir::quant::QuantizedType>($_self)">, "quantized type">;
// The element types of activations, weights and biases.
def NPIR_Tensor : RankedTensorOf<[F32, NPIR_QuantizedElement]>;
def NPIR_FloatTensor : RankedTensorOf<[F32]>;
// Token ids, positions, what argmax finds.
def NPIR_IndexTensor : RankedTensorOf<[I32, I64]>;
def NPIR_BoolTensor : RankedTensorOf<[I1]>;
// What only moves values takes any of them.
def NPIR_AnyTensor : RankedTensorOf<[F32, NPIR_QuantizedElement, I1, I32, I64]>;

class NPIR_Op<string opMnemonic, list<Trait> traits = []> : Op<NPIR_Dialect, opMnemonic, traits>;

// Result shapes are inferred for f32, unless an op says otherwise; a quantized result has the inferred shape and its own
// element type.
def NPIR_InferShape : DeclareOpInterfaceMethods<InferTypeOpInterface, ["inferReturnTypes"]>;

// A pure op whose shape is inferred, and the element type of its result: f32, unless `resultElement` says otherwise. That is a
// C++ expression of `Adaptor adaptor` and `MLIRContext *context`.
class NPIR_ShapedOp<string opMnemonic, list<Trait> traits = []>
    : NPIR_Op<opMnemonic, !listconcat(traits, [Pure, NPIR_InferShape])> {
  code resultElement = [{ ::mlir::Float32Type::get(context) }];
  code inferShapeDefinition = [{
    ::mlir::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *context,
        std::optional<::mlir::Location> location, ::mlir::ValueRange operands, ::mlir::DictionaryAttr attributes,
        ::mlir::OpaqueProperties properties, ::mlir::RegionRange regions,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      Adaptor adaptor(operands, attributes, properties, regions);
      return ::mlir::npir::detail::inferType(
          inferShape(adaptor, location.value_or(::mlir::UnknownLoc::get(context))), }] # resultElement # [{, types);
    }
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::mlir::npir::detail::haveSameShapes(inferred, actual);
    }
  }];
  code inferShapeDeclaration = [{
    /// Shape of the result, or failure after a diagnostic at `loc`.
    static ::mlir::FailureOr<::llvm::SmallVector<int64_t>> inferShape(Adaptor adaptor, ::mlir::Location loc);
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual);
  }];
  let extraClassDeclaration = inferShapeDeclaration;
  let extraClassDefinition = inferShapeDefinition;
  let hasVerifier = 1;
}

// An op of the network: it describes itself for the quantizer. `methods` names the methods of QuantizableOpInterface that the op
// defines.
class NPIR_NetworkOp<string opMnemonic, list<string> methods, list<Trait> traits = []>
    : NPIR_ShapedOp<opMnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<NPIR_QuantizableOpInterface, methods>])>;

// An op that moves or selects elements of `operand`, of any type.
class NPIR_MovingOp<string opMnemonic, list<string> methods, string operand = "getInput", list<Trait> traits = []>
    : NPIR_NetworkOp<opMnemonic, !listconcat(["getSameScaleOperands", "getArithmetic"], methods), traits> {
  let resultElement = "::mlir::npir::detail::getMovedElement(adaptor." # operand # "().getType())";
}

def NPIR_ClampedOp : DeclareOpInterfaceMethods<NPIR_ClampedOpInterface>;

#endif // NPIR_DIALECT_NPIR_IR_NPIROPBASE_TD
