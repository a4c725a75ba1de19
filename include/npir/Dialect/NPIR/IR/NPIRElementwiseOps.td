// This file defines elementwise operations.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRELEMENTWISEOPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRELEMENTWISEOPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

// A function of one real number. `function` is the body of getUnaryFunction. Quantized: `requant` is
// `#npir.requant_table`, or `#npir.requant_copy` for a clamp between equal types.
class NPIR_UnaryOp<string opMnemonic, code function, list<string> methods = []>
    : NPIR_NetworkOp<opMnemonic, !listconcat(["getArithmetic"], methods),
        [DeclareOpInterfaceMethods<NPIR_UnaryOpInterface>]> {
  let arguments = (ins NPIR_Tensor:$input, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  code unaryDefinition = [{
    ::mlir::FailureOr<::llvm::SmallVector<int64_t>> $cppClass::inferShape(Adaptor adaptor, ::mlir::Location) {
      return ::llvm::to_vector(::llvm::cast<::mlir::RankedTensorType>(adaptor.getInput().getType()).getShape());
    }
    ::mlir::npir::Arithmetic $cppClass::getArithmetic() { return ::mlir::npir::Arithmetic::Elementwise; }
    ::npir_kernels::UnaryFunction $cppClass::getUnaryFunction() { }] # function # [{ }
  }];
  code verifyDefinition = [{
    ::mlir::LogicalResult $cppClass::verify() { return ::mlir::npir::detail::verifyUnary(*this); }
  }];
  let extraClassDefinition = inferShapeDefinition # unaryDefinition # verifyDefinition;
}

def NPIR_ReluOp : NPIR_UnaryOp<"relu", [{
    return {::npir_kernels::UnaryKind::Clamp, 0.0f, std::numeric_limits<float>::infinity()};
  }]> {
  let summary = "max(x, 0)";
}

def NPIR_ClampOp : NPIR_UnaryOp<"clamp", [{
    return {::npir_kernels::UnaryKind::Clamp, getMin().convertToFloat(), getMax().convertToFloat()};
  }]> {
  let summary = "min(max(x, min), max)";
  let arguments = (ins NPIR_Tensor:$input, F32Attr:$min, F32Attr:$max, OptionalAttr<NPIR_AnyRequant>:$requant);
  let extraClassDefinition = inferShapeDefinition # unaryDefinition; // has bounds to verify, too
}

def NPIR_SigmoidOp : NPIR_UnaryOp<"sigmoid", [{ return {::npir_kernels::UnaryKind::Sigmoid}; }], ["getFixedOutputRange"]> {
  let summary = "1 / (1 + exp(-x))";
  let extraClassDefinition = inferShapeDefinition # unaryDefinition # verifyDefinition # [{
    std::optional<std::pair<double, double>> $cppClass::getFixedOutputRange(unsigned) { return std::make_pair(0.0, 1.0); }
  }];
}

def NPIR_TanhOp : NPIR_UnaryOp<"tanh", [{ return {::npir_kernels::UnaryKind::Tanh}; }], ["getFixedOutputRange"]> {
  let summary = "hyperbolic tangent";
  let extraClassDefinition = inferShapeDefinition # unaryDefinition # verifyDefinition # [{
    std::optional<std::pair<double, double>> $cppClass::getFixedOutputRange(unsigned) { return std::make_pair(-1.0, 1.0); }
  }];
}

def NPIR_AbsOp : NPIR_UnaryOp<"abs", [{ return {::npir_kernels::UnaryKind::Abs}; }]> {
  let summary = "|x|";
}

def NPIR_HardSwishOp : NPIR_UnaryOp<"hardswish", [{ return {::npir_kernels::UnaryKind::HardSwish}; }]> {
  let summary = "x * min(max(x + 3, 0), 6) / 6";
}

