// This file implements the forms of convolutions, products of matrices and
// pools. Layouts are NPIR's own: images NHWC, filters OHWI.
#include "Converter.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// The bias as npir has it, one number per channel; null where it is zero.
static FailureOr<Value> getBias(TosaConverter &converter, Value source,
                                int64_t channels) {
  ElementsAttr constant = getTosaConstant(source);
  if (!constant)
    return converter.refuse("expected a bias that is a constant");
  std::optional<double> number = getUniformNumber(constant);
  if (number == 0.0)
    return Value();
  Value bias = converter.get(source);
  if (TosaConverter::getShape(bias).front() == channels)
    return bias;
  // One number for all channels.
  ConstantBytes bytes(bias.getDefiningOp<ConstantOp>().getValue());
  SmallVector<float> values(channels, bytes.as<float>().front());
  OpBuilder &builder = converter.getBuilder();
  return createConstant(builder, bias.getLoc(),
                        RankedTensorType::get(channels, builder.getF32Type()),
                        ArrayRef<float>(values))
      .getResult();
}

namespace {
/// The operands of a convolution. The filter has the shape that TOSA gives it.
struct ConvOperands {
  Value input, filter, bias;

  SmallVector<Value> list(Value newFilter) const {
    SmallVector<Value> values{input, newFilter};
    if (bias)
      values.push_back(bias);
    return values;
  }
};
} // namespace

template <typename TosaOpT>
static FailureOr<ConvOperands> getConvOperands(TosaConverter &converter,
                                               TosaOpT op, int64_t channels) {
  if (failed(converter.expectFloats(op->getOperands().take_front(3))) ||
      failed(converter.expectLeadingBatch(op.getInput())) ||
      failed(converter.expectZero(op.getInputZp(), "an input zero point")) ||
      failed(converter.expectZero(op.getWeightZp(), "a weight zero point")))
    return failure();
  if (!getTosaConstant(op.getWeight())) {
    (void)converter.refuse("expected weights that are a constant");
    return failure();
  }
  FailureOr<Value> bias = getBias(converter, op.getBias(), channels);
  if (failed(bias))
    return failure();
  return ConvOperands{converter.get(op.getInput()),
                      converter.get(op.getWeight()), *bias};
}

static SmallVector<NamedAttribute> getWindow(TosaConverter &converter,
                                             ArrayRef<int64_t> strides,
                                             ArrayRef<int64_t> pads,
                                             ArrayRef<int64_t> dilations = {}) {
  SmallVector<NamedAttribute> attributes{converter.named("strides", strides),
                                         converter.named("pads", pads)};
  if (!dilations.empty())
    attributes.push_back(converter.named("dilations", dilations));
  return attributes;
}

/// What TOSA has for a linear layer: a 1x1 convolution of one pixel.
static FailureOr<Value> convertPixel(TosaConverter &converter,
                                     const ConvOperands &operands) {
  ArrayRef<int64_t> image = TosaConverter::getShape(operands.input);
  ArrayRef<int64_t> filter = TosaConverter::getShape(operands.filter);
  FailureOr<Value> pixel =
      converter.reshape(operands.input, {image[0], image[3]}, ".pixel");
  FailureOr<Value> weight =
      converter.reshape(operands.filter, {filter[0], filter[3]}, "");
  if (failed(pixel) || failed(weight))
    return failure();
  ConvOperands linear{*pixel, *weight, operands.bias};
  FailureOr<Value> product =
      converter.create<LinearOp>("", linear.list(*weight));
  if (failed(product))
    return failure();
  return converter.reshape(*product, {image[0], 1, 1, filter[0]}, ".image");
}

static FailureOr<Value> convertConv2D(TosaConverter &converter,
                                      tosa::Conv2DOp op) {
  auto weight = cast<ShapedType>(op.getWeight().getType());
  FailureOr<ConvOperands> operands =
      getConvOperands(converter, op, weight.getDimSize(0));
  if (failed(operands))
    return failure();
  ArrayRef<int64_t> image = TosaConverter::getShape(operands->input);
  bool isPixel =
      image[1] == 1 && image[2] == 1 && weight.getDimSize(1) == 1 &&
      weight.getDimSize(2) == 1 &&
      llvm::all_of(op.getPad(), [](int64_t pad) { return pad == 0; });
  if (isPixel && image[3] == weight.getDimSize(3))
    return convertPixel(converter, *operands);
  return converter.create<Conv2DOp>(
      "", operands->list(operands->filter),
      getWindow(converter, op.getStride(), op.getPad(), op.getDilation()));
}

