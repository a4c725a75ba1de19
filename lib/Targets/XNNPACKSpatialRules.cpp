// This file implements the rules of XNNPACK's table about windows, images and
// reductions.
#include "XNNPACKRules.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Kernels/PoolLegality.h"
#include "npir/Kernels/Requantize.h"
#include "npir/Kernels/Resize.h"

using namespace mlir;
using namespace mlir::npir;

std::string mlir::npir::findReduceKindProblem(Operation *op, const OpTypes &) {
  ReduceKind kind = cast<ReduceOp>(op).getKind();
  if (kind == ReduceKind::Mean || kind == ReduceKind::Sum)
    return {};
  return Text() << "expected a mean or a sum, got a "
                << stringifyReduceKind(kind);
}

std::string mlir::npir::findReduceProblem(Operation *op, const OpTypes &types) {
  if (!isInteger(types))
    return {};
  auto reduce = cast<ReduceOp>(op);
  if (reduce.getKind() == ReduceKind::Max ||
      reduce.getKind() == ReduceKind::Min)
    return {};
  if (reduce.getKind() != ReduceKind::Mean)
    return Text() << "expected a mean, max or min, got a "
                  << stringifyReduceKind(reduce.getKind());
  auto input = cast<RankedTensorType>(types.operands.front());
  int64_t count = 1;
  for (int64_t axis : reduce.getAxes())
    count *= input.getDimSize(axis);
  if (!npir_kernels::isLegalReduction(count))
    return Text() << "expected 1 to " << npir_kernels::kMaxReducedElements
                  << " elements in one mean, got " << count;
  float multiplier = npir_kernels::meanMultiplier(
      getScales(getQuantizedElementType(input))[0],
      getScales(getQuantizedElementType(types.results.front()))[0], count);
  if (!npir_kernels::isLegalReduceMultiplier(multiplier))
    return Text() << "expected input scale / (output scale * elements) to be "
                     "a normal number, got "
                  << multiplier;
  return {};
}

std::string mlir::npir::findPoolProblem(Operation *op, const OpTypes &types) {
  auto pool = cast<MaxPool2DOp>(op);
  auto input = cast<RankedTensorType>(types.operands.front());
  auto pads = pool.getPads();
  const char *problem = npir_kernels::findMaxPoolProblem(
      {input.getDimSize(1), input.getDimSize(2)},
      {pool.getKernel()[0], pool.getKernel()[1]},
      {pool.getStrides()[0], pool.getStrides()[1]},
      {pads[0], pads[1], pads[2], pads[3]},
      {pool.getDilations()[0], pool.getDilations()[1]});
  return problem ? problem : "";
}

std::string mlir::npir::findDeconvolutionProblem(Operation *op,
                                                 const OpTypes &types) {
  auto conv = cast<TransposeConv2DOp>(op);
  auto input = cast<RankedTensorType>(types.operands[0]);
  auto filter = cast<RankedTensorType>(types.operands[1]);
  ArrayRef<int64_t> pads = conv.getPads(), strides = conv.getStrides();
  ArrayRef<int64_t> dilations = conv.getDilations();
  // Only what is left of the output padding is XNNPACK's adjustment.
  auto adjust = [&](int i) {
    return std::max<int64_t>(conv.getOutputPadding()[i] - pads[2 * i + 1], 0);
  };
  auto cut = [&](int i) {
    return std::max<int64_t>(pads[2 * i + 1] - conv.getOutputPadding()[i], 0);
  };
  const char *problem =
      npir_kernels::inferDeconvolution(
          {input.getDimSize(1), input.getDimSize(2)},
          {filter.getDimSize(1), filter.getDimSize(2)},
          {strides[0], strides[1]}, {pads[0], cut(0), pads[2], cut(1)},
          {adjust(0), adjust(1)}, {dilations[0], dilations[1]})
          .problem;
  return problem ? problem : "";
}

std::string mlir::npir::findResizeProblem(Operation *op, const OpTypes &types) {
  auto resize = cast<ResizeOp>(op);
  if (resize.getMode() != ResizeMode::Bilinear)
    return "expected interpolation, got the nearest element";
  auto input = cast<RankedTensorType>(types.operands.front());
  for (int i = 0; i < 2; ++i) {
    npir_kernels::ResizeAxis axis;
    axis.inputSize = input.getDimSize(i + 1);
    axis.outputSize = resize.getSizes()[i];
    axis.scale = resize.getScales() ? (*resize.getScales())[i] : 0.0f;
    if (resize.getCoordinates() == ResizeCoordinates::AlignCorners)
      axis.coordinates = npir_kernels::ResizeCoordinates::AlignCorners;
    if (!npir_kernels::hasScaleOfSizes(axis))
      return Text() << "expected the ratio of the sizes as scale, got "
                    << axis.scale;
    constexpr int64_t limit = int64_t(1) << 24;
    if (axis.inputSize >= limit || axis.outputSize >= limit)
      return "expected height and width below 2^24";
  }
  return {};
}

std::string mlir::npir::findWindowMeanProblem(Operation *op,
                                              const OpTypes &types) {
  if (!isInteger(types))
    return {};
  auto pool = cast<AvgPool2DOp>(op);
  int64_t elements = pool.getKernel()[0] * pool.getKernel()[1];
  if (!npir_kernels::isLegalWindowMean(elements))
    return Text() << "expected at most " << npir_kernels::kMaxAveragedElements
                  << " elements in one window, got " << elements;
  // The others are between these two.
  for (int64_t count : {int64_t(1), elements}) {
    float multiplier = npir_kernels::meanMultiplier(
        getScales(getQuantizedElementType(types.operands.front()))[0],
        getScales(getQuantizedElementType(types.results.front()))[0], count);
    if (!npir_kernels::isLegalReduceMultiplier(multiplier))
      return Text() << "expected input scale / (output scale * elements) to be "
                       "a normal number, got "
                    << multiplier;
  }
  return {};
}
