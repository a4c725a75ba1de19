// This file implements the writing of whole files.
#include "npir/Support/AtomicFile.h"
#include "npir/Support/ErrorText.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::npir {

static llvm::Error makeWriteError(llvm::StringRef path, std::error_code code) {
  return llvm::createStringError(code, llvm::Twine(path) +
                                           ": cannot write: " + describe(code));
}

/// Closes or flushes `os` and takes its error, so that the stream's destructor
/// does not abort on it.
static std::error_code finish(llvm::raw_fd_ostream &os, bool close) {
  if (close)
    os.close();
  else
    os.flush();
  std::error_code code = os.error();
  os.clear_error();
  return code;
}

/// Writes to what is there: a device, a pipe.
static llvm::Error
writeInPlace(llvm::StringRef path,
             llvm::function_ref<void(llvm::raw_ostream &)> write) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code, llvm::sys::fs::CD_OpenExisting,
                          llvm::sys::fs::FA_Write, llvm::sys::fs::OF_None);
  if (code)
    return makeWriteError(path, code);
  write(os);
  if (std::error_code code = finish(os, /*close=*/true))
    return makeWriteError(path, code);
  return llvm::Error::success();
}

/// Fails where `path` is no place for a file, and tells what is there.
static llvm::Error checkPlace(llvm::StringRef path,
                              llvm::sys::fs::file_status &status) {
  namespace fs = llvm::sys::fs;
  std::error_code code = fs::status(path, status);
  if (code && code != std::errc::no_such_file_or_directory)
    return makeWriteError(path, code);
  if (fs::is_directory(status))
    return makeWriteError(path,
                          std::make_error_code(std::errc::is_a_directory));
  // A rename would replace a file that its owner has locked.
  if (fs::is_regular_file(status) && !fs::can_write(path))
    return makeWriteError(path,
                          std::make_error_code(std::errc::permission_denied));
  return llvm::Error::success();
}

llvm::Error checkWritable(llvm::StringRef path) {
  namespace fs = llvm::sys::fs;
  fs::file_status status;
  if (path == "-")
    return llvm::Error::success();
  if (llvm::Error error = checkPlace(path, status))
    return error;
  if (fs::exists(status))
    return llvm::Error::success();
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  if (std::error_code code =
          fs::access(folder.empty() ? "." : folder, fs::AccessMode::Write))
    return makeWriteError(path, code);
  return llvm::Error::success();
}

llvm::Error
writeFileAtomically(llvm::StringRef path,
                    llvm::function_ref<void(llvm::raw_ostream &)> write) {
  namespace fs = llvm::sys::fs;
  if (path == "-") {
    write(llvm::outs());
    if (std::error_code code = finish(llvm::outs(), /*close=*/false))
      return makeWriteError("standard output", code);
    return llvm::Error::success();
  }

  fs::file_status status;
  if (llvm::Error error = checkPlace(path, status))
    return error;
  bool exists = fs::exists(status);
  llvm::SmallString<128> target(path);
  if (exists) {
    if (!fs::is_regular_file(status))
      return writeInPlace(path, write);
    // The file itself, not a link to it. On failure the link is replaced.
    llvm::SmallString<128> real;
    if (!fs::real_path(path, real))
      target = real;
  }

  // In the same folder, since a rename does not cross file systems; with a
  // name of its own, since one derived from a long name may be too long.
  llvm::SmallString<128> model(llvm::sys::path::parent_path(target));
  llvm::sys::path::append(model, ".npir-%%%%%%%%%%%%.tmp");
  int descriptor = -1;
  llvm::SmallString<128> temporary;
  if (std::error_code code =
          fs::createUniqueFile(model, descriptor, temporary, fs::OF_None,
                               fs::all_read | fs::all_write))
    return makeWriteError(path, code);
  llvm::scope_exit removeTemporary([&] { (void)fs::remove(temporary); });

  {
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    if (exists) {
      if (std::error_code code =
              fs::setPermissions(descriptor, status.permissions()))
        return makeWriteError(path, code);
    }
    write(os);
    if (std::error_code code = finish(os, /*close=*/true))
      return makeWriteError(path, code);
  }
  if (std::error_code code = fs::rename(temporary, target))
    return makeWriteError(path, code);
  removeTemporary.release();
  return llvm::Error::success();
}

/// True for a regular file whose first byte is not that of a JSON object.
static bool holdsOtherThanJSON(llvm::StringRef path) {
  namespace fs = llvm::sys::fs;
  if (!fs::is_regular_file(path))
    return false;
  auto buffer = llvm::MemoryBuffer::getFileSlice(path, 1, 0);
  return buffer && !(*buffer)->getBuffer().starts_with("{");
}

llvm::Error
writeJSONAtomically(llvm::StringRef path,
                    llvm::function_ref<void(llvm::raw_ostream &)> write) {
  uint64_t size = 0;
  if (path != "-" && !llvm::sys::fs::file_size(path, size) && size > 0 &&
      holdsOtherThanJSON(path))
    return llvm::createStringError(
        llvm::Twine(path) +
        ": cannot write: the file holds something else than JSON, which would "
        "be lost; name another file");
  return writeFileAtomically(path, write);
}

} // namespace mlir::npir
