// This file defines a dialect of neural networks that NPIR knows nothing of.
#ifndef ACME_TD
#define ACME_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Acme_Dialect : Dialect {
  let name = "acme";
  let cppNamespace = "::acme";
}

class Acme_Op<string mnemonic> : Op<Acme_Dialect, mnemonic, [Pure]>;

def Acme_DenseOp : Acme_Op<"dense"> {
  let summary = "y = x K + b, and max(y, 0) with `relu`; K is [inputs, outputs]";
  let arguments = (ins F32Tensor:$input, F32Tensor:$kernel, F32Tensor:$bias, UnitAttr:$relu);
  let results = (outs F32Tensor:$result);
  let assemblyFormat = "$input `,` $kernel `,` $bias attr-dict `:` functional-type(operands, results)";
}

def Acme_SwishOp : Acme_Op<"swish"> {
  let summary = "x * min(max(x + 3, 0), 6) / 6";
  let arguments = (ins F32Tensor:$input);
  let results = (outs F32Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Acme_AddOp : Acme_Op<"add"> {
  let summary = "x + y";
  let arguments = (ins F32Tensor:$lhs, F32Tensor:$rhs);
  let results = (outs F32Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

#endif // ACME_TD
