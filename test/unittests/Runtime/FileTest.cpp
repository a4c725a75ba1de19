// This file tests atomically written files and the checksum.
#include "npir/Runtime/File.h"
#include "TestNet.h"
#include "npir/Runtime/Hash.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace npir_rt;
using namespace npir_rt::test;
namespace fs = std::filesystem;

namespace {

class FileTest : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() /
             ("npir-file-test-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  size_t count() const {
    return size_t(std::distance(fs::directory_iterator(folder), {}));
  }
  std::string content(const fs::path &path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  fs::path folder;
};

TEST(Hash64, GivesThePublishedValues) {
  // From the specification of XXH64, and xxhsum.
  EXPECT_EQ(hash64("", 0), 0xef46db3751d8e999u);
  EXPECT_EQ(hash64("a", 1), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(hash64("abc", 3), 0x44bc2cf5ad770999u);
  std::string text = "Nobody inspects the spammish repetition";
  EXPECT_EQ(hash64(text.data(), text.size()), 0xfbcea83c8a378bf1u);
  std::vector<uint8_t> data = randomWhole<uint8_t>(1000, 0, 255, 1);
  for (size_t piece : {1, 7, 31, 32, 33, 500}) {
    Hash64 hash;
    for (size_t at = 0; at < data.size(); at += piece)
      hash.update(&data[at], std::min(piece, data.size() - at));
    EXPECT_EQ(hash.digest(), hash64(data.data(), data.size()));
  }
}

TEST_F(FileTest, WritesAllOrNothing) {
  fs::path path = folder / "a";
  std::ofstream(path) << "old";
  {
    auto file = AtomicFile::create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->write("new!", 4).ok());
    EXPECT_EQ(content(path), "old");
    EXPECT_EQ(count(), 2u);
  }
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(count(), 1u);
  auto file = AtomicFile::create(path);
  ASSERT_TRUE((*file)->write("new!", 4).ok());
  ASSERT_TRUE((*file)->overwrite(0, "N", 1).ok());
  ASSERT_TRUE((*file)->commit().ok());
  EXPECT_EQ(content(path), "New!");
  EXPECT_EQ(count(), 1u);
}

TEST_F(FileTest, KeepsLinks) {
  std::ofstream(folder / "target") << "old";
  fs::create_symlink(folder / "target", folder / "link");
  auto file = AtomicFile::create(folder / "link");
  ASSERT_TRUE((*file)->write("new", 3).ok());
  ASSERT_TRUE((*file)->commit().ok());
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(content(folder / "target"), "new");
}

TEST_F(FileTest, BadTargetsAreErrors) {
  EXPECT_NE(
      AtomicFile::create(folder).status().message().find("is a directory"),
      std::string::npos);
  EXPECT_NE(AtomicFile::create(folder / "no" / "a")
                .status()
                .message()
                .find("no such file or directory"),
            std::string::npos);
  EXPECT_NE(AtomicFile::create("/proc/npir")
                .status()
                .message()
                .find("cannot write '/proc/npir'"),
            std::string::npos);
}

TEST_F(FileTest, AFullDeviceIsAnErrorAndStaysADevice) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 2});
  net.builder.addInput("x", x);
  net.builder.addOutput("y", x);
  Status status = net.builder.write("/dev/full");
  EXPECT_EQ(status.message(),
            "cannot write '/dev/full': no space left on device");
  struct stat info;
  ASSERT_EQ(stat("/dev/full", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
  EXPECT_TRUE(net.builder.write("/dev/null").ok());
}

TEST_F(FileTest, ProgramsAreWrittenAndMapped) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 2});
  uint32_t c = net.constant("c", {3}, {1, 2, 3});
  net.builder.addInput("x", x);
  net.builder.addOutput("x", x);
  net.builder.addOutput("c", c);
  std::string path = folder / "a.npx";
  ASSERT_TRUE(net.builder.write(path).ok());
  EXPECT_EQ(count(), 1u);
  auto memory = net.builder.writeToMemory();
  EXPECT_EQ(content(path),
            std::string(reinterpret_cast<const char *>(memory->data()),
                        memory->size()));
  auto program = Program::load(path);
  ASSERT_TRUE(program.ok()) << program.status().message();
  EXPECT_EQ(values<float>(
                {{}, ElementType::F32, {3}, (*program)->tensors()[c].data, {}}),
            (std::vector<float>{1, 2, 3}));
  // Its pages come back after they were given up.
  (*program)->releaseConstantPages();
  EXPECT_EQ(static_cast<const float *>((*program)->tensors()[c].data)[2], 3);
  EXPECT_NE(
      Program::load(folder / "b.npx").status().message().find("no such file"),
      std::string::npos);
  EXPECT_NE(Program::load(folder).status().message().find("not a regular file"),
            std::string::npos);
  std::ofstream(folder / "empty.npx");
  EXPECT_NE(Program::load(folder / "empty.npx")
                .status()
                .message()
                .find("expected at least 128 bytes, got 0"),
            std::string::npos);
}

} // namespace
