// This file implements xnn.subgraph: its assembly, its verifier, and the names
// of tensors at its border.
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/XNN/IR/XNNOps.h"

#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace mlir::npir;
using namespace mlir::npir::xnn;

std::string xnn::getTensorId(Value value) {
  if (auto subgraph = value.getDefiningOp<SubgraphOp>())
    return getTensorId(
        subgraph.getYielded()[cast<OpResult>(value).getResultNumber()]);
  if (auto argument = dyn_cast<BlockArgument>(value))
    if (auto subgraph =
            dyn_cast<SubgraphOp>(argument.getOwner()->getParentOp()))
      return getTensorId(subgraph.getInputs()[argument.getArgNumber()]);
  return npir::getTensorId(value);
}

OperandRange SubgraphOp::getYielded() {
  return cast<YieldOp>(getBody().front().getTerminator()).getValues();
}

/// `(%a: type = %x, ...) -> type attributes {...} { ... }`, or `-> (type,
/// ...)`.
ParseResult SubgraphOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  auto parseCapture = [&]() -> ParseResult {
    return failure(parser.parseArgument(arguments.emplace_back(),
                                        /*allowType=*/true) ||
                   parser.parseEqual() ||
                   parser.parseOperand(operands.emplace_back()));
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren,
                                     parseCapture) ||
      parser.parseArrowTypeList(result.types) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  for (auto [argument, operand] : llvm::zip_equal(arguments, operands))
    if (parser.resolveOperand(operand, argument.type, result.operands))
      return failure();
  return parser.parseRegion(*result.addRegion(), arguments);
}

void SubgraphOp::print(OpAsmPrinter &printer) {
  printer << "(";
  llvm::interleaveComma(llvm::zip_equal(getBody().getArguments(), getInputs()),
                        printer, [&](auto capture) {
                          printer.printRegionArgument(std::get<0>(capture));
                          printer << " = " << std::get<1>(capture);
                        });
  printer << ")";
  printer.printArrowTypeList(getOutputs().getTypes());
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult SubgraphOp::verify() {
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getInputs().getTypes())
    return emitOpError("expected block arguments of the operands' types");
  bool hasNode = false;
  for (Operation &op : block.without_terminator()) {
    bool isNode = isa_and_nonnull<XNNDialect>(op.getDialect());
    if (!isNode && !isa<ConstantOp>(op))
      return op.emitOpError("expected only xnn ops and constants in an "
                            "xnn.subgraph");
    if (isa<SubgraphOp>(op))
      return op.emitOpError("expected no xnn.subgraph in another");
    hasNode |= isNode;
  }
  if (!hasNode)
    return emitOpError("expected at least one xnn op");
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield)
    return emitOpError("expected an xnn.yield at the end");
  if (yield.getValues().getTypes() != getOutputs().getTypes())
    return emitOpError("expected xnn.yield of the results' types");
  llvm::SmallPtrSet<Value, 8> seen;
  for (Value value : yield.getValues()) {
    if (!isa_and_nonnull<XNNDialect>(value.getDefiningOp()
                                         ? value.getDefiningOp()->getDialect()
                                         : nullptr))
      return emitOpError("expected xnn.yield only of results of xnn ops");
    if (!seen.insert(value).second)
      return emitOpError("expected every value at most once in xnn.yield");
  }
  return success();
}
