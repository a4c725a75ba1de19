// This file tests data sets in folders and .npz files.
#include "npir/Runtime/DataSet.h"
#include "TestNet.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace npir_rt;
using namespace npir_rt::test;
namespace fs = std::filesystem;

namespace {

class DataSetTest : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() /
             ("npir-data-test-" + std::to_string(getpid()));
    fs::create_directories(folder);
    inputs = {{"image", ElementType::F32, {-1, 2}, 1},
              {"ids:0", ElementType::I8, {-1}, 3}};
    write("image", {4, 2});
    write("ids:0", {12}, NpyType::I1);
  }
  void TearDown() override { fs::remove_all(folder); }
  void write(const std::string &name, const Shape &shape,
             NpyType type = NpyType::F4) {
    ASSERT_TRUE(
        writeNpy(folder / (toFileName(name) + ".npy"), type, shape, data.data())
            .ok());
  }
  std::string error() {
    auto set = DataSet::open(folder, inputs);
    EXPECT_FALSE(set.ok());
    return set.status().message();
  }
  fs::path folder;
  std::vector<DataInput> inputs;
  std::vector<float> data = randomWhole<float>(100, -9, 9, 1);
};

void expectPart(const std::string &message, const std::string &part) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST_F(DataSetTest, ShowsSamples) {
  write("labels", {1});
  auto set = DataSet::open(folder, inputs);
  ASSERT_TRUE(set.ok()) << set.status().message();
  EXPECT_EQ(set->size(), 4);
  TensorView view = set->view(0, 1, 3);
  EXPECT_EQ(view.id, "image");
  EXPECT_EQ(view.shape, (Shape{2, 2}));
  EXPECT_EQ(values<float>(view),
            std::vector<float>(data.begin() + 2, data.begin() + 6));
  view = set->view(1, 3, 4);
  EXPECT_EQ(view.shape, (Shape{3}));
  EXPECT_EQ(view.as<uint8_t>()[2],
            reinterpret_cast<const uint8_t *>(data.data())[11]);
  EXPECT_TRUE(set->checkFinite(0, 4).ok());
}

TEST_F(DataSetTest, MismatchesSayExpectedAndGot) {
  write("image", {4, 3});
  expectPart(error(), "expected shape [?, 2], got [4, 3] for input 'image'");
  write("image", {4, 2}, NpyType::F8);
  expectPart(error(), "expected float32 elements, got float64");
  write("image", {3, 2});
  expectPart(error(), "expected 3 samples as in");
  write("image", {0, 2});
  expectPart(error(), "expected at least one sample, got none");
  write("image", {4, 2});
  write("ids:0", {13}, NpyType::I1);
  expectPart(error(), "expected a multiple of 3 rows, got 13");
  fs::remove(folder / "ids%3A0.npy");
  expectPart(error(), "input 'ids:0': cannot open");
  expectPart(error(), "ids%3A0.npy");
}

TEST_F(DataSetTest, WidensInt32AndNothingElse) {
  inputs = {{"ids", ElementType::I64, {-1, 2}, 1}};
  const std::vector<int32_t> ids = {1, -2, 3, INT32_MIN, 5, 6};
  const std::string path = folder / "ids.npy";
  ASSERT_TRUE(writeNpy(path, NpyType::I4, {3, 2}, ids.data()).ok());
  auto set = DataSet::open(folder, inputs);
  ASSERT_TRUE(set.ok()) << set.status().message();
  EXPECT_EQ(values<int64_t>(set->view(0, 1, 3)),
            (std::vector<int64_t>{3, INT32_MIN, 5, 6}));
  EXPECT_TRUE(set->checkFinite(0, 3).ok());
  set->release(0, 3);
  EXPECT_EQ(values<int64_t>(set->view(0, 0, 1)), (std::vector<int64_t>{1, -2}));
  // Not the other way round.
  inputs[0].type = ElementType::I32;
  ASSERT_TRUE(writeNpy(path, NpyType::I8, {1, 2}, data.data()).ok());
  expectPart(error(), "expected int32 elements, got int64 for input 'ids'");
  inputs[0].type = ElementType::Bool;
  ASSERT_TRUE(writeNpy(path, NpyType::U1, {1, 2}, data.data()).ok());
  expectPart(error(), "expected bool elements, got uint8 for input 'ids'");
}

TEST_F(DataSetTest, NonFiniteSamplesAreNamed) {
  data[5] = NAN;
  data[6] = INFINITY;
  write("image", {4, 2});
  auto set = DataSet::open(folder, inputs);
  ASSERT_TRUE(set.ok());
  EXPECT_TRUE(set->checkFinite(0, 2).ok());
  expectPart(set->checkFinite(1, 4).message(),
             "image.npy: sample 2, element 1 is nan; expected finite numbers");
  expectPart(set->checkFinite(3, 4).message(), "sample 3, element 0 is inf");
}

