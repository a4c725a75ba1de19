// This file implements an xnn.subgraph under construction.
#include "Segment.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace mlir::npir;

mlir::npir::Segment::Segment(Operation *first) : builder(first->getContext()) {
  builder.setInsertionPoint(first);
  subgraph = xnn::SubgraphOp::create(builder, first->getLoc(), TypeRange(),
                                     ValueRange());
  builder.setInsertionPointToStart(&subgraph.getBody().emplaceBlock());
}

Value mlir::npir::Segment::use(Value outside) {
  if (outside.getDefiningOp<ConstantOp>())
    return useConstant(outside, cast<RankedTensorType>(outside.getType()));
  Value &value = inside[outside];
  if (!value) {
    value = subgraph.getBody().front().addArgument(outside.getType(),
                                                   outside.getLoc());
    captured.push_back(outside);
  }
  return value;
}

Value mlir::npir::Segment::useConstant(Value outside, RankedTensorType type) {
  Value &value = constants[{outside, type}];
  if (!value)
    value = ConstantOp::create(builder, outside.getLoc(), type,
                               outside.getDefiningOp<ConstantOp>().getValue());
  return value;
}

LogicalResult
mlir::npir::Segment::add(Operation *op,
                         function_ref<FailureOr<Value>(Segment &)> lower,
                         std::string &problem) {
  Block &block = subgraph.getBody().front();
  Operation *before = block.empty() ? nullptr : &block.back();
  // The verifiers' diagnostics are the reasons.
  ScopedDiagnosticHandler handler(op->getContext(), [&](Diagnostic &diag) {
    if (problem.empty())
      problem = diag.str();
  });
  FailureOr<Value> result = lower(*this);
  SmallVector<Operation *> made;
  for (Operation &last : llvm::reverse(block)) {
    if (&last == before)
      break;
    made.push_back(&last);
  }
  if (succeeded(result) && llvm::all_of(llvm::reverse(made), [](Operation *o) {
        return succeeded(mlir::verify(o, /*verifyRecursively=*/false));
      })) {
    inside[op->getResult(0)] = *result;
    taken.insert(op);
    return success();
  }
  // Constants and captures wait for later ops, or are pruned at the end.
  for (Operation *o : made)
    if (!isa<ConstantOp>(o))
      o->erase();
  return failure();
}

/// Remove what only refused ops used.
void mlir::npir::Segment::prune() {
  Block &block = subgraph.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(block))
    if (isa<ConstantOp>(op) && op.use_empty())
      op.erase();
  for (size_t i = captured.size(); i-- > 0;)
    if (block.getArgument(i).use_empty()) {
      block.eraseArgument(i);
      captured.erase(captured.begin() + i);
    }
}

void mlir::npir::Segment::close(Operation *next) {
  if (taken.empty()) {
    subgraph.erase();
    return;
  }
  prune();
  SmallVector<Value> outputs, yielded;
  for (Operation *op : taken) {
    Value value = op->getResult(0);
    if (llvm::all_of(value.getUsers(),
                     [&](Operation *user) { return taken.contains(user); }))
      continue;
    outputs.push_back(value);
    yielded.push_back(inside[value]);
  }
  Location loc = subgraph.getLoc();
  xnn::YieldOp::create(builder, loc, yielded);
  builder.setInsertionPoint(next);
  auto whole =
      xnn::SubgraphOp::create(builder, loc, TypeRange(outputs), captured);
  whole.getBody().takeBody(subgraph.getBody());
  for (auto [value, output] : llvm::zip_equal(outputs, whole.getResults()))
    value.replaceAllUsesWith(output);
  for (Operation *op : llvm::reverse(taken.getArrayRef()))
    op->erase();
  subgraph.erase();
}
