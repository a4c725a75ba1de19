// This file declares the command line of npir-run.
#ifndef NPIR_TOOLS_NPIR_RUN_OPTIONS_H
#define NPIR_TOOLS_NPIR_RUN_OPTIONS_H

#include "npir/Execution/Batches.h"

namespace npir_run {

struct Options {
  std::string model;
  /// `NAME=FILE.npy`, one per input; or `data`.
  std::vector<std::string> inputs;
  std::string data;
  std::string samples;
  std::string outputDir;
  mlir::npir::Backend backend = mlir::npir::Backend::Auto;
  unsigned threads = 1;
  int64_t batch = 64;
  bool batchGiven = false;
  bool benchmark = false;
  /// A second model to time in turn with the first.
  std::string benchmarkAgainst;
  bool profile = false;
  std::string compare;
  mlir::npir::Backend compareBackend = mlir::npir::Backend::Auto;
  bool compareBackendGiven = false;
  /// A module whose ops are run on the tensors of `model`.
  std::string checkOps;
  std::string report;
  /// The file of the profile, `-` for none; empty: no profile.
  std::string quantizationProfile;
  bool quiet = false;
};

/// Parse the command line; prints help or an error and exits by itself.
Options parseOptions(int argc, char **argv);

/// Fails with a diagnostic where an option is given without the one that it
/// belongs to.
mlir::LogicalResult checkOptions(const Options &options,
                                 mlir::MLIRContext *context);

/// Where the samples are that the options name; fills in `span`. Errors are
/// diagnostics.
mlir::FailureOr<mlir::npir::DataSource> getSource(const Options &options,
                                                  mlir::npir::SampleSpan &span,
                                                  mlir::MLIRContext *context);

/// The samples to run.
struct Samples {
  npir_rt::DataSet data;
  mlir::npir::SampleSpan span;
  /// How many of them in one run.
  int64_t batch = 0;
};

/// The samples that the options name, checked against `network`. Errors are
/// diagnostics.
mlir::FailureOr<Samples> openSamples(const Options &options,
                                     const mlir::npir::Network &network,
                                     mlir::MLIRContext *context);

} // namespace npir_run

#endif // NPIR_TOOLS_NPIR_RUN_OPTIONS_H
