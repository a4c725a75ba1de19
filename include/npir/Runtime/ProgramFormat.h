// This file declares the fixed header of a program file (.npx).
#ifndef NPIR_RUNTIME_PROGRAMFORMAT_H
#define NPIR_RUNTIME_PROGRAMFORMAT_H

#include <cstddef>
#include <cstdint>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "program files are mapped: little-endian machines only"
#endif

namespace npir_rt {

constexpr size_t programAlignment = 64;
/// Of constants that lie elsewhere, as MLIR's resources do.
constexpr size_t constantAlignment = 16;
/// XNNPACK reads up to 16 bytes behind a tensor; the file ends with these.
constexpr size_t programSlack = 64;
/// 2: integers, truth values and unsigned bytes as elements.
constexpr uint32_t programVersion = 2;
/// A byte that is not text, line ends both ways: a transfer that treats the
/// file as text is noticed.
constexpr uint8_t programMagic[8] = {0x89, 'N', 'P', 'X', '\r', '\n', 0x1a, 0};

/// `[header][graph][zeros to a multiple of 64][constants][64 zeros]`.
struct ProgramHeader {
  uint8_t magic[8];
  uint32_t version;
  /// sizeof(ProgramHeader); the graph starts here.
  uint32_t headerSize;
  uint64_t fileSize;
  uint64_t graphSize;
  uint64_t constantsOffset;
  /// With the padding between the constants and the zeros at the end.
  uint64_t constantsSize;
  /// XXH64 of the graph and of the constants' segment.
  uint64_t graphHash;
  uint64_t constantsHash;
};
static_assert(sizeof(ProgramHeader) == 64, "the header has no gaps");

constexpr uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

} // namespace npir_rt

#endif // NPIR_RUNTIME_PROGRAMFORMAT_H
