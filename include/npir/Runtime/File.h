// This file declares files as the runtime uses them: mapped for reading, and
// written under a temporary name that is renamed at the end.
#ifndef NPIR_RUNTIME_FILE_H
#define NPIR_RUNTIME_FILE_H

#include "npir/Runtime/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace npir_rt {

/// A regular file, mapped read-only.
class MappedFile {
public:
  static Expected<std::unique_ptr<MappedFile>> open(const std::string &path);
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  ~MappedFile();

  /// Page-aligned; null for an empty file.
  const uint8_t *data() const { return address; }
  size_t size() const { return length; }
  /// Tells the system that the pages of a range are not needed for now, nor are
  /// those up to 2 MiB before it. They come back when touched.
  void release(const uint8_t *begin, size_t bytes) const;

private:
  MappedFile(const uint8_t *data, size_t size) : address(data), length(size) {}
  const uint8_t *address;
  size_t length;
};

/// Writes `path` all or nothing: into a temporary file in the same folder,
/// renamed by `commit`. Without a commit nothing is left behind. A device
/// (`/dev/null`) is written to directly.
class AtomicFile {
public:
  static Expected<std::unique_ptr<AtomicFile>> create(const std::string &path);
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;
  ~AtomicFile();

  /// Appends.
  Status write(const void *data, size_t bytes);
  /// Overwrites what was written before.
  Status overwrite(uint64_t offset, const void *data, size_t bytes);
  Status commit();

private:
  AtomicFile() = default;
  Status fail(const char *action) const;
  std::string target, temporary;
  int descriptor = -1;
};

} // namespace npir_rt

#endif // NPIR_RUNTIME_FILE_H
