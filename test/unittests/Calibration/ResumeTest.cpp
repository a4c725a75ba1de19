// This file tests what a calibration leaves behind and goes on from, and its
// plan of memory.
#include "Fixture.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <numeric>
#include <sys/stat.h>

using namespace mlir;
using namespace mlir::npir;

namespace {
class ResumeTest : public CalibrationTest {
protected:
  ResumeTest() {
    SmallString<128> path;
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("npir-resume", path));
    folder = path.str().str();
    options.stats = folder + "/model.npirstats";
    partial = options.stats + ".partial";
    options.batch = 4;
    samples.resize(2 * 20);
    std::iota(samples.begin(), samples.end(), -7.5f);
  }
  ~ResumeTest() override { llvm::sys::fs::remove_directories(folder); }

  static std::string read(const std::string &path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : "no " + path;
  }
  static bool exists(const std::string &path) {
    return llvm::sys::fs::exists(path);
  }
  FailureOr<StatisticsFile> calibrateSpan(int64_t begin, int64_t end) {
    options.samples = {begin, end};
    return calibrateOn({20, 2});
  }
  /// The file of one run over everything.
  std::string getWhole() {
    CalibrationOptions kept = options;
    options = CalibrationOptions();
    options.quiet = true;
    options.batch = kept.batch;
    options.stats = folder + "/whole.npirstats";
    EXPECT_TRUE(succeeded(calibrateOn({20, 2}))) << messages;
    std::string text = read(options.stats);
    options = kept;
    return text;
  }

  std::string folder, partial;
};
} // namespace

TEST_F(ResumeTest, AppendsSamples) {
  parseAbs();
  std::string whole = getWhole();
  options.resume = true;
  // Nothing to go on from; borders within batches; some samples twice.
  for (SampleSpan span :
       {SampleSpan{6, 11}, {0, 3}, {2, 9}, {17, 20}, {0, 20}}) {
    ASSERT_TRUE(succeeded(calibrateSpan(span.begin, span.end))) << messages;
    EXPECT_FALSE(exists(partial));
  }
  EXPECT_EQ(read(options.stats), whole);
  // All there: nothing runs, nothing changes.
  ASSERT_TRUE(succeeded(calibrateSpan(0, 20))) << messages;
  EXPECT_EQ(read(options.stats), whole);
}

TEST_F(ResumeTest, GoesOnAfterACancel) {
  parseAbs();
  std::string whole = getWhole();
  options.runBatch = 2;
  int runs = 0;
  options.isCancelled = [&] { return ++runs == 5; };
  EXPECT_TRUE(failed(calibrateSpan(0, 20)));
  EXPECT_EQ(messages, "interrupted after 8 of 20 samples; " + partial +
                          " has them: calibrate with resume to go on\n");
  EXPECT_FALSE(exists(options.stats));
  auto file = StatisticsFile::load(partial);
  ASSERT_TRUE(!!file);
  EXPECT_EQ(file->sampleCount(), 8u);
  options.isCancelled = nullptr;
  options.resume = true;
  ASSERT_TRUE(succeeded(calibrateSpan(0, 20))) << messages;
  EXPECT_EQ(read(options.stats), whole);
  EXPECT_FALSE(exists(partial));
}

TEST_F(ResumeTest, WritesCheckpoints) {
  parseAbs();
  options.checkpoint = 1e-9;
  options.runBatch = 4;
  std::vector<uint64_t> counts;
  options.isCancelled = [&] {
    if (auto file = StatisticsFile::load(partial))
      counts.push_back(file->sampleCount());
    else
      llvm::consumeError(file.takeError());
    return false;
  };
  std::string whole = getWhole();
  ASSERT_TRUE(succeeded(calibrateSpan(0, 20))) << messages;
  EXPECT_EQ(counts, (std::vector<uint64_t>{4, 8, 12, 16}));
  EXPECT_FALSE(exists(partial));
  EXPECT_EQ(read(options.stats), whole);
  options.checkpoint = 0;
  counts.clear();
  ASSERT_TRUE(succeeded(calibrateSpan(0, 20))) << messages;
  EXPECT_TRUE(counts.empty());
}

// A checkpoint that cannot be written is a warning, and only one.
TEST_F(ResumeTest, GoesOnWithoutCheckpoints) {
  parseAbs();
  options.checkpoint = 1e-9;
  ASSERT_FALSE(llvm::sys::fs::create_directory(partial));
  EXPECT_TRUE(succeeded(calibrateSpan(0, 20)));
  EXPECT_EQ(messages,
            partial + ": cannot write: is a directory; calibration goes on, "
                      "but what it has so far would be lost with it\n");
  EXPECT_TRUE(exists(options.stats));
}

TEST_F(ResumeTest, RefusesOtherStatistics) {
  parseAbs();
  ASSERT_TRUE(succeeded(calibrateSpan(0, 8))) << messages;
  std::string before = read(options.stats);
  options.resume = true;
  auto refuses = [&](const std::string &difference) {
    EXPECT_TRUE(failed(calibrateSpan(0, 20)));
    EXPECT_EQ(messages, "cannot resume from " + options.stats + ": " +
                            difference +
                            "; calibrate as then, or without resume\n");
    EXPECT_EQ(read(options.stats), before);
  };
  options.batch = 5;
  refuses("it has batches of 4 samples, expected 5");
  options.batch = 4;
  options.channelHistograms = true;
  refuses("tensor 'x:0' has 0 histograms of channels, expected 2");
  options.channelHistograms = false;
  options.rowSample = 3;
  refuses("its histograms hold one row in 1, expected one in 3");
  options.rowSample = 1;
  options.batchHistograms = true;
  refuses("it has no histograms of batches");
  options.batchHistograms = false;
  module->getOperation()->setAttr("npir.model_hash",
                                  StringAttr::get(&context, "1"));
  refuses("it is of the model with hash 0, expected 1");
  parse("tensor<?x2xf32>", observe("%y", "x:0", "%x", "tensor<?x2xf32>"));
  refuses("it has tensor 'y:0', which is not recorded here");
  options.resume = false;
  ASSERT_TRUE(succeeded(calibrateSpan(0, 8))) << messages;
  before = read(options.stats);
  options.resume = true;
  parseAbs();
  refuses("it lacks tensor 'y:0'");
  options.stats.clear();
  EXPECT_TRUE(failed(calibrateSpan(0, 20)));
  EXPECT_EQ(messages, "resume needs stats=FILE, got ''\n");
}

TEST_F(ResumeTest, NamesADamagedFile) {
  parseAbs();
  ASSERT_TRUE(succeeded(calibrateSpan(0, 8))) << messages;
  ASSERT_EQ(truncate(options.stats.c_str(), 100), 0);
  options.resume = true;
  EXPECT_TRUE(failed(calibrateSpan(0, 20)));
  EXPECT_EQ(messages.find("cannot resume: " + options.stats), 0u) << messages;
}

TEST_F(ResumeTest, RefusesTooLittleMemory) {
  parseAbs();
  options.maxMemory = 1 << 20;
  EXPECT_TRUE(failed(calibrateSpan(0, 20)));
  expectMessage("expected max-memory of at least ");
  expectMessage("MiB, got 1.0 MiB; raise it, or record less");
  expectMessage("\nprocess, model and packed weights: ");
  expectMessage("\nlive tensors of one sample: ");
  expectMessage("\nstatistics of 2 tensors: ");
  expectMessage("\nsamples: ");
  EXPECT_FALSE(exists(options.stats));
  options.maxMemory = uint64_t(1) << 40;
  EXPECT_TRUE(succeeded(calibrateSpan(0, 20))) << messages;
}
