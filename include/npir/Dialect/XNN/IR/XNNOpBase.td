// This file defines what the operations of the xnn dialect share.
#ifndef NPIR_DIALECT_XNN_IR_XNNOPBASE_TD
#define NPIR_DIALECT_XNN_IR_XNNOPBASE_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "npir/Dialect/NPIR/IR/NPIROpBase.td"
include "npir/Dialect/XNN/IR/XNNDialect.td"

class XNN_Op<string opMnemonic, list<Trait> traits = []> : Op<XNN_Dialect, opMnemonic, traits> {
  let hasVerifier = 1;
}

// An op inside of a subgraph.
class XNN_Node<string opMnemonic, list<Trait> traits = []>
    : XNN_Op<opMnemonic, !listconcat(traits, [Pure, HasParent<"SubgraphOp">])> {
  let results = (outs NPIR_Tensor:$result);
}

#endif // NPIR_DIALECT_XNN_IR_XNNOPBASE_TD
