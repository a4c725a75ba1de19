// This file declares the reference kernels of activations that are quantized at
// run time.
#ifndef NPIR_KERNELS_REFERENCE_DYNAMICLINEAR_H
#define NPIR_KERNELS_REFERENCE_DYNAMICLINEAR_H

#include "npir/Kernels/Reference/Params.h"
#include "npir/Kernels/TensorRef.h"

namespace npir_kernels::reference {

/// Every row (the last dimension) rounded to its own grid: `roundInRow`.
void dynamicQuantize(TensorRef<const float> input, TensorRef<float> output);

/// input [...,IC], weight [OC,IC], scales [OC,G] where G divides IC, bias [OC]
/// or null, output [...,OC]. A row is quantized to q with grid (s, z). As
/// XNNPACK computes it on x86:
///
/// G = 1 (qd8, qc8w and qc4w), the same on every x86 with FMA:
///   acc = sum of (q - z) * w, exact modulo 2^32
///   y = fma(float(acc) * s, scale[c], bias[c] or 0)
///
/// G > 1 (qb4w), weights of 4 bits, scales of 8 significant bits, groups of a
/// multiple of 32; in the order of XNNPACK's kernel for AVX512-VNNI. Other
/// kernels of XNNPACK add up the zero point's part otherwise, and differ from
/// this in the last bits of the larger summands.
///   k = -(sum of float(sum of 16 neighbours' w) * scale of their group)
///   y = k * float(z + 128)
///   for every group g: y = fma(float(sum of (q + 128) * 16 * w), scale/16, y)
///   y = y * s + (bias[c] or 0), each rounded
void dynamicLinear(TensorRef<const float> input, TensorRef<const int8_t> weight,
                   TensorRef<const float> scales, const float *bias,
                   FloatBounds bounds, TensorRef<float> output);

/// `float(q) * scales[oc, ic / (IC/G)]`.
void dequantizeGroups(TensorRef<const int8_t> weight,
                      TensorRef<const float> scales, TensorRef<float> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_DYNAMICLINEAR_H
