// This file declares how much memory this process has.
#ifndef NPIR_SUPPORT_PROCESSMEMORY_H
#define NPIR_SUPPORT_PROCESSMEMORY_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace mlir::npir {

/// Bytes of this process that are in memory now, mapped files included; 0 where
/// the system does not tell.
uint64_t getResidentBytes();

/// The most that it has been so far.
uint64_t getPeakResidentBytes();

/// The bytes that a text such as `512M` or `2G` means (powers of 1024; K, M, G
/// or T, or a bare number of bytes); nothing where it means none.
std::optional<uint64_t> parseByteSize(llvm::StringRef text);

/// `bytes` as a person reads it: `93.1 MiB`.
std::string describeBytes(uint64_t bytes);

} // namespace mlir::npir

#endif // NPIR_SUPPORT_PROCESSMEMORY_H
