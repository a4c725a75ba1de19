// This file implements what all targets share: judging an op by a table, and
// printing the table.
#include "npir/Targets/Target.h"
#include "XNNPACKTarget.h"

#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/IR/Operation.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::npir;

mlir::npir::Target::~Target() = default;

OpTypes OpTypes::of(Operation *op) {
  return {llvm::to_vector(op->getOperandTypes()),
          llvm::to_vector(op->getResultTypes())};
}

static const TargetRow *findRow(const Target &target, StringRef op) {
  for (const TargetRow &row : target.getTable())
    if (row.op == op)
      return &row;
  return nullptr;
}

static bool hasQuantized(const OpTypes &types) {
  return llvm::any_of(types.operands, isQuantizedTensor) ||
         llvm::any_of(types.results, isQuantizedTensor);
}

Legality mlir::npir::Target::check(Operation *op, const OpTypes &types) const {
  std::string name = op->getName().getStringRef().str();
  const TargetRow *row = findRow(*this, name);
  if (!row)
    return {Placement::Illegal, (getName() + " has no '" + name + "'").str()};
  bool quantized = hasQuantized(types);
  Legality legality;
  legality.placement = quantized ? row->integerForm : row->floatForm;
  if (legality.placement != Placement::Native)
    legality.reason = (getName() + " has no '" + name + "' on " +
                       (quantized ? "quantized" : "f32") + " tensors")
                          .str();
  for (const TargetRule &rule : row->rules) {
    if (!legality.isLegal())
      break;
    std::string problem = rule.findProblem(op, types);
    if (!problem.empty())
      legality = {rule.otherwise, std::move(problem)};
  }
  return legality;
}

bool mlir::npir::Target::isFloatOnly(Operation *op) const {
  const TargetRow *row = findRow(*this, op->getName().getStringRef());
  return row && row->integerForm == Placement::Illegal;
}

static StringRef describe(Placement placement) {
  switch (placement) {
  case Placement::Native:
    return "native";
  case Placement::Kernel:
    return "NPIR kernel";
  case Placement::Illegal:
    return "no";
  }
  llvm_unreachable("unknown placement");
}

void mlir::npir::Target::printTable(llvm::raw_ostream &os) const {
  os << "| op | f32 | 8 bits | conditions |\n|---|---|---|---|\n";
  for (const TargetRow &row : getTable()) {
    os << "| `" << row.op << "` | " << describe(row.floatForm) << " | "
       << describe(row.integerForm) << " |";
    StringRef separator = " ";
    for (const TargetRule &rule : row.rules) {
      os << separator << rule.text;
      if (rule.otherwise != Placement::Illegal)
        os << " (else " << describe(rule.otherwise) << ")";
      separator = "; ";
    }
    os << " |\n";
  }
}

static ArrayRef<const Target *> getTargets() {
  static const Target *targets[] = {getXNNPACKTarget()};
  return targets;
}

const Target *mlir::npir::lookupTarget(StringRef name) {
  for (const Target *target : getTargets())
    if (target->getName() == name)
      return target;
  return nullptr;
}

ArrayRef<StringRef> mlir::npir::getTargetNames() {
  static const SmallVector<StringRef> names = llvm::to_vector(llvm::map_range(
      getTargets(), [](const Target *target) { return target->getName(); }));
  return names;
}
