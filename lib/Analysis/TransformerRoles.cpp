// This file implements the finding of transformer blocks by structure.
#include "npir/Analysis/TransformerRoles.h"

#include "npir/Config/RoleNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// What ops are
//===----------------------------------------------------------------------===//

/// The tensor itself, where `value` is its observed form.
static Value withoutObserver(Value value) {
  while (auto observe = value.getDefiningOp<ObserveOp>())
    value = observe.getInput();
  return value;
}

static bool isConstant(Value value) {
  return matchPattern(withoutObserver(value), m_Constant());
}

/// Ops that a search passes before it gives up: more than any activation
/// function or mask is made of, and a bound on the cost.
static constexpr unsigned kMaxSteps = 64;

/// The activations that `op` reads; of a concat of thousands only as many as a
/// search could look at.
static SmallVector<Value> getInputs(Operation *op) {
  SmallVector<Value> inputs;
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  if (!quantizable)
    return inputs;
  for (OpOperand &operand : op->getOpOperands().take_front(2 * kMaxSteps))
    if (quantizable.getOperandRole(operand.getOperandNumber()) ==
        Role::Activation)
      inputs.push_back(operand.get());
  return inputs;
}

static bool hasWeights(Operation *op) {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  return quantizable && !quantizable.getOperandsWithRole(Role::Weight).empty();
}

/// Only moves values: reshape, transpose, slice.
static bool isCopy(Operation *op) {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  return quantizable && quantizable.getArithmetic() == Arithmetic::Copy;
}

static bool isElementwise(Operation *op) {
  return isa<UnaryOpInterface, BinaryOpInterface, WhereOp>(op);
}

static bool isCopyOrElementwise(Operation *op) {
  return isCopy(op) || isElementwise(op);
}

/// A copy, or adds or multiplies by a constant: scaling, a constant bias.
static bool isCopyOrScaling(Operation *op) {
  return isCopy(op) || (isa<BinaryOpInterface>(op) &&
                        llvm::any_of(getInputs(op), isConstant));
}

static bool isNormalization(Operation *op) { return isa<LayerNormOp>(op); }

/// The sum of two activations.
static bool isSum(Operation *op) {
  auto binary = dyn_cast<BinaryOpInterface>(op);
  return binary && binary.getBinaryKind() == npir_kernels::BinaryKind::Add &&
         llvm::none_of(getInputs(op), isConstant);
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

using OpFilter = function_ref<bool(Operation *)>;

/// From the op that makes `value` backwards through ops that are `transparent`,
/// depth first, to the first that is `goal`; or null. `path` gets the tensors
/// between.
static Operation *findBackward(Value value, OpFilter goal, OpFilter transparent,
                               unsigned &steps, SmallVectorImpl<Value> &path) {
  value = withoutObserver(value);
  Operation *op = value.getDefiningOp();
  if (!op || steps == 0)
    return nullptr;
  --steps;
  Operation *found = nullptr;
  if (goal(op))
    found = op;
  else if (transparent(op))
    for (Value input : getInputs(op))
      if (!found)
        found = findBackward(input, goal, transparent, steps, path);
  if (found)
    path.push_back(value);
  return found;
}

/// The same forwards, to the operand by which the goal reads what came from
/// `value`. The goal reads it as an activation.
static OpOperand *findForward(Value value, OpFilter goal, OpFilter transparent,
                              unsigned &steps, SmallVectorImpl<Value> &path) {
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    if (steps == 0)
      return nullptr;
    --steps;
    OpOperand *found = nullptr;
    auto quantizable = dyn_cast<QuantizableOpInterface>(user);
    bool isInput =
        quantizable &&
        quantizable.getOperandRole(use.getOperandNumber()) == Role::Activation;
    if (isInput && goal(user))
      found = &use;
    else if (isa<ObserveOp>(user) || (isInput && transparent(user)))
      found = findForward(user->getResult(0), goal, transparent, steps, path);
    if (found) {
      path.push_back(withoutObserver(value));
      return found;
    }
  }
  return nullptr;
}

