// This file declares how a config is read from YAML. docs/Config.md describes
// the formats.
#ifndef NPIR_CONFIG_CONFIGFILE_H
#define NPIR_CONFIG_CONFIGFILE_H

#include "npir/Config/QuantConfig.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace mlir::npir {

/// The newest `version:` of NPIR's own config format.
inline constexpr int64_t kConfigVersion = 1;

/// Reads a config file: NPIR's own format, a ViT block's or a linear layer's;
/// or of `preset:NAME` the preset (Presets.h).
/// The first thing wrong gives the one error `file:line:column: text`, with
/// the nearest valid name where a name is unknown (`file: text` where the file
/// cannot be read). Remarks and warnings are in `QuantConfig::messages`.
llvm::Expected<QuantConfig> loadConfig(llvm::StringRef path);

/// The same for text; `name` stands for the file in messages, and for its
/// folder where the text names a base.
llvm::Expected<QuantConfig> parseConfig(llvm::StringRef text,
                                        llvm::StringRef name);

/// The structure of a config's text, for other programs: maps are objects,
/// plain numbers and truth values are such. Sections written twice are merged.
llvm::Expected<llvm::json::Value> configToJSON(llvm::StringRef text,
                                               llvm::StringRef name);

} // namespace mlir::npir

#endif // NPIR_CONFIG_CONFIGFILE_H
