// This file measures how long it takes to derive ranges: of 200 tensors from
// their statistics, and of weights from their values.
#include "npir/Observers/Observer.h"

#include <atomic>
#include <benchmark/benchmark.h>
#include <cmath>
#include <random>
#include <string>
#include <thread>

using namespace mlir::npir;

namespace {

using Kind = ObserverParams::Kind;

constexpr QuantFormat kSymmetric{{8, true, true}, QuantScheme::Symmetric};
constexpr QuantFormat kAffine{{8, false, false}, QuantScheme::Affine};

ObserverParams makeParams(Kind kind) {
  ObserverParams params;
  params.kind = kind;
  return params;
}

/// Tensors as of a network, 10 batches each: normal, rectified and with heavy
/// tails, of any scale.
std::vector<TensorStatistics> makeTensors(size_t count) {
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  std::vector<TensorStatistics> tensors(count);
  std::vector<float> batch(20000);
  for (size_t i = 0; i < count; ++i) {
    float scale = std::exp2(4.0f * normal(engine));
    for (uint64_t index = 0; index < 10; ++index) {
      for (float &x : batch) {
        float g = normal(engine);
        x = scale * (i % 3 == 0   ? g
                     : i % 3 == 1 ? std::max(0.0f, g)
                                  : g * g * g);
      }
      tensors[i].record(batch, {index, true});
    }
  }
  return tensors;
}

/// A benchmark that reports wall time in milliseconds.
template <typename Body>
void add(const std::string &name, Body body) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [body](benchmark::State &state) {
                                 for (auto _ : state)
                                   body();
                               })
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

void addTensors() {
  static const std::vector<TensorStatistics> tensors = makeTensors(200);
  auto derive = [](llvm::ArrayRef<Kind> kinds, const QuantFormat &format) {
    for (const TensorStatistics &tensor : tensors)
      for (Kind kind : kinds)
        benchmark::DoNotOptimize(deriveRange(tensor, makeParams(kind), format));
  };
  auto addKind = [&](const char *name, Kind kind, const char *scheme,
                     const QuantFormat &format) {
    add("tensors/200/" + std::string(name) + "/" + scheme,
        [=] { derive(kind, format); });
  };
  addKind("minmax", Kind::MinMax, "symmetric", kSymmetric);
  addKind("ema", Kind::EMA, "symmetric", kSymmetric);
  addKind("percentile", Kind::Percentile, "symmetric", kSymmetric);
  addKind("omse", Kind::OMSE, "symmetric", kSymmetric);
  addKind("omse", Kind::OMSE, "affine", kAffine);
  addKind("kl2048", Kind::KL, "symmetric", kSymmetric);
  addKind("auto", Kind::Auto, "symmetric", kSymmetric);
  addKind("auto", Kind::Auto, "affine", kAffine);
  add("tensors/200/all/symmetric", [=] {
    derive({Kind::MinMax, Kind::EMA, Kind::Percentile, Kind::OMSE, Kind::KL},
           kSymmetric);
  });
}

/// So many threads as `count` share the tasks.
struct Threads {
  size_t count;

  void operator()(size_t tasks, llvm::function_ref<void(size_t)> body) const {
    std::atomic<size_t> next = 0;
    auto work = [&] {
      for (size_t task = next++; task < tasks; task = next++)
        body(task);
    };
    std::vector<std::thread> threads;
    for (size_t i = 1; i < count; ++i)
      threads.emplace_back(work);
    work();
    for (std::thread &thread : threads)
      thread.join();
  }
};

/// As many as ResNet-50 has, in layers of its commonest shapes.
void addWeights() {
  static const std::vector<float> weights = [] {
    std::mt19937 engine(2);
    std::normal_distribution<float> normal;
    std::vector<float> values(25'000'000);
    for (float &x : values)
      x = 0.05f * normal(engine);
    return values;
  }();
  auto derive = [](Kind kind, const QuantFormat &format, size_t threads) {
    Threads pool{threads};
    constexpr ChannelView kLayer{1, 512, 2304};
    for (size_t at = 0; at + kLayer.size() <= weights.size();
         at += kLayer.size())
      benchmark::DoNotOptimize(deriveExactRanges(
          weights.data() + at, kLayer, makeParams(kind), format, pool));
  };
  for (size_t threads : {1, 2}) {
    std::string suffix = "/threads:" + std::to_string(threads);
    add("weights/25M/omse/per_channel" + suffix,
        [=] { derive(Kind::OMSE, kSymmetric, threads); });
    add("weights/25M/kl2048/per_channel" + suffix,
        [=] { derive(Kind::KL, kSymmetric, threads); });
    add("weights/25M/auto/per_channel" + suffix,
        [=] { derive(Kind::Auto, kSymmetric, threads); });
  }
}

} // namespace

int main(int argc, char **argv) {
  addTensors();
  addWeights();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
