// This file defines the passes over the npir dialect, in the order of the road.
#ifndef NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_TD
#define NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// float -> prepared
//===----------------------------------------------------------------------===//

def PreparePass : Pass<"npir-prepare", "::mlir::ModuleOp"> {
  let summary = "Bring float functions to the form that is observed and quantized";
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
}

//===----------------------------------------------------------------------===//
// prepared -> observed -> calibrated
//===----------------------------------------------------------------------===//

def InsertObserversPass : Pass<"npir-insert-observers", "::mlir::ModuleOp"> {
  let summary = "Mark every quantizable tensor with the spec that the configuration gives it";
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    Option<"config", "config", "std::string", /*default=*/"", "Configuration file (YAML)">,
  ];
}

def AttachCalibrationPass : Pass<"npir-attach-calibration", "::mlir::ModuleOp"> {
  let summary = "Resolve the quantized type of every observed tensor from statistics";
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    Option<"stats", "stats", "std::string", /*default=*/"", "Statistics file (.npirstats)">,
  ];
}

//===----------------------------------------------------------------------===//
// calibrated -> qdq -> integer
//===----------------------------------------------------------------------===//

def InsertQDQPass : Pass<"npir-insert-qdq", "::mlir::ModuleOp"> {
  let summary = "Replace observers by quantize/dequantize pairs and store weights as integers";
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
}

def CanonicalizeQDQPass : Pass<"npir-canonicalize-qdq", "::mlir::ModuleOp"> {
  let summary = "Remove quantize/dequantize pairs that change no value";
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
}

def PartitionPass : Pass<"npir-partition", "::mlir::ModuleOp"> {
  let summary = "Assign functions to targets";
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    ListOption<"targets", "targets", "std::string", "Targets in order of preference (xnnpack)">,
  ];
}

def FoldQDQPass : Pass<"npir-fold-qdq", "::mlir::ModuleOp"> {
  let summary = "Fold quantize/dequantize pairs into ops on quantized tensors with exact numbers";
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    Option<"strict", "strict", "bool", /*default=*/"false",
      "Fail where something cannot be computed as configured">,
  ];
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

def VerifyContractPass : Pass<"npir-verify-contract", "::mlir::ModuleOp"> {
  let summary = "Check that every function keeps the contract of its station";
}

def ReportCoveragePass : Pass<"npir-report-coverage", "::mlir::ModuleOp"> {
  let summary = "Tell for every layer what it is computed in";
  let description = [{
    For each layer: its type, its multiply-accumulates per sample, its weights; and what share of both is in integers. A
    table on standard output, or JSON in the file `report`. The module stays as it is.

    ```
    npir-opt integer.mlirbc --npir-report-coverage="report=coverage.json" -o /dev/null
    ```
  }];
  let options = [
    Option<"report", "report", "std::string", /*default=*/"", "Write JSON to this file">,
  ];
}

#endif // NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_TD
