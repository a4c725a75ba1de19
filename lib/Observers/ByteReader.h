// This file declares the reading of packed numbers from bytes that may be
// damaged.
#ifndef NPIR_LIB_OBSERVERS_BYTEREADER_H
#define NPIR_LIB_OBSERVERS_BYTEREADER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/LEB128.h"

namespace mlir::npir {

/// Reads one number after another; 0 from the first one on that is not there.
class ByteReader {
public:
  explicit ByteReader(llvm::StringRef bytes)
      : at(bytes.bytes_begin()), end(bytes.bytes_end()) {}

  uint64_t readUnsigned() { return read(llvm::decodeULEB128); }
  int64_t readSigned() { return read(llvm::decodeSLEB128); }

  /// A float's bits, little-endian.
  uint32_t readWord() {
    if (end - at < 4) {
      isDamaged = true;
      return 0;
    }
    uint32_t word = llvm::support::endian::read32le(at);
    at += 4;
    return word;
  }

  /// True at the end of the bytes. `failed` stays true.
  bool atEnd() const { return at == end; }
  bool failed() const { return isDamaged; }
  /// True where every number was there, and nothing else.
  bool isDone() const { return atEnd() && !failed(); }

private:
  template <typename T>
  T read(T (*decode)(const uint8_t *, unsigned *, const uint8_t *,
                     const char **)) {
    if (isDamaged)
      return 0;
    unsigned size = 0;
    const char *error = nullptr;
    T value = decode(at, &size, end, &error);
    isDamaged = error != nullptr;
    at += isDamaged ? 0 : size;
    return isDamaged ? 0 : value;
  }

  const uint8_t *at;
  const uint8_t *end;
  bool isDamaged = false;
};

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_BYTEREADER_H
