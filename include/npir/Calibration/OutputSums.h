// This file declares how far a network's outputs are from those of its float
// form, and how sure one can be that they are nearer than another's.
#ifndef NPIR_CALIBRATION_OUTPUTSUMS_H
#define NPIR_CALIBRATION_OUTPUTSUMS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <vector>

namespace mlir::npir {

/// Sums of squares over the values of each output, sample by sample.
class OutputSums {
public:
  /// The values of `output` for the next `samples` samples, of which each has
  /// its equal share; where they cannot be shared out, all are the first one's.
  void add(size_t output, size_t samples, ArrayRef<float> reference,
           ArrayRef<float> actual);

  /// In dB: the mean, over outputs, of noise / signal, so that each output
  /// counts alike. Infinity without outputs of real numbers, minus infinity
  /// where a value is no number.
  double getSQNR() const;

  /// The standard error, in dB, of how far this SQNR is from that of `rhs`,
  /// over the same samples: by the jackknife, which leaves out one sample after
  /// the other. 0 with fewer than two samples, and where an SQNR is infinite.
  double getDeviation(const OutputSums &rhs) const;

private:
  struct Sums {
    double signal = 0.0, noise = 0.0;
  };
  struct Output {
    Sums all;
    std::vector<Sums> samples;
  };

  /// Of all samples but `left`; of all where there is no such sample.
  double getSQNRWithout(size_t left) const;

  SmallVector<Output> outputs;
};

} // namespace mlir::npir

#endif // NPIR_CALIBRATION_OUTPUTSUMS_H
