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

def NPIR_LeakyReluOp : NPIR_UnaryOp<"leaky_relu", [{ return {::npir_kernels::UnaryKind::LeakyRelu, getAlpha().convertToFloat()}; }]> {
  let summary = "x, times alpha where it is negative";
  let arguments = (ins NPIR_Tensor:$input, F32Attr:$alpha, OptionalAttr<NPIR_AnyRequant>:$requant);
}

def NPIR_EluOp : NPIR_UnaryOp<"elu", [{ return {::npir_kernels::UnaryKind::Elu, getAlpha().convertToFloat()}; }]> {
  let summary = "x, or alpha * (exp(x) - 1) where it is negative";
  let arguments = (ins NPIR_Tensor:$input, F32Attr:$alpha, OptionalAttr<NPIR_AnyRequant>:$requant);
}

def NPIR_SiluOp : NPIR_UnaryOp<"silu", [{ return {::npir_kernels::UnaryKind::Silu}; }]> {
  let summary = "x / (1 + exp(-x))";
}

def NPIR_SoftplusOp : NPIR_UnaryOp<"softplus", [{ return {::npir_kernels::UnaryKind::Softplus}; }]> {
  let summary = "log(1 + exp(x))";
}

def NPIR_MishOp : NPIR_UnaryOp<"mish", [{ return {::npir_kernels::UnaryKind::Mish}; }]> {
  let summary = "x * tanh(log(1 + exp(x)))";
}

def NPIR_ExpOp : NPIR_UnaryOp<"exp", [{ return {::npir_kernels::UnaryKind::Exp}; }]> {
  let summary = "exp(x)";
}

def NPIR_LogOp : NPIR_UnaryOp<"log", [{ return {::npir_kernels::UnaryKind::Log}; }]> {
  let summary = "natural logarithm";
}

def NPIR_RsqrtOp : NPIR_UnaryOp<"rsqrt", [{ return {::npir_kernels::UnaryKind::Rsqrt}; }]> {
  let summary = "1 / sqrt(x)";
}

def NPIR_ReciprocalOp : NPIR_UnaryOp<"reciprocal", [{ return {::npir_kernels::UnaryKind::Reciprocal}; }]> {
  let summary = "1 / x";
}

def NPIR_NegOp : NPIR_UnaryOp<"neg", [{ return {::npir_kernels::UnaryKind::Neg}; }]> {
  let summary = "-x";
}

def NPIR_FloorOp : NPIR_UnaryOp<"floor", [{ return {::npir_kernels::UnaryKind::Floor}; }]> {
  let summary = "the largest integer that is not above x";
}

def NPIR_CeilOp : NPIR_UnaryOp<"ceil", [{ return {::npir_kernels::UnaryKind::Ceil}; }]> {
  let summary = "the smallest integer that is not below x";
}

def NPIR_RoundOp : NPIR_UnaryOp<"round", [{ return {::npir_kernels::UnaryKind::Round}; }]> {
  let summary = "the nearest integer, of two the even one";
}

def NPIR_SignOp : NPIR_UnaryOp<"sign", [{ return {::npir_kernels::UnaryKind::Sign}; }], ["getFixedOutputRange"]> {
  let summary = "-1, 0 or 1";
  let extraClassDefinition = inferShapeDefinition # unaryDefinition # verifyDefinition # [{
    std::optional<std::pair<double, double>> $cppClass::getFixedOutputRange(unsigned) { return std::make_pair(-1.0, 1.0); }
  }];
}

def NPIR_SinOp : NPIR_UnaryOp<"sin", [{ return {::npir_kernels::UnaryKind::Sin}; }], ["getFixedOutputRange"]> {
  let summary = "sine of x in radians";
  let extraClassDefinition = inferShapeDefinition # unaryDefinition # verifyDefinition # [{
    std::optional<std::pair<double, double>> $cppClass::getFixedOutputRange(unsigned) { return std::make_pair(-1.0, 1.0); }
  }];
}

def NPIR_CosOp : NPIR_UnaryOp<"cos", [{ return {::npir_kernels::UnaryKind::Cos}; }], ["getFixedOutputRange"]> {
  let summary = "cosine of x in radians";
  let extraClassDefinition = inferShapeDefinition # unaryDefinition # verifyDefinition # [{
    std::optional<std::pair<double, double>> $cppClass::getFixedOutputRange(unsigned) { return std::make_pair(-1.0, 1.0); }
  }];
}

// A function of two real numbers with numpy's broadcasting. The result is clamped to `clamp_min`, `clamp_max`.
class NPIR_BinaryOp<string opMnemonic, string kind, string arithmetic, list<string> methods = []>
    : NPIR_NetworkOp<opMnemonic, !listconcat(["getArithmetic"], methods),
        [NPIR_ClampedOp, DeclareOpInterfaceMethods<NPIR_BinaryOpInterface>]> {
  let arguments = (ins NPIR_Tensor:$lhs, NPIR_Tensor:$rhs,
    OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  code binaryDefinition = [{
    ::mlir::FailureOr<::llvm::SmallVector<int64_t>> $cppClass::inferShape(Adaptor adaptor, ::mlir::Location loc) {
      return ::mlir::npir::detail::inferBroadcast(adaptor.getLhs().getType(), adaptor.getRhs().getType(), loc);
    }
    ::npir_kernels::BinaryKind $cppClass::getBinaryKind() { return ::npir_kernels::BinaryKind::}] # kind # [{; }
    ::mlir::npir::Arithmetic $cppClass::getArithmetic() { return ::mlir::npir::Arithmetic::}] # arithmetic # [{; }
    ::mlir::LogicalResult $cppClass::verify() { return ::mlir::npir::detail::verifyBinary(*this); }
  }];
  let extraClassDefinition = inferShapeDefinition # binaryDefinition;
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

def NPIR_PowOp : NPIR_BinaryOp<"pow", "Power", "None"> {
  let summary = "x to the power of y, with numpy's broadcasting";
  let description = [{ Float only; a constant exponent of 0.5 or 2 is `npir.sqrt` or `npir.square`. }];
}

// Which of two numbers: quantized alike, the integers of one of the two.
class NPIR_SelectingOp<string opMnemonic, string kind> : NPIR_BinaryOp<opMnemonic, kind, "Copy", ["getSameScaleOperands"]> {
  let description = [{ Quantized: operands and result have one type, and `requant` is `#npir.requant_copy`. }];
  let extraClassDefinition = inferShapeDefinition # binaryDefinition # [{
    ::llvm::SmallVector<unsigned> $cppClass::getSameScaleOperands() { return {0, 1}; }
  }];
}
def NPIR_MaximumOp : NPIR_SelectingOp<"maximum", "Maximum"> {
  let summary = "the larger of x and y, with numpy's broadcasting";
}
def NPIR_MinimumOp : NPIR_SelectingOp<"minimum", "Minimum"> {
  let summary = "the smaller of x and y, with numpy's broadcasting";
}

def NPIR_PreluOp : NPIR_NetworkOp<"prelu", ["getOperandRole"]> {
  let summary = "x, times a slope of its channel where it is negative";
  let description = [{
    `slope` has one element per index of the last dimension. Float only; one slope for all is `npir.leaky_relu`.
  }];
  let arguments = (ins NPIR_FloatTensor:$input, NPIR_FloatTensor:$slope);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input `,` $slope attr-dict `:` functional-type(operands, results)";
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRELEMENTWISEOPS_TD
