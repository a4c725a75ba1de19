// This file declares the reading of an observer and its parameters, as all
// formats have them.
#ifndef NPIR_LIB_CONFIG_OBSERVERREADER_H
#define NPIR_LIB_CONFIG_OBSERVERREADER_H

#include "ConfigReader.h"
#include "ObserverNames.h"

namespace mlir::npir {

/// Where an observer and its parameters stand.
struct ObserverMarks {
  YamlMark kind, alpha, sigma;
};

/// The observer that `spelling` spells as the value of `entry` does.
llvm::LogicalResult
readObserverKind(ConfigReader &reader, const YamlEntry &entry,
                 llvm::StringRef ObserverName::*spelling,
                 std::optional<ObserverParams::Kind> &result);

/// The parameters of percentiles and moving averages, in their bounds.
llvm::LogicalResult readAlpha(ConfigReader &reader, const YamlEntry &entry,
                              std::optional<double> &result);
llvm::LogicalResult readSigma(ConfigReader &reader, const YamlEntry &entry,
                              std::optional<double> &result);

/// Reads `observer:` of NPIR's own format: a name, or a map of `type` and its
/// parameters. It replaces what held before, so that a name means the same
/// everywhere.
llvm::LogicalResult readObserver(ConfigReader &reader, const YamlEntry &entry,
                                 QuantRole role, ObserverPatch &patch);

/// Warns of parameters that `patch` sets, or whose observer it chooses, and
/// that are seldom meant: an alpha that clips much, a sigma of 0. `before`
/// and `after` are the observer without and with the patch. Messages call
/// the keys `prefix`alpha and `prefix`sigma.
void checkObserver(ConfigReader &reader, const ObserverPatch &patch,
                   const ObserverMarks &marks, const ObserverParams &before,
                   const ObserverParams &after, llvm::StringRef prefix);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_OBSERVERREADER_H
