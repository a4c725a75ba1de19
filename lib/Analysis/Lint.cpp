// This file implements what is found wrong with layers that have weights, and
// with tensors that share a scale, before anything is measured.
#include "npir/Analysis/Lint.h"

#include "LintWeights.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::npir;
using llvm::formatv;

namespace {

using Range = std::pair<double, double>;

/// Collects what is found in one function.
class Linter {
public:
  explicit Linter(const Target &target) : target(target) {}
  void lintLayer(QuantizableOpInterface op);
  void lintSharedScale(QuantizableOpInterface op);
  void lintTypes(QuantizableOpInterface op);
  std::vector<LintFinding> takeFindings() { return std::move(findings); }

private:
  void add(Operation *op, LintKind kind, std::string problem,
           std::string remedy) {
    findings.push_back({kind, op->getLoc(), getDisplayName(op),
                        op->getName().getStringRef().str(), std::move(problem),
                        std::move(remedy)});
  }
  void lintWeight(QuantizableOpInterface op, OpOperand &operand);
  void lintBias(QuantizableOpInterface op, const WeightChannels &weight);
  std::optional<Range> getKnownRange(Value value);

  const Target &target;
  std::vector<LintFinding> findings;
  llvm::DenseMap<Value, std::optional<Range>> knownRanges;
};

} // namespace

static ObserveOp getObservation(Value value) {
  if (auto observe = value.getDefiningOp<ObserveOp>())
    return observe;
  for (Operation *user : value.getUsers())
    if (auto observe = dyn_cast<ObserveOp>(user))
      return observe;
  return {};
}

/// The type per tensor that `value` has got, if any.
static quant::QuantizedType getResolvedType(Value value) {
  ObserveOp observe = getObservation(value);
  if (!observe)
    return {};
  std::optional<Type> type = observe.getPerTensor();
  if (!type)
    type = observe.getResolved();
  return dyn_cast_or_null<quant::QuantizedType>(type.value_or(Type()));
}

/// The weight's own values: behind its observation.
static Value getUnobserved(Value value) {
  if (auto observe = value.getDefiningOp<ObserveOp>())
    return observe.getInput();
  return value;
}

/// Four digits are enough for a reader.
static std::string toText(double value) {
  return formatv("{0}", llvm::format("%.4g", value));
}

