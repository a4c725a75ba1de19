// This file declares the reading of which tensors a rule matches.
#ifndef NPIR_LIB_CONFIG_MATCHREADER_H
#define NPIR_LIB_CONFIG_MATCHREADER_H

#include "ConfigReader.h"

namespace mlir::npir {

/// Adds the layer pattern `text`; an error where it is none.
llvm::LogicalResult addPattern(ConfigReader &reader, llvm::StringRef text,
                               YamlMark mark,
                               std::vector<NamePattern> &patterns);

/// Reads `between:`.
llvm::LogicalResult readBetween(ConfigReader &reader, const YamlEntry &entry,
                                std::optional<Subgraph> &between);

/// Reads `match:`, with the role names that `config` knows.
llvm::LogicalResult readMatch(ConfigReader &reader, const YamlEntry &entry,
                              const QuantConfig &config, ConfigRule &rule);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_MATCHREADER_H