// Values are looked at block by block, files part by part.
TEST_F(DataSetTest, FindsTheOneValueThatIsNotFinite) {
  inputs = {{"image", ElementType::F32, {-1, 5000}, 1}};
  data.assign(5000 * 300, 1.0f);
  for (size_t at : {size_t(0), size_t(4095), size_t(4096), data.size() - 1}) {
    data[at] = -INFINITY;
    write("image", {300, 5000});
    data[at] = 1.0f;
    auto set = DataSet::open(folder, inputs);
    ASSERT_TRUE(set.ok()) << set.status().message();
    expectPart(set->checkFinite(0, 300).message(),
               "sample " + std::to_string(at / 5000) + ", element " +
                   std::to_string(at % 5000) + " is inf");
  }
}

TEST_F(DataSetTest, ReleasedSamplesComeBack) {
  inputs = {{"image", ElementType::F32, {-1, 5000}, 1}};
  data = randomWhole<float>(5000 * 150, -9, 9, 2);
  write("image", {150, 5000});
  auto check = [&](const DataSet &set) {
    for (auto [begin, end] : {std::pair{0, 150}, {7, 8}, {120, 150}}) {
      set.release(begin, end);
      EXPECT_EQ(values<float>(set.view(0, 0, 150)), data);
    }
  };
  auto set = DataSet::open(folder, inputs);
  ASSERT_TRUE(set.ok()) << set.status().message();
  check(*set);
  // The caller's memory is not touched.
  auto array = NpyArray::fromMemory("<f4", {150, 5000}, data.data(), "memory");
  ASSERT_TRUE(array.ok());
  auto memory = DataSet::fromArrays({*array}, inputs);
  ASSERT_TRUE(memory.ok());
  const std::vector<float> before = data;
  memory->release(0, 150);
  EXPECT_EQ(data, before);
}

/// A zip archive as numpy.savez writes it; `shift` misaligns the data.
std::string
makeZip(const std::vector<std::pair<std::string, std::string>> &members,
        int method, size_t shift) {
  auto put = [](std::string &out, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
      out += char(value >> (8 * i));
  };
  std::string file, directory;
  for (const auto &[name, content] : members) {
    const size_t offset = file.size();
    put(file, 0x04034b50, 4);
    file += std::string(22, '\0');
    put(file, name.size(), 2);
    put(file, shift, 2);
    file += name + std::string(shift, '\0') + content;
    put(directory, 0x02014b50, 4);
    directory += std::string(6, '\0');
    put(directory, uint64_t(method), 2);
    directory += std::string(8, '\0');
    // The sizes as Zip64 fields, as for large files.
    put(directory, 0xffffffff, 4);
    put(directory, 0xffffffff, 4);
    put(directory, name.size(), 2);
    put(directory, 20, 2);
    put(directory, 0, 2);
    directory += std::string(8, '\0');
    put(directory, offset, 4);
    directory += name;
    put(directory, 1, 2);
    put(directory, 16, 2);
    put(directory, content.size(), 8);
    put(directory, content.size(), 8);
  }
  const size_t start = file.size();
  file += directory;
  put(file, 0x06054b50, 4);
  file += std::string(4, '\0');
  put(file, members.size(), 2);
  put(file, members.size(), 2);
  put(file, directory.size(), 4);
  put(file, start, 4);
  put(file, 0, 2);
  return file;
}

TEST_F(DataSetTest, ReadsNpz) {
  auto content = [&](const std::string &name) {
    std::ifstream stream(folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  std::vector<std::pair<std::string, std::string>> members{
      {"image.npy", content("image.npy")},
      {"ids:0.npy", content("ids%3A0.npy")}};
  std::string path = folder / "data.npz";
  auto open = [&](const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return DataSet::open(path, inputs);
  };
  for (size_t shift : {0, 1, 2, 3, 5}) {
    auto set = open(makeZip(members, 0, shift));
    ASSERT_TRUE(set.ok()) << set.status().message();
    EXPECT_EQ(set->size(), 4);
    EXPECT_EQ(values<float>(set->view(0, 0, 4)),
              std::vector<float>(data.begin(), data.begin() + 8));
  }
  expectPart(open(makeZip(members, 8, 0)).status().message(),
             "data.npz[image]: the archive is compressed");
  expectPart(open(makeZip({members[0]}, 0, 0)).status().message(),
             "no array for input 'ids:0', found 'image'");
  expectPart(open("no zip at all").status().message(), "not a .npz file");
  // Damaged archives must only never crash.
  const std::string sound = makeZip(members, 0, 1);
  for (size_t size = 0; size < sound.size(); ++size)
    EXPECT_FALSE(open(sound.substr(0, size)).ok());
  std::mt19937 engine(1);
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = sound;
    for (int i = 0; i < 3; ++i)
      damaged[engine() % damaged.size()] = char(engine());
    (void)open(damaged).ok();
  }
}

} // namespace
