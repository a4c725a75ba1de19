// This file declares the configs that come with NPIR, by name.
#ifndef NPIR_CONFIG_PRESETS_H
#define NPIR_CONFIG_PRESETS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace mlir::npir {

/// What goes before a preset's name where the path of a config is expected.
inline constexpr llvm::StringLiteral kPresetPrefix = "preset:";

/// A config in the library.
struct Preset {
  llvm::StringRef name;
  /// What it is for, in a line.
  llvm::StringRef summary;
  /// YAML, in NPIR's own format.
  llvm::StringRef text;
};

/// All of them, by name.
const std::vector<Preset> &getPresets();

/// The one that `path`, `preset:NAME`, means. The error has the nearest name.
llvm::Expected<const Preset *> findPreset(llvm::StringRef path);

} // namespace mlir::npir

#endif // NPIR_CONFIG_PRESETS_H
