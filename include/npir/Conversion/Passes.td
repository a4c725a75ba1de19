// This file defines the passes that convert the npir dialect to targets.
#ifndef NPIR_CONVERSION_PASSES_TD
#define NPIR_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertNPIRToXNNPass : Pass<"convert-npir-to-xnn", "::mlir::ModuleOp"> {
  let summary = "Turn npir ops into XNNPACK subgraphs";
  let description = [{
    Takes functions at station `integer`, or at `prepared` to `qdq`, which then run in float; leaves station `target`.
    Functions for another target than `xnnpack` stay as they are.

    Consecutive ops that XNNPACK has become one `xnn.subgraph`; an op that only NPIR has a kernel for stays between two of
    them, and one that nothing computes is an error. Layer names stay with the ops, so tensors keep their ids.
    `npir.observe` is dropped, and a dequantized constant becomes a constant in f32. Bounds of activations are
    parameters of the op before them, never ops of their own. Weights get a scale per channel, for which XNNPACK rounds
    equally on every machine.

    XNNPACK is given scales and computes its multipliers itself. Where an op says by `requant` what they are, the pass
    computes XNNPACK's and compares: a difference is an internal error.

    ```mlir
    %0 = npir.add %x, %y {clamp_min = 0.0 : f32} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %1 = npir.hardsigmoid %0 : tensor<?x4xf32> -> tensor<?x4xf32>
    // ==>
    %0 = xnn.subgraph(%a: tensor<?x4xf32> = %x, %b: tensor<?x4xf32> = %y) -> tensor<?x4xf32> {
      %2 = xnn.binary add %a, %b {output_min = 0.0 : f32} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
      xnn.yield %2 : tensor<?x4xf32>
    }
    %1 = npir.hardsigmoid %0 : tensor<?x4xf32> -> tensor<?x4xf32>
    ```
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect", "::mlir::npir::xnn::XNNDialect"];
}

#endif // NPIR_CONVERSION_PASSES_TD
