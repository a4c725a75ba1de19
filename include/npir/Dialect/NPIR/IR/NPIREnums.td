// This file defines the npir dialect's enums. Only this file is given to the enum generators: they take no dialect
// filter and would emit every enum of every included file.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRENUMS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRENUMS_TD

include "mlir/IR/EnumAttr.td"

class NPIR_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::npir";
  let genSpecializedAttr = 0;
}

def NPIR_Station : NPIR_Enum<"Station", "the form that a function is in", [
  I32EnumAttrCase<"Float", 0, "float">,
  I32EnumAttrCase<"Prepared", 1, "prepared">,
  I32EnumAttrCase<"Observed", 2, "observed">,
  I32EnumAttrCase<"Calibrated", 3, "calibrated">,
  I32EnumAttrCase<"QDQ", 4, "qdq">,
  I32EnumAttrCase<"Integer", 5, "integer">,
  I32EnumAttrCase<"Target", 6, "target">]>;

def NPIR_Role : NPIR_Enum<"Role", "what an operand or result means to the quantizer", [
  I32EnumAttrCase<"Activation", 0, "activation">,
  I32EnumAttrCase<"Weight", 1, "weight">,
  I32EnumAttrCase<"Bias", 2, "bias">,
  I32EnumAttrCase<"Index", 3, "index">,
  I32EnumAttrCase<"Shape", 4, "shape">,
  I32EnumAttrCase<"Parameter", 5, "parameter">]>; // stays float: batch norm statistics

def NPIR_Scheme : NPIR_Enum<"Scheme", "how a range maps to integers", [
  I32EnumAttrCase<"Symmetric", 0, "symmetric">,
  I32EnumAttrCase<"Affine", 1, "affine">]>;

def NPIR_Granularity : NPIR_Enum<"Granularity", "which elements share a scale", [
  I32EnumAttrCase<"PerTensor", 0, "per_tensor">,
  I32EnumAttrCase<"PerChannel", 1, "per_channel">,
  I32EnumAttrCase<"PerGroup", 2, "per_group">,
  I32EnumAttrCase<"PerRow", 3, "per_row">]>;

def NPIR_ReduceKind : NPIR_Enum<"ReduceKind", "the combining function of a reduction", [
  I32EnumAttrCase<"Mean", 0, "mean">,
  I32EnumAttrCase<"Sum", 1, "sum">,
  I32EnumAttrCase<"Max", 2, "max">,
  I32EnumAttrCase<"Min", 3, "min">,
  I32EnumAttrCase<"Prod", 4, "prod">]>;

def NPIR_PadMode : NPIR_Enum<"PadMode", "what stands in the padding", [
  I32EnumAttrCase<"Constant", 0, "constant">,
  I32EnumAttrCase<"Edge", 1, "edge">,         // the nearest element
  I32EnumAttrCase<"Reflect", 2, "reflect">]>; // mirrored at the edge element, which is not repeated

def NPIR_ResizeMode : NPIR_Enum<"ResizeMode", "how a resized element is made", [
  I32EnumAttrCase<"Nearest", 0, "nearest">,
  I32EnumAttrCase<"Bilinear", 1, "bilinear">]>;

def NPIR_ResizeCoordinates : NPIR_Enum<"ResizeCoordinates", "which point of the operand a resized element stands for", [
  I32EnumAttrCase<"HalfPixel", 0, "half_pixel">,
  I32EnumAttrCase<"Asymmetric", 1, "asymmetric">,
  I32EnumAttrCase<"AlignCorners", 2, "align_corners">]>;

def NPIR_ResizeRounding : NPIR_Enum<"ResizeRounding", "which element is nearest to a point", [
  I32EnumAttrCase<"Floor", 0, "floor">,
  I32EnumAttrCase<"Ceil", 1, "ceil">,
  I32EnumAttrCase<"RoundPreferFloor", 2, "round_prefer_floor">,
  I32EnumAttrCase<"RoundPreferCeil", 3, "round_prefer_ceil">]>;

def NPIR_CompareKind : NPIR_Enum<"CompareKind", "a relation of two numbers", [
  I32EnumAttrCase<"Eq", 0, "eq">,
  I32EnumAttrCase<"Ne", 1, "ne">,
  I32EnumAttrCase<"Lt", 2, "lt">,
  I32EnumAttrCase<"Le", 3, "le">,
  I32EnumAttrCase<"Gt", 4, "gt">,
  I32EnumAttrCase<"Ge", 5, "ge">]>;

def NPIR_LogicalKind : NPIR_Enum<"LogicalKind", "a function of two truth values", [
  I32EnumAttrCase<"And", 0, "and">,
  I32EnumAttrCase<"Or", 1, "or">,
  I32EnumAttrCase<"Xor", 2, "xor">]>;

// The arithmetic classes of quantized ops. A target turns the class into numbers (a requant attribute).
def NPIR_Arithmetic : NPIR_Enum<"Arithmetic", "the class of integer arithmetic that an op needs", [
  I32EnumAttrCase<"None", 0, "none">,             // no integer form
  I32EnumAttrCase<"MultiplyAccumulate", 1, "multiply_accumulate">,
  I32EnumAttrCase<"Add", 2, "add">,
  I32EnumAttrCase<"Elementwise", 3, "elementwise">, // a function of one 8-bit value: a table
  I32EnumAttrCase<"Mean", 4, "mean">,
  I32EnumAttrCase<"Copy", 5, "copy">,             // moves or selects values, never computes new ones
  I32EnumAttrCase<"Convert", 6, "convert">,       // changes only the quantized type
  I32EnumAttrCase<"Subtract", 7, "subtract">,
  I32EnumAttrCase<"Multiply", 8, "multiply">,     // of two activations
  I32EnumAttrCase<"LayerNorm", 9, "layer_norm">,
  I32EnumAttrCase<"WindowMean", 10, "window_mean">, // of the elements of a window that are not padding
  I32EnumAttrCase<"Interpolate", 11, "interpolate">]>; // between neighbours of one tensor

#endif // NPIR_DIALECT_NPIR_IR_NPIRENUMS_TD
