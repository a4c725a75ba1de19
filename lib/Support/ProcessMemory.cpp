// This file implements how much memory this process has (Linux; elsewhere the
// peak alone).
#include "npir/Support/ProcessMemory.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

#include <sys/resource.h>

namespace mlir::npir {

/// The number before ` kB` in the line of /proc/self/status that starts with
/// `key`; 0 where there is none.
static uint64_t readStatus(llvm::StringRef key) {
  auto file = llvm::MemoryBuffer::getFileAsStream("/proc/self/status");
  if (!file)
    return 0;
  llvm::StringRef text = (*file)->getBuffer();
  size_t at = text.find(key);
  uint64_t kibibytes = 0;
  if (at == llvm::StringRef::npos ||
      text.drop_front(at + key.size()).ltrim().consumeInteger(10, kibibytes))
    return 0;
  return kibibytes * 1024;
}

uint64_t getResidentBytes() { return readStatus("VmRSS:"); }

uint64_t getPeakResidentBytes() {
  // What getrusage tells was in part another program's, before this one took
  // its place in the process.
  if (uint64_t bytes = readStatus("VmHWM:"))
    return bytes;
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return uint64_t(usage.ru_maxrss);
#else
  return uint64_t(usage.ru_maxrss) * 1024;
#endif
}

std::optional<uint64_t> parseByteSize(llvm::StringRef text) {
  unsigned shift = 0;
  if (!text.empty())
    if (size_t unit = llvm::StringRef("KMGT").find(llvm::toUpper(text.back()));
        unit != llvm::StringRef::npos) {
      shift = 10 * (unsigned(unit) + 1);
      text = text.drop_back();
    }
  uint64_t number = 0;
  if (text.getAsInteger(10, number) || number == 0 ||
      number > (UINT64_MAX >> shift))
    return std::nullopt;
  return number << shift;
}

std::string describeBytes(uint64_t bytes) {
  if (bytes < (uint64_t(1) << 30))
    return llvm::formatv("{0:F1} MiB", double(bytes) / (1 << 20)).str();
  return llvm::formatv("{0:F2} GiB", double(bytes) / (1 << 30)).str();
}

} // namespace mlir::npir
