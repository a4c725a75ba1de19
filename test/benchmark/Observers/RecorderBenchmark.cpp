// This file measures the recording of tensors: what an element, a call and the
// end of a batch cost.
#include "benchmark/benchmark.h"
#include "hwy/targets.h"
#include "npir/Observers/TensorRecorder.h"
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace mlir::npir;

namespace {

enum Values { ReLU6, GELU, Gauss, HeavyTail };
constexpr const char *kNames[] = {"relu6", "gelu", "gauss", "heavy"};

/// Seeded; zeros of ReLU6 are scattered as behind a convolution.
std::vector<float> makeValues(int64_t kind, size_t size) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float &value : values) {
    float x = normal(random);
    switch (kind) {
    case ReLU6:
      value = std::clamp(4 * x, 0.0f, 6.0f);
      break;
    case GELU:
      value = 0.5f * x * (1 + std::erf(x * 0.70710678f));
      break;
    case Gauss:
      value = x;
      break;
    case HeavyTail:
      value = x * x * x * x * x;
      break;
    }
  }
  return values;
}

SampleBlock makeBlock(const std::vector<float> &values, size_t channels) {
  SampleBlock block;
  block.data = values.data();
  block.samples = 1;
  block.sample = {values.size() / channels, channels, 1};
  block.rowLength = std::min<size_t>(block.sample.size(), 16 * channels);
  return block;
}

void setRate(benchmark::State &state, size_t size) {
  state.counters["ns/element"] = benchmark::Counter(
      double(size) * 1e-9, benchmark::Counter::kIsIterationInvariantRate |
                               benchmark::Counter::kInvert);
}

/// A whole tensor of [elements / channels][channels]; one row of `sample`.
void record(benchmark::State &state) {
  size_t channels = state.range(2), size = state.range(1) / channels * channels;
  std::vector<float> values = makeValues(state.range(0), size);
  RecordOptions options;
  options.rowSample = state.range(3);
  TensorRecorder recorder(options);
  SampleBlock block = makeBlock(values, channels);
  recorder.record(block);
  for (auto _ : state)
    recorder.record(block);
  state.SetLabel(kNames[state.range(0)]);
  setRate(state, size);
}
BENCHMARK(record)
    ->ArgNames({"values", "elements", "channels", "sample"})
    ->ArgsProduct({{ReLU6, GELU, Gauss, HeavyTail},
                   {10000, 100000, 400000, 4000000},
                   {64},
                   {1, 4}})
    ->ArgsProduct({{ReLU6, Gauss}, {400000}, {1, 16, 24, 960}, {1}})
    ->ArgsProduct({{Gauss}, {300000}, {1, 64, 197, 384, 1536}, {4}});

/// The same on an older machine.
void recordWithAVX2(benchmark::State &state) {
  if (!(hwy::SupportedTargets() & HWY_AVX2)) {
    state.SkipWithError("this machine has no AVX2");
    return;
  }
  hwy::SetSupportedTargetsForTest(HWY_AVX2);
  record(state);
  hwy::SetSupportedTargetsForTest(0);
}
BENCHMARK(recordWithAVX2)
    ->ArgNames({"values", "elements", "channels", "sample"})
    ->ArgsProduct({{ReLU6, GELU, Gauss, HeavyTail}, {100000}, {64}, {1}});

/// The histograms of channels, too.
void recordChannels(benchmark::State &state) {
  size_t channels = state.range(0), size = 400000 / channels * channels;
  std::vector<float> values = makeValues(Gauss, size);
  RecordOptions options;
  options.channelHistograms = true;
  TensorRecorder recorder(options);
  SampleBlock block = makeBlock(values, channels);
  recorder.record(block);
  for (auto _ : state)
    recorder.record(block);
  setRate(state, size);
}
BENCHMARK(recordChannels)->ArgName("channels")->Arg(16)->Arg(384);

/// A block of so few values that the call is what costs.
void recordFew(benchmark::State &state) {
  std::vector<float> values = makeValues(Gauss, state.range(0));
  TensorRecorder recorder;
  SampleBlock block = makeBlock(values, 10);
  recorder.record(block);
  for (auto _ : state)
    recorder.record(block);
}
BENCHMARK(recordFew)->ArgName("elements")->Arg(10)->Arg(1000);

/// The end of a batch of so many values, which is most of what this takes.
void endBatch(benchmark::State &state) {
  std::vector<float> few = makeValues(Gauss, 1000);
  TensorRecorder recorder;
  few[0] = 4.8f;
  few[1] = -4.8f;
  SampleBlock block = makeBlock(few, 10);
  uint64_t index = 0;
  for (auto _ : state) {
    recorder.record(block);
    recorder.endBatch({index++, true});
    // The number of batches is not measured.
    if (index % 1024 == 0) {
      state.PauseTiming();
      recorder.take();
      state.ResumeTiming();
    }
  }
}
BENCHMARK(endBatch);

} // namespace

BENCHMARK_MAIN();
