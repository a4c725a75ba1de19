// This file declares XXH64, the checksum of program files.
#ifndef NPIR_RUNTIME_HASH_H
#define NPIR_RUNTIME_HASH_H

#include <cstddef>
#include <cstdint>

namespace npir_rt {

/// XXH64 with seed 0, fed piece by piece (the public xxHash specification,
/// version 0.1.1). Not cryptographic.
class Hash64 {
public:
  void update(const void *data, size_t bytes);
  uint64_t digest() const;

private:
  uint64_t lanes[4] = {0x60EA27EEADC0B5D6, 0xC2B2AE3D27D4EB4F, 0,
                       0x61C8864E7A143579};
  uint8_t tail[32];
  size_t tailSize = 0;
  uint64_t total = 0;
};

uint64_t hash64(const void *data, size_t bytes);

} // namespace npir_rt

#endif // NPIR_RUNTIME_HASH_H
