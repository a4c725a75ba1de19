// This file tests the tool npx-run as a user calls it.
#include "TestNet.h"
#include "npir/Runtime/Npy.h"

#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace npir_rt;
using namespace npir_rt::test;
namespace fs = std::filesystem;

namespace {

/// y = x * 2 + offset, and the input itself; names that are no file names.
class NpxRunTest : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() /
             ("npir-npx-run-test-" + std::to_string(getpid()));
    fs::create_directories(folder / "data");
    fs::create_directories(folder / "out");
    Net net;
    uint32_t x = net.f32("x:0", {-1, 3}), o = net.f32("o:0", {-1, 3});
    uint32_t twice = net.f32("twice:0", {-1, 3}), y = net.f32("y:0", {-1, 3});
    net.builder.addInput("in/x:0", x);
    net.builder.addInput("offset", o);
    net.builder.addOutput("out/y", y);
    net.builder.addOutput("copy", x);
    net.builder.addOp(segment({x, o}, {y},
                              {makeOp("xnn.binary", "twice", {x, x}, {twice},
                                      {text("operator", "add")}),
                               makeOp("xnn.binary", "offset", {twice, o}, {y},
                                      {text("operator", "add")})}));
    ASSERT_TRUE(net.builder.write(folder / "m.npx").ok());
    x_ = randomWhole<float>(samples * 3, -9, 9, 1);
    o_ = randomWhole<float>(samples * 3, -9, 9, 2);
    write("data/in%2Fx%3A0.npy", {samples, 3}, x_);
    write("data/offset.npy", {samples, 3}, o_);
  }
  void TearDown() override { fs::remove_all(folder); }
  void write(const std::string &name, const Shape &shape,
             const std::vector<float> &data) {
    ASSERT_TRUE(writeNpy(folder / name, NpyType::F4, shape, data.data()).ok());
  }
  /// The exit status; what is printed is in `printed`.
  int call(const std::string &arguments) {
    std::string command = "cd '" + folder.string() +
                          "' && '" NPX_RUN_PATH "' " + arguments +
                          " > log 2>&1";
    int status = std::system(command.c_str());
    std::ifstream log(folder / "log");
    printed.assign(std::istreambuf_iterator<char>(log), {});
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void expectFailure(const std::string &arguments, const std::string &part) {
    EXPECT_EQ(call(arguments), 1) << arguments;
    EXPECT_NE(printed.find(part), std::string::npos) << printed;
    EXPECT_EQ(printed.rfind("npx-run: error: ", 0), 0u) << printed;
    EXPECT_TRUE(fs::is_empty(folder / "out")) << arguments;
  }
  void expectOutputs() {
    std::vector<float> want;
    for (size_t i = 0; i < x_.size(); ++i)
      want.push_back(2 * x_[i] + o_[i]);
    for (auto &[name, data] :
         {std::pair("out/out%2Fy.npy", want), std::pair("out/copy.npy", x_)}) {
      auto array = NpyArray::open(folder / name);
      ASSERT_TRUE(array.ok()) << array.status().message();
      EXPECT_EQ(array->shape(), (Shape{samples, 3}));
      ASSERT_EQ(std::memcmp(array->data(), data.data(), data.size() * 4), 0);
      fs::remove(folder / name);
    }
    EXPECT_TRUE(fs::is_empty(folder / "out"));
  }

  static constexpr int samples = 131;
  fs::path folder;
  std::vector<float> x_, o_;
  std::string printed;
};

TEST_F(NpxRunTest, WritesOutputsForAnyBatch) {
  for (std::string options :
       {"", "--batch 1", "--batch=130 --threads 2", "--batch 1000"}) {
    ASSERT_EQ(call("m.npx --data data --output-dir out " + options), 0)
        << printed;
    EXPECT_EQ(printed, "npx-run: 131 samples, 2 outputs in out\n");
    expectOutputs();
  }
  ASSERT_EQ(call("--quiet m.npx --input in/x:0=data/in%2Fx%3A0.npy "
                 "--input offset=data/offset.npy --output-dir=out"),
            0);
  EXPECT_EQ(printed, "");
  expectOutputs();
}

