// This file declares what measures the rounding of one tensor. Private to this
// library.
#ifndef NPIR_LIB_EXECUTION_TENSORPROFILER_H
#define NPIR_LIB_EXECUTION_TENSORPROFILER_H

#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Observers/Histogram.h"
#include "npir/Observers/TensorStatistics.h"
#include "npir/Report/QuantizationProfile.h"

namespace mlir::npir {

/// Takes the float values of a tensor, in any number of parts, and rounds them
/// to a quantized type.
class TensorProfiler {
public:
  TensorProfiler(StringRef id, quant::QuantizedType type);

  /// How a tensor's integers come to be.
  enum class Rounding {
    /// As npir.quantize computes: `x * (1 / scale)` in f32.
    Computed,
    /// As constants are stored: `x / scale` in double.
    Stored
  };

  /// Add the elements of a tensor of shape `shape`, which differs in nothing
  /// but the batch from call to call. One pass, linear time.
  void add(ArrayRef<float> values, ArrayRef<int64_t> shape, Rounding rounding);
  /// Add what the whole network makes of the values that were added last.
  void addCumulative(ArrayRef<float> values, ArrayRef<float> actual) {
    profile.cumulative.add(values, actual);
  }
  /// A constant has no layers above.
  void setCumulativeToLocal() { profile.cumulative = profile.local; }
  void addTime(double seconds) { profile.seconds += seconds; }
  void holdBytes(uint64_t bytes) { held = std::max(held, bytes); }

  /// The profile of everything that was added.
  TensorProfile take();

private:
  /// The values of one call. Element i is of channel `i / inner % channels`.
  struct Part {
    const float *values;
    size_t channels, inner;
    Rounding rounding;
    bool areFinite;

    /// Neighbours are of different channels.
    bool isAcross() const { return channels > 1 && inner == 1; }
  };
  /// Elements [begin, end) of the part, a block at most.
  void addBlock(const Part &part, size_t begin, size_t end);
  void round(const Part &part, size_t begin, size_t end, float *rounded) const;
  uint64_t countClipped(const Part &part, size_t begin, size_t end) const;

  TensorProfile profile;
  IntegerGrid grid;
  SmallVector<QuantParams> params;
  int32_t min, max;
  /// As the kernels take them.
  std::vector<int32_t> zeroPoints;
  /// Of each channel, the real numbers beyond which a value is clipped.
  std::vector<float> lowest, highest;
  TensorStatistics statistics;
  Histogram histogram;
  uint64_t held = 0;
};

} // namespace mlir::npir

#endif // NPIR_LIB_EXECUTION_TENSORPROFILER_H
