// This file holds the keys that the maps of a config may have.
#include "npir/Config/ConfigKeys.h"
#include "Embedded.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

using llvm::StringRef;

namespace mlir::npir {

// NPIR's own format.
static const StringRef kNative[] = {"version", "base",  "default",
                                    "roles",   "rules", "skip"};
static const StringRef kDefault[] = {"weight", "activation"};
static const StringRef kSpec[] = {"bits",        "signed",  "scheme",
                                  "granularity", "dynamic", "observer",
                                  "narrow",      "profile"};
static const StringRef kWeightSpec[] = {"bits",        "signed",     "scheme",
                                        "granularity", "group_size", "inputs",
                                        "observer",    "narrow",     "profile"};
static const StringRef kObserver[] = {"type", "alpha", "sigma", "bins",
                                      "two_sided"};

// What all formats have.
static const StringRef kRule[] = {"match", "weight", "activation", "optional"};
static const StringRef kMatch[] = {"layer", "op", "role", "between"};
static const StringRef kBetween[] = {"from", "to"};
static const StringRef kSkip[] = {"between"};
static const StringRef kRole[] = {"layer", "op", "tensor"};

// The formats of a ViT block and of a linear layer.
static const StringRef kBlock[] = {
    "default", "layers", "attn_layer",      "residual_layer",  "roles",
    "rules",   "skip",   "enable_profiler", "enable_profiling"};
static const StringRef kLinear[] = {
    "default", "outputs", "output", "weight",          "activation",
    "roles",   "rules",   "skip",   "enable_profiler", "enable_profiling"};
static const StringRef kBlockSpec[] = {
    "bit_type",         "observer_type",    "quantization_method",
    "calibration_mode", "module_type",      "percentile_alpha",
    "percentile_sigma", "kl_bins",          "kv_bins",
    "enable_profiler",  "enable_profiling",
};
static const StringRef kBitType[] = {"bits", "signed", "name"};

llvm::ArrayRef<ConfigMap> getConfigMaps() {
  static const ConfigMap maps[] = {
      {"native", kNative},   {"default", kDefault},   {"weight", kWeightSpec},
      {"activation", kSpec}, {"observer", kObserver}, {"rule", kRule},
      {"match", kMatch},     {"between", kBetween},   {"skip_entry", kSkip},
      {"role", kRole},       {"vit_block", kBlock},   {"linear_layer", kLinear},
      {"entry", kBlockSpec}, {"bit_type", kBitType},
  };
  return maps;
}

llvm::ArrayRef<StringRef> getConfigKeys(StringRef name) {
  for (const ConfigMap &map : getConfigMaps())
    if (map.name == name)
      return map.keys;
  llvm_unreachable("unknown kind of map");
}

StringRef getConfigSchema() { return getEmbeddedText("config.schema.json"); }

} // namespace mlir::npir
