// This file tests the recording of tensors: against plain loops, and that
// neither blocks, threads, instruction sets nor shards show in the result.
#include "npir/Observers/TensorRecorder.h"
#include "RandomData.h"
#include "hwy/targets.h"
#include "npir/Observers/StatisticsFile.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <thread>

using namespace mlir::npir;

namespace {

/// Samples of [rows][channels], each row of `rowLength`.
struct Tensor {
  std::vector<float> values;
  ChannelView sample;
  size_t rowLength = 1;

  size_t samples() const { return values.size() / sample.size(); }

  SampleBlock block(size_t begin, size_t end) const {
    SampleBlock block;
    block.data = values.data() + begin * sample.size();
    block.firstSample = begin;
    block.samples = end - begin;
    block.sample = sample;
    block.rowLength = rowLength;
    return block;
  }
};

Tensor makeTensor(Shape shape, size_t samples, ChannelView sample,
                  size_t rowLength, std::mt19937 &random) {
  return {makeValues(shape, samples * sample.size(), random), sample,
          rowLength};
}

constexpr size_t kBatch = 4;

/// Splits the tasks over threads.
auto makeThreads(unsigned count) {
  return [count](size_t tasks, llvm::function_ref<void(size_t)> body) {
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < count; ++thread)
      threads.emplace_back([=] {
        for (size_t task = thread; task < tasks; task += count)
          body(task);
      });
    for (std::thread &thread : threads)
      thread.join();
  };
}

/// What a run over samples [begin, end) records. `cut`: how many samples come
/// in one block at most.
TensorStatistics run(const Tensor &tensor, size_t begin, size_t end,
                     RecordOptions options, size_t cut = kBatch,
                     unsigned threads = 1) {
  TensorRecorder recorder(options);
  auto parallel = makeThreads(threads);
  while (begin < end) {
    size_t index = begin / kBatch, last = std::min(end, (index + 1) * kBatch);
    bool isWhole = last - begin == kBatch;
    for (; begin < last; begin = std::min(last, begin + cut))
      recorder.record(tensor.block(begin, std::min(last, begin + cut)),
                      parallel, threads);
    recorder.endBatch({index, isWhole});
  }
  return recorder.take();
}

std::string print(const TensorStatistics &statistics,
                  const RecordOptions &options, size_t samples) {
  StatisticsFile file;
  file.batchSize = kBatch;
  file.rowSample = options.rowSample;
  file.keepsBatchHistograms = options.batchHistograms;
  llvm::cantFail(file.addSamples({0, samples}));
  file.tensors["t"] = statistics;
  std::string text;
  llvm::raw_string_ostream os(text);
  file.print(os);
  return text;
}

/// True for the elements that histograms and moments count.
bool isCounted(const Tensor &tensor, size_t i, uint64_t rowSample) {
  size_t sample = i / tensor.sample.size();
  size_t row = i % tensor.sample.size() / tensor.rowLength;
  return (row + sample) % rowSample == 0;
}

