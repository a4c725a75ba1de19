// This file holds the table of ops inside an XNNPACK segment.
#include "XnnOps.h"

#include <algorithm>
#include <limits>

namespace npir_rt {

static const XnnOpDef opTable[] = {
    {"xnn.convolution_2d", verifyConvolution2D, defineConvolution2D},
    {"xnn.depthwise_convolution_2d", verifyDepthwiseConvolution2D,
     defineDepthwiseConvolution2D},
    {"xnn.fully_connected", verifyFullyConnected, defineFullyConnected},
    {"xnn.batch_matrix_multiply", verifyBatchMatrixMultiply,
     defineBatchMatrixMultiply},
    {"xnn.softmax", verifySoftmax, defineSoftmax},
    {"xnn.unary", verifyUnary, defineUnary},
    {"xnn.binary", verifyBinary, defineBinary},
    {"xnn.max_pooling_2d", verifyMaxPooling2D, defineMaxPooling2D},
    {"xnn.static_reduce", verifyStaticReduce, defineStaticReduce},
    {"xnn.static_reshape", verifyStaticReshape, defineStaticReshape},
    {"xnn.static_transpose", verifyStaticTranspose, defineStaticTranspose},
    {"xnn.static_slice", verifyStaticSlice, defineStaticSlice},
    {"xnn.concatenate", verifyConcatenate, defineConcatenate},
    {"xnn.copy", verifyCopy, defineCopy},
};

const XnnOpDef *findXnnOp(const std::string &name) {
  for (const XnnOpDef &def : opTable)
    if (name == def.name)
      return &def;
  return nullptr;
}

Bounds readBounds(OpChecker &checker, const char *minName,
                  const char *maxName) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Bounds bounds{checker.getFloat(minName, -infinity),
                checker.getFloat(maxName, infinity)};
  checker.expect(bounds.min <= bounds.max, std::string("expected ") + minName +
                                               " to be at most " + maxName);
  return bounds;
}

bool broadcast(const Shape &a, const Shape &b, Shape &result) {
  const Shape &longer = a.size() >= b.size() ? a : b;
  const Shape &shorter = a.size() >= b.size() ? b : a;
  result = longer;
  const size_t offset = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    int64_t &dim = result[offset + i];
    if (dim != shorter[i] && dim != 1 && shorter[i] != 1)
      return false;
    dim = std::max(dim, shorter[i]);
  }
  return true;
}

} // namespace npir_rt
