// This file is the table of what XNNPACK 20241108 computes. It holds the checks
// that XNNPACK makes and those that its release build leaves out (there, an
// illegal number gives a wrong result). XNNPACK's signed 8-bit type (qs8) with
// weights that have one scale per channel (qc8) is the only one used.
#include "XNNPACKRules.h"
#include "XNNPACKTarget.h"

#include "npir/Dialect/NPIR/IR/ByteTypes.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Kernels/LayerNorm.h"
#include "npir/Kernels/Requantize.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The element types of operands with `role`. Of an op that does not describe
/// its operands, all are activations.
static SmallVector<Type> getOperandTypes(Operation *op, const OpTypes &types,
                                         Role role) {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  SmallVector<Type> found;
  for (auto [i, type] : llvm::enumerate(types.operands))
    if ((quantizable ? quantizable.getOperandRole(i) : Role::Activation) ==
        role)
      found.push_back(type);
  return found;
}

static bool isPlainInteger(Type type) {
  return isa<IntegerType>(cast<RankedTensorType>(type).getElementType());
}

/// XNNPACK has no indices and no truth values.
static std::string findIndexProblem(Operation *, const OpTypes &types) {
  if (isPlainInteger(types.results.front()))
    return Text() << "expected f32 or quantized tensors, got "
                  << types.results.front();
  return {};
}

/// A type that XNNPACK takes as qs8, whatever its granularity.
static std::string findStorageProblem(quant::QuantizedType type,
                                      StringRef what) {
  unsigned bits = type.getStorageTypeIntegralWidth();
  if (bits != 8 || !type.isSigned())
    return Text() << "expected 8-bit signed " << what << ", got "
                  << (type.isSigned() ? "i" : "u") << bits;
  for (float scale : getScales(type))
    if (!npir_kernels::isLegalScale(scale))
      return Text() << "expected scales of " << what
                    << " in [2^-120, 2^120], got " << scale;
  return {};
}

std::string mlir::npir::findActivationProblem(Operation *op,
                                              const OpTypes &types) {
  SmallVector<Type> list = getOperandTypes(op, types, Role::Activation);
  llvm::append_range(list, types.results);
  for (Type tensor : list) {
    quant::QuantizedType type = getQuantizedElementType(tensor);
    if (!type)
      continue;
    std::string problem = findStorageProblem(type, "activations");
    if (!problem.empty())
      return problem;
    if (!isa<quant::UniformQuantizedType>(type))
      return "expected activations with one scale per tensor, got one per "
             "channel";
  }
  return {};
}

static std::string findEqualTypeProblem(Operation *op, const OpTypes &types) {
  if (!isInteger(types))
    return {};
  for (unsigned index : cast<QuantizableOpInterface>(op).getSameScaleOperands())
    if (getQuantizedElementType(types.operands[index]) !=
        getQuantizedElementType(types.results.front()))
      return "expected operand and result of one quantized type";
  return {};
}

//===----------------------------------------------------------------------===//
// Multiply-accumulate
//===----------------------------------------------------------------------===//

static std::string findConstantProblem(Operation *op, const OpTypes &) {
  auto quantizable = cast<QuantizableOpInterface>(op);
  for (Role role : {Role::Weight, Role::Bias})
    for (OpOperand *operand : quantizable.getOperandsWithRole(role)) {
      Value value = operand->get();
      // Before it is stored, lint and coverage ask about an observed one.
      if (Operation *maker = value.getDefiningOp();
          isa_and_nonnull<DequantizeOp, DequantizeGroupsOp, ObserveOp>(maker))
        value = maker->getOperand(0);
      if (!value.getDefiningOp<ConstantOp>())
        return Text() << "expected a constant " << stringifyRole(role);
    }
  return {};
}

