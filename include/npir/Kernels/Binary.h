// This file declares the functions of two real numbers.
#ifndef NPIR_KERNELS_BINARY_H
#define NPIR_KERNELS_BINARY_H

namespace npir_kernels {

/// One f32 operation each.
enum class BinaryKind { Add, Subtract, Multiply, Divide };

} // namespace npir_kernels

#endif // NPIR_KERNELS_BINARY_H
