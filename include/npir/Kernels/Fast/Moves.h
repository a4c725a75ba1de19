// This file declares fast kernels that move elements as bytes; the runtime
// calls them.
#ifndef NPIR_KERNELS_FAST_MOVES_H
#define NPIR_KERNELS_FAST_MOVES_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace npir_kernels::fast {

/// A padded tensor. Its rows are what the indices of all dimensions but the
/// last padded one have in common.
struct Padding {
  /// Of the dimensions up to the last padded one: the index of the operand's
  /// element for each index of the result's, -1 for the value.
  std::vector<std::vector<int64_t>> indices;
  /// Sizes of the same dimensions of the operand.
  std::vector<int64_t> inputShape;
  /// Bytes of all dimensions behind them.
  size_t blockBytes = 0;
  /// A block of the value.
  std::vector<uint8_t> block;

  size_t countRows() const;
};

/// Writes the rows [begin, end).
void pad(const Padding &padding, const void *input, void *output, size_t begin,
         size_t end);

/// NHWC images made of the pixels of others: row `rows[y]`, column
/// `columns[x]`.
struct PixelGather {
  int64_t inputH = 0, inputW = 0;
  std::vector<int64_t> rows, columns;
  size_t pixelBytes = 0;
};

/// Writes the rows [begin, end) of all images, `image * rows.size() + y`.
void gatherPixels(const PixelGather &gather, const void *input, void *output,
                  size_t begin, size_t end);

/// Images of `height` x `width` pixels of `pixelBytes` each, and the same with
/// blocks of `block` x `block` pixels as one. `height` and `width` are
/// multiples of `block`.
struct Blocks {
  int64_t height = 0, width = 0, block = 1;
  size_t pixelBytes = 0;
};

/// Moves the rows [begin, end) of all plain images, `image * height + y`, out
/// of blocks or (`toDepth`) into them.
void moveBlocks(const Blocks &blocks, bool toDepth, const void *input,
                void *output, size_t begin, size_t end);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_MOVES_H
