// This file registers the resizing of images.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Moves.h"
#include "npir/Kernels/Fast/Resize.h"

#include <cmath>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;
using npir_kernels::ResizeAxis;
using npir_kernels::ResizeCoordinates;
using npir_kernels::ResizeRounding;

/// The op's attributes; sizes come from the tensors.
struct ResizeNumbers {
  bool isNearest = false;
  ResizeAxis height, width;
  ResizeRounding rounding = ResizeRounding::RoundPreferFloor;
};

template <typename T>
struct Keyword {
  const char *name;
  T value;
};

template <typename T, size_t N>
T readKeyword(OpChecker &checker, const char *attribute,
              const Keyword<T> (&table)[N]) {
  const std::string name = checker.getString(attribute);
  for (const Keyword<T> &keyword : table)
    if (name == keyword.name)
      return keyword.value;
  checker.fail(std::string("attribute '") + attribute + "': unknown '" + name +
               "'");
  return table[0].value;
}

ResizeNumbers readNumbers(OpChecker &checker) {
  static const Keyword<bool> modes[] = {{"bilinear", false}, {"nearest", true}};
  static const Keyword<ResizeCoordinates> coordinates[] = {
      {"half_pixel", ResizeCoordinates::HalfPixel},
      {"asymmetric", ResizeCoordinates::Asymmetric},
      {"align_corners", ResizeCoordinates::AlignCorners}};
  static const Keyword<ResizeRounding> roundings[] = {
      {"round_prefer_floor", ResizeRounding::RoundPreferFloor},
      {"round_prefer_ceil", ResizeRounding::RoundPreferCeil},
      {"floor", ResizeRounding::Floor},
      {"ceil", ResizeRounding::Ceil}};
  ResizeNumbers numbers;
  numbers.isNearest = readKeyword(checker, "mode", modes);
  numbers.height.coordinates = numbers.width.coordinates =
      readKeyword(checker, "coordinates", coordinates);
  numbers.rounding = readKeyword(checker, "rounding", roundings);
  if (checker.hasAttribute("scales")) {
    const std::vector<float> scales = checker.getFloats("scales", 2);
    checker.expect(scales[0] > 0 && scales[1] > 0,
                   "attribute 'scales': expected positive numbers");
    numbers.height.scale = scales[0];
    numbers.width.scale = scales[1];
  }
  const Shape &input = checker.input(0).shape, &output = checker.output().shape;
  if (input.size() == 4 && output.size() == 4) {
    numbers.height.inputSize = input[1];
    numbers.width.inputSize = input[2];
    numbers.height.outputSize = output[1];
    numbers.width.outputSize = output[2];
  }
  return numbers;
}

class Nearest final : public OneInputKernel {
public:
  Nearest(const KernelContext &context, const ResizeNumbers &numbers)
      : OneInputKernel(context) {
    gather.inputH = numbers.height.inputSize;
    gather.inputW = numbers.width.inputSize;
    gather.rows =
        npir_kernels::nearestIndices(numbers.height, numbers.rounding);
    gather.columns =
        npir_kernels::nearestIndices(numbers.width, numbers.rounding);
  }
  Status run() override {
    gather.pixelBytes = size_t(input.shape[3]) * elementSize(input.type);
    parallelFor(threads, size_t(input.shape[0]) * gather.rows.size(), 1,
                [this](size_t begin, size_t end) {
                  fast::gatherPixels(gather, input.data, output.data, begin,
                                     end);
                });
    return Status::success();
  }

private:
  fast::PixelGather gather;
};

class Bilinear final : public OneInputKernel {
public:
  Bilinear(const KernelContext &context, const ResizeNumbers &numbers)
      : OneInputKernel(context) {
    plan.inputH = numbers.height.inputSize;
    plan.inputW = numbers.width.inputSize;
    plan.rows = npir_kernels::bilinearTaps(numbers.height);
    plan.columns = npir_kernels::bilinearTaps(numbers.width);
  }
  Status run() override {
    plan.channels = input.shape[3];
    parallelFor(threads, size_t(input.shape[0]) * plan.rows.size(), 1,
                [this](size_t begin, size_t end) {
                  if (input.type == ElementType::F32)
                    fast::resizeBilinearF32(plan, input.as<float>(),
                                            output.as<float>(), begin, end);
                  else
                    fast::resizeBilinearI8(plan, input.as<int8_t>(),
                                           output.as<int8_t>(), begin, end);
                });
    return Status::success();
  }

private:
  fast::Bilinear plan;
};

Status verifyResize(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!checker.operandCounts(1, 1) ||
      !checker.expectActivation(checker.input(0), 4) ||
      !checker.expectActivation(checker.output(), 4) ||
      !checker.expectSameType(checker.input(0), checker.output()))
    return checker.status();
  readNumbers(checker);
  const auto sizes = checker.getInts<2>("sizes", {0, 0}, 1, 1 << 24);
  const Shape input = checker.inputShape(0);
  checker.expectOutputShape({input[0], sizes[0], sizes[1], input[3]});
  return checker.status();
}

Expected<std::unique_ptr<Kernel>> createResize(const KernelContext &context,
                                               const Op &op) {
  OpChecker checker({context.program.tensors(), 1}, op);
  const ResizeNumbers numbers = readNumbers(checker);
  if (numbers.isNearest)
    return std::unique_ptr<Kernel>(new Nearest(context, numbers));
  return std::unique_ptr<Kernel>(new Bilinear(context, numbers));
}

} // namespace

void addNpirResize(KernelRegistry &registry) {
  addKernel(registry, "npir.resize", verifyResize, createResize);
}

} // namespace npir_rt
