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

class NPIR_Op<string opMnemonic, list<Trait> traits = []> : Op<NPIR_Dialect, opMnemonic, traits>;

// Result shapes are inferred for f32; a quantized result has the inferred shape and its own element type.
def NPIR_InferShape : DeclareOpInterfaceMethods<InferTypeOpInterface, ["inferReturnTypes"]>;

// An op of the network: pure, with its shape inferred and a description of itself for the quantizer. `methods` names
// the methods of QuantizableOpInterface that the op defines.
class NPIR_NetworkOp<string opMnemonic, list<string> methods, list<Trait> traits = []>
    : NPIR_Op<opMnemonic, !listconcat(traits, [Pure, NPIR_InferShape,
        DeclareOpInterfaceMethods<NPIR_QuantizableOpInterface, methods>])> {
  code inferShapeDefinition = [{
    ::mlir::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *context,
        std::optional<::mlir::Location> location, ::mlir::ValueRange operands, ::mlir::DictionaryAttr attributes,
        ::mlir::OpaqueProperties properties, ::mlir::RegionRange regions,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::mlir::npir::detail::inferFloatType(inferShape(Adaptor(operands, attributes, properties, regions),
          location.value_or(::mlir::UnknownLoc::get(context))), context, types);
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

def NPIR_ClampedOp : DeclareOpInterfaceMethods<NPIR_ClampedOpInterface>;

#endif // NPIR_DIALECT_NPIR_IR_NPIROPBASE_TD