/// Every field, by plain loops over all values.
void expectDefinition(const Tensor &tensor, const TensorStatistics &got,
                      const RecordOptions &options) {
  uint64_t nan = 0, posInf = 0, negInf = 0, finite = 0;
  float least = INFINITY, greatest = -INFINITY;
  size_t channels = tensor.sample.channels;
  std::vector<float> mins(channels, INFINITY), maxs(channels, -INFINITY);
  long double sum = 0, size = 0, squares = 0;
  std::vector<float> counted;
  std::vector<std::vector<float>> byChannel(channels);
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    float x = tensor.values[i];
    nan += std::isnan(x);
    posInf += x == INFINITY;
    negInf += x == -INFINITY;
    if (!std::isfinite(x))
      continue;
    x = std::fabs(x) < 0x1p-126f ? 0.0f : x;
    ++finite;
    least = std::min(least, x);
    greatest = std::max(greatest, x);
    size_t channel = i / tensor.sample.inner % channels;
    mins[channel] = std::min(mins[channel], x);
    maxs[channel] = std::max(maxs[channel], x);
    if (isCounted(tensor, i, options.rowSample)) {
      sum += x;
      size += std::fabs(x);
      squares += static_cast<long double>(x) * x;
      counted.push_back(x);
      byChannel[channel].push_back(x);
    }
  }
  EXPECT_EQ(got.count, tensor.values.size());
  EXPECT_EQ(got.nanCount, nan);
  EXPECT_EQ(got.posInfCount, posInf);
  EXPECT_EQ(got.negInfCount, negInf);
  EXPECT_EQ(got.minVal, least);
  EXPECT_EQ(got.maxVal, greatest);
  EXPECT_FALSE(std::signbit(got.minVal) && got.minVal == 0.0f);
  if (channels > 1) {
    EXPECT_EQ(got.channelMin, mins);
    EXPECT_EQ(got.channelMax, maxs);
  } else {
    EXPECT_TRUE(got.channelMin.empty());
  }
  ASSERT_TRUE(got.hasMoments());
  EXPECT_NEAR(got.moments.sum.toDouble(), double(sum), 2e-6 * double(size));
  EXPECT_NEAR(got.moments.squares.toDouble(), double(squares),
              2e-6 * double(squares));

  EXPECT_EQ(got.sampledCount, counted.size());
  Histogram expected;
  expected.cover(least, greatest);
  expected.count(counted);
  EXPECT_TRUE(got.histogram == expected);
  EXPECT_EQ(got.channelHistograms.size(),
            options.channelHistograms && channels > 1 ? channels : 0);
  for (size_t i = 0; i < got.channelHistograms.size(); ++i) {
    Histogram channel(Histogram::kChannelLogBins);
    if (mins[i] <= maxs[i])
      channel.cover(mins[i], maxs[i]);
    channel.count(byChannel[i]);
    EXPECT_TRUE(got.channelHistograms[i] == channel) << i;
  }
}

/// Shapes that exercise every loop: single values, odd rows, few channels, many
/// channels, rows across chunks, channels that are not last.
struct ViewAndRow {
  ChannelView sample;
  size_t rowLength;
};
const ViewAndRow kViews[] = {
    {{1, 1, 1}, 1},      {{7, 1, 1}, 7},      {{33, 3, 1}, 9},
    {{49, 16, 1}, 112},  {{1000, 24, 1}, 24}, {{5, 1001, 1}, 1001},
    {{3, 5000, 1}, 700}, {{2, 6, 35}, 35},    {{9000, 1, 1}, 250},
    {{64, 70, 1}, 140},
};

TEST(TensorRecorder, EqualsTheDefinition) {
  std::mt19937 random(3);
  for (const ViewAndRow &view : kViews)
    for (Shape shape : kShapes)
      for (uint64_t rowSample : {1, 4}) {
        Tensor tensor =
            makeTensor(shape, 5, view.sample, view.rowLength, random);
        RecordOptions options;
        options.channelHistograms = true;
        options.rowSample = rowSample;
        SCOPED_TRACE(testing::Message()
                     << view.sample.outer << "x" << view.sample.channels << "x"
                     << view.sample.inner << " kind " << int(shape)
                     << " sample " << rowSample);
        expectDefinition(tensor, run(tensor, 0, 5, options), options);
      }
}

TEST(TensorRecorder, BlocksAndThreadsDoNotShow) {
  std::mt19937 random(4);
  // Large enough that a block has several tasks.
  const ViewAndRow large[] = {{{6000, 24, 1}, 2400}, {{140000, 1, 1}, 1000}};
  std::vector<ViewAndRow> views(std::begin(kViews), std::end(kViews));
  views.insert(views.end(), std::begin(large), std::end(large));
  for (const ViewAndRow &view : views)
    for (uint64_t rowSample : {1, 3}) {
      Shape shape = kShapes[random() % std::size(kShapes)];
      Tensor tensor =
          makeTensor(shape, 10, view.sample, view.rowLength, random);
      RecordOptions options;
      options.channelHistograms = true;
      options.batchHistograms = true;
      options.rowSample = rowSample;
      std::string expected = print(run(tensor, 0, 10, options), options, 10);
      for (unsigned threads : {1, 2, 3})
        for (size_t cut : {1, 3})
          EXPECT_EQ(
              print(run(tensor, 0, 10, options, cut, threads), options, 10),
              expected)
              << view.sample.channels << " " << threads << " " << cut;
    }
}

