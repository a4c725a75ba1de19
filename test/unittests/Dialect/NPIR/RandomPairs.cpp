// This file implements the random placement of quantize/dequantize pairs.
#include "RandomPairs.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::npir;

SmallVector<Tensor> mlir::npir::runOnRandomInput(func::FuncOp func,
                                                 int64_t batch,
                                                 Interpreter::Tap tap) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> distribution(-1, 1);
  SmallVector<Tensor> inputs;
  for (Type type : func.getArgumentTypes()) {
    auto argument = cast<RankedTensorType>(type);
    auto shape = llvm::to_vector(argument.getShape());
    if (ShapedType::isDynamic(shape.front()))
      shape.front() = batch;
    Tensor x(argument.clone(shape));
    for (int64_t i = 0; i < x.getNumElements(); ++i)
      if (isQuantizedTensor(type))
        x.asMutable<uint8_t>()[i] = static_cast<uint8_t>(random());
      else
        x.asMutable<float>()[i] = distribution(random);
    inputs.push_back(std::move(x));
  }
  auto interpreter = Interpreter::create(func);
  if (failed(interpreter))
    return {};
  auto results = (*interpreter)->run(inputs, tap);
  return succeeded(results) ? *results : SmallVector<Tensor>();
}

bool mlir::npir::haveEqualBytes(ArrayRef<Tensor> a, ArrayRef<Tensor> b) {
  return a.size() == b.size() &&
         llvm::all_of(llvm::zip_equal(a, b), [](auto pair) {
           auto &[x, y] = pair;
           return x.getType() == y.getType() &&
                  !std::memcmp(x.data(), y.data(), x.getNumBytes());
         });
}

RandomPairs::RandomPairs(func::FuncOp func, unsigned seed, unsigned density)
    : func(func), random(seed), density(density) {
  runOnRandomInput(func, 4, [&](Value value, const Tensor &tensor) {
    RealRange range;
    for (int64_t i = 0; i < tensor.getNumElements(); ++i) {
      range.lo = std::min<double>(range.lo, tensor.as<float>()[i]);
      range.hi = std::max<double>(range.hi, tensor.as<float>()[i]);
    }
    ranges[value] = range;
  });
}

/// Of what is moved, mostly the type of what it was.
quant::QuantizedType RandomPairs::getType(Value value) {
  if (auto layer = value.getDefiningOp<QuantizableOpInterface>())
    for (unsigned index : layer.getSameScaleOperands()) {
      Value operand = layer->getOperand(index);
      if (auto dequantize = operand.getDefiningOp<DequantizeOp>())
        if (pick(3))
          return getQuantizedElementType(dequantize.getInput().getType());
      if (auto known = types.find(operand); known != types.end() && pick(3))
        return cast<quant::QuantizedType>(known->second);
    }
  IntegerGrid grid;
  grid.isSigned = pick(2);
  if (hasAnyWidth && pick(6) == 0)
    grid.bits = pick(2) ? 16 : 4;
  constexpr double factors[] = {1, 1, 1, 0.6, 1.4};
  double factor = factors[pick(5)];
  RealRange range = ranges.lookup(value);
  range = {range.lo * factor, range.hi * factor};
  QuantScheme scheme = pick(3) ? QuantScheme::Affine : QuantScheme::Symmetric;
  return getPerTensorType(func.getContext(), grid,
                          computeQuantParams(range, grid, scheme));
}

/// The same numbers in other integers, or other numbers.
quant::QuantizedType RandomPairs::getOtherType(quant::QuantizedType type) {
  auto uniform = cast<quant::UniformQuantizedType>(type);
  IntegerGrid grid = {type.getStorageTypeIntegralWidth(), !type.isSigned()};
  int64_t half = int64_t(1) << (grid.bits - 1);
  int64_t shift = grid.isSigned ? -half : half;
  QuantParams params{static_cast<float>(uniform.getScale()),
                     uniform.getZeroPoint() + shift};
  if (pick(3))
    params.scale *= pick(2) ? 1.25f : 0.875f;
  return getPerTensorType(func.getContext(), grid, params);
}

