// This file tests that files are written whole or not at all.
#include "npir/Support/AtomicFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::npir;
namespace fs = llvm::sys::fs;

namespace {

class AtomicFile : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(fs::createUniqueDirectory("npir-atomic", folder));
  }
  void TearDown() override { fs::remove_directories(folder); }

  std::string path(llvm::StringRef name) {
    llvm::SmallString<128> result(folder);
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  static std::string write(const std::string &path, llvm::StringRef text) {
    return llvm::toString(
        writeFileAtomically(path, [&](llvm::raw_ostream &os) { os << text; }));
  }

  static std::string read(const std::string &path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : "<cannot read>";
  }

  /// Names in the folder, to prove that nothing is left behind.
  unsigned countFiles() {
    unsigned count = 0;
    std::error_code code;
    for (fs::directory_iterator it(folder, code), end; it != end && !code;
         it.increment(code))
      ++count;
    return count;
  }

  llvm::SmallString<128> folder;
};

TEST_F(AtomicFile, WritesANewFile) {
  EXPECT_EQ(write(path("a"), "hello"), "");
  EXPECT_EQ(read(path("a")), "hello");
  EXPECT_EQ(countFiles(), 1u);
}

TEST_F(AtomicFile, NewFileHasTheUsualMode) {
  mode_t old = umask(027);
  EXPECT_EQ(write(path("a"), "x"), "");
  umask(old);
  struct stat status;
  ASSERT_EQ(stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(AtomicFile, ReplacesAFileAndKeepsItsMode) {
  EXPECT_EQ(write(path("a"), "old and longer"), "");
  ASSERT_EQ(chmod(path("a").c_str(), 0604), 0);
  EXPECT_EQ(write(path("a"), "new"), "");
  EXPECT_EQ(read(path("a")), "new");
  struct stat status;
  ASSERT_EQ(stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0604u);
  EXPECT_EQ(countFiles(), 1u);
}

TEST_F(AtomicFile, FollowsALink) {
  EXPECT_EQ(write(path("target"), "old"), "");
  ASSERT_EQ(symlink(path("target").c_str(), path("link").c_str()), 0);
  EXPECT_EQ(write(path("link"), "new"), "");
  EXPECT_TRUE(fs::is_symlink_file(path("link")));
  EXPECT_EQ(read(path("target")), "new");
}

TEST_F(AtomicFile, OldContentsStandUntilTheEnd) {
  EXPECT_EQ(write(path("a"), "old"), "");
  llvm::Error error =
      writeFileAtomically(path("a"), [&](llvm::raw_ostream &os) {
        os << "new";
        os.flush();
        EXPECT_EQ(read(path("a")), "old");
      });
  EXPECT_EQ(llvm::toString(std::move(error)), "");
  EXPECT_EQ(read(path("a")), "new");
}

TEST_F(AtomicFile, JSONReplacesOnlyJSON) {
  auto writeJSON = [&](llvm::StringRef name) {
    return llvm::toString(writeJSONAtomically(
        path(name), [](llvm::raw_ostream &os) { os << "{\"a\": 1}"; }));
  };
  EXPECT_EQ(writeJSON("new"), "");
  EXPECT_EQ(writeJSON("new"), "");
  EXPECT_EQ(read(path("new")), "{\"a\": 1}");
  EXPECT_EQ(write(path("empty"), ""), "");
  EXPECT_EQ(writeJSON("empty"), "");
  EXPECT_EQ(write(path("model"), "ML\xefR"), "");
  EXPECT_EQ(writeJSON("model"),
            path("model") +
                ": cannot write: the file holds something else than JSON, "
                "which would be lost; name another file");
  EXPECT_EQ(read(path("model")), "ML\xefR");
}

TEST_F(AtomicFile, RefusesADirectory) {
  EXPECT_EQ(write(folder.str().str(), "x"),
            folder.str().str() + ": cannot write: is a directory");
}

TEST_F(AtomicFile, RefusesAMissingFolder) {
  EXPECT_EQ(write(path("no/a"), "x"),
            path("no/a") + ": cannot write: no such file or directory");
}

TEST_F(AtomicFile, RefusesAFileAsFolder) {
  EXPECT_EQ(write(path("a"), "x"), "");
  EXPECT_EQ(write(path("a/b"), "x"),
            path("a/b") + ": cannot write: not a directory");
}

TEST_F(AtomicFile, RefusesAReadOnlyFileAndFolder) {
  if (geteuid() == 0)
    GTEST_SKIP() << "root may write everywhere";
  EXPECT_EQ(write(path("a"), "old"), "");
  ASSERT_EQ(chmod(path("a").c_str(), 0444), 0);
  EXPECT_EQ(write(path("a"), "new"),
            path("a") + ": cannot write: permission denied");
  EXPECT_EQ(read(path("a")), "old");
  ASSERT_EQ(chmod(folder.c_str(), 0555), 0);
  EXPECT_EQ(write(path("b"), "new"),
            path("b") + ": cannot write: permission denied");
  ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
}

TEST_F(AtomicFile, WritableIsAskedWithoutWriting) {
  auto check = [](const std::string &path) {
    return llvm::toString(checkWritable(path));
  };
  for (const std::string &good : {path("a"), std::string("-"),
                                  std::string("/dev/null"), std::string("a")})
    EXPECT_EQ(check(good), "");
  EXPECT_FALSE(fs::exists(path("a")));
  EXPECT_EQ(write(path("a"), "x"), "");
  EXPECT_EQ(check(path("a")), "");
  EXPECT_EQ(read(path("a")), "x");
  EXPECT_EQ(check(path("no/a")),
            path("no/a") + ": cannot write: no such file or directory");
  EXPECT_EQ(check(path("a/b")),
            path("a/b") + ": cannot write: not a directory");
  EXPECT_EQ(check(folder.str().str()),
            folder.str().str() + ": cannot write: is a directory");
}

TEST_F(AtomicFile, FullDeviceIsAnErrorAndNoAbort) {
  EXPECT_EQ(write("/dev/full", "x"),
            "/dev/full: cannot write: no space left on device");
}

TEST_F(AtomicFile, DeviceIsWrittenInPlace) {
  EXPECT_EQ(write("/dev/null", "x"), "");
  fs::file_status status;
  ASSERT_FALSE(fs::status("/dev/null", status));
  EXPECT_EQ(status.type(), fs::file_type::character_file);
}

/// A limit on the size of files stands for a full disk: the write fails half
/// way.
TEST_F(AtomicFile, FailedWriteLeavesTheOldFileAndNoOther) {
  EXPECT_EQ(write(path("a"), "old"), "");
  struct rlimit old, small;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  small = old;
  small.rlim_cur = 64 * 1024;
  auto *handler = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string message = write(path("a"), std::string(1 << 20, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(message, path("a") + ": cannot write: file too large");
  EXPECT_EQ(read(path("a")), "old");
  EXPECT_EQ(countFiles(), 1u);
}

TEST_F(AtomicFile, DashIsTheStandardOutput) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(write("-", "to the terminal\n"), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "to the terminal\n");
}

} // namespace