/// What `layer` makes: behind the constants that are added to it, where they
/// are a layer of their own.
static Value getOutput(Operation *layer) {
  Value output = layer->getResult(0);
  while (true) {
    Value read = output;
    if (read.hasOneUse())
      if (auto observe = dyn_cast<ObserveOp>(*read.user_begin()))
        read = observe.getResult();
    if (!read.hasOneUse())
      return output;
    auto add = dyn_cast<BinaryOpInterface>(*read.user_begin());
    if (!add || add.getBinaryKind() != npir_kernels::BinaryKind::Add ||
        llvm::none_of(getInputs(add), isConstant))
      return output;
    output = add->getResult(0);
  }
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

namespace mlir::npir {
/// Finds blocks and writes their tensors' names.
class BlockFinder {
public:
  explicit BlockFinder(TransformerRoles &roles) : roles(roles) {}

  /// The attention that `softmax` is in, if it is in one.
  void findAttention(SoftmaxOp softmax);
  /// The MLP that `sum` ends, if it ends one.
  void findMLP(Operation *sum);

private:
  bool findMLP(Value result, Value residual, Value sum);
  Value getCopied(Value value);
  Operation *findProjection(Value value);
  void findBehindAttention(MatmulOp product);

  void addName(Value tensor, StringRef name) {
    TransformerRoles::Names &names = roles.activations[withoutObserver(tensor)];
    if (!llvm::is_contained(names, name))
      names.push_back(name);
  }
  void addWeightName(Operation *layer, StringRef name) {
    TransformerRoles::Names &names = roles.weights[layer];
    if (!llvm::is_contained(names, name))
      names.push_back(name);
  }
  /// Tensors of a block, whether they have names or not.
  void addTensors(ArrayRef<Value> tensors) {
    for (Value tensor : tensors)
      roles.activations.try_emplace(tensor);
  }

  TransformerRoles &roles;
  /// What getCopied has answered.
  DenseMap<Value, Value> originals;
};
} // namespace mlir::npir

/// The tensor that `value` is a copy of, through any number of copies.
Value BlockFinder::getCopied(Value value) {
  SmallVector<Value> copies;
  for (value = withoutObserver(value); !originals.contains(value);) {
    copies.push_back(value);
    Operation *op = value.getDefiningOp();
    if (!op || !isCopy(op) || getInputs(op).size() != 1)
      originals[value] = value;
    else
      value = withoutObserver(getInputs(op).front());
  }
  Value original = originals[value];
  for (Value copy : copies)
    originals[copy] = original;
  return original;
}

/// The layer with weights that makes Q, K or V, which `value` is after copies,
/// scaling, position encoding, and perhaps a normalization of its own.
Operation *BlockFinder::findProjection(Value value) {
  unsigned steps = kMaxSteps;
  SmallVector<Value> path;
  Operation *found = findBackward(
      value,
      [](Operation *op) { return hasWeights(op) || isNormalization(op); },
      isCopyOrElementwise, steps, path);
  if (found && isNormalization(found))
    found = findBackward(found->getOperand(0), hasWeights, isCopy, steps, path);
  if (found)
    addTensors(path);
  return found;
}

void BlockFinder::findBehindAttention(MatmulOp product) {
  unsigned steps = kMaxSteps;
  SmallVector<Value> path;
  Value result = product.getResult();
  if (OpOperand *use =
          findForward(result, hasWeights, isCopyOrScaling, steps, path)) {
    addWeightName(use->getOwner(), kAttnProj);
    result = use->getOwner()->getResult(0);
  }
  auto transparent = [](Operation *op) {
    return isCopyOrScaling(op) || isNormalization(op);
  };
  if (OpOperand *use = findForward(result, isSum, transparent, steps, path))
    addName(use->getOwner()->getResult(0), kResidual1);
  addTensors(path);
}

void BlockFinder::findAttention(SoftmaxOp softmax) {
  unsigned steps = kMaxSteps;
  SmallVector<Value> path;
  auto isMatmul = [](Operation *op) { return isa<MatmulOp>(op); };
  auto logits = cast_or_null<MatmulOp>(findBackward(
      softmax.getInput(), isMatmul, isCopyOrElementwise, steps, path));
  OpOperand *use =
      findForward(softmax.getResult(), isMatmul, isCopyOrScaling, steps, path);
  if (!logits || !use)
    return;
  auto product = cast<MatmulOp>(use->getOwner());
  addTensors(path);
  addName(softmax.getInput(), kKVAct);
  addName(softmax.getResult(), kIntSoft);
  addName(product.getResult(), kSVAttn);
  Value v = product->getOperand(1 - use->getOperandNumber());
  for (Value factor : {Value(logits.getLhs()), Value(logits.getRhs()), v}) {
    Operation *layer = findProjection(factor);
    if (!layer)
      continue;
    addWeightName(layer, kAttnQKV);
    addName(getOutput(layer), kAttnQKVOutput);
    SmallVector<Value> before;
    if (Operation *norm =
            findBackward(getInputs(layer).front(), isNormalization,
                         isCopyOrScaling, steps, before)) {
      addTensors(before);
      addName(norm->getResult(0), kNorm1);
    }
  }
  findBehindAttention(product);
}

/// The linear layers whose results go into the elementwise function that makes
/// `value`. False where anything else but constants does.
static bool collectLinears(Value value, llvm::SetVector<Operation *> &linears,
                           llvm::SetVector<Value> &visited) {
  value = withoutObserver(value);
  if (isConstant(value) || visited.contains(value))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || visited.size() == kMaxSteps)
    return false;
  visited.insert(value);
  if (isa<LinearOp>(op)) {
    linears.insert(op);
    return true;
  }
  return isCopyOrElementwise(op) && llvm::all_of(getInputs(op), [&](Value v) {
           return collectLinears(v, linears, visited);
         });
}

