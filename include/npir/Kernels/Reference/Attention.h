// This file declares the reference kernels of attention in float: the product
// of two activations, and softmax.
#ifndef NPIR_KERNELS_REFERENCE_ATTENTION_H
#define NPIR_KERNELS_REFERENCE_ATTENTION_H

#include "npir/Kernels/TensorRef.h"

namespace npir_kernels::reference {

/// lhs [...,M,K], rhs [...,K,N] or, with `transposeRhs`, [...,N,K], output
/// [...,M,N]; the leading dimensions broadcast as numpy's do. Products are
/// added up in double and rounded to f32 once: as for `conv2d`, a yardstick
/// and no claim of bit equality.
void matmul(TensorRef<const float> lhs, TensorRef<const float> rhs,
            bool transposeRhs, TensorRef<float> output);

/// `exp(x - max) / sum(exp(x - max))` along the last dimension, in double and
/// rounded to f32 once. No claim of bit equality, either.
void softmax(TensorRef<const float> input, TensorRef<float> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_ATTENTION_H
