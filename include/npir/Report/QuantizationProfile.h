// This file declares the profile of a quantized network: what quantizing costs
// each weight and each layer's output, and the network as a whole.
#ifndef NPIR_REPORT_QUANTIZATIONPROFILE_H
#define NPIR_REPORT_QUANTIZATIONPROFILE_H

#include "npir/Report/Comparison.h"

#include <optional>

namespace mlir::npir {

/// One quantized tensor.
struct TensorProfile {
  std::string id;
  unsigned bits = 8;
  bool isSigned = true;
  /// One each, or one for each index of dimension `axis`.
  std::vector<float> scales = {};
  std::vector<int64_t> zeroPoints = {};
  int64_t axis = -1;

  /// Elements seen, and how many were not finite: those count nowhere else.
  uint64_t count = 0, nonFinite = 0;
  /// Of the finite float values; 0 where there are none.
  float min = 0, max = 0;
  /// Values more than half a step beyond the ends of the grid.
  uint64_t clipped = 0;
  /// The float values against the same ones rounded: this tensor's own rounding
  /// and clipping.
  ErrorStatistics local;
  /// The float network's values against the quantized network's, with the error
  /// of all layers above. Of a constant the local one.
  ErrorStatistics cumulative;

  /// The distribution of the float values: bin i counts those in [edges[i],
  /// edges[i + 1]), or below zero in (edges[i], edges[i + 1]]. Empty where
  /// there are none.
  std::vector<double> edges = {};
  std::vector<uint64_t> counts = {};

  /// What profiling the tensor took: seconds beside the networks' runs, and
  /// bytes held.
  double seconds = 0;
  uint64_t bytes = 0;

  /// The share of finite values that are clipped, 0 to 1.
  double getClippedShare() const;
  /// `{"statistics": {"qsnr": ..., "mse": ..., ...}, "histogram": ..., "time":
  /// ..., "memory": ...}`, and the sums that the figures come from.
  llvm::json::Value toJSON() const;
};

/// A layer: what it makes, and the weight that it reads.
struct LayerProfile {
  std::string layer;
  std::optional<TensorProfile> output, weight;
};

/// The least and the median of one figure over all layers. There is no mean:
/// that of dB says nothing.
struct QSNRSummary {
  double least = 0, median = 0;
  std::string leastLayer;
};

struct QuantizationProfile {
  /// The newest version of the file that this build reads, and the one it
  /// writes.
  static constexpr int64_t kVersion = 1;

  std::string model;
  int64_t samples = 0;
  /// In program order.
  std::vector<LayerProfile> layers;
  /// The network's outputs, by name: cumulative.
  std::vector<std::pair<std::string, ErrorStatistics>> outputs;

  /// Over the layers' `output` or `weight`, `local` or `cumulative`; nothing
  /// where no layer has one.
  std::optional<QSNRSummary>
  summarize(std::optional<TensorProfile> LayerProfile::*tensor,
            ErrorStatistics TensorProfile::*error) const;

  /// Print each layer and the summary.
  void print(llvm::raw_ostream &os) const;
  llvm::json::Value toJSON() const;
  /// What `npir-run --quantization-profile` wrote to `path`. One error names
  /// file and field where that is no profile, or of a newer version.
  static llvm::Expected<QuantizationProfile> load(llvm::StringRef path);
  /// The same for text; `name` stands for the file in errors.
  static llvm::Expected<QuantizationProfile> parse(llvm::StringRef text,
                                                   llvm::StringRef name);
};

} // namespace mlir::npir

#endif // NPIR_REPORT_QUANTIZATIONPROFILE_H
