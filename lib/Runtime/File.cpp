// This file implements mapped and atomically written files (POSIX).
#include "npir/Runtime/File.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace npir_rt {

static Status systemError(const char *action, const std::string &path,
                          int code) {
  std::string reason = std::strerror(code);
  if (!reason.empty())
    reason[0] = char(std::tolower(static_cast<unsigned char>(reason[0])));
  return Status::error(std::string("cannot ") + action + " '" + path +
                       "': " + reason);
}

Expected<std::unique_ptr<MappedFile>>
MappedFile::open(const std::string &path) {
  // Without O_NONBLOCK a pipe without a writer would hang.
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return systemError("open", path, errno);
  struct stat info;
  if (fstat(descriptor, &info) != 0) {
    int code = errno;
    close(descriptor);
    return systemError("open", path, code);
  }
  if (!S_ISREG(info.st_mode)) {
    close(descriptor);
    return Status::error("cannot read '" + path + "': not a regular file");
  }
  size_t size = size_t(info.st_size);
  const uint8_t *data = nullptr;
  if (size > 0) {
    void *address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address == MAP_FAILED) {
      int code = errno;
      close(descriptor);
      return systemError("map", path, code);
    }
    data = static_cast<const uint8_t *>(address);
  }
  close(descriptor);
  return std::unique_ptr<MappedFile>(new MappedFile(data, size));
}

MappedFile::~MappedFile() {
  if (address)
    munmap(const_cast<uint8_t *>(address), length);
}

void MappedFile::release(const uint8_t *begin, size_t bytes) const {
  const size_t page = size_t(sysconf(_SC_PAGESIZE));
  // A touch brings neighbours back, too, up to a large page.
  constexpr size_t around = size_t(2) << 20;
  size_t first = size_t(begin - address);
  size_t last = (first + bytes) / page * page;
  first = first / around * around;
  if (first < last)
    madvise(const_cast<uint8_t *>(address) + first, last - first,
            MADV_DONTNEED);
}

Expected<std::unique_ptr<AtomicFile>>
AtomicFile::create(const std::string &path) {
  std::unique_ptr<AtomicFile> file(new AtomicFile());
  file->target = path;
  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode))
      return systemError("write", path, EISDIR);
    if (!S_ISREG(info.st_mode)) {
      // Renaming would replace the device by a file.
      file->descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (file->descriptor < 0)
        return systemError("write", path, errno);
      return file;
    }
    // A link keeps pointing to where it points.
    char *resolved = realpath(path.c_str(), nullptr);
    if (resolved)
      file->target = resolved;
    std::free(resolved);
    // A rename would get round the write protection of an existing file.
    if (access(path.c_str(), W_OK) != 0)
      return systemError("write", path, errno);
  }
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 100; ++attempt) {
    file->temporary = file->target + ".tmp." + std::to_string(getpid()) + "." +
                      std::to_string(counter++);
    file->descriptor = ::open(file->temporary.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->descriptor >= 0)
      return file;
    if (errno != EEXIST)
      break;
  }
  int code = errno;
  file->temporary.clear();
  return systemError("write", path, code);
}

AtomicFile::~AtomicFile() {
  if (descriptor >= 0)
    close(descriptor);
  if (!temporary.empty())
    unlink(temporary.c_str());
}

Status AtomicFile::fail(const char *action) const {
  return systemError(action, target, errno);
}

Status AtomicFile::write(const void *data, size_t bytes) {
  auto *next = static_cast<const uint8_t *>(data);
  while (bytes > 0) {
    // Linux writes at most 2 GB at once.
    ssize_t written =
        ::write(descriptor, next, std::min<size_t>(bytes, 1u << 30));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return fail("write");
    next += written;
    bytes -= size_t(written);
  }
  return Status::success();
}

Status AtomicFile::overwrite(uint64_t offset, const void *data, size_t bytes) {
  auto *next = static_cast<const uint8_t *>(data);
  while (bytes > 0) {
    ssize_t written = pwrite(descriptor, next, bytes, off_t(offset));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return fail("write");
    next += written;
    offset += uint64_t(written);
    bytes -= size_t(written);
  }
  return Status::success();
}

Status AtomicFile::commit() {
  int closing = descriptor;
  descriptor = -1;
  // A full disk on a network file system shows here.
  if (close(closing) != 0)
    return fail("write");
  if (temporary.empty())
    return Status::success();
  if (rename(temporary.c_str(), target.c_str()) != 0)
    return fail("write");
  temporary.clear();
  return Status::success();
}

} // namespace npir_rt
