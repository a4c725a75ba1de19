// This file registers what pads and rearranges elements of any type.
#include "NpirKernels.h"
#include "npir/Kernels/Fast/Moves.h"
#include "npir/Kernels/Pad.h"
#include "npir/Kernels/Requantize.h"

#include <cstring>

namespace npir_rt {
namespace {

namespace fast = npir_kernels::fast;
using npir_kernels::PadMode;

/// One input and one result of one type, with one scale at most.
bool verifyMove(OpChecker &checker) {
  return checker.operandCounts(1, 1) &&
         checker.expect(!checker.input(0).quantization.isPerAxis(),
                        "expected at most one scale for the whole tensor") &&
         checker.expectSameType(checker.input(0), checker.output());
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

PadMode readMode(OpChecker &checker) {
  const std::string name = checker.getString("mode");
  if (name == "edge")
    return PadMode::Edge;
  if (name == "reflect")
    return PadMode::Reflect;
  checker.expect(name == "constant",
                 "attribute 'mode': unknown '" + name + "'");
  return PadMode::Constant;
}

/// The padding's value as the tensor stores it.
std::vector<uint8_t> readValue(OpChecker &checker) {
  const TensorInfo &tensor = checker.output();
  const float value = checker.getFloat("value", 0);
  const StoredBounds bounds = readRequantBounds(checker);
  std::vector<uint8_t> bytes(elementSize(tensor.type));
  if (tensor.type == ElementType::F32) {
    std::memcpy(bytes.data(), &value, sizeof(value));
    return bytes;
  }
  const Quantization &quant = tensor.quantization;
  const int64_t stored =
      quant.empty() ? int64_t(value)
                    : npir_kernels::quantizeValue(
                          value, 1.0f / quant.scales[0], quant.zeroPoints[0],
                          int32_t(bounds.min), int32_t(bounds.max));
  std::memcpy(bytes.data(), &stored, bytes.size());
  return bytes;
}

class Pad final : public OneInputKernel {
public:
  Pad(const KernelContext &context, PadMode mode, std::vector<int64_t> before,
      std::vector<uint8_t> value)
      : OneInputKernel(context), mode(mode), before(std::move(before)),
        value(std::move(value)) {}
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override {
    const Shape &from = inputs[0].shape, &to = outputs[0].shape;
    // Dimensions behind the last one that grows move as blocks.
    size_t rank = from.size();
    while (rank > 1 && from[rank - 1] == to[rank - 1])
      --rank;
    padding = {};
    padding.blockBytes = value.size();
    for (size_t i = rank; i < from.size(); ++i)
      padding.blockBytes *= size_t(from[i]);
    for (size_t i = 0; i < padding.blockBytes; ++i)
      padding.block.push_back(value[i % value.size()]);
    for (size_t i = 0; i < rank; ++i) {
      padding.inputShape.push_back(from[i]);
      padding.indices.push_back(npir_kernels::padIndices(
          mode, from[i], before[i], to[i] - from[i] - before[i]));
    }
    // One element.
    if (rank == 0) {
      padding.inputShape = {1};
      padding.indices = {{0}};
    }
    return OneInputKernel::bind(inputs, outputs);
  }
  Status run() override {
    const size_t rows = padding.countRows();
    const size_t rowElements = size_t(output.elements()) / rows;
    parallelFor(threads, rows, std::max<size_t>(1, elementGrain / rowElements),
                [this](size_t begin, size_t end) {
                  fast::pad(padding, input.data, output.data, begin, end);
                });
    return Status::success();
  }

private:
  const PadMode mode;
  const std::vector<int64_t> before;
  const std::vector<uint8_t> value;
  fast::Padding padding;
};

Status verifyPad(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!verifyMove(checker))
    return checker.status();
  const PadMode mode = readMode(checker);
  readValue(checker);
  Shape shape = checker.inputShape(0);
  const std::vector<int64_t> begin = checker.getIntList("pads_begin");
  const std::vector<int64_t> end = checker.getIntList("pads_end");
  if (!checker.expect(begin.size() == shape.size() &&
                          end.size() == shape.size(),
                      "expected padding for each dimension"))
    return checker.status();
  constexpr int64_t limit = int64_t(1) << 31;
  for (size_t i = 0; i < shape.size(); ++i) {
    const bool isFree = i == 0 && checker.input(0).isBatched();
    if (!checker.expect(begin[i] >= 0 && end[i] >= 0 && begin[i] < limit &&
                            end[i] < limit,
                        "expected padding of 0 to 2^31") ||
        !checker.expect(!isFree || (begin[i] == 0 && end[i] == 0),
                        "cannot pad a free batch") ||
        !checker.expect(mode != PadMode::Reflect ||
                            (begin[i] < shape[i] && end[i] < shape[i]),
                        "expected fewer mirrored elements than dimension " +
                            std::to_string(i) + " has"))
      return checker.status();
    shape[i] += begin[i] + end[i];
  }
  checker.expectOutputShape(shape);
  return checker.status();
}

Expected<std::unique_ptr<Kernel>> createPad(const KernelContext &context,
                                            const Op &op) {
  OpChecker checker({context.program.tensors(), 1}, op);
  const PadMode mode = readMode(checker);
  return std::unique_ptr<Kernel>(new Pad(
      context, mode, checker.getIntList("pads_begin"), readValue(checker)));
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

class MoveBlocks final : public OneInputKernel {
public:
  MoveBlocks(const KernelContext &context, int64_t block, bool toDepth)
      : OneInputKernel(context), block(block), toDepth(toDepth) {}
  Status run() override {
    const Shape &plain = toDepth ? input.shape : output.shape;
    const fast::Blocks blocks = {plain[1], plain[2], block,
                                 size_t(plain[3]) * elementSize(input.type)};
    parallelFor(threads, size_t(plain[0] * plain[1]), 1,
                [&](size_t begin, size_t end) {
                  fast::moveBlocks(blocks, toDepth, input.data, output.data,
                                   begin, end);
                });
    return Status::success();
  }

private:
  const int64_t block;
  const bool toDepth;
};

int64_t readBlock(OpChecker &checker) {
  return checker.getInt("block", 1, 1, 1 << 16);
}

template <bool toDepth>
Status verifyBlocks(const VerifyContext &context, const Op &op) {
  OpChecker checker(context, op);
  if (!verifyMove(checker) ||
      !checker.expect(checker.input(0).shape.size() == 4, "expected rank 4"))
    return checker.status();
  const int64_t block = readBlock(checker);
  Shape shape = checker.inputShape(0);
  const bool fits = toDepth ? shape[1] % block == 0 && shape[2] % block == 0
                            : shape[3] % (block * block) == 0;
  if (!checker.expect(fits, "blocks of " + std::to_string(block) +
                                " do not fit " + toString(shape)))
    return checker.status();
  for (size_t i : {1, 2})
    shape[i] = toDepth ? shape[i] / block : shape[i] * block;
  shape[3] = toDepth ? shape[3] * block * block : shape[3] / (block * block);
  checker.expectOutputShape(shape);
  return checker.status();
}

template <bool toDepth>
Expected<std::unique_ptr<Kernel>> createBlocks(const KernelContext &context,
                                               const Op &op) {
  OpChecker checker({context.program.tensors(), 1}, op);
  return std::unique_ptr<Kernel>(
      new MoveBlocks(context, readBlock(checker), toDepth));
}

} // namespace

void addNpirMoves(KernelRegistry &registry) {
  addKernel(registry, "npir.pad", verifyPad, createPad);
  addKernel(registry, "npir.depth_to_space", verifyBlocks<false>,
            createBlocks<false>);
  addKernel(registry, "npir.space_to_depth", verifyBlocks<true>,
            createBlocks<true>);
}

} // namespace npir_rt