TEST(TensorRecorder, InstructionSetsDoNotShow) {
  std::mt19937 random(5);
  for (const ViewAndRow &view : kViews) {
    Shape shape = kShapes[random() % std::size(kShapes)];
    Tensor tensor = makeTensor(shape, 5, view.sample, view.rowLength, random);
    RecordOptions options;
    options.rowSample = 1 + random() % 3;
    std::string expected = print(run(tensor, 0, 5, options), options, 5);
    for (int64_t targets = hwy::SupportedTargets(), rest = targets; rest;
         rest &= rest - 1) {
      hwy::SetSupportedTargetsForTest(rest & -rest);
      EXPECT_EQ(print(run(tensor, 0, 5, options), options, 5), expected)
          << hwy::TargetName(rest & -rest);
      hwy::SetSupportedTargetsForTest(0);
    }
  }
}

/// One shard, two, seven: the same bytes, also with batches that are cut.
TEST(TensorRecorder, ShardsGiveTheBytesOfOneRun) {
  std::mt19937 random(6);
  constexpr size_t kSize = 22;
  for (bool batchHistograms : {false, true})
    for (uint64_t rowSample : {1, 4})
      for (Shape shape : kShapes) {
        Tensor tensor = makeTensor(shape, kSize, {6, 20, 1}, 40, random);
        RecordOptions options;
        options.channelHistograms = true;
        options.batchHistograms = batchHistograms;
        options.rowSample = rowSample;
        auto makeShard = [&](size_t begin, size_t end) {
          StatisticsFile file;
          file.batchSize = kBatch;
          file.rowSample = rowSample;
          file.keepsBatchHistograms = batchHistograms;
          llvm::cantFail(file.addSamples({begin, end}));
          file.tensors["t"] = run(tensor, begin, end, options);
          file.tensors["unseen"] = TensorRecorder(options).take();
          return file;
        };
        auto toText = [](const StatisticsFile &file) {
          std::string text;
          llvm::raw_string_ostream os(text);
          file.print(os);
          return text;
        };
        std::string whole = toText(makeShard(0, kSize));
        for (unsigned trial = 0; trial < 5; ++trial) {
          std::vector<size_t> cuts = {0, kSize};
          while (cuts.size() < 8) {
            size_t cut = random() % kSize;
            if (std::find(cuts.begin(), cuts.end(), cut) == cuts.end())
              cuts.push_back(cut);
          }
          std::sort(cuts.begin(), cuts.end());
          std::vector<StatisticsFile> shards;
          for (size_t i = 0; i + 1 < cuts.size(); ++i)
            shards.push_back(llvm::cantFail(StatisticsFile::parse(
                toText(makeShard(cuts[i], cuts[i + 1])), "f")));
          std::shuffle(shards.begin(), shards.end(), random);
          for (size_t i = 1; i < shards.size(); ++i)
            ASSERT_FALSE(bool(shards[0].merge(shards[i], "a", "b")));
          EXPECT_EQ(toText(shards[0]), whole);
        }
      }
}

/// More values than a 32-bit counter holds, in one bin and one batch.
TEST(TensorRecorder, CountersDoNotOverflow) {
  constexpr size_t kSize = size_t(1) << 22, kTimes = 1100;
  Tensor tensor;
  tensor.values.assign(kSize, 0.0f);
  tensor.values[1] = 3.0f;
  tensor.sample = {kSize, 1, 1};
  tensor.rowLength = kSize;
  TensorRecorder recorder;
  for (size_t i = 0; i < kTimes; ++i)
    recorder.record(tensor.block(0, 1));
  // The range grows afterwards.
  tensor.values[1] = -50.0f;
  recorder.record(tensor.block(0, 1));
  recorder.endBatch({0, true});
  TensorStatistics statistics = recorder.take();
  EXPECT_EQ(statistics.histogram.total(), kSize * (kTimes + 1));
  EXPECT_EQ(statistics.histogram.bins()[statistics.histogram.zeroBin()],
            (kSize - 1) * (kTimes + 1));
  EXPECT_EQ(statistics.minVal, -50.0f);
}

