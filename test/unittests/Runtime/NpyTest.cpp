// This file tests reading and writing of .npy files.
#include "npir/Runtime/Npy.h"
#include "TestNet.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace npir_rt;
using namespace npir_rt::test;
namespace fs = std::filesystem;

namespace {

class NpyTest : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() /
             ("npir-npy-test-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  std::string path(const std::string &name) const { return folder / name; }

  /// A file with this header and so many bytes of data.
  Expected<NpyArray> read(const std::string &header, size_t bytes,
                          int version = 1) {
    std::string file = "\x93NUMPY";
    file += {char(version), 0};
    file += {char(header.size() & 255), char(header.size() >> 8)};
    if (version > 1)
      file += {0, 0};
    file += header + std::string(bytes, '\1');
    std::ofstream(path("a.npy"), std::ios::binary) << file;
    return NpyArray::open(path("a.npy"));
  }
  std::string readError(const std::string &header, size_t bytes,
                        int version = 1) {
    auto array = read(header, bytes, version);
    EXPECT_FALSE(array.ok()) << header;
    return array.status().message();
  }
  fs::path folder;
};

void expectPart(const std::string &message, const std::string &part) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST_F(NpyTest, LooksAtMemory) {
  alignas(16) float values[7] = {1, 2, 3, 4, 5, 6, 7};
  auto array = NpyArray::fromMemory("<f4", {2, 3}, values, "mine");
  ASSERT_TRUE(array.ok()) << array.status().message();
  EXPECT_EQ(array->data(), reinterpret_cast<uint8_t *>(values));
  EXPECT_EQ(array->bytes(), 24u);
  EXPECT_EQ(array->type(), NpyType::F4);
  EXPECT_EQ(array->shape(), (Shape{2, 3}));
  EXPECT_EQ(array->name(), "mine");
  // What is not aligned is copied, and the copy lives with the array.
  auto *skew = reinterpret_cast<char *>(values) + 2;
  std::memcpy(skew, values, 8);
  NpyArray copy;
  {
    auto moved = NpyArray::fromMemory("<f4", {2}, skew, "mine");
    ASSERT_TRUE(moved.ok());
    copy = *moved;
  }
  EXPECT_NE(copy.data(), reinterpret_cast<uint8_t *>(skew));
  EXPECT_EQ(std::memcmp(copy.data(), skew, 8), 0);
  auto error = [&](const char *descr, const Shape &shape) {
    return NpyArray::fromMemory(descr, shape, values, "mine")
        .status()
        .message();
  };
  expectPart(error(">f4", {1}), "mine: expected little-endian elements");
  expectPart(error("|O", {1}), "got '|O'");
  expectPart(error("<f4", {INT64_MAX, 8}), "is too large");
}

TEST_F(NpyTest, WritesWhatItReads) {
  const NpyType types[] = {NpyType::F4, NpyType::F8, NpyType::I1, NpyType::U1,
                           NpyType::I4, NpyType::I8, NpyType::B1};
  std::vector<uint8_t> data = randomWhole<uint8_t>(6 * 8, 0, 255, 1);
  for (NpyType type : types)
    for (Shape shape :
         {Shape{2, 3}, Shape{6}, Shape{6, 1, 1}, Shape{}, Shape{0, 3}}) {
      ASSERT_TRUE(writeNpy(path("x.npy"), type, shape, data.data()).ok());
      auto array = NpyArray::open(path("x.npy"));
      ASSERT_TRUE(array.ok()) << array.status().message();
      EXPECT_EQ(array->type(), type);
      EXPECT_EQ(array->shape(), shape);
      EXPECT_EQ(array->bytes(), elementSize(type) * numElements(shape));
      EXPECT_EQ(std::memcmp(array->data(), data.data(), array->bytes()), 0);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(array->data()) % 64, 0u);
    }
}

