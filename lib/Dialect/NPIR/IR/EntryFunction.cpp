// This file implements what a module is to the outside.
#include "npir/Dialect/NPIR/IR/EntryFunction.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/Stations.h"

using namespace mlir;
using namespace mlir::npir;

FailureOr<func::FuncOp> mlir::npir::getEntryFunction(ModuleOp module) {
  SmallVector<func::FuncOp> candidates;
  for (func::FuncOp func : module.getOps<func::FuncOp>())
    if (getStation(func))
      candidates.push_back(func);
  if (candidates.size() == 1)
    return candidates.front();
  for (func::FuncOp func : candidates)
    if (func.getName() == "main")
      return func;
  if (candidates.empty())
    return module.emitError("expected a function on npir ops, got none");
  return module.emitError("expected one function or one named @main, got ")
         << candidates.size() << " functions";
}

std::string mlir::npir::getInputName(func::FuncOp func, unsigned index) {
  auto name = func.getArgAttrOfType<StringAttr>(index, kPortNameAttrName);
  if (name && !name.empty())
    return name.str();
  StringRef layer = getLayerName(func.getArgument(index).getLoc());
  return layer.empty() ? ("input" + Twine(index)).str() : layer.str();
}

std::string mlir::npir::getOutputName(func::FuncOp func, unsigned index) {
  auto name = func.getResultAttrOfType<StringAttr>(index, kPortNameAttrName);
  return name && !name.empty() ? name.str() : ("output" + Twine(index)).str();
}
