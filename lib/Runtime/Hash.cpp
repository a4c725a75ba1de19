// This file implements XXH64 from its public specification.
#include "npir/Runtime/Hash.h"

#include <algorithm>
#include <cstring>

namespace npir_rt {

static constexpr uint64_t prime1 = 0x9E3779B185EBCA87;
static constexpr uint64_t prime2 = 0xC2B2AE3D27D4EB4F;
static constexpr uint64_t prime3 = 0x165667B19E3779F9;
static constexpr uint64_t prime4 = 0x85EBCA77C2B2AE63;
static constexpr uint64_t prime5 = 0x27D4EB2F165667C5;

static uint64_t rotate(uint64_t value, int bits) {
  return (value << bits) | (value >> (64 - bits));
}

template <typename T>
static uint64_t read(const uint8_t *data) {
  T value;
  std::memcpy(&value, data, sizeof(value));
  return value;
}

static uint64_t mix(uint64_t lane, uint64_t word) {
  return rotate(lane + word * prime2, 31) * prime1;
}

static void consumeStripe(uint64_t lanes[4], const uint8_t *data) {
  for (int i = 0; i < 4; ++i)
    lanes[i] = mix(lanes[i], read<uint64_t>(data + 8 * i));
}

void Hash64::update(const void *input, size_t bytes) {
  auto *data = static_cast<const uint8_t *>(input);
  if (bytes == 0)
    return;
  total += bytes;
  if (tailSize > 0) {
    size_t taken = std::min(bytes, sizeof(tail) - tailSize);
    std::memcpy(tail + tailSize, data, taken);
    tailSize += taken;
    data += taken;
    bytes -= taken;
    if (tailSize < sizeof(tail))
      return;
    consumeStripe(lanes, tail);
    tailSize = 0;
  }
  // Local lanes stay in registers: this loop runs at memory speed.
  uint64_t local[4] = {lanes[0], lanes[1], lanes[2], lanes[3]};
  for (; bytes >= sizeof(tail); data += sizeof(tail), bytes -= sizeof(tail))
    consumeStripe(local, data);
  std::copy(local, local + 4, lanes);
  if (bytes > 0)
    std::memcpy(tail, data, bytes);
  tailSize = bytes;
}

uint64_t Hash64::digest() const {
  uint64_t hash = prime5;
  if (total >= sizeof(tail)) {
    hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) +
           rotate(lanes[3], 18);
    for (uint64_t lane : lanes)
      hash = (hash ^ mix(0, lane)) * prime1 + prime4;
  }
  hash += total;
  const uint8_t *data = tail;
  size_t left = tailSize;
  for (; left >= 8; data += 8, left -= 8)
    hash = rotate(hash ^ mix(0, read<uint64_t>(data)), 27) * prime1 + prime4;
  if (left >= 4) {
    hash = rotate(hash ^ (read<uint32_t>(data) * prime1), 23) * prime2 + prime3;
    data += 4;
    left -= 4;
  }
  for (; left > 0; ++data, --left)
    hash = rotate(hash ^ (*data * prime5), 11) * prime1;
  hash = (hash ^ (hash >> 33)) * prime2;
  hash = (hash ^ (hash >> 29)) * prime3;
  return hash ^ (hash >> 32);
}

uint64_t hash64(const void *data, size_t bytes) {
  Hash64 hash;
  hash.update(data, bytes);
  return hash.digest();
}

} // namespace npir_rt