def NPIR_HardSigmoidOp : NPIR_UnaryOp<"hardsigmoid", [{ return {::npir_kernels::UnaryKind::HardSigmoid}; }],
    ["getFixedOutputRange"]> {
  let summary = "min(max(x / 6 + 1/2, 0), 1)";
  let extraClassDefinition = inferShapeDefinition # unaryDefinition # verifyDefinition # [{
    std::optional<std::pair<double, double>> $cppClass::getFixedOutputRange(unsigned) { return std::make_pair(0.0, 1.0); }
  }];
}

def NPIR_GeluOp : NPIR_UnaryOp<"gelu", [{ return {::npir_kernels::UnaryKind::Gelu}; }]> {
  let summary = "x * (1 + erf(x / sqrt(2))) / 2";
}

def NPIR_GeluTanhOp : NPIR_UnaryOp<"gelu_tanh", [{ return {::npir_kernels::UnaryKind::GeluTanh}; }]> {
  let summary = "x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2";
}

def NPIR_ErfOp : NPIR_UnaryOp<"erf", [{ return {::npir_kernels::UnaryKind::Erf}; }], ["getFixedOutputRange"]> {
  let summary = "the error function";
  let extraClassDefinition = inferShapeDefinition # unaryDefinition # verifyDefinition # [{
    std::optional<std::pair<double, double>> $cppClass::getFixedOutputRange(unsigned) { return std::make_pair(-1.0, 1.0); }
  }];
}

def NPIR_SqrtOp : NPIR_UnaryOp<"sqrt", [{ return {::npir_kernels::UnaryKind::Sqrt}; }]> {
  let summary = "square root";
}

def NPIR_SquareOp : NPIR_UnaryOp<"square", [{ return {::npir_kernels::UnaryKind::Square}; }]> {
  let summary = "x * x";
}

// A function of two real numbers with numpy's broadcasting. The result is clamped to `clamp_min`, `clamp_max`.
class NPIR_BinaryOp<string opMnemonic, string kind, string arithmetic>
    : NPIR_NetworkOp<opMnemonic, ["getArithmetic"],
        [NPIR_ClampedOp, DeclareOpInterfaceMethods<NPIR_BinaryOpInterface>]> {
  let arguments = (ins NPIR_Tensor:$lhs, NPIR_Tensor:$rhs,
    OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = inferShapeDefinition # [{
    ::mlir::FailureOr<::llvm::SmallVector<int64_t>> $cppClass::inferShape(Adaptor adaptor, ::mlir::Location loc) {
      return ::mlir::npir::detail::inferBroadcast(adaptor.getLhs().getType(), adaptor.getRhs().getType(), loc);
    }
    ::npir_kernels::BinaryKind $cppClass::getBinaryKind() { return ::npir_kernels::BinaryKind::}] # kind # [{; }
    ::mlir::npir::Arithmetic $cppClass::getArithmetic() { return ::mlir::npir::Arithmetic::}] # arithmetic # [{; }
    ::mlir::LogicalResult $cppClass::verify() { return ::mlir::npir::detail::verifyBinary(*this); }
  }];
}

def NPIR_AddOp : NPIR_BinaryOp<"add", "Add", "Add"> {
  let summary = "x + y, with numpy's broadcasting";
  let description = [{ Quantized: `requant` is `#npir.requant_shift_add`. }];
}

def NPIR_SubOp : NPIR_BinaryOp<"sub", "Subtract", "Subtract"> {
  let summary = "x - y, with numpy's broadcasting";
  let description = [{ Quantized: `requant` is `#npir.requant_shift_add` with a negative second multiplier. }];
}

def NPIR_MulOp : NPIR_BinaryOp<"mul", "Multiply", "Multiply"> {
  let summary = "x * y, with numpy's broadcasting";
  let description = [{ Quantized: `requant` is `#npir.requant_f32` with one multiplier for `(x - zx) * (y - zy)`. }];
}

def NPIR_DivOp : NPIR_BinaryOp<"div", "Divide", "None"> {
  let summary = "x / y, with numpy's broadcasting";
  let description = [{ Float only. }];
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRELEMENTWISEOPS_TD
