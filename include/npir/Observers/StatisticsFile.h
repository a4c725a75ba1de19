// This file declares the statistics file `.npirstats`: what calibration saw,
// for every tensor, free of any observer's method.
#ifndef NPIR_OBSERVERS_STATISTICSFILE_H
#define NPIR_OBSERVERS_STATISTICSFILE_H

#include "npir/Observers/TensorStatistics.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::npir {

/// Global sample indices [begin, end).
struct SampleRange {
  uint64_t begin = 0;
  uint64_t end = 0;

  bool operator==(const SampleRange &other) const {
    return begin == other.begin && end == other.end;
  }
};

/// The contents of a statistics file. Equal contents give equal bytes, and
/// every float survives a round trip exactly.
struct StatisticsFile {
  /// The newest version that this build reads, and the one it writes.
  /// Version 1 had no distributions; such a file still serves observers that
  /// need none. Version 2 had no moments and no samples of rows. In version 3
  /// the moments of sampled rows were those of all; they are passed over.
  static constexpr int64_t kVersion = 4;

  /// The prepared module's `npir.model_hash`.
  std::string modelHash;
  /// Samples per batch: batch i holds samples [i*batchSize, (i+1)*batchSize).
  uint64_t batchSize = 1;
  /// `RecordOptions::rowSample` of all tensors.
  uint64_t rowSample = 1;
  /// `RecordOptions::batchHistograms` of all tensors.
  bool keepsBatchHistograms = false;
  /// What ran the network, e.g. the XNNPACK build and the ISA class; sorted,
  /// each once. More than one after a merge: worth a warning by the caller.
  std::vector<std::string> engines;
  /// The samples seen; sorted, disjoint, touching ranges joined.
  std::vector<SampleRange> samples;
  /// By tensor id. A tensor that never got a value has count 0.
  std::map<std::string, TensorStatistics> tensors;

  /// Number of samples seen.
  uint64_t sampleCount() const;
  /// True where statistics of different engines were merged.
  bool hasMixedEngines() const { return engines.size() > 1; }

  /// Adds `range` to `samples`. Fails, changing nothing, when it is empty or
  /// some of it was there.
  llvm::Error addSamples(SampleRange range);

  /// True where every sample of batch `index` was seen.
  bool isWholeBatch(uint64_t index) const;

  /// Adds `engine` to `engines`.
  void addEngine(llvm::StringRef engine);

  /// Adds what `other` saw: the result is that of one run over all samples,
  /// byte for byte. Fails, changing nothing, when `other` belongs to another
  /// model, has another batch size or row sample, shares samples with this one,
  /// or recorded other channels of a tensor. The error names both files.
  llvm::Error merge(const StatisticsFile &other, llvm::StringRef thisName,
                    llvm::StringRef otherName);

  /// Writes the JSON text.
  void print(llvm::raw_ostream &os) const;

  /// Writes the file, whole or not at all. Fails on an id, hash or engine that
  /// is not UTF-8, which JSON cannot hold.
  llvm::Error save(llvm::StringRef path) const;

  /// Reads a file. A file that is not JSON, is cut off, is of a newer version,
  /// or has a field that is missing, of a wrong type or impossible (NaN, min
  /// above max, overlapping samples) gives one error naming file and field.
  /// `keepPacked`: the tensors' histograms stay packed, which takes little
  /// memory for any number of tensors; ask `TensorStatistics::getUnpacked`.
  static llvm::Expected<StatisticsFile> load(llvm::StringRef path,
                                             bool keepPacked = false);

  /// The same for text; `name` stands for the file in errors.
  static llvm::Expected<StatisticsFile>
  parse(llvm::StringRef text, llvm::StringRef name, bool keepPacked = false);
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_STATISTICSFILE_H