/// `0, 3, 7 and 12 more`.
static std::string listChannels(ArrayRef<int64_t> channels) {
  constexpr size_t maxListed = 5;
  std::string text;
  for (int64_t channel : channels.take_front(maxListed))
    text += (text.empty() ? "" : ", ") + std::to_string(channel);
  if (channels.size() > maxListed)
    text += " and " + std::to_string(channels.size() - maxListed) + " more";
  return text;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

void Linter::lintLayer(QuantizableOpInterface op) {
  for (OpOperand *operand : op.getOperandsWithRole(Role::Weight))
    lintWeight(op, *operand);
}

void Linter::lintWeight(QuantizableOpInterface op, OpOperand &operand) {
  std::optional<WeightChannels> measured =
      measureWeight(getUnobserved(operand.get()),
                    op.getChannelAxis(operand.getOperandNumber()));
  if (!measured)
    return;
  WeightChannels &weight = *measured;
  if (ObserveOp observe = getObservation(operand.get())) {
    SpecAttr spec = observe.getSpec();
    if (spec.isNone())
      return;
    weight.bits = spec.getBits();
    weight.isPerTensor = spec.getGranularity() == Granularity::PerTensor;
  }
  if (weight.nonFinite > 0) {
    add(op, LintKind::NonFiniteWeight,
        formatv("{0} of the weight's {1} values are no finite numbers",
                weight.nonFinite, weight.elements),
        "repair or retrain the model");
    return;
  }
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  int64_t worst = 0;
  double largest = 0;
  for (int64_t channel = 0; channel < weight.size(); ++channel)
    if (double sum = weight.getLargestSum(channel); sum > largest) {
      largest = sum;
      worst = channel;
    }
  if (largest > double(limit))
    add(op, LintKind::AccumulatorOverflow,
        formatv("the sum of {0} products in channel {1} can reach {2}, and "
                "a 32-bit accumulator holds {3}",
                op.getProductsPerElement(), worst, toText(largest),
                toText(double(limit))),
        "split the layer along its input channels, give it fewer bits, or keep "
        "it in float");
  if (SmallVector<int64_t> dead = weight.getDeadChannels(); !dead.empty())
    add(op, LintKind::DeadChannel,
        formatv("{0} of {1} output channels have no weight that tells from 0 "
                "beside the others: {2}",
                dead.size(), weight.size(), listChannels(dead)),
        "prune them; what they add is their bias");
  if (weight.isPerTensor && weight.size() > 1) {
    SmallVector<int64_t> lost = weight.getLostChannels();
    if (!lost.empty())
      add(op, LintKind::ScaleRatio,
          formatv(
              "one scale for all output channels rounds every weight of {0} "
              "of {1} channels to 0: {2}",
              lost.size(), weight.size(), listChannels(lost)),
          "ask for 'granularity: per_channel' on the weight");
  } else if (double ratio = weight.getScaleRatio(); ratio >= 0x1p40) {
    add(op, LintKind::ScaleRatio,
        formatv("the largest and the smallest scale of its output channels "
                "differ by a factor of {0}, and multipliers span {1}",
                toText(ratio), toText(0x1p40)),
        "prune the small channels, or keep the layer in float");
  }
  lintBias(op, weight);
}

void Linter::lintBias(QuantizableOpInterface op, const WeightChannels &weight) {
  SmallVector<OpOperand *> inputs = op.getOperandsWithRole(Role::Activation);
  quant::QuantizedType input = inputs.empty()
                                   ? quant::QuantizedType()
                                   : getResolvedType(inputs.front()->get());
  for (OpOperand *operand : op.getOperandsWithRole(Role::Bias)) {
    if (auto [bad, all] = countNonFinite(operand->get()); bad > 0) {
      add(op, LintKind::NonFiniteWeight,
          formatv("{0} of the bias's {1} values are no finite numbers", bad,
                  all),
          "repair or retrain the model");
      continue;
    }
    auto [least, channel] = getLeastInputScale(operand->get(), weight);
    // A range of the input that is no surprise.
    constexpr double smallRange = 0.1;
    double range = least * 255;
    if (input) {
      double scale = getScales(input).front();
      if (scale < least)
        add(op, LintKind::BiasSaturation,
            formatv("the bias of channel {0} does not fit 32 bits in units of "
                    "input scale * weight scale; a weight scale {1} times as "
                    "large makes it fit, and costs as much precision",
                    channel, least / scale),
            "prune the channel, or keep the layer in float");
    } else if (range > smallRange) {
      add(op, LintKind::BiasSaturation,
          formatv("the bias of channel {0} does not fit 32 bits unless the "
                  "input's range is at least {1} wide",
                  channel, toText(range)),
          "prune the channel whose weights are that small, or keep the layer "
          "in float");
    }
  }
}

//===----------------------------------------------------------------------===//
// Shared scales
//===----------------------------------------------------------------------===//

/// The range that the graph alone tells: of a constant, of a function with a
/// fixed range, of a clamp, and of what moves such values.
std::optional<Range> Linter::getKnownRange(Value value) {
  value = getUnobserved(value);
  auto [it, isNew] = knownRanges.try_emplace(value, std::nullopt);
  if (!isNew)
    return it->second;
  std::optional<Range> range;
  Operation *producer = value.getDefiningOp();
  if (auto constant = getConstantRange(value)) {
    range = constant;
  } else if (auto op = dyn_cast_or_null<QuantizableOpInterface>(producer)) {
    range = op.getFixedOutputRange(0);
    Range bounds(-INFINITY, INFINITY);
    if (auto clamped = dyn_cast<ClampedOpInterface>(producer))
      bounds = clamped.getClampRange();
    else if (auto clamp = dyn_cast<ClampOp>(producer))
      bounds = {clamp.getMin().convertToDouble(),
                clamp.getMax().convertToDouble()};
    if (!range && std::isfinite(bounds.first) && std::isfinite(bounds.second))
      range = bounds;
    // Program order: what it moves was asked for before, so this is not deep.
    SmallVector<unsigned> sources = op.getSameScaleOperands();
    if (!range && sources.size() == 1)
      range = getKnownRange(op->getOperand(sources.front()));
  }
  return knownRanges[value] = range;
}

/// The format, as far as tensors of one type must agree in it.
static std::string describeFormat(SpecAttr spec) {
  return formatv("{0}{1} {2} {3}", spec.getIsSigned() ? "i" : "u",
                 spec.getBits(), stringifyScheme(spec.getScheme()),
                 stringifyGranularity(spec.getGranularity()));
}

void Linter::lintSharedScale(QuantizableOpInterface op) {
  SmallVector<unsigned> sources = op.getSameScaleOperands();
  // Also fills knownRanges in program order.
  std::optional<std::pair<Range, Value>> widest, narrowest;
  auto width = [](const Range &range) { return range.second - range.first; };
  for (unsigned index : sources) {
    Value operand = op->getOperand(index);
    std::optional<Range> range = getKnownRange(operand);
    if (!range || width(*range) <= 0)
      continue;
    if (!widest || width(*range) > width(widest->first))
      widest = {*range, operand};
    if (!narrowest || width(*range) < width(narrowest->first))
      narrowest = {*range, operand};
  }
  constexpr double manyTimes = 16;
  if (widest && width(widest->first) >= manyTimes * width(narrowest->first))
    add(op, LintKind::SharedScale,
        formatv(
            "'{0}' in [{1}, {2}] and '{3}' in [{4}, {5}] share one scale, "
            "which costs the second {6} of its bits",
            getTensorId(getUnobserved(widest->second)),
            toText(widest->first.first), toText(widest->first.second),
            getTensorId(getUnobserved(narrowest->second)),
            toText(narrowest->first.first), toText(narrowest->first.second),
            toText(std::log2(width(widest->first) / width(narrowest->first)))),
        "scale the second up in the model, or keep the op in float");
  ObserveOp result = getObservation(op->getResult(0));
  if (!result || result.getSpec().isNone())
    return;
  for (unsigned index : sources) {
    ObserveOp operand = getObservation(op->getOperand(index));
    if (!operand || operand.getSpec().isNone() || operand == result)
      continue;
    std::string a = describeFormat(operand.getSpec());
    std::string b = describeFormat(result.getSpec());
    if (a != b)
      add(op, LintKind::SharedScale,
          formatv("'{0}' is to be {1} and '{2}' {3}, but the op moves values "
                  "from one to the other",
                  operand.getId(), a, result.getId(), b),
          "give both one format in the configuration");
  }
}

//===----------------------------------------------------------------------===//
// Resolved types
//===----------------------------------------------------------------------===//

/// Ask the target about the types that calibration has given.
void Linter::lintTypes(QuantizableOpInterface op) {
  if (op.getArithmetic() == Arithmetic::None || target.isFloatOnly(op) ||
      op->getNumResults() != 1)
    return;
  OpTypes types = OpTypes::of(op);
  quant::QuantizedType result = getResolvedType(op->getResult(0)), weight;
  if (!result)
    return;
  types.results[0] = withElementType(types.results[0], result);
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned index = operand.getOperandNumber();
    Role role = op.getOperandRole(index);
    if (role != Role::Activation && role != Role::Weight)
      continue;
    quant::QuantizedType type = getResolvedType(operand.get());
    if (!type)
      return;
    types.operands[index] = withElementType(types.operands[index], type);
    weight = role == Role::Weight ? type : weight;
  }
  if (weight)
    for (OpOperand *bias : op.getOperandsWithRole(Role::Bias)) {
      Type &type = types.operands[bias->getOperandNumber()];
      quant::QuantizedType input = getResolvedType(op->getOperand(0));
      type =
          withElementType(type, getBiasType(getScales(input).front(), weight));
    }
  for (Type &type : types.operands)
    if (quant::QuantizedType quantized = getQuantizedElementType(type))
      type = withElementType(type, target.getStorageType(quantized));
  types.results[0] =
      withElementType(types.results[0], target.getStorageType(result));
  Legality legality = target.check(op, types);
  if (!legality.isLegal())
    add(op, LintKind::ScaleRatio, legality.reason,
        "calibrate with other samples or another observer, or keep the layer "
        "in float");
}

std::vector<LintFinding> mlir::npir::lint(func::FuncOp func,
                                          const Target &target) {
  Linter linter(target);
  func.walk([&](QuantizableOpInterface op) {
    linter.lintLayer(op);
    linter.lintSharedScale(op);
    linter.lintTypes(op);
  });
  return linter.takeFindings();
}