TEST_F(NpxRunTest, BenchmarksAndProfiles) {
  ASSERT_EQ(call("m.npx --data data --benchmark --batch 4"), 0) << printed;
  double median, least;
  int runs, threads, batch;
  ASSERT_EQ(std::sscanf(printed.c_str(),
                        "{\"median_us\": %lf, \"min_us\": %lf, \"runs\": %d, "
                        "\"threads\": %d, \"batch\": %d}",
                        &median, &least, &runs, &threads, &batch),
            5)
      << printed;
  EXPECT_GT(least, 0);
  EXPECT_GE(median, least);
  EXPECT_GE(runs, 10);
  EXPECT_EQ(threads, 1);
  EXPECT_EQ(batch, 4);
  EXPECT_FALSE(fs::exists(folder / "copy.npy"));
  ASSERT_EQ(call("m.npx --data data --profile --output-dir out"), 0);
  EXPECT_NE(printed.find("twice (xnn.subgraph)"), std::string::npos);
  EXPECT_NE(printed.find("offset (xnn.subgraph)"), std::string::npos);
  expectOutputs();
}

TEST_F(NpxRunTest, HelpAndWrongRequests) {
  EXPECT_EQ(call("--help"), 0);
  EXPECT_EQ(printed.rfind("usage: npx-run MODEL.npx", 0), 0u);
  expectFailure("", "no program given; see --help");
  expectFailure("m.npx", "expected either --input or --data");
  expectFailure("m.npx --wobble", "unknown option '--wobble'; see --help");
  expectFailure("m.npx n.npx", "expected one program, got 'm.npx' and 'n.npx'");
  expectFailure("m.npx --data", "option '--data' needs a value");
  expectFailure("m.npx --data data --batch 0",
                "--batch: expected a number of at least 1, got '0'");
  expectFailure("m.npx --data data --threads many",
                "--threads: expected 0 to 1024, got 'many'");
  expectFailure("m.npx --input x", "--input: expected NAME=FILE.npy, got 'x'");
  expectFailure("m.npx --input z=data/offset.npy",
                "--input: the program has no input 'z'");
  expectFailure("m.npx --input offset=data/offset.npy",
                "--input: nothing is given for input 'in/x:0'");
  expectFailure("m.npx --input in/x:0=a --input in/x:0=b",
                "--input: 'in/x:0' is given twice");
  expectFailure("m.npx --data data --output-dir=",
                "--output-dir: expected a folder, got ''");
}

TEST_F(NpxRunTest, WrongFilesLeaveNothingBehind) {
  const std::string run = "m.npx --data data --output-dir out";
  expectFailure("no.npx --data data --output-dir out", "no such file");
  expectFailure("m.npx --data no --output-dir out", "no such file");
  expectFailure("m.npx --data data --output-dir no", "cannot write");
  x_[100] = NAN;
  write("data/in%2Fx%3A0.npy", {samples, 3}, x_);
  expectFailure(run, "sample 33, element 1 is nan");
  write("data/in%2Fx%3A0.npy", {samples, 1}, x_);
  expectFailure(run, "expected shape [?, 3], got [131, 1] for input 'in/x:0'");
  write("data/in%2Fx%3A0.npy", {samples - 1, 3}, x_);
  expectFailure(run, "expected 130 samples");
  fs::remove(folder / "data/in%2Fx%3A0.npy");
  expectFailure(run, "input 'in/x:0': cannot open 'data/in%2Fx%3A0.npy'");
  fs::resize_file(folder / "m.npx", 300);
  expectFailure(run, "m.npx: damaged program file");
}

/// The second output's target cannot be written: the first one must not stay.
TEST_F(NpxRunTest, OutputsAreAllOrNone) {
  fs::create_directories(folder / "out" / "copy.npy");
  EXPECT_EQ(call("m.npx --data data --output-dir out"), 1);
  EXPECT_NE(printed.find("is a directory"), std::string::npos) << printed;
  EXPECT_FALSE(fs::exists(folder / "out" / "out%2Fy.npy"));
}

} // namespace
