// This file implements how much memory this process has (Linux; elsewhere the
// peak alone).
#include "npir/Support/ProcessMemory.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cstdio>
#include <sys/resource.h>
#include <unistd.h>

namespace mlir::npir {

uint64_t getResidentBytes() {
  FILE *file = std::fopen("/proc/self/statm", "re");
  if (!file)
    return 0;
  unsigned long total = 0, resident = 0;
  int fields = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  return fields == 2 ? uint64_t(resident) * uint64_t(sysconf(_SC_PAGESIZE)) : 0;
}

uint64_t getPeakResidentBytes() {
  // What getrusage tells was in part another program's, before this one took
  // its place in the process.
  if (FILE *file = std::fopen("/proc/self/status", "re")) {
    char line[256];
    unsigned long kibibytes = 0;
    bool found = false;
    while (!found && std::fgets(line, sizeof(line), file))
      found = std::sscanf(line, "VmHWM: %lu kB", &kibibytes) == 1;
    std::fclose(file);
    if (found)
      return uint64_t(kibibytes) * 1024;
  }
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
