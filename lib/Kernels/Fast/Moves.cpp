// This file implements fast kernels that move elements as bytes, as many at
// once as lie side by side.
#include "npir/Kernels/Fast/Moves.h"

#include <cstring>

namespace npir_kernels::fast {

size_t Padding::countRows() const {
  size_t rows = 1;
  for (size_t i = 0; i + 1 < indices.size(); ++i)
    rows *= indices[i].size();
  return rows;
}

/// The index of the operand's row for the result's; -1 for none.
static int64_t findRow(const Padding &padding, size_t row) {
  int64_t source = 0, stride = 1;
  for (size_t i = padding.indices.size() - 1; i-- > 0;) {
    const std::vector<int64_t> &indices = padding.indices[i];
    const int64_t index = indices[row % indices.size()];
    if (index < 0)
      return -1;
    source += index * stride;
    stride *= padding.inputShape[i];
    row /= indices.size();
  }
  return source;
}

void pad(const Padding &padding, const void *input, void *output, size_t begin,
         size_t end) {
  const std::vector<int64_t> &columns = padding.indices.back();
  const size_t bytes = padding.blockBytes;
  const size_t inputRow = size_t(padding.inputShape.back()) * bytes;
  auto *target =
      static_cast<uint8_t *>(output) + begin * columns.size() * bytes;
  for (size_t row = begin; row < end; ++row) {
    const int64_t found = findRow(padding, row);
    const uint8_t *source = static_cast<const uint8_t *>(input) +
                            (found < 0 ? 0 : size_t(found) * inputRow);
    for (size_t x = 0; x < columns.size();) {
      // Neighbours that stay neighbours move together.
      size_t run = 1;
      const bool isInside = found >= 0 && columns[x] >= 0;
      while (isInside && x + run < columns.size() &&
             columns[x + run] == columns[x] + int64_t(run))
        ++run;
      std::memcpy(target,
                  isInside ? source + size_t(columns[x]) * bytes
                           : padding.block.data(),
                  run * bytes);
      target += run * bytes;
      x += run;
    }
  }
}

void gatherPixels(const PixelGather &gather, const void *input, void *output,
                  size_t begin, size_t end) {
  const size_t bytes = gather.pixelBytes;
  auto *target =
      static_cast<uint8_t *>(output) + begin * gather.columns.size() * bytes;
  for (size_t row = begin; row < end; ++row) {
    const size_t image = row / gather.rows.size();
    const size_t sourceRow = image * size_t(gather.inputH) +
                             size_t(gather.rows[row % gather.rows.size()]);
    const uint8_t *source = static_cast<const uint8_t *>(input) +
                            sourceRow * size_t(gather.inputW) * bytes;
    for (int64_t column : gather.columns) {
      std::memcpy(target, source + size_t(column) * bytes, bytes);
      target += bytes;
    }
  }
}

void moveBlocks(const Blocks &blocks, bool toDepth, const void *input,
                void *output, size_t begin, size_t end) {
  const auto block = size_t(blocks.block);
  const size_t rowBytes = size_t(blocks.width) * blocks.pixelBytes;
  // One row of a block, and the whole block.
  const size_t partBytes = block * blocks.pixelBytes;
  const size_t blockBytes = block * partBytes;
  for (size_t row = begin; row < end; ++row) {
    // Images hold whole rows of blocks.
    const size_t plain = row * rowBytes;
    const size_t packed =
        row / block * block * rowBytes + row % block * partBytes;
    for (size_t x = 0; x < size_t(blocks.width) / block; ++x) {
      const size_t from = plain + x * partBytes, to = packed + x * blockBytes;
      std::memcpy(static_cast<uint8_t *>(output) + (toDepth ? to : from),
                  static_cast<const uint8_t *>(input) + (toDepth ? from : to),
                  partBytes);
    }
  }
}

} // namespace npir_kernels::fast
