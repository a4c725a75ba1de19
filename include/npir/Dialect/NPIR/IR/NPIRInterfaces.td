// This file defines the op interfaces of the npir dialect.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRINTERFACES_TD
#define NPIR_DIALECT_NPIR_IR_NPIRINTERFACES_TD

include "mlir/IR/OpBase.td"

def NPIR_QuantizableOpInterface : OpInterface<"QuantizableOpInterface"> {
  let cppNamespace = "::mlir::npir";
  let description = [{
    What a post-training quantizer has to know of an operation. It is an interface, and not a trait, so that a frontend
    can attach it to its own dialect with an external model.

    Every f32 activation that such an op reads or makes is observed and can be quantized. Whether the op itself then computes in
    integers, or in float between dequantize and quantize, is for getArithmetic and the target to say.
  }];
  let methods = [
    InterfaceMethod<"Role of operand number `index`.",
      "::mlir::npir::Role", "getOperandRole", (ins "unsigned":$index), "",
      [{ return ::mlir::npir::Role::Activation; }]>,
    InterfaceMethod<"Role of result number `index`.",
      "::mlir::npir::Role", "getResultRole", (ins "unsigned":$index), "",
      [{ return ::mlir::npir::Role::Activation; }]>,
    InterfaceMethod<[{Axis of operand `index` along which each slice may have a scale of its own: the output channel of
      a weight; nothing where only one scale is possible.}],
      "std::optional<int64_t>", "getChannelAxis", (ins "unsigned":$index), "", [{ return std::nullopt; }]>,
    InterfaceMethod<"Channel axis of result `index`; the last axis unless the op says otherwise.",
      "std::optional<int64_t>", "getResultChannelAxis", (ins "unsigned":$index), "", [{
        auto type = ::llvm::dyn_cast<::mlir::RankedTensorType>($_op->getResult(index).getType());
        if (!type || type.getRank() == 0)
          return std::nullopt;
        return type.getRank() - 1;
      }]>,
    InterfaceMethod<"Operands that must have the quantized type of result 0: reshape, concat, max pool.",
      "::llvm::SmallVector<unsigned>", "getSameScaleOperands", (ins), "", [{ return {}; }]>,
    InterfaceMethod<"Real range of result `index` that the op's mathematics fixes (sigmoid: 0 to 1).",
      "std::optional<std::pair<double, double>>", "getFixedOutputRange", (ins "unsigned":$index), "",
      [{ return std::nullopt; }]>,
    InterfaceMethod<"Class of the op's integer arithmetic; `none`: the op computes in float on every target.",
      "::mlir::npir::Arithmetic", "getArithmetic", (ins), "", [{ return ::mlir::npir::Arithmetic::None; }]>,
    InterfaceMethod<[{How many products are summed up in one element of result 0; 0 where nothing is multiplied and summed. Unless the
      op says otherwise, the elements of its weights per output channel.}],
      "int64_t", "getProductsPerElement", (ins), "", [{ return ::mlir::npir::detail::countWeightProducts($_op); }]>,
    InterfaceMethod<"Type that the op accumulates in when its operands are quantized.",
      "::mlir::Type", "getAccumulatorType", (ins), "",
      [{ return ::mlir::IntegerType::get($_op->getContext(), 32); }]>,
  ];
  let verify = [{ return ::mlir::npir::detail::verifyQuantizableOp($_op); }];
  let extraClassDeclaration = [{
    /// Operands with `role`, in order.
    ::llvm::SmallVector<::mlir::OpOperand *> getOperandsWithRole(::mlir::npir::Role role);
  }];
}

def NPIR_ClampedOpInterface : OpInterface<"ClampedOpInterface"> {
  let cppNamespace = "::mlir::npir";
  let description = [{
    An op whose result can be clamped to a real range as part of it (attributes `clamp_min`, `clamp_max`): the fused form
    of ReLU, ReLU6 and clamp.
  }];
  let methods = [
    InterfaceMethod<"Bounds in real units; -inf and +inf where there is none.",
      "std::pair<float, float>", "getClampRange", (ins), "", [{
        float inf = std::numeric_limits<float>::infinity();
        return {$_op.getClampMin() ? $_op.getClampMin()->convertToFloat() : -inf,
                $_op.getClampMax() ? $_op.getClampMax()->convertToFloat() : inf};
      }]>,
    InterfaceMethod<"Set the bounds; an infinite bound removes the attribute.",
      "void", "setClampRange", (ins "float":$min, "float":$max), "", [{
        ::mlir::Builder builder($_op.getContext());
        $_op.setClampMinAttr(std::isinf(min) ? ::mlir::FloatAttr() : builder.getF32FloatAttr(min));
        $_op.setClampMaxAttr(std::isinf(max) ? ::mlir::FloatAttr() : builder.getF32FloatAttr(max));
      }]>,
  ];
  let verify = [{ return ::mlir::npir::detail::verifyClampedOp($_op); }];
}

def NPIR_UnaryOpInterface : OpInterface<"UnaryOpInterface"> {
  let cppNamespace = "::mlir::npir";
  let description = [{ A function of one real number, applied to every element. }];
  let methods = [
    InterfaceMethod<"The function and its parameters, as the kernels library takes them.",
      "::npir_kernels::UnaryFunction", "getUnaryFunction", (ins)>,
  ];
}

def NPIR_BinaryOpInterface : OpInterface<"BinaryOpInterface"> {
  let cppNamespace = "::mlir::npir";
  let description = [{ A function of two real numbers, applied to every pair of elements with numpy's broadcasting. }];
  let methods = [
    InterfaceMethod<"The function.", "::npir_kernels::BinaryKind", "getBinaryKind", (ins)>,
  ];
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRINTERFACES_TD