Value RandomPairs::addPair(OpBuilder &builder, Value value,
                           quant::QuantizedType type) {
  auto quantize = QuantizeOp::create(
      builder, value.getLoc(), withElementType(value.getType(), type), value,
      TypeAttr(), pick(6) ? UnitAttr() : builder.getUnitAttr(), Attribute());
  return DequantizeOp::create(builder, value.getLoc(), value.getType(),
                              quantize);
}

void RandomPairs::placeAt(Value value) {
  if (pick(10) >= density)
    return;
  quant::QuantizedType type = getType(value);
  types[value] = type;
  OpBuilder builder(func.getContext());
  builder.setInsertionPointAfterValue(value);
  SmallVector<OpOperand *> uses(
      llvm::map_range(value.getUses(), [](OpOperand &use) { return &use; }));
  auto replace = [&](Value with) {
    for (OpOperand *use : uses)
      use->set(with);
  };
  switch (pick(9)) {
  case 0: // twice the same, one behind the other
    return replace(addPair(builder, addPair(builder, value, type), type));
  case 1: // to another type behind it
    return replace(
        addPair(builder, addPair(builder, value, type), getOtherType(type)));
  case 2: // for each use, now and then another, and now and then none
    for (OpOperand *use : uses)
      if (pick(8))
        use->set(addPair(builder, value, pick(5) ? type : getOtherType(type)));
    return;
  case 3: { // one quantize, a dequantize for each use
    auto pair = addPair(builder, value, type).getDefiningOp<DequantizeOp>();
    for (OpOperand *use : uses)
      use->set(DequantizeOp::create(builder, value.getLoc(), value.getType(),
                                    pair.getInput()));
    pair.erase();
    return;
  }
  default:
    return replace(addPair(builder, value, type));
  }
}

