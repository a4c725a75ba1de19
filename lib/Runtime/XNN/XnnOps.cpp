// This file holds the table of ops inside an XNNPACK segment.
#include "XnnOps.h"

#include <limits>

namespace npir_rt {

static const XnnOpDef opTable[] = {
    {"xnn.convolution_2d", verifyConvolution2D, defineConvolution2D,
     isStoredFilter},
    {"xnn.depthwise_convolution_2d", verifyDepthwiseConvolution2D,
     defineDepthwiseConvolution2D, isStoredFilter},
    {"xnn.deconvolution_2d", verifyDeconvolution2D, defineDeconvolution2D,
     isStoredFilter},
    {"xnn.fully_connected", verifyFullyConnected, defineFullyConnected},
    {"xnn.hybrid_fully_connected", verifyHybridFullyConnected,
     defineHybridFullyConnected, isConstantOfHybrid},
    {"xnn.batch_matrix_multiply", verifyBatchMatrixMultiply,
     defineBatchMatrixMultiply},
    {"xnn.softmax", verifySoftmax, defineSoftmax},
    {"xnn.unary", verifyUnary, defineUnary},
    {"xnn.binary", verifyBinary, defineBinary},
    {"xnn.max_pooling_2d", verifyMaxPooling2D, defineMaxPooling2D},
    {"xnn.static_resize_bilinear_2d", verifyStaticResizeBilinear2D,
     defineStaticResizeBilinear2D},
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

} // namespace npir_rt