/// Batches of very different ranges, each on its own grid.
TEST(TensorRecorder, MemoryIsThatOfTheBinsInUse) {
  std::mt19937 random(8);
  Tensor tensor = makeTensor(Shape::Relu, 40, {100, 1, 1}, 100, random);
  for (size_t i = 0; i < tensor.values.size(); ++i)
    tensor.values[i] *= i % 7 ? 1e-4f : 1e3f;
  TensorRecorder recorder;
  for (uint64_t i = 0; i < 10; ++i) {
    recorder.record(tensor.block(4 * i, 4 * i + 4));
    recorder.endBatch({i, true});
  }
  // 8 + 4 + 2 bytes for each of at most 2^14 bins, on one side, and some
  // copies.
  EXPECT_LT(recorder.memoryBytes(), (14u << 14) + (1u << 14));
  EXPECT_LE(recorder.memoryBytes(), TensorRecorder::maxBytes({}, 1));
  EXPECT_GT(recorder.memoryBytes(), 12u << 12);
}

/// Counters have 16 bits: far more values than these hold share a bin, near
/// zero, where bins have copies, and far from it.
TEST(TensorRecorder, ManyValuesInOneBin) {
  std::vector<float> values;
  for (size_t i = 0; i < 600000; ++i)
    values.push_back(i % 3 == 0 ? 0.75f : i % 3 == 1 ? -1e-5f : 1.0f);
  values.push_back(-2.0f);
  SampleBlock block;
  block.data = values.data();
  block.samples = 1;
  block.sample = {1, 1, values.size()};
  TensorRecorder recorder;
  recorder.record(block);
  recorder.record(block);
  recorder.endBatch({0, true});
  Histogram histogram = recorder.take().histogram;
  size_t zero = histogram.zeroBin();
  auto at = [&](double x) {
    double bin = std::floor(std::fabs(x) / histogram.binWidth()) + 1;
    return histogram.bins()[x < 0 ? zero - size_t(bin) : zero + size_t(bin)];
  };
  EXPECT_EQ(at(0.75), 400000u);
  EXPECT_EQ(at(1.0), 400000u);
  EXPECT_EQ(at(-1e-5), 400000u);
  EXPECT_EQ(at(-2.0), 2u);
  EXPECT_EQ(histogram.total(), 1200002u);
}

/// The grid gets coarser when counters hold more than 16 bits would, and what
/// threads have counted on different grids is added up.
TEST(TensorRecorder, RangeGrowsAfterManyValues) {
  std::mt19937 random(10);
  for (Shape shape : kShapes) {
    Tensor tensor = makeTensor(shape, 4, {200000, 1, 1}, 1000, random);
    for (size_t i = 390000; i < 410000; ++i)
      tensor.values[i] *= -37.0f;
    tensor.values.back() = 1e3f;
    for (unsigned threads : {1, 3}) {
      SCOPED_TRACE(testing::Message() << int(shape) << " " << threads);
      TensorStatistics got = run(tensor, 0, 4, {}, 1, threads);
      expectDefinition(tensor, got, {});
    }
  }
}

TEST(TensorRecorder, SamplesWithoutACountedRow) {
  // One row a sample: only every fourth sample is counted.
  std::mt19937 random(9);
  Tensor tensor = makeTensor(Shape::Gauss, 8, {10, 1, 1}, 10, random);
  RecordOptions options;
  options.rowSample = 4;
  TensorStatistics first = run(tensor, 1, 4, options);
  EXPECT_EQ(first.sampledCount, 0u);
  EXPECT_FALSE(first.hasDistribution());
  ASSERT_FALSE(bool(first.merge(run(tensor, 4, 8, options))));
  EXPECT_EQ(first.sampledCount, 10u);
  EXPECT_TRUE(first.hasDistribution());
}

} // namespace
