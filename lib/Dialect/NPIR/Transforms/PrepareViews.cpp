// This file implements views: values known as transposes and reshapes of
// others.
#include "PrepareViews.h"
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

View View::of(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return {value, identityPermutation(type ? type.getRank() : 0), {}, {}};
}

bool View::isTransposed() const { return !isIdentityPermutation(perm); }

bool View::doesAs(const View &other) const {
  bool isEqual = perm == other.perm && bool(reshaped) == bool(other.reshaped) &&
                 getShape(source) == getShape(other.source);
  return isEqual &&
         (!reshaped || reshaped.getShape() == other.reshaped.getShape());
}

View ViewMap::lookup(Value value) const {
  auto it = views.find(value);
  return it == views.end() ? View::of(value) : it->second;
}

View ViewMap::lookupTransposed(Value value) {
  View view = lookup(value);
  return view.reshaped ? View::of(getPlain(value)) : view;
}

void ViewMap::set(Value value, View view) { views[value] = std::move(view); }

void ViewMap::setResult(Operation *op, Type type, View view) {
  Value result = op->getResult(0);
  result.setType(cast<RankedTensorType>(type));
  view.source = result;
  if (!view.isPlain())
    views[result] = std::move(view);
}

Value ViewMap::getPlain(Value value) {
  auto it = views.find(value);
  if (it == views.end())
    return value;
  View view = it->second;
  if (!view.reshaped)
    return getTransposed(view.source, view.perm, view.loc);
  Value &plain = plainValues[value];
  if (!plain) {
    Location loc = view.loc ? Location(view.loc) : value.getLoc();
    plain =
        getReshaped(getTransposed(view.source, view.perm, view.transposeLoc),
                    view.reshaped, loc);
  }
  return plain;
}

Value ViewMap::getTransposed(Value source, ArrayRef<int64_t> perm,
                             LocationAttr loc) {
  Permutation whole(perm);
  if (auto it = origins.find(source); it != origins.end()) {
    whole = composePermutations(it->second.second, perm);
    source = it->second.first;
  }
  if (isIdentityPermutation(whole))
    return source;
  for (auto &[known, value] : transposed[source])
    if (known == whole)
      return value;

  Location location =
      loc ? Location(loc) : derivedLocation(source.getLoc(), ".transpose");
  RankedTensorType type = withShape(
      source, applyPermutation(getShape(source), ArrayRef<int64_t>(whole)));
  Value result;
  if (keepsMemoryOrder(getShape(source), whole))
    result = getReshaped(source, type, location);
  else if (getStoredConstant(source))
    result = permuteStored(builder, source, getShape(source), whole,
                           type.getShape());
  if (!result)
    result =
        keepQuantized(TransposeOp::create(builder, location, type, source,
                                          builder.getDenseI64ArrayAttr(whole),
                                          /*requant=*/Attribute()),
                      source);
  transposed[source].emplace_back(whole, result);
  // Not for a value that was there before: it may be what `source` comes from.
  if (result.use_empty())
    origins.try_emplace(result, source, whole);
  return result;
}

Value ViewMap::getReshaped(Value source, RankedTensorType type, Location loc) {
  if (auto reshape = source.getDefiningOp<ReshapeOp>())
    if (canReshape(getShape(reshape.getInput()), type.getShape()))
      source = reshape.getInput();
  if (source.getType() == type)
    return source;
  if (getStoredConstant(source))
    if (Value constant = reshapeStored(builder, source, type))
      return constant;
  return keepQuantized(ReshapeOp::create(builder, loc, type, source,
                                         /*requant=*/Attribute()),
                       source);
}

Value ViewMap::keepQuantized(Value moved, Value source) {
  auto dequantize = source.getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return moved;
  quant::QuantizedType type =
      getQuantizedElementType(dequantize.getInput().getType());
  if (!isa<quant::UniformQuantizedType>(type) || !canRoundToGrid(type))
    return moved;
  Value stored =
      QuantizeOp::create(builder, derivedLocation(moved.getLoc(), ".quantize"),
                         withElementType(moved.getType(), type), moved,
                         /*per_tensor=*/TypeAttr(), /*requested=*/UnitAttr(),
                         /*requant=*/Attribute());
  return DequantizeOp::create(builder,
                              derivedLocation(moved.getLoc(), ".dequantize"),
                              moved.getType(), stored);
}
