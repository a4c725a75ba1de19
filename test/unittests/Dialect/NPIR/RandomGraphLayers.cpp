// This file implements the layers of random networks that compute.
#include "RandomGraph.h"

using namespace mlir;
using namespace mlir::npir;

Value RandomGraph::unary(Value value) {
  switch (pick(7)) {
  case 0:
    return make<TanhOp>(value);
  case 1:
    return make<SigmoidOp>(value);
  case 2:
    return make<GeluOp>(value);
  case 3:
    return make<HardSwishOp>(value);
  case 4:
    return make<AbsOp>(value);
  case 5:
    return make<LeakyReluOp>(value,
                             name("alpha", builder.getF32FloatAttr(0.1F)));
  default:
    return make<NegOp>(value);
  }
}

Value RandomGraph::binary(Value value) {
  Value other = pick(4)
                    ? findLike(value)
                    : constant({pick(2) ? 1 : shapeOf(value).back()}, -1, 1);
  switch (pick(4)) {
  case 0:
    return make<SubOp>({value, other});
  case 1:
    return make<MulOp>({value, other});
  default:
    return make<AddOp>({value, other});
  }
}

Value RandomGraph::convolve(Value value) {
  value = asImage(value);
  int64_t channels = shapeOf(value)[3];
  SmallVector<Value> operands{value};
  if (pick(3) == 0) {
    operands.push_back(constant({1, 3, 3, channels}, -0.5F, 0.5F));
    return make<DepthwiseConv2DOp>(operands, list("pads", {1, 1, 1, 1}));
  }
  int64_t size = pick(2) ? 1 : 3;
  int64_t out = countElements(shapeOf(value)) <= 256 ? 4 : 2;
  operands.push_back(constant({out, size, size, channels}, -0.4F, 0.4F));
  if (pick(2))
    operands.push_back(constant({out}, -1, 1));
  int64_t padding = size / 2;
  return make<Conv2DOp>(operands,
                        list("pads", {padding, padding, padding, padding}));
}

Value RandomGraph::linear(Value value) {
  int64_t channels = shapeOf(value).back();
  int64_t out = countElements(shapeOf(value)) <= 256 ? 4 : 2;
  SmallVector<Value> operands{value, constant({out, channels}, -0.4F, 0.4F)};
  if (pick(2))
    operands.push_back(constant({out}, -1, 1));
  return make<LinearOp>(operands);
}

Value RandomGraph::normalize(Value value) {
  int64_t channels = shapeOf(value).back();
  return make<LayerNormOp>(
      {value, constant({channels}, 0.5F, 1.5F), constant({channels}, -1, 1)},
      name("epsilon", builder.getF32FloatAttr(0.1F)));
}

/// In float on the target.
Value RandomGraph::computeFloat(Value value) {
  switch (pick(3)) {
  case 0:
    return make<SoftmaxOp>(value);
  case 1:
    return make<DivOp>({value, constant({1}, 0.7F, 1.3F)});
  default:
    if (shapeOf(value).size() < 3)
      return make<SoftmaxOp>(value);
    return make<MatmulOp>({value, value},
                          name("transpose_rhs", builder.getUnitAttr()));
  }
}
