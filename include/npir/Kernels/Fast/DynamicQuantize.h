// This file declares the fast rounding of rows to grids of their own.
#ifndef NPIR_KERNELS_FAST_DYNAMICQUANTIZE_H
#define NPIR_KERNELS_FAST_DYNAMICQUANTIZE_H

#include "npir/Kernels/Fast/InstructionSet.h"
#include <cstddef>

namespace npir_kernels::fast {

/// `rows` rows of `count` values, each rounded to its own grid: to the bit what
/// `npir_kernels::roundInRow` gives.
void dynamicQuantize(const float *input, float *output, size_t rows,
                     size_t count, InstructionSet set = bestInstructionSet());

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_DYNAMICQUANTIZE_H
