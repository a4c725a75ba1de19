// This file implements normalizations and slopes per channel that run in float
// only.
#include "OpVerification.h"
#include "Window.h"

using namespace mlir;
using namespace mlir::npir;

/// The elements of the last dimension, which has to be static; failure after a
/// diagnostic.
static FailureOr<int64_t> getChannels(RankedTensorType input, Location loc) {
  if (input.getRank() < 1 || ShapedType::isDynamic(input.getShape().back()))
    return mlir::emitError(loc)
           << "expected a static last dimension, got " << input;
  return input.getShape().back();
}

static LogicalResult verifyEpsilon(Operation *op, const APFloat &epsilon) {
  if (!(epsilon.convertToFloat() >= 0) || epsilon.isInfinity())
    return op->emitOpError("expected a finite epsilon of at least 0, got ")
           << epsilon.convertToFloat();
  return success();
}

/// Operand 0 is an activation, the others are parameters.
static Role getNormRole(unsigned index) {
  return index == 0 ? Role::Activation : Role::Parameter;
}

//===----------------------------------------------------------------------===//
// GroupNormOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> GroupNormOp::inferShape(Adaptor adaptor,
                                                        Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  FailureOr<int64_t> channels = getChannels(input, loc);
  if (failed(channels))
    return failure();
  if (input.getRank() < 2)
    return mlir::emitError(loc)
           << "expected samples and channels, got " << input;
  int64_t groups = adaptor.getGroups();
  if (groups < 1 || *channels % groups != 0)
    return mlir::emitError(loc) << "expected groups that divide the "
                                << *channels << " channels, got " << groups;
  if (failed(detail::checkChannelParameters(
          {adaptor.getScale(), adaptor.getOffset()}, *channels,
          "scale and offset", loc)))
    return failure();
  return llvm::to_vector(input.getShape());
}
Role GroupNormOp::getOperandRole(unsigned index) { return getNormRole(index); }
LogicalResult GroupNormOp::verify() {
  return verifyEpsilon(*this, getEpsilon());
}

//===----------------------------------------------------------------------===//
// RMSNormOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> RMSNormOp::inferShape(Adaptor adaptor,
                                                      Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  FailureOr<int64_t> channels = getChannels(input, loc);
  if (failed(channels) || failed(detail::checkChannelParameters(
                              {adaptor.getScale()}, *channels, "a scale", loc)))
    return failure();
  return llvm::to_vector(input.getShape());
}
Role RMSNormOp::getOperandRole(unsigned index) { return getNormRole(index); }
LogicalResult RMSNormOp::verify() { return verifyEpsilon(*this, getEpsilon()); }

//===----------------------------------------------------------------------===//
// PreluOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> PreluOp::inferShape(Adaptor adaptor,
                                                    Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  FailureOr<int64_t> channels = getChannels(input, loc);
  if (failed(channels) || failed(detail::checkChannelParameters(
                              {adaptor.getSlope()}, *channels, "a slope", loc)))
    return failure();
  return llvm::to_vector(input.getShape());
}
Role PreluOp::getOperandRole(unsigned index) { return getNormRole(index); }
LogicalResult PreluOp::verify() { return success(); }
