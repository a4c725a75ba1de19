// This file implements how functions carry their station and their target.
#include "npir/Dialect/NPIR/IR/Stations.h"

using namespace mlir;
using namespace mlir::npir;

std::optional<Station> mlir::npir::getStation(func::FuncOp func) {
  if (auto attr =
          func->getAttrOfType<StationAttr>(NPIRDialect::kStationAttrName))
    return attr.getValue();
  if (func.isExternal())
    return std::nullopt;
  auto isOurs = [](Operation &op) {
    return isa_and_nonnull<NPIRDialect>(op.getDialect()) ||
           isa<QuantizableOpInterface>(op);
  };
  if (llvm::any_of(func.getOps(), isOurs))
    return Station::Float;
  return std::nullopt;
}

void mlir::npir::setStation(func::FuncOp func, Station station) {
  func->setAttr(NPIRDialect::kStationAttrName,
                StationAttr::get(func.getContext(), station));
}

StringRef mlir::npir::getTarget(func::FuncOp func) {
  auto attr = func->getAttrOfType<StringAttr>(NPIRDialect::kTargetAttrName);
  return attr ? attr.getValue() : StringRef();
}

StringRef mlir::npir::getPassThatLeaves(Station station) {
  switch (station) {
  case Station::Float:
    return "an importer";
  case Station::Prepared:
    return "--npir-prepare";
  case Station::Observed:
    return "--npir-insert-observers";
  case Station::Calibrated:
    return "--npir-attach-calibration";
  case Station::QDQ:
    return "--npir-insert-qdq";
  case Station::Integer:
    return "--npir-fold-qdq";
  case Station::Target:
    return "--convert-npir-to-xnn";
  }
  llvm_unreachable("unknown station");
}

FailureOr<SmallVector<func::FuncOp>>
mlir::npir::getFunctionsAt(ModuleOp module, ArrayRef<Station> expected) {
  SmallVector<func::FuncOp> functions;
  for (func::FuncOp func : module.getOps<func::FuncOp>()) {
    std::optional<Station> station = getStation(func);
    if (!station)
      continue;
    if (!llvm::is_contained(expected, *station)) {
      InFlightDiagnostic diag = func.emitError("expected station ");
      llvm::interleave(
          expected,
          [&](Station s) { diag << "'" << stringifyStation(s) << "'"; },
          [&] { diag << " or "; });
      diag << ", got '" << stringifyStation(*station) << "' for function @"
           << func.getName();
      if (*station < expected.front())
        diag << "; run " << getPassThatLeaves(expected.front()) << " first";
      return failure();
    }
    functions.push_back(func);
  }
  if (functions.empty()) {
    module.emitError("expected a function on npir ops, got none");
    return failure();
  }
  return functions;
}
