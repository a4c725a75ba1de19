// This file implements the bytes that stand for a histogram in a file.
#include "ByteReader.h"
#include "npir/Observers/Histogram.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>

namespace mlir::npir {

std::string Histogram::pack() const {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  for (size_t i = 0; i < counts.size();) {
    size_t end = i;
    while (end < counts.size() && counts[end] == 0)
      ++end;
    if (end > i) {
      llvm::encodeULEB128(0, os);
      llvm::encodeULEB128(end - i, os);
      i = end;
    } else {
      llvm::encodeULEB128(counts[i++], os);
    }
  }
  return bytes;
}

llvm::Expected<Histogram> Histogram::unpack(llvm::StringRef bytes, float least,
                                            float greatest, unsigned logBins,
                                            bool isSampled) {
  Histogram result(logBins);
  if (llvm::Error error = result.assign(bytes, least, greatest, isSampled))
    return std::move(error);
  return result;
}

llvm::Error Histogram::assign(llvm::StringRef bytes, float least,
                              float greatest, bool isSampled) {
  clear();
  bool isObserved = least <= greatest;
  if (isObserved)
    cover(least, greatest);
  ByteReader reader(bytes);
  // A sum of damaged counts must not wrap round.
  auto take = [&](uint64_t count) {
    bool fits = count <= UINT64_MAX - counted;
    counted += fits ? count : 0;
    return fits;
  };
  bool fits = true;
  for (size_t i = 0; fits && i < counts.size();) {
    if (uint64_t count = reader.readUnsigned()) {
      counts[i++] = count;
      fits = take(count);
      continue;
    }
    uint64_t run = reader.readUnsigned();
    fits = run != 0 && run <= counts.size() - i;
    i += fits ? run : 0;
  }
  if (!fits || !reader.isDone())
    return llvm::createStringError("does not hold the bins between the "
                                   "extrema");
  // The bins end where the values do.
  bool hasLeast = least >= 0.0f || counts.front() != 0;
  bool hasGreatest = greatest <= 0.0f || counts.back() != 0;
  bool hasZero = (least != 0.0f && greatest != 0.0f) ||
                 counts[negatives] != 0;
  if (isObserved && !isSampled && !(hasLeast && hasGreatest && hasZero))
    return llvm::createStringError("has no value at the extrema");
  return llvm::Error::success();
}

} // namespace mlir::npir