static std::string findWeightProblem(Operation *op, const OpTypes &types) {
  auto quantizable = cast<QuantizableOpInterface>(op);
  if (!isInteger(types))
    return {};
  for (OpOperand *operand : quantizable.getOperandsWithRole(Role::Weight)) {
    unsigned index = operand->getOperandNumber();
    quant::QuantizedType type = getQuantizedElementType(types.operands[index]);
    if (!type)
      return "expected a quantized weight, got f32";
    std::string problem = findStorageProblem(type, "weights");
    if (!problem.empty())
      return problem;
    for (int64_t zeroPoint : getZeroPoints(type))
      if (zeroPoint != 0)
        return Text() << "expected weights with zero point 0, got "
                      << zeroPoint;
    std::optional<int64_t> axis = getQuantizedAxis(type);
    if (axis && axis != quantizable.getChannelAxis(index))
      return Text() << "expected weight scales along the output channel, got "
                       "axis "
                    << *axis;
  }
  int64_t products = quantizable.getProductsPerElement();
  if (!npir_kernels::isLegalAccumulation(products))
    return Text() << "expected at most "
                  << npir_kernels::kMaxAccumulatedProducts
                  << " products in one 32-bit sum, got " << products;
  return {};
}

static std::string findMultiplierProblem(Operation *op, const OpTypes &types) {
  if (!isInteger(types))
    return {};
  float input = getScales(getQuantizedElementType(
      getOperandTypes(op, types, Role::Activation).front()))[0];
  float output = getScales(getQuantizedElementType(types.results.front()))[0];
  SmallVector<float> weights = getScales(getQuantizedElementType(
      getOperandTypes(op, types, Role::Weight).front()));
  for (auto [channel, weight] : llvm::enumerate(weights)) {
    float multiplier = npir_kernels::requantMultiplier(input, weight, output);
    if (!npir_kernels::isLegalRequantMultiplier(multiplier) ||
        !std::isnormal(input * weight))
      return Text() << "expected input scale * weight scale / output scale in "
                       "[2^-32, 2^8), got "
                    << multiplier << " in channel " << channel;
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Ranges of ratios
//===----------------------------------------------------------------------===//

static std::string findAddProblem(Operation *op, const OpTypes &types) {
  if (!isInteger(types))
    return {};
  float output = getScales(getQuantizedElementType(types.results.front()))[0];
  for (Type operand : types.operands) {
    float ratio = getScales(getQuantizedElementType(operand))[0] / output;
    if (!npir_kernels::isLegalAddRatio(ratio))
      return Text() << "expected input scale / output scale in [2^-10, 2^8), "
                       "got "
                    << ratio;
  }
  return {};
}

static std::string findProductProblem(Operation *op, const OpTypes &types) {
  if (!isInteger(types))
    return {};
  auto scaleOf = [](Type type) {
    return getScales(getQuantizedElementType(type))[0];
  };
  float multiplier = npir_kernels::requantMultiplier(
      scaleOf(types.operands[0]), scaleOf(types.operands[1]),
      scaleOf(types.results.front()));
  if (!npir_kernels::isLegalProductMultiplier(multiplier))
    return Text() << "expected the product of the input scales / output scale "
                     "in [2^-16, 2^8), got "
                  << multiplier;
  return {};
}

/// Unsigned bytes, which only a program's boundary has.
static bool isUnsignedByte(Type tensor) {
  quant::QuantizedType type = getQuantizedElementType(tensor);
  return type && !type.isSigned() && type.getStorageTypeIntegralWidth() == 8;
}

static std::string findQuantizeProblem(Operation *op, const OpTypes &types) {
  bool isShift = isByteShift(types.operands.front(), types.results.front());
  return isShift ? std::string() : findActivationProblem(op, types);
}

static std::string findShiftProblem(Operation *, const OpTypes &types) {
  if (isUnsignedByte(types.operands.front()) ||
      isUnsignedByte(types.results.front()))
    return "expected signed bytes";
  return {};
}

static std::string findConvertProblem(Operation *op, const OpTypes &types) {
  quant::QuantizedType input = getQuantizedElementType(types.operands.front());
  if (!input)
    return {};
  float ratio = getScales(input)[0] /
                getScales(getQuantizedElementType(types.results.front()))[0];
  if (!npir_kernels::isLegalConvertRatio(ratio))
    return Text() << "expected input scale / output scale in [2^-8, 2^7], got "
                  << ratio;
  return {};
}

//===----------------------------------------------------------------------===//
// NPIR's own arithmetic
//===----------------------------------------------------------------------===//

static std::string findLayerNormProblem(Operation *op, const OpTypes &types) {
  if (!isInteger(types))
    return {};
  int64_t channels =
      cast<RankedTensorType>(types.results.front()).getShape().back();
  if (!npir_kernels::isLegalLayerNorm(channels))
    return Text() << "expected 1 to " << npir_kernels::kMaxLayerNormChannels
                  << " channels, got " << channels;
  float input = getScales(getQuantizedElementType(types.operands.front()))[0];
  float output = getScales(getQuantizedElementType(types.results.front()))[0];
  float epsilon = cast<LayerNormOp>(op).getEpsilon().convertToFloat();
  if (std::isinf(
          npir_kernels::layerNormVarianceOffset(epsilon, channels, input)))
    return Text() << "expected epsilon * (channels / input scale)^2 below "
                     "2^128, got epsilon "
                  << epsilon << " and input scale " << input;
  for (Value parameter : op->getOperands().drop_front()) {
    FailureOr<ConstantBytes> bytes = getConstantBytes(parameter);
    if (failed(bytes))
      return "expected a constant scale and offset";
    for (float value : bytes->as<float>())
      if (!std::isfinite(npir_kernels::layerNormRatio(value, output)))
        return Text() << "expected finite scales and offsets over the output "
                         "scale, got "
                      << value << " over " << output;
  }
  return {};
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

static std::vector<TargetRow> makeTable() {
  const TargetRule rank = {"rank up to 6", findRankProblem};
  // 7 to 16 where neighbouring dimensions can be joined.
  const TargetRule joinedRank = {"rank up to 16", findJoinedRankProblem};
  const TargetRule kernelRank = {"rank up to 16", findKernelRankProblem};
  const TargetRule moveRank = {"rank up to 6", findRankProblem,
                               Placement::Kernel};
  const TargetRule activations = {
      "activations of up to 8 bits, one scale per tensor in [2^-120, 2^120]",
      findActivationProblem};
  const TargetRule constants = {"constant weight and bias",
                                findConstantProblem};
  const TargetRule weights = {"weights of up to 8 bits, zero point 0, one "
                              "scale or one per output channel, up to "
                              "65793 products in one sum",
                              findWeightProblem};
  const TargetRule dequantized = {
      "constants; activations of up to 8 bits, one scale per tensor in "
      "[2^-120, 2^120]",
      findDequantizeProblem};
  const TargetRule groups = {"constants", findGroupsProblem};
  const TargetRule stored = {
      "weights alone in integers: of up to 8 bits, zero point 0",
      findStoredWeightProblem};
  const TargetRule dynamic = {
      "weights of up to 8 bits and up to 65793 products in one sum; with "
      "scales for groups, of up to 4 bits in groups of a multiple of 32",
      findDynamicProblem};
  const TargetRule multiplier = {
      "input scale * weight scale / output scale in [2^-32, 2^8)",
      findMultiplierProblem};
  const TargetRule equal = {"operands and result of one type",
                            findEqualTypeProblem};
  const TargetRule add = {"each input scale / output scale in [2^-10, 2^8)",
                          findAddProblem};
  const TargetRule product = {
      "product of the input scales / output scale in [2^-16, 2^8)",
      findProductProblem};
  const TargetRule convert = {
      "between 8-bit types, input scale / output scale in [2^-8, 2^7]",
      findConvertProblem};
  const TargetRule reduceKind = {"mean or sum", findReduceKindProblem,
                                 Placement::Kernel};
  const TargetRule reduce = {
      "in 8 bits, mean of up to 8421504 elements, max or min",
      findReduceProblem};
  const TargetRule deconvolution = {"what is left of the output padding behind "
                                    "the pads below the stride, and "
                                    "a result at least as large as the stride",
                                    findDeconvolutionProblem};
  const TargetRule resize = {
      "bilinear, height and width below 2^24, and the scale that follows from "
      "the sizes",
      findResizeProblem, Placement::Kernel};
  const TargetRule windowMean = {
      "in 8 bits, up to 65536 elements in a window, and input scale / (output "
      "scale * elements) a normal number",
      findWindowMeanProblem};
  const TargetRule layerNorm = {
      "in 8 bits, constant scale and offset, up to 32768 channels, and epsilon "
      "* (channels / input scale)^2 below 2^128",
      findLayerNormProblem};
  const TargetRule pool = {
      "not 1x1, strides within the window, and padding that reads no foreign "
      "element",
      findPoolProblem, Placement::Kernel};
  const TargetRule indices = {"no indices and no truth values",
                              findIndexProblem, Placement::Kernel};
  const TargetRule conversions = {
      "activations of up to 8 bits, one scale per tensor in [2^-120, 2^120]; "
      "unsigned bytes from and to signed ones of the same real values",
      findQuantizeProblem};
  const TargetRule shift = {"signed bytes", findShiftProblem,
                            Placement::Kernel};
  constexpr Placement native = Placement::Native, kernel = Placement::Kernel,
                      none = Placement::Illegal;

  std::vector<TargetRow> table = {
      {"npir.constant", native, native, {}},
      {"npir.quantize",
       native,
       native,
       {joinedRank, conversions, convert, shift}},
      {"npir.dequantize", native, native, {joinedRank, dequantized}},
      {"npir.dequantize_groups", none, native, {groups}},
  };
  table.push_back({"npir.round_to_grid", kernel, none, {}});
  table.push_back({"npir.dynamic_quantize", kernel, none, {}});
  for (StringRef op : {"npir.conv2d", "npir.depthwise_conv2d", "npir.linear"})
    table.push_back(
        {op,
         native,
         native,
         {joinedRank, constants, activations, weights, multiplier, stored}});
  table.push_back(
      {"npir.dynamic_linear", none, native, {joinedRank, constants, dynamic}});
  table.push_back({"npir.transpose_conv2d",
                   native,
                   native,
                   {rank, constants, activations, weights, multiplier, stored,
                    deconvolution}});
  table.push_back({"npir.matmul", native, none, {joinedRank}});
  table.push_back({"npir.softmax", native, none, {joinedRank}});
  for (StringRef op : {"npir.add", "npir.sub"})
    table.push_back({op, native, native, {joinedRank, activations, add}});
  table.push_back(
      {"npir.mul", native, native, {joinedRank, activations, product}});
  table.push_back({"npir.div", native, none, {joinedRank}});
  table.push_back({"npir.pow", kernel, none, {kernelRank}});
  for (StringRef op : {"npir.maximum", "npir.minimum"})
    table.push_back({op, native, kernel, {joinedRank, activations, equal}});
  table.push_back({"npir.prelu", native, none, {joinedRank}});
  for (StringRef op :
       {"npir.relu", "npir.clamp", "npir.sigmoid", "npir.tanh", "npir.abs",
        "npir.hardswish", "npir.gelu", "npir.sqrt", "npir.square", "npir.exp",
        "npir.log", "npir.neg", "npir.floor", "npir.ceil"})
    table.push_back({op, native, native, {joinedRank, activations}});
  for (StringRef op :
       {"npir.gelu_tanh", "npir.erf", "npir.hardsigmoid", "npir.leaky_relu",
        "npir.elu", "npir.rsqrt", "npir.silu", "npir.softplus", "npir.mish",
        "npir.reciprocal", "npir.round", "npir.sign", "npir.sin", "npir.cos"})
    table.push_back({op, kernel, kernel, {kernelRank, activations}});
  table.push_back({"npir.layer_norm",
                   kernel,
                   kernel,
                   {kernelRank, activations, layerNorm}});
  for (StringRef op : {"npir.group_norm", "npir.rms_norm"})
    table.push_back({op, kernel, none, {kernelRank}});
  table.push_back(
      {"npir.max_pool2d", native, native, {rank, activations, equal, pool}});
  table.push_back(
      {"npir.avg_pool2d", kernel, kernel, {rank, activations, windowMean}});
  table.push_back({"npir.reduce",
                   native,
                   native,
                   {joinedRank, activations, reduceKind, reduce, equal}});
  table.push_back(
      {"npir.resize", native, native, {rank, activations, equal, resize}});
  for (StringRef op :
       {"npir.reshape", "npir.transpose", "npir.slice", "npir.concat"})
    table.push_back({op,
                     native,
                     native,
                     {kernelRank, moveRank, activations, equal, indices}});
  for (StringRef op : {"npir.broadcast", "npir.pad", "npir.depth_to_space",
                       "npir.space_to_depth", "npir.gather", "npir.where"})
    table.push_back({op, kernel, kernel, {kernelRank, activations, equal}});
  for (StringRef op :
       {"npir.compare", "npir.logical", "npir.not", "npir.argmax", "npir.cast"})
    table.push_back({op, kernel, none, {kernelRank}});
  return table;
}

ArrayRef<TargetRow> mlir::npir::getXNNPACKTable() {
  static const std::vector<TargetRow> table = makeTable();
  return table;
}
