// This file declares names that nobody else has.
#ifndef NPIR_DIALECT_NPIR_IR_NAMEPOOL_H
#define NPIR_DIALECT_NPIR_IR_NAMEPOOL_H

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

namespace mlir::npir {

/// Hands out names that nobody else has.
class NamePool {
public:
  /// Reserve `name` for its first owner; false if it has one already.
  bool claim(llvm::StringRef name) { return names.insert(name).second; }

  /// `<base>_<n>` with the smallest free n from `first` on.
  std::string make(llvm::StringRef base, unsigned first) {
    unsigned &next = counters.try_emplace(base, first).first->second;
    std::string name;
    do
      name = (base + "_" + llvm::Twine(next++)).str();
    while (!claim(name));
    return name;
  }

private:
  llvm::StringSet<> names;
  llvm::StringMap<unsigned> counters;
};

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_NAMEPOOL_H