/// What makes `value` is more than sums and products with constants: a function
/// of one value, a product of two, or a layer that clamps its result.
static bool isNonlinear(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto clamped = dyn_cast<ClampedOpInterface>(op)) {
    auto [min, max] = clamped.getClampRange();
    if (std::isfinite(min) || std::isfinite(max))
      return true;
  }
  auto binary = dyn_cast<BinaryOpInterface>(op);
  bool isSum =
      binary && (binary.getBinaryKind() == npir_kernels::BinaryKind::Add ||
                 binary.getBinaryKind() == npir_kernels::BinaryKind::Subtract);
  return isa<UnaryOpInterface>(op) ||
         (binary && !isSum && llvm::none_of(getInputs(op), isConstant));
}

bool BlockFinder::findMLP(Value result, Value residual, Value sum) {
  unsigned steps = kMaxSteps;
  SmallVector<Value> path;
  Operation *last = findBackward(
      result, [](Operation *op) { return isa<LinearOp>(op); },
      [](Operation *op) { return isCopyOrScaling(op) || isNormalization(op); },
      steps, path);
  if (!last)
    return false;
  Value activation = getCopied(getInputs(last).front());
  llvm::SetVector<Operation *> linears;
  llvm::SetVector<Value> function;
  if (!collectLinears(activation, linears, function) || linears.empty() ||
      llvm::none_of(function, isNonlinear))
    return false;

  Value input = getCopied(getInputs(linears.front()).front());
  for (Operation *linear : linears)
    if (getCopied(getInputs(linear).front()) != input)
      return false;
  Operation *norm = input.getDefiningOp();
  if (norm && !isNormalization(norm))
    norm = nullptr;
  Value stream = getCopied(residual);
  if (stream != input && !(norm && stream == getCopied(norm->getOperand(0))))
    return false;

  addTensors(path);
  addTensors(function.getArrayRef());
  for (Operation *linear : linears)
    addWeightName(linear, kMLPFc1);
  addWeightName(last, kMLPFc2);
  addName(activation, kMLPAct);
  addName(getOutput(last), kMLPAct2);
  addName(sum, kResidual2);
  if (norm)
    addName(input, kNorm2);
  return true;
}

void BlockFinder::findMLP(Operation *sum) {
  SmallVector<Value> inputs = getInputs(sum);
  if (!findMLP(inputs[0], inputs[1], sum->getResult(0)))
    findMLP(inputs[1], inputs[0], sum->getResult(0));
}

//===----------------------------------------------------------------------===//
// The analysis
//===----------------------------------------------------------------------===//

TransformerRoles::TransformerRoles(func::FuncOp func) {
  BlockFinder finder(*this);
  func.walk([&](Operation *op) {
    if (auto softmax = dyn_cast<SoftmaxOp>(op))
      finder.findAttention(softmax);
    else if (isSum(op))
      finder.findMLP(op);
  });
}

ArrayRef<StringRef> TransformerRoles::getRoles(Value tensor) const {
  auto it = activations.find(withoutObserver(tensor));
  return it == activations.end() ? ArrayRef<StringRef>() : it->second;
}

ArrayRef<StringRef> TransformerRoles::getWeightRoles(Operation *layer) const {
  auto it = weights.find(layer);
  return it == weights.end() ? ArrayRef<StringRef>() : it->second;
}

bool TransformerRoles::isInBlock(Value tensor) const {
  return activations.contains(withoutObserver(tensor));
}
