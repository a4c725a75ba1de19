// This file implements the presets, which are files in the folder Presets.
#include "npir/Config/Presets.h"
#include "Embedded.h"
#include "npir/Support/NearestName.h"
#include "llvm/ADT/STLExtras.h"

namespace mlir::npir {

static std::vector<Preset> collectPresets() {
  std::vector<Preset> presets;
  for (const EmbeddedFile &file : getEmbeddedFiles()) {
    llvm::StringRef name = file.name;
    if (!name.consume_back(".yaml"))
      continue;
    // The first line tells what it is for.
    llvm::StringRef summary = file.text.split('\n').first;
    presets.push_back({name, summary.ltrim("# "), file.text});
  }
  llvm::sort(presets,
             [](const Preset &a, const Preset &b) { return a.name < b.name; });
  return presets;
}

const std::vector<Preset> &getPresets() {
  static const std::vector<Preset> presets = collectPresets();
  return presets;
}

llvm::Expected<const Preset *> findPreset(llvm::StringRef path) {
  llvm::StringRef name = path;
  name.consume_front(kPresetPrefix);
  llvm::SmallVector<llvm::StringRef> names;
  for (const Preset &preset : getPresets()) {
    if (preset.name == name)
      return &preset;
    names.push_back(preset.name);
  }
  return llvm::createStringError("unknown preset '" + name + "'" +
                                 suggestName(name, names));
}

} // namespace mlir::npir
