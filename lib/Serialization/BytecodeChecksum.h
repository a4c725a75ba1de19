// This file declares the checksum of bytecode files. Private to this library.
#ifndef NPIR_LIB_SERIALIZATION_BYTECODECHECKSUM_H
#define NPIR_LIB_SERIALIZATION_BYTECODECHECKSUM_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace mlir::npir {

/// A stream that keeps nothing but a checksum of a bytecode file, of all its
/// bytes but the checksum's own digits at the end of the producer string. The
/// bytes after that string are hashed in blocks of 1 MiB, so that a reader can
/// do the same over a mapped file.
class ChecksumStream : public llvm::raw_ostream {
public:
  ChecksumStream() : raw_ostream(/*unbuffered=*/true) {}
  ~ChecksumStream() override = default;

  /// The checksum of what was written so far. Call once.
  uint64_t finish();

private:
  void write_impl(const char *data, size_t size) override;
  uint64_t current_pos() const override { return position; }
  void addBody(llvm::StringRef data);

  uint64_t position = 0;
  bool inBody = false;
  llvm::SmallVector<char, 64> header;
  uint64_t state = 0;
  llvm::SmallVector<char, 0> pending;
};

/// The checksum that ChecksumStream would have of `header` (up to the end of
/// the producer string), a NUL and `body`.
uint64_t computeChecksum(llvm::StringRef header, llvm::StringRef body);

/// The producer string for `checksum`; its length never varies.
std::string getProducer(uint64_t checksum);

} // namespace mlir::npir

#endif // NPIR_LIB_SERIALIZATION_BYTECODECHECKSUM_H