TEST_F(NpyTest, ReadsVersionsAndSpellings) {
  const char *header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}";
  for (int version : {1, 2, 3})
    EXPECT_TRUE(read(header, 8, version).ok());
  for (const char *other :
       {"{\"shape\":(2,),\"descr\":\"<f4\",\"fortran_order\":True}  \n",
        "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 4)}",
        "{'descr': '<i1', 'fortran_order': False, 'shape': (8L,), }",
        "{'descr': '<i8', 'fortran_order': False, 'shape': ()}"})
    EXPECT_TRUE(read(other, 8).ok()) << other;
}

TEST_F(NpyTest, OtherFilesAreErrors) {
  auto header = [](const char *descr, const char *order, const char *shape) {
    return std::string("{'descr': '") + descr + "', 'fortran_order': " + order +
           ", 'shape': " + shape + "}";
  };
  expectPart(readError(header("<f4", "True", "(2, 3)"), 24), "Fortran order");
  expectPart(readError(header(">f4", "False", "(2,)"), 8),
             "expected little-endian elements, got '>f4'");
  expectPart(readError(header("<f2", "False", "(2,)"), 4),
             "int32, int64 or bool elements, got '<f2'");
  expectPart(readError(header("|O", "False", "(2,)"), 4), "got '|O'");
  expectPart(readError("{'descr': [('a', '<f4')], 'fortran_order': False, "
                       "'shape': (2,)}",
                       8),
             "records are not supported");
  expectPart(readError(header("<f4", "False", "(2,)"), 7),
             "truncated: expected 8 bytes of data for shape [2], got 7");
  expectPart(readError(header("<f4", "False", "(2,)"), 9),
             "expected 8 bytes of data for shape [2], got 9");
  expectPart(readError(header("<f4", "False", "(4611686018427387904, 8)"), 8),
             "is too large");
  for (const char *bad :
       {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 2)}",
        "{'descr': '<f4', 'descr': '<f4', 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, "
        "'shape': (99999999999999999999,)}",
        "{'weird': 1}"})
    expectPart(readError(bad, 8), "malformed .npy header");
  expectPart(readError(header("<f4", "False", "(2,)"), 8, 4),
             "unknown .npy version 4");
  std::ofstream(path("b.npy")) << "hello, world";
  expectPart(NpyArray::open(path("b.npy")).status().message(),
             "not a .npy file");
  std::ofstream(path("c.npy"), std::ios::binary)
      << std::string("\x93NUMPY\1\0\xff\xff{", 11);
  expectPart(NpyArray::open(path("c.npy")).status().message(), "truncated");
  expectPart(NpyArray::open(path("none.npy")).status().message(),
             "no such file or directory");
}

TEST_F(NpyTest, WritingFailsCleanly) {
  float data[2] = {1, 2};
  EXPECT_EQ(writeNpy("/dev/full", NpyType::F4, {2}, data).message(),
            "cannot write '/dev/full': no space left on device");
  expectPart(writeNpy(path("no/a.npy"), NpyType::F4, {2}, data).message(),
             "cannot write");
  auto writer = NpyWriter::create(path("a.npy"), NpyType::F4, {4});
  ASSERT_TRUE(writer.ok());
  EXPECT_TRUE(writer->append(data, 8).ok());
  EXPECT_TRUE(writer->commit().isInternal());
  EXPECT_TRUE(writer->append(data, 8).ok());
  EXPECT_TRUE(writer->append(data, 8).isInternal());
  EXPECT_TRUE(writer->commit().ok());
}

TEST(FileNames, AreSafeAndOneToOne) {
  EXPECT_EQ(toFileName("input"), "input");
  EXPECT_EQ(toFileName("serving/x:0"), "serving%2Fx%3A0");
  EXPECT_EQ(toFileName("serving%2Fx"), "serving%252Fx");
  EXPECT_EQ(toFileName("../a"), "%2E.%2Fa");
  EXPECT_EQ(toFileName("a b\n\xc3\xa4"), "a b%0A\xc3\xa4");
}

} // namespace
