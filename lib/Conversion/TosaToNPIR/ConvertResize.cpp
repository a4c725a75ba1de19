// This file implements the form of resize: npir.resize where it finds the same
// elements, rows and columns by their indices where it does not.
#include "Converter.h"
#include "npir/Kernels/Resize.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::ResizeAxis;

namespace {
/// One dimension of a resize in TOSA: element i of the result stands for the
/// point (i * denominator + offset) / numerator of the operand.
struct TosaAxis {
  int64_t inputSize, outputSize, numerator, denominator, offset;

  int64_t getPoint(int64_t i) const { return i * denominator + offset; }
  int64_t clamp(int64_t index) const {
    return std::clamp<int64_t>(index, 0, inputSize - 1);
  }
  /// For each element the nearest one, of two the later.
  SmallVector<int64_t> getNearest() const {
    SmallVector<int64_t> indices;
    for (int64_t i = 0; i < outputSize; ++i)
      indices.push_back(clamp(
          llvm::divideFloorSigned(2 * getPoint(i) + numerator, 2 * numerator)));
    return indices;
  }
  /// The same points as npir has them.
  ResizeAxis getAxis(npir_kernels::ResizeCoordinates coordinates) const {
    ResizeAxis axis;
    axis.inputSize = inputSize;
    axis.outputSize = outputSize;
    axis.coordinates = coordinates;
    axis.scale =
        static_cast<float>(numerator) / static_cast<float>(denominator);
    return axis;
  }
};

/// Coordinates of npir, in the order in which they are tried.
struct Coordinates {
  ResizeCoordinates coordinates;
  npir_kernels::ResizeCoordinates kernel;
};
constexpr Coordinates kCoordinates[] = {
    {ResizeCoordinates::HalfPixel, npir_kernels::ResizeCoordinates::HalfPixel},
    {ResizeCoordinates::Asymmetric,
     npir_kernels::ResizeCoordinates::Asymmetric},
    {ResizeCoordinates::AlignCorners,
     npir_kernels::ResizeCoordinates::AlignCorners}};
} // namespace

/// Whether npir finds the nearest elements that TOSA does.
static bool findsNearest(const TosaAxis &axis,
                         npir_kernels::ResizeCoordinates coordinates) {
  std::vector<int64_t> found = nearestIndices(
      axis.getAxis(coordinates), npir_kernels::ResizeRounding::RoundPreferCeil);
  return ArrayRef(found) == ArrayRef(axis.getNearest());
}

/// Whether npir interpolates at the points that TOSA does, but for the rounding
/// of numbers in f32.
static bool findsPoints(const TosaAxis &axis,
                        npir_kernels::ResizeCoordinates coordinates) {
  std::vector<npir_kernels::ResizeTap> taps =
      bilinearTaps(axis.getAxis(coordinates));
  for (auto [i, tap] : llvm::enumerate(taps)) {
    double point = static_cast<double>(axis.getPoint(i)) /
                   static_cast<double>(axis.numerator);
    point = std::clamp(point, 0.0, static_cast<double>(axis.inputSize - 1));
    double found = static_cast<double>(tap.low) + tap.fraction;
    if (std::abs(found - point) > 1e-6 * static_cast<double>(axis.inputSize))
      return false;
  }
  return true;
}

/// The rows of `axes[0]`, then the columns of `axes[1]`.
static FailureOr<Value> gatherNearest(TosaConverter &converter, Value input,
                                      ArrayRef<TosaAxis> axes) {
  constexpr StringLiteral names[] = {".rows", ".columns"};
  FailureOr<Value> value = input;
  for (int64_t i : {0, 1}) {
    SmallVector<int64_t> nearest = axes[i].getNearest();
    SmallVector<int32_t> indices(nearest.begin(), nearest.end());
    Value order =
        converter.createIndices(indices, (names[i] + ".indices").str());
    value = converter.create<GatherOp>(i == 1 ? "" : names[i], {*value, order},
                                       converter.named("axis", i + 1));
    if (failed(value))
      return failure();
  }
  return value;
}

static FailureOr<Value> convertResize(TosaConverter &converter,
                                      tosa::ResizeOp op) {
  if (failed(converter.expectFloats(op.getInput())) ||
      failed(converter.expectLeadingBatch(op.getInput())))
    return failure();
  FailureOr<SmallVector<int64_t>> scale =
      converter.getNumbers(op.getScale(), "a scale");
  FailureOr<SmallVector<int64_t>> offset =
      converter.getNumbers(op.getOffset(), "an offset");
  RankedTensorType type = converter.getResultType(op);
  if (failed(scale) || failed(offset) || !type)
    return failure();
  Value input = converter.get(op.getInput());
  ArrayRef<int64_t> from = TosaConverter::getShape(input);
  TosaAxis axes[2];
  for (int i : {0, 1})
    axes[i] = {from[i + 1], type.getDimSize(i + 1), (*scale)[2 * i],
               (*scale)[2 * i + 1], (*offset)[i]};
  bool isNearest = op.getMode() == tosa::ResizeMode::NEAREST_NEIGHBOR;
  for (const Coordinates &way : kCoordinates) {
    if (!llvm::all_of(axes, [&](const TosaAxis &axis) {
          return isNearest ? findsNearest(axis, way.kernel)
                           : findsPoints(axis, way.kernel);
        }))
      continue;
    MLIRContext *context = op.getContext();
    SmallVector<NamedAttribute> attributes{
        converter.named("mode", ResizeModeAttr::get(
                                    context, isNearest ? ResizeMode::Nearest
                                                       : ResizeMode::Bilinear)),
        converter.named(
            "sizes", ArrayRef<int64_t>{axes[0].outputSize, axes[1].outputSize}),
        converter.named("coordinates",
                        ResizeCoordinatesAttr::get(context, way.coordinates))};
    if (isNearest)
      attributes.push_back(converter.named(
          "rounding",
          ResizeRoundingAttr::get(context, ResizeRounding::RoundPreferCeil)));
    // Sizes say the scale where they are its multiples.
    auto isImplied = [](const TosaAxis &axis) {
      return axis.outputSize * axis.denominator ==
             axis.inputSize * axis.numerator;
    };
    if (!llvm::all_of(axes, isImplied) &&
        way.coordinates != ResizeCoordinates::AlignCorners)
      attributes.push_back(
          converter.named("scales", converter.getBuilder().getDenseF32ArrayAttr(
                                        {axes[0].getAxis(way.kernel).scale,
                                         axes[1].getAxis(way.kernel).scale})));
    return converter.create<ResizeOp>("", input, attributes);
  }
  if (isNearest)
    return gatherNearest(converter, input, axes);
  return converter.refuse(
      "npir interpolates at half_pixel, asymmetric or align_corners "
      "coordinates, got scale [" +
      Twine((*scale)[0]) + ", " + Twine((*scale)[1]) + ", " +
      Twine((*scale)[2]) + ", " + Twine((*scale)[3]) + "] and offset [" +
      Twine((*offset)[0]) + ", " + Twine((*offset)[1]) + "]");
}

void mlir::npir::addResizeForm(TosaForms &forms) { forms.add(convertResize); }
