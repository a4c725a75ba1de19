// This file implements the telling of what a config decided for each tensor.
#include "npir/Config/Explanation.h"
#include "npir/Config/ConfigResolver.h"
#include "npir/Support/AtomicFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::npir {

void TensorExplanation::setSpec(const ResolvedSpec &resolved) {
  spec = resolved.spec.str();
  isRequested = resolved.isRequested;
  for (unsigned i = 0; i < kSpecKeyCount; ++i) {
    SpecKey key = SpecKey(i);
    std::string value = resolved.spec.getValue(key);
    if (!value.empty())
      keys.push_back({getSpecKeyName(key).str(), std::move(value),
                      resolved.originOf(key).str()});
  }
}

llvm::json::Value toJSON(llvm::ArrayRef<TensorExplanation> tensors) {
  llvm::json::Array array;
  for (const TensorExplanation &tensor : tensors) {
    llvm::json::Array keys;
    for (const KeyExplanation &key : tensor.keys)
      keys.push_back(llvm::json::Object{
          {"key", key.key}, {"value", key.value}, {"origin", key.origin}});
    llvm::json::Object object{
        {"id", tensor.id},
        {"op", tensor.op},
        {"tensor", tensor.isWeight ? "weight" : "activation"},
        {"roles", llvm::json::Array(tensor.roles)},
        {"spec", tensor.spec},
        {"requested", tensor.isRequested},
        {"keys", std::move(keys)}};
    if (!tensor.note.empty())
      object["note"] = tensor.note;
    array.push_back(std::move(object));
  }
  return array;
}

void print(llvm::ArrayRef<TensorExplanation> tensors, llvm::raw_ostream &os) {
  for (const TensorExplanation &tensor : tensors) {
    os << tensor.id << ": "
       << (tensor.isWeight ? "weight of " : "activation of ") << tensor.op;
    if (!tensor.roles.empty())
      os << ", " << llvm::join(tensor.roles, ", ");
    os << "\n  " << tensor.spec
       << (tensor.isRequested ? " (requested)\n" : " (by default)\n");
    for (const KeyExplanation &key : tensor.keys)
      os << "    " << llvm::left_justify(key.key, 12)
         << llvm::left_justify(key.value, 12) << key.origin << "\n";
    if (!tensor.note.empty())
      os << "    " << tensor.note << "\n";
  }
}

llvm::Error write(llvm::ArrayRef<TensorExplanation> tensors,
                  llvm::StringRef path) {
  if (path.ends_with(".json"))
    return writeJSONAtomically(path, [&](llvm::raw_ostream &os) {
      os << llvm::formatv("{0:2}\n", llvm::json::Value(llvm::json::Object{
                                         {"version", kExplanationVersion},
                                         {"tensors", toJSON(tensors)}}));
    });
  return writeFileAtomically(
      path, [&](llvm::raw_ostream &os) { print(tensors, os); });
}

} // namespace mlir::npir
