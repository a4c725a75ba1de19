// This file declares the ops inside an XNNPACK segment: how each is checked and
// which define function it becomes.
#ifndef NPIR_LIB_RUNTIME_XNN_XNNOPS_H
#define NPIR_LIB_RUNTIME_XNN_XNNOPS_H

#include "../OpChecker.h"

#include <deque>
#include <xnnpack.h>

namespace npir_rt {

/// A subgraph under construction.
struct XnnSubgraph {
  xnn_subgraph_t graph = nullptr;
  /// Value id of each tensor index.
  std::unordered_map<uint32_t, uint32_t> values;
  /// Value ids of the forms of tensors that are quantized row by row.
  mutable std::unordered_map<uint32_t, uint32_t> dynamicValues;
  /// Constants in the form that XNNPACK wants, until it has packed them.
  mutable std::deque<std::vector<uint8_t>> memory;

  uint32_t value(uint32_t tensor) const { return values.at(tensor); }
  /// XNN_INVALID_VALUE_ID where the op has no such input.
  uint32_t input(const Op &op, size_t i) const {
    return i < op.inputs.size() ? value(op.inputs[i]) : XNN_INVALID_VALUE_ID;
  }
  uint32_t output(const Op &op) const { return value(op.outputs[0]); }
  /// Memory for `count` elements that lives until XNNPACK has packed it.
  template <typename T>
  T *allocate(size_t count) const {
    return reinterpret_cast<T *>(memory.emplace_back(count * sizeof(T)).data());
  }
};

struct XnnOpDef {
  const char *name;
  /// Every check of XNNPACK, and those it leaves to asserts that a release
  /// build does not have.
  void (*verify)(OpChecker &);
  /// Only called for ops that passed `verify`.
  xnn_status (*define)(const XnnSubgraph &, OpChecker &, const Op &);
  /// Whether `define` defines input `i` itself; null: none.
  bool (*definesInput)(OpChecker &, size_t i) = nullptr;
};

/// Null where there is none.
const XnnOpDef *findXnnOp(const std::string &name);

/// output_min and output_max; infinite where not set.
struct Bounds {
  float min, max;
};
Bounds readBounds(OpChecker &checker, const char *minName = "output_min",
                  const char *maxName = "output_max");

/// The filter (input 1) is of integers, and the input of f32: weights that
/// become f32 when the program is loaded.
bool hasStoredFilter(OpChecker &checker);
inline bool isStoredFilter(OpChecker &checker, size_t i) {
  return i == 1 && hasStoredFilter(checker);
}

// One file per family of ops; the table is in XnnOps.cpp.
void verifyConvolution2D(OpChecker &checker);
xnn_status defineConvolution2D(const XnnSubgraph &, OpChecker &, const Op &);
void verifyDepthwiseConvolution2D(OpChecker &checker);
xnn_status defineDepthwiseConvolution2D(const XnnSubgraph &, OpChecker &,
                                        const Op &);
void verifyDeconvolution2D(OpChecker &checker);
xnn_status defineDeconvolution2D(const XnnSubgraph &, OpChecker &, const Op &);
void verifyFullyConnected(OpChecker &checker);
xnn_status defineFullyConnected(const XnnSubgraph &, OpChecker &, const Op &);

inline bool isConstantOfHybrid(OpChecker &, size_t i) { return i > 0; }
void verifyHybridFullyConnected(OpChecker &checker);
xnn_status defineHybridFullyConnected(const XnnSubgraph &, OpChecker &,
                                      const Op &);

void verifyBatchMatrixMultiply(OpChecker &checker);
xnn_status defineBatchMatrixMultiply(const XnnSubgraph &, OpChecker &,
                                     const Op &);
void verifySoftmax(OpChecker &checker);
xnn_status defineSoftmax(const XnnSubgraph &, OpChecker &, const Op &);

void verifyUnary(OpChecker &checker);
xnn_status defineUnary(const XnnSubgraph &, OpChecker &, const Op &);
void verifyBinary(OpChecker &checker);
xnn_status defineBinary(const XnnSubgraph &, OpChecker &, const Op &);

void verifyMaxPooling2D(OpChecker &checker);
xnn_status defineMaxPooling2D(const XnnSubgraph &, OpChecker &, const Op &);
void verifyStaticResizeBilinear2D(OpChecker &checker);
xnn_status defineStaticResizeBilinear2D(const XnnSubgraph &, OpChecker &,
                                        const Op &);
void verifyStaticReduce(OpChecker &checker);
xnn_status defineStaticReduce(const XnnSubgraph &, OpChecker &, const Op &);
void verifyStaticReshape(OpChecker &checker);
xnn_status defineStaticReshape(const XnnSubgraph &, OpChecker &, const Op &);
void verifyStaticTranspose(OpChecker &checker);
xnn_status defineStaticTranspose(const XnnSubgraph &, OpChecker &, const Op &);
void verifyStaticSlice(OpChecker &checker);
xnn_status defineStaticSlice(const XnnSubgraph &, OpChecker &, const Op &);
void verifyConcatenate(OpChecker &checker);
xnn_status defineConcatenate(const XnnSubgraph &, OpChecker &, const Op &);
void verifyCopy(OpChecker &checker);
xnn_status defineCopy(const XnnSubgraph &, OpChecker &, const Op &);

} // namespace npir_rt

#endif // NPIR_LIB_RUNTIME_XNN_XNNOPS_H
