// This file declares where the elements of a padded tensor come from.
#ifndef NPIR_KERNELS_PAD_H
#define NPIR_KERNELS_PAD_H

#include <cassert>
#include <cstdint>
#include <vector>

namespace npir_kernels {

/// What stands in the padding: one value, the nearest element, or the elements
/// mirrored at the edge element, which is not repeated.
enum class PadMode { Constant, Edge, Reflect };

/// For each of the `before + size + after` indices of a padded dimension the
/// index of its element; -1 for the value. Mirrored are fewer elements than
/// there are; the nearest is there (`size` > 0).
inline std::vector<int64_t> padIndices(PadMode mode, int64_t size,
                                       int64_t before, int64_t after) {
  assert((mode != PadMode::Reflect || (before < size && after < size)) &&
         "too many elements to mirror");
  std::vector<int64_t> indices;
  for (int64_t i = -before; i < size + after; ++i) {
    if (i >= 0 && i < size)
      indices.push_back(i);
    else if (mode == PadMode::Constant)
      indices.push_back(-1);
    else if (mode == PadMode::Edge)
      indices.push_back(i < 0 ? 0 : size - 1);
    else
      indices.push_back(i < 0 ? -i : 2 * (size - 1) - i);
  }
  return indices;
}

} // namespace npir_kernels

#endif // NPIR_KERNELS_PAD_H
