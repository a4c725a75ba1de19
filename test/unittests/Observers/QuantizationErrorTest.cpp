// This file tests what statistics say of the error of a quantizer against the
// values themselves.
#include "npir/Observers/QuantizationError.h"
#include "RandomData.h"
#include "npir/Observers/Observer.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {

/// By the definition, with the quotient of `quantizeValue`.
QuantizationError computeError(llvm::ArrayRef<float> values, QuantParams params,
                               IntegerGrid grid) {
  QuantizationError error;
  for (float x : values) {
    if (!std::isfinite(x))
      continue;
    double value = std::fabs(x) < 0x1p-126f ? 0.0 : x;
    int64_t q = quantizeValue(x, params, grid);
    double back = double(q - params.zeroPoint) * double(params.scale);
    double rounded =
        std::nearbyint(value / double(params.scale)) + double(params.zeroPoint);
    ++error.count;
    error.clipped += rounded != double(q) ? 1 : 0;
    error.signal += value * value;
    error.noise += (value - back) * (value - back);
  }
  return error;
}

TEST(QuantizationError, EstimatesAreCloseToTheValues) {
  std::mt19937 random(11);
  for (Shape shape : kShapes) {
    std::vector<float> values = makeValues(shape, 300000, random);
    TensorStatistics statistics;
    statistics.record(values, {0, true});
    for (QuantFormat format :
         {QuantFormat{{8, true, false}, QuantScheme::Symmetric},
          {{8, false, false}, QuantScheme::Affine},
          {{4, true, true}, QuantScheme::Symmetric},
          {{2, true, true}, QuantScheme::Symmetric},
          {{10, true, false}, QuantScheme::Affine},
          {{12, true, false}, QuantScheme::Symmetric},
          {{16, false, false}, QuantScheme::Affine}})
      for (double share : {1.0, 0.7, 0.2}) {
        // Where most values share the first bin and are less than a step, it
        // cannot tell how much they lose.
        bool isPeaked = shape == Shape::Heavy || shape == Shape::Softmax;
        if (isPeaked && format.grid.bits > 8)
          continue;
        SCOPED_TRACE(int(shape));
        SCOPED_TRACE(format.grid.bits);
        SCOPED_TRACE(share);
        RealRange range{share * statistics.minVal, share * statistics.maxVal};
        QuantParams params =
            computeQuantParams(range, format.grid, format.scheme);
        QuantizationError exact = computeError(values, params, format.grid);
        QuantizationError got = estimateError(statistics, range, format);
        EXPECT_EQ(got.count, exact.count);
        EXPECT_NEAR(got.signal, exact.signal, 1e-3 * exact.signal);
        EXPECT_NEAR(got.noise, exact.noise, 0.01 * exact.noise);
        EXPECT_NEAR(double(got.clipped), double(exact.clipped),
                    1.0 + 0.01 * double(exact.clipped));
      }
  }
}

} // namespace
