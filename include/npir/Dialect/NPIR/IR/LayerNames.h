// This file declares how a layer's name is read from and written to locations.
#ifndef NPIR_DIALECT_NPIR_IR_LAYERNAMES_H
#define NPIR_DIALECT_NPIR_IR_LAYERNAMES_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

namespace mlir::npir {

/// The layer name in a location: its first NameLoc (a fused location counts
/// from its first part). Empty where there is none.
StringRef getLayerName(Location loc);
inline StringRef getLayerName(Operation *op) {
  return getLayerName(op->getLoc());
}

/// The name for diagnostics: the layer name, or the op's own name.
std::string getDisplayName(Operation *op);

/// A tensor's id: `<layer name>:<result number>`; for a block argument
/// `<argument name>:0`, or `arg<N>:0` without a name.
std::string getTensorId(Value value);

/// `loc` with the layer name `name` in front; the rest of it is kept.
Location withLayerName(Location loc, StringRef name);

/// The location of an op that stands for several: their first 64 parts in
/// order, so that the first name wins. `locs` is not empty.
Location fuseLocations(ArrayRef<Location> locs);

/// The location of an op that stands for a module that was written in several
/// ops: called `<path>/<kind>` where their names share a path (`/mlp/act/gelu`
/// for `/mlp/act/Div` and `/mlp/act/Erf`), else as the first. Their parts are
/// kept behind that name. `locs` is not empty.
Location fuseAsModule(ArrayRef<Location> locs, StringRef kind);

/// The location `<layer of loc><suffix>`, for an op that serves that layer.
Location derivedLocation(Location loc, StringRef suffix);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_LAYERNAMES_H
