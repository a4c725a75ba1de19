// This file defines normalizations that run in float only.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRNORMOPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRNORMOPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

def NPIR_GroupNormOp : NPIR_NetworkOp<"group_norm", ["getOperandRole"]> {
  let summary = "normalization of each sample's groups of channels";
  let description = [{
    `input` is `[N, ..., C]`. `(x - mean(g)) / sqrt(variance(g) + epsilon) * scale + offset`, where g are all elements of one sample in one of
    `groups` groups of C/groups neighbouring channels; `scale` and `offset` are `[C]`. As many groups as channels is instance normalization.
  }];
  let arguments = (ins NPIR_FloatTensor:$input, NPIR_FloatTensor:$scale, NPIR_FloatTensor:$offset, I64Attr:$groups,
    F32Attr:$epsilon);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input `,` $scale `,` $offset attr-dict `:` functional-type(operands, results)";
}

def NPIR_RMSNormOp : NPIR_NetworkOp<"rms_norm", ["getOperandRole"]> {
  let summary = "the last dimension over its root mean square";
  let description = [{ `x / sqrt(mean(x * x) + epsilon) * scale` along the last dimension of size C; `scale` is `[C]`. }];
  let arguments = (ins NPIR_FloatTensor:$input, NPIR_FloatTensor:$scale, F32Attr:$epsilon);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input `,` $scale attr-dict `:` functional-type(operands, results)";
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRNORMOPS_TD
