// npir-config: lists, shows and checks quantization configs.
#include "npir/Config/ConfigFile.h"
#include "npir/Config/ConfigKeys.h"
#include "npir/Config/Presets.h"
#include "npir/Support/NearestName.h"
#include "npir/Support/ReadFile.h"
#include "npir/Support/StandardOutput.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::npir;
using llvm::StringRef;

static constexpr llvm::StringLiteral kUsage = R"(usage: npir-config COMMAND

  presets          list the configs that come with NPIR
  show CONFIG      print a config, to be edited
  check CONFIG...  read configs, and tell what is wrong or worth a thought
  schema           print the JSON schema of config files, for editors

CONFIG is a YAML file or preset:NAME. docs/Config.md describes the formats.
)";

static int fail(const llvm::Twine &text) {
  llvm::errs() << "npir-config: error: " << text << "\n";
  return 1;
}

static int listPresets() {
  size_t width = 0;
  for (const Preset &preset : getPresets())
    width = std::max(width, preset.name.size());
  for (const Preset &preset : getPresets())
    llvm::outs() << llvm::left_justify(preset.name, width + 2) << preset.summary
                 << "\n";
  return 0;
}

/// Prints the text of a config that loads.
static int show(StringRef path) {
  if (llvm::Expected<QuantConfig> config = loadConfig(path); !config)
    return fail(llvm::toString(config.takeError()));
  if (path.starts_with(kPresetPrefix)) {
    llvm::outs() << llvm::cantFail(findPreset(path))->text;
    return 0;
  }
  auto buffer = readFile(path);
  if (!buffer)
    return fail(llvm::toString(buffer.takeError()));
  llvm::outs() << (*buffer)->getBuffer();
  return 0;
}

static StringRef getName(ConfigSeverity severity) {
  switch (severity) {
  case ConfigSeverity::Remark:
    return "remark";
  case ConfigSeverity::Warning:
    return "warning";
  case ConfigSeverity::Error:
    return "error";
  }
  llvm_unreachable("unknown severity");
}

static int check(StringRef path) {
  llvm::Expected<QuantConfig> config = loadConfig(path);
  if (!config)
    return fail(llvm::toString(config.takeError()));
  for (const ConfigMessage &message : config->messages)
    llvm::errs() << message.loc.str() << ": " << getName(message.severity)
                 << ": " << message.text << "\n";
  llvm::outs() << path << ": rules: " << config->rules.size()
               << "\n  weights:     " << config->defaultWeight.str()
               << "\n  activations: " << config->defaultActivation.str()
               << "\n";
  return 0;
}

int main(int argc, char **argv) {
  checkStandardOutputAtExit();
  llvm::SmallVector<StringRef> args(argv + 1, argv + argc);
  if (args.empty()) {
    llvm::errs() << kUsage;
    return 1;
  }
  StringRef command = args.front();
  llvm::ArrayRef<StringRef> rest = llvm::ArrayRef(args).drop_front();
  if (command == "--help" || command == "-h") {
    llvm::outs() << kUsage;
    return 0;
  }
  if (command == "presets" && rest.empty())
    return listPresets();
  if (command == "schema" && rest.empty()) {
    llvm::outs() << getConfigSchema();
    return 0;
  }
  if (command == "show" && rest.size() == 1)
    return show(rest.front());
  if (command == "check" && !rest.empty()) {
    int code = 0;
    for (StringRef path : rest)
      code = std::max(code, check(path));
    return code;
  }
  static const StringRef commands[] = {"presets", "show", "check", "schema"};
  if (!llvm::is_contained(commands, command))
    return fail("unknown command '" + command + "'" +
                suggestName(command, commands));
  StringRef expected = command == "show"    ? "one config"
                       : command == "check" ? "a config"
                                            : "nothing";
  return fail("expected " + expected + " behind '" + command + "', got " +
              (rest.empty() ? "none" : "'" + llvm::join(rest, " ") + "'"));
}
