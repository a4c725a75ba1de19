// This file implements the requantization attributes: their verifiers, and
// their numbers as plain attributes.
#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

using namespace mlir;
using namespace mlir::npir;

static LogicalResult verifyBounds(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t min, int64_t max) {
  if (min > max)
    return emitError() << "expected min <= max, got " << min << " and " << max;
  return success();
}

static void addBounds(NamedAttrList &fields, MLIRContext *context, int64_t min,
                      int64_t max) {
  Builder builder(context);
  fields.append("min", builder.getI64IntegerAttr(min));
  fields.append("max", builder.getI64IntegerAttr(max));
}

LogicalResult
RequantF32Attr::verify(function_ref<InFlightDiagnostic()> emitError,
                       DenseF32ArrayAttr multipliers, int64_t min,
                       int64_t max) {
  if (multipliers.empty())
    return emitError() << "expected at least one multiplier";
  for (float multiplier : multipliers.asArrayRef())
    if (!(multiplier > 0) || std::isinf(multiplier))
      return emitError() << "expected positive finite multipliers, got "
                         << multiplier;
  return verifyBounds(emitError, min, max);
}
void RequantF32Attr::getFields(NamedAttrList &fields) const {
  fields.append("multipliers", getMultipliers());
  addBounds(fields, getContext(), getMin(), getMax());
}

LogicalResult
RequantShiftAddAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                            int32_t, int32_t, int32_t shift, int64_t min,
                            int64_t max) {
  if (shift < 1 || shift > 30)
    return emitError() << "expected a shift of 1 to 30, got " << shift;
  return verifyBounds(emitError, min, max);
}
void RequantShiftAddAttr::getFields(NamedAttrList &fields) const {
  Builder builder(getContext());
  fields.append("lhs", builder.getI64IntegerAttr(getLhs()));
  fields.append("rhs", builder.getI64IntegerAttr(getRhs()));
  fields.append("shift", builder.getI64IntegerAttr(getShift()));
  addBounds(fields, getContext(), getMin(), getMax());
}

LogicalResult
RequantMeanAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        FloatAttr multiplier, int64_t min, int64_t max) {
  if (!multiplier.getType().isF32())
    return emitError() << "expected an f32 multiplier";
  float value = multiplier.getValue().convertToFloat();
  if (!(value > 0) || std::isinf(value))
    return emitError() << "expected a positive finite multiplier, got "
                       << value;
  return verifyBounds(emitError, min, max);
}
void RequantMeanAttr::getFields(NamedAttrList &fields) const {
  fields.append("multiplier", getMultiplier());
  addBounds(fields, getContext(), getMin(), getMax());
}

LogicalResult RequantLayerNormAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, FloatAttr varianceOffset,
    DenseF32ArrayAttr multipliers, DenseF32ArrayAttr offsets, int64_t min,
    int64_t max) {
  if (!varianceOffset.getType().isF32())
    return emitError() << "expected an f32 variance offset";
  float value = varianceOffset.getValue().convertToFloat();
  if (!(value >= 0) || std::isinf(value))
    return emitError() << "expected a finite variance offset of at least 0, "
                          "got "
                       << value;
  if (multipliers.empty() || multipliers.size() != offsets.size())
    return emitError() << "expected as many multipliers as offsets, got "
                       << multipliers.size() << " and " << offsets.size();
  for (DenseF32ArrayAttr list : {multipliers, offsets})
    for (float number : list.asArrayRef())
      if (!std::isfinite(number))
        return emitError() << "expected finite multipliers and offsets, got "
                           << number;
  return verifyBounds(emitError, min, max);
}
void RequantLayerNormAttr::getFields(NamedAttrList &fields) const {
  fields.append("variance_offset", getVarianceOffset());
  fields.append("multipliers", getMultipliers());
  fields.append("offsets", getOffsets());
  addBounds(fields, getContext(), getMin(), getMax());
}

LogicalResult
RequantWindowMeanAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                              DenseF32ArrayAttr multipliers, int64_t min,
                              int64_t max) {
  return RequantF32Attr::verify(emitError, multipliers, min, max);
}
void RequantWindowMeanAttr::getFields(NamedAttrList &fields) const {
  fields.append("multipliers", getMultipliers());
  addBounds(fields, getContext(), getMin(), getMax());
}

LogicalResult
RequantInterpolateAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t min, int64_t max) {
  return verifyBounds(emitError, min, max);
}
void RequantInterpolateAttr::getFields(NamedAttrList &fields) const {
  addBounds(fields, getContext(), getMin(), getMax());
}

LogicalResult
RequantTableAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                         DenseI8ArrayAttr table, int64_t min, int64_t max) {
  if (table.size() != 256)
    return emitError() << "expected a table of 256 entries, got "
                       << table.size();
  return verifyBounds(emitError, min, max);
}
void RequantTableAttr::getFields(NamedAttrList &fields) const {
  fields.append("table", getTable());
  addBounds(fields, getContext(), getMin(), getMax());
}

LogicalResult
RequantQ8Attr::verify(function_ref<InFlightDiagnostic()> emitError,
                      int32_t multiplier, int64_t min, int64_t max) {
  if (multiplier < 1 || multiplier > 1 << 15)
    return emitError() << "expected a multiplier of 1 to 32768, got "
                       << multiplier;
  return verifyBounds(emitError, min, max);
}
void RequantQ8Attr::getFields(NamedAttrList &fields) const {
  fields.append("multiplier",
                Builder(getContext()).getI64IntegerAttr(getMultiplier()));
  addBounds(fields, getContext(), getMin(), getMax());
}

LogicalResult
RequantCopyAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        int64_t min, int64_t max) {
  return verifyBounds(emitError, min, max);
}
void RequantCopyAttr::getFields(NamedAttrList &fields) const {
  addBounds(fields, getContext(), getMin(), getMax());
}