static FailureOr<Value> convertDepthwise(TosaConverter &converter,
                                         tosa::DepthwiseConv2DOp op) {
  // [KH, KW, C, M] and [1, KH, KW, C*M] are the same bytes.
  ArrayRef<int64_t> shape =
      cast<ShapedType>(op.getWeight().getType()).getShape();
  int64_t channels = shape[2] * shape[3];
  FailureOr<ConvOperands> operands = getConvOperands(converter, op, channels);
  if (failed(operands))
    return failure();
  FailureOr<Value> filter = converter.reshape(
      operands->filter, {1, shape[0], shape[1], channels}, "");
  if (failed(filter))
    return failure();
  return converter.create<DepthwiseConv2DOp>(
      "", operands->list(*filter),
      getWindow(converter, op.getStride(), op.getPad(), op.getDilation()));
}

static FailureOr<Value> convertTransposeConv2D(TosaConverter &converter,
                                               tosa::TransposeConv2DOp op) {
  int64_t channels = cast<ShapedType>(op.getWeight().getType()).getDimSize(0);
  FailureOr<ConvOperands> operands = getConvOperands(converter, op, channels);
  if (failed(operands))
    return failure();
  // out_pad is [top, bottom, left, right]: rows and columns that are added, or
  // cut off where it is negative.
  ArrayRef<int64_t> added = op.getOutPad();
  if (added[0] > 0 || added[2] > 0)
    return converter.refuse("expected nothing added at the top and the left, "
                            "got out_pad " +
                            Twine(added[0]) + " and " + Twine(added[2]));
  SmallVector<int64_t> pads;
  for (int64_t size : added)
    pads.push_back(std::max<int64_t>(-size, 0));
  SmallVector<NamedAttribute> attributes =
      getWindow(converter, op.getStride(), pads);
  attributes.push_back(converter.named(
      "output_padding", ArrayRef<int64_t>{std::max<int64_t>(added[1], 0),
                                          std::max<int64_t>(added[3], 0)}));
  return converter.create<TransposeConv2DOp>(
      "", operands->list(operands->filter), attributes);
}

//===----------------------------------------------------------------------===//
// Products of matrices
//===----------------------------------------------------------------------===//

static FailureOr<Value> convertMatMul(TosaConverter &converter,
                                      tosa::MatMulOp op) {
  if (failed(converter.expectFloats({op.getA(), op.getB()})) ||
      failed(converter.expectZero(op.getAZp(), "a zero point")) ||
      failed(converter.expectZero(op.getBZp(), "a zero point")))
    return failure();
  Value lhs = converter.get(op.getA()), rhs = converter.get(op.getB());
  ArrayRef<int64_t> shape = TosaConverter::getShape(rhs);
  auto constant = rhs.getDefiningOp<ConstantOp>();
  if (!constant || shape[0] != 1)
    return converter.create<MatmulOp>("", {lhs, rhs});
  // A linear layer, whose weight is [OC, IC].
  OpBuilder &builder = converter.getBuilder();
  auto type = RankedTensorType::get({shape[2], shape[1]}, builder.getF32Type());
  Value weight =
      permuteConstant(builder, constant.getLoc(), constant.getValue(),
                      shape.drop_front(), {1, 0}, type);
  return converter.create<LinearOp>("", {lhs, weight});
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

template <typename TosaOpT>
static SmallVector<NamedAttribute> getPool(TosaConverter &converter,
                                           TosaOpT op) {
  SmallVector<NamedAttribute> attributes =
      getWindow(converter, op.getStride(), op.getPad());
  attributes.push_back(converter.named("kernel", op.getKernel()));
  return attributes;
}

static FailureOr<Value> convertMaxPool2D(TosaConverter &converter,
                                         tosa::MaxPool2dOp op) {
  if (failed(converter.expectFloats(op.getInput())) ||
      failed(converter.expectLeadingBatch(op.getInput())))
    return failure();
  return converter.create<MaxPool2DOp>("", converter.get(op.getInput()),
                                       getPool(converter, op));
}

static FailureOr<Value> convertAvgPool2D(TosaConverter &converter,
                                         tosa::AvgPool2dOp op) {
  if (failed(converter.expectFloats(op.getInput())) ||
      failed(converter.expectLeadingBatch(op.getInput())) ||
      failed(converter.expectZero(op.getInputZp(), "an input zero point")) ||
      failed(converter.expectZero(op.getOutputZp(), "an output zero point")))
    return failure();
  Value input = converter.get(op.getInput());
  bool isWhole =
      TosaConverter::getShape(input).slice(1, 2) == op.getKernel() &&
      llvm::all_of(op.getPad(), [](int64_t pad) { return pad == 0; });
  if (!isWhole)
    return converter.create<AvgPool2DOp>("", input, getPool(converter, op));
  return converter.create<ReduceOp>(
      "", input,
      {converter.named("kind",
                       ReduceKindAttr::get(op.getContext(), ReduceKind::Mean)),
       converter.named("axes", ArrayRef<int64_t>{1, 2}),
       converter.flag("keep_dims")});
}

void mlir::npir::addLayerForms(TosaForms &forms) {
  forms.add(convertConv2D);
  forms.add(convertDepthwise);
  forms.add(convertTransposeConv2D);
  forms.add(convertMatMul);
  forms.add(convertMaxPool2D);
  forms.add(convertAvgPool2D);
}