void RandomPairs::placeWeight(OpOperand &operand, std::optional<int64_t> axis) {
  auto constant = operand.get().getDefiningOp<ConstantOp>();
  if (!constant || pick(10) >= density)
    return;
  OpBuilder builder(constant->getContext());
  builder.setInsertionPointAfter(constant);
  auto shape = cast<RankedTensorType>(constant.getType()).getShape();
  ConstantBytes bytes(constant.getValue());
  ArrayRef<float> values = bytes.as<float>();
  IntegerGrid grid;
  bool perChannel = axis && pick(3);
  // An unsigned type here has a zero point near the middle.
  grid.isSigned = perChannel || pick(3);
  auto view = ChannelView::get(shape, perChannel ? *axis : -1);
  SmallVector<QuantParams> params;
  for (size_t channel = 0; channel < view.channels; ++channel) {
    RealRange range;
    for (size_t i = 0; i < values.size(); ++i)
      if (i / view.inner % view.channels == channel) {
        range.lo = std::min<double>(range.lo, values[i]);
        range.hi = std::max<double>(range.hi, values[i]);
      }
    params.push_back(computeQuantParams(range, grid,
                                        grid.isSigned ? QuantScheme::Symmetric
                                                      : QuantScheme::Affine));
  }
  quant::QuantizedType type =
      perChannel ? quant::QuantizedType(
                       getPerAxisType(func.getContext(), grid, params, *axis))
                 : getPerTensorType(func.getContext(), grid, params.front());
  if (!pick(3)) {
    operand.set(addPair(builder, constant, type));
    return;
  }
  std::vector<uint8_t> stored(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    stored[i] = static_cast<uint8_t>(
        quantizeValue(values[i], params[i / view.inner % view.channels], grid));
  auto integers = createConstant(builder, constant.getLoc(),
                                 withElementType(constant.getType(), type),
                                 ArrayRef<uint8_t>(stored));
  operand.set(DequantizeOp::create(builder, constant.getLoc(),
                                   constant.getType(), integers));
}

/// In units of the scales, as other tools store it, or of a scale of its own.
void RandomPairs::placeBias(OpOperand &bias, QuantizableOpInterface layer) {
  auto constant = bias.get().getDefiningOp<ConstantOp>();
  auto getDequantized = [&](Role role) -> quant::QuantizedType {
    Value operand = layer.getOperandsWithRole(role).front()->get();
    auto dequantize = operand.getDefiningOp<DequantizeOp>();
    return dequantize ? getQuantizedElementType(dequantize.getInput().getType())
                      : quant::QuantizedType();
  };
  quant::QuantizedType input = getDequantized(Role::Activation),
                       weight = getDequantized(Role::Weight);
  if (!constant || !input || !weight || pick(2))
    return;
  quant::QuantizedType type =
      getBiasType(getScales(input).front() * (pick(3) ? 1.0f : 0.5f), weight);
  SmallVector<float> scales = getScales(type);
  ConstantBytes bytes(constant.getValue());
  std::vector<int32_t> stored;
  for (auto [i, value] : llvm::enumerate(bytes.as<float>()))
    stored.push_back(static_cast<int32_t>(
        std::lrint(value / scales[scales.size() == 1 ? 0 : i])));
  OpBuilder builder(constant->getContext());
  builder.setInsertionPointAfter(constant);
  auto integers = createConstant(builder, constant.getLoc(),
                                 withElementType(constant.getType(), type),
                                 ArrayRef<int32_t>(stored));
  bias.set(DequantizeOp::create(builder, constant.getLoc(), constant.getType(),
                                integers));
}

void RandomPairs::place() {
  SmallVector<QuantizableOpInterface> layers;
  func.walk([&](QuantizableOpInterface op) { layers.push_back(op); });
  for (Value argument : func.getArguments())
    placeAt(argument);
  for (QuantizableOpInterface layer : layers) {
    for (OpOperand *weight : layer.getOperandsWithRole(Role::Weight))
      placeWeight(*weight, layer.getChannelAxis(weight->getOperandNumber()));
    for (OpOperand *bias : layer.getOperandsWithRole(Role::Bias))
      placeBias(*bias, layer);
    for (OpOperand *operand : layer.getOperandsWithRole(Role::Activation))
      if (operand->get().getDefiningOp<ConstantOp>() && pick(10) < density) {
        OpBuilder builder(layer);
        operand->set(addPair(builder, operand->get(), getType(operand->get())));
      }
    placeAt(layer->getResult(0));
  }
  setStation(func, Station::QDQ);
}

/// As --npir-set-boundary does it: integers come in, which a target that has
/// only signed ones moves.
void RandomPairs::quantizeInput(BlockArgument argument) {
  OpBuilder builder(func.getContext());
  builder.setInsertionPointToStart(argument.getOwner());
  IntegerGrid grid;
  grid.isSigned = pick(2);
  quant::QuantizedType type = getPerTensorType(
      func.getContext(), grid, {0.0078125F, grid.isSigned ? 0 : 128});
  RankedTensorType real = cast<RankedTensorType>(argument.getType());
  argument.setType(withElementType(real, type));
  auto first = DequantizeOp::create(builder, argument.getLoc(), real, argument);
  Value chain = first;
  if (!grid.isSigned)
    chain = addPair(builder, first,
                    getPerTensorType(func.getContext(), {}, {0.0078125F, 0}));
  argument.replaceUsesWithIf(
      chain, [&](OpOperand &use) { return use.getOwner() != first; });
}

void RandomPairs::quantizeOutput(OpOperand &output) {
  auto dequantize = output.get().getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return;
  auto type = dyn_cast<quant::UniformQuantizedType>(
      getQuantizedElementType(dequantize.getInput().getType()));
  if (!type || type.getStorageTypeIntegralWidth() != 8)
    return;
  if (type.isSigned() && pick(2))
    return output.set(dequantize.getInput());
  int64_t shift = type.isSigned() ? 128 : 0;
  auto moved = getPerTensorType(
      func.getContext(), {8, false},
      {static_cast<float>(type.getScale()), type.getZeroPoint() + shift});
  OpBuilder builder(output.getOwner());
  output.set(QuantizeOp::create(builder, dequantize.getLoc(),
                                withElementType(dequantize.getType(), moved),
                                dequantize, TypeAttr(), UnitAttr(),
                                Attribute()));
}

void RandomPairs::placeAnyForm() {
  hasAnyWidth = true;
  place();
  Block &block = func.getBody().front();
  for (BlockArgument argument : block.getArguments())
    if (pick(4) == 0)
      quantizeInput(argument);
  Operation *terminator = block.getTerminator();
  for (OpOperand &output : terminator->getOpOperands())
    if (pick(4) == 0)
      quantizeOutput(output);
  func.setFunctionType(FunctionType::get(func.getContext(),
                                         block.getArgumentTypes(),
                                         terminator->getOperandTypes()));
}
