// This file implements the repetition of values: each value is moved once, and
// what is repeated is copied as a block that doubles.
#include "npir/Kernels/Fast/Broadcast.h"

#include <algorithm>
#include <cstring>

namespace npir_kernels::fast {
namespace {

/// The dimensions from the current one on.
struct Dims {
  const int64_t *input, *output;
  int rank;
  size_t elementSize;

  Dims inner() const { return {input + 1, output + 1, rank - 1, elementSize}; }
  size_t inputBytes() const { return countBytes(input); }
  size_t outputBytes() const { return countBytes(output); }
  bool areEqual() const { return std::equal(input, input + rank, output); }

private:
  size_t countBytes(const int64_t *shape) const {
    size_t bytes = elementSize;
    for (int i = 0; i < rank; ++i)
      bytes *= size_t(shape[i]);
    return bytes;
  }
};

} // namespace

static void write(const Dims &dims, const uint8_t *input, uint8_t *output) {
  const size_t bytes = dims.outputBytes();
  if (dims.areEqual()) {
    std::memcpy(output, input, bytes);
    return;
  }
  const Dims inner = dims.inner();
  if (dims.input[0] == dims.output[0]) {
    const size_t inputBytes = inner.inputBytes(),
                 outputBytes = inner.outputBytes();
    for (int64_t i = 0; i < dims.output[0]; ++i)
      write(inner, input + size_t(i) * inputBytes,
            output + size_t(i) * outputBytes);
    return;
  }
  write(inner, input, output);
  for (size_t done = inner.outputBytes(); done < bytes; done *= 2)
    std::memcpy(output + done, output, std::min(done, bytes - done));
}

void broadcast(const int64_t *inputShape, const int64_t *outputShape, int rank,
               size_t elementSize, const void *input, void *output,
               size_t begin, size_t end) {
  const Dims inner = Dims{inputShape, outputShape, rank, elementSize}.inner();
  const size_t outputBytes = inner.outputBytes();
  const size_t inputBytes = inputShape[0] == 1 ? 0 : inner.inputBytes();
  for (size_t i = begin; i < end; ++i)
    write(inner, static_cast<const uint8_t *>(input) + i * inputBytes,
          static_cast<uint8_t *>(output) + i * outputBytes);
}

} // namespace npir_kernels::fast
