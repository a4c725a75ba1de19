// This file declares what a config's rules decided for each tensor, for people
// to read.
#ifndef NPIR_CONFIG_EXPLANATION_H
#define NPIR_CONFIG_EXPLANATION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace mlir::npir {

struct ResolvedSpec;

/// One key of a tensor's spec.
struct KeyExplanation {
  /// As NPIR's own format has it: `bits`, `scheme`, `observer`, `alpha`.
  std::string key;
  std::string value;
  /// `c.yaml:3:5 (rule)`, `c.yaml:1:1 (default)`, `built-in default`.
  std::string origin;
};

/// A tensor and how it came to its spec.
struct TensorExplanation {
  /// Layer name and result number, `conv1:0`.
  std::string id;
  /// Of an activation the op type that makes it, or `input`; of a weight the
  /// one that reads it.
  std::string op;
  bool isWeight = false;
  /// The names that it goes by (docs/Config.md, "Role names").
  std::vector<std::string> roles;
  /// In one line: `int8 affine per_tensor, percentile 0.9995`.
  std::string spec;
  /// A rule names the tensor; else a default decides.
  bool isRequested = false;
  /// The keys that mean something for it.
  std::vector<KeyExplanation> keys;
  /// Where its spec differs from what the keys say, and why; or what a role's
  /// name might not tell.
  std::string note;

  /// Fills in what `resolved` tells.
  void setSpec(const ResolvedSpec &resolved);
};

/// A list of objects with the fields' names: `id`, `op`, `tensor` (`weight` or
/// `activation`), `roles`, `spec`, `requested`, `keys` (`key`, `value`,
/// `origin` each), `note` where there is one.
llvm::json::Value toJSON(llvm::ArrayRef<TensorExplanation> tensors);

/// A paragraph for each tensor.
void print(llvm::ArrayRef<TensorExplanation> tensors, llvm::raw_ostream &os);

/// The `version` of the JSON file.
inline constexpr int64_t kExplanationVersion = 1;

/// Writes them to standard output (`-`), or as a whole to a file: as JSON where
/// its name ends with `.json`, an object of `version` and `tensors`.
llvm::Error write(llvm::ArrayRef<TensorExplanation> tensors,
                  llvm::StringRef path);

} // namespace mlir::npir

#endif // NPIR_CONFIG_EXPLANATION_H
