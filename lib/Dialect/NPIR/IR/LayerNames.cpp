// This file implements the reading and writing of layer names in locations.
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

/// The first NameLoc of `loc`, or null.
static NameLoc findNameLoc(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name;
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      if (NameLoc name = findNameLoc(part))
        return name;
  }
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return findNameLoc(call.getCallee());
  return {};
}

StringRef mlir::npir::getLayerName(Location loc) {
  NameLoc name = findNameLoc(loc);
  return name ? name.getName().getValue() : StringRef();
}

std::string mlir::npir::getDisplayName(Operation *op) {
  StringRef name = getLayerName(op->getLoc());
  return name.empty() ? op->getName().getStringRef().str() : name.str();
}

std::string mlir::npir::getTensorId(Value value) {
  StringRef name = getLayerName(value.getLoc());
  if (auto result = dyn_cast<OpResult>(value))
    return (name + ":" + Twine(result.getResultNumber())).str();
  if (!name.empty())
    return (name + ":0").str();
  return ("arg" + Twine(cast<BlockArgument>(value).getArgNumber()) + ":0")
      .str();
}

Location mlir::npir::withLayerName(Location loc, StringRef name) {
  MLIRContext *context = loc.getContext();
  auto attr = StringAttr::get(context, name);
  if (isa<UnknownLoc>(loc))
    return NameLoc::get(attr);
  if (auto named = dyn_cast<NameLoc>(loc))
    return NameLoc::get(attr, named.getChildLoc());
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    SmallVector<Location> parts{NameLoc::get(attr)};
    ArrayRef<Location> rest = fused.getLocations();
    if (!rest.empty() && isa<NameLoc>(rest.front()))
      rest = rest.drop_front();
    parts.append(rest.begin(), rest.end());
    return FusedLoc::get(context, parts);
  }
  return NameLoc::get(attr, loc);
}

Location mlir::npir::fuseLocations(ArrayRef<Location> locs) {
  SmallVector<Location> parts;
  for (Location loc : locs) {
    if (auto fused = dyn_cast<FusedLoc>(loc))
      llvm::append_range(parts, fused.getLocations());
    else if (!isa<UnknownLoc>(loc))
      parts.push_back(loc);
  }
  if (parts.empty())
    return locs.front();
  // A layer that takes up thousands of others one by one would have as many
  // lists of names, each one longer.
  constexpr size_t maxParts = 64;
  parts.truncate(std::min(parts.size(), maxParts));
  return FusedLoc::get(locs.front().getContext(), parts);
}

/// The part of `a` up to the last slash, slash included, where `a` and `b`
/// agree.
static StringRef getCommonPath(StringRef a, StringRef b) {
  size_t end = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i)
    if (a[i] == '/')
      end = i + 1;
  return a.take_front(end);
}

Location mlir::npir::fuseAsModule(ArrayRef<Location> locs, StringRef kind) {
  StringRef path = getLayerName(locs.front());
  for (Location loc : locs)
    path = getCommonPath(path, getLayerName(loc));
  SmallVector<Location> parts;
  if (!path.empty())
    parts.push_back(
        NameLoc::get(StringAttr::get(locs.front().getContext(), path + kind)));
  llvm::append_range(parts, locs);
  return fuseLocations(parts);
}

Location mlir::npir::derivedLocation(Location loc, StringRef suffix) {
  StringRef name = getLayerName(loc);
  return name.empty() ? loc
                      : Location(NameLoc::get(
                            StringAttr::get(loc.getContext(), name + suffix)));
}
