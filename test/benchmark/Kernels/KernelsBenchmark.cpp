// This file measures NPIR's own kernels: one thread, data in the caches. Time
// is per call; items are elements.
#include "npir/Kernels/Fast/Elementwise.h"
#include "npir/Kernels/Fast/LayerNorm.h"
#include "npir/Kernels/Reference/LayerNorm.h"

#include <benchmark/benchmark.h>
#include <random>
#include <string>
#include <vector>

using namespace npir_kernels;

namespace {

std::vector<float> makeFloats(size_t count) {
  std::mt19937 engine(1);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(engine);
  return values;
}

std::vector<int8_t> makeBytes(size_t count) {
  std::mt19937 engine(1);
  std::vector<int8_t> values(count);
  for (int8_t &value : values)
    value = int8_t(engine());
  return values;
}

/// Rows and channels of an activation of a vision transformer: ViT-B, and the
/// bundled network's.
struct Rows {
  int64_t rows, channels;
  size_t count() const { return size_t(rows * channels); }
};
constexpr Rows sizes[] = {{197, 768}, {17, 64}};

const char *nameOf(fast::InstructionSet set) {
  switch (set) {
  case fast::InstructionSet::Baseline:
    return "baseline";
  case fast::InstructionSet::Avx2:
    return "avx2";
  case fast::InstructionSet::Avx512:
    return "avx512";
  }
  return "";
}

/// Registers `body`, which processes `count` elements per call.
template <typename Body>
void add(const std::string &name, size_t count, Body body) {
  benchmark::RegisterBenchmark(
      name.c_str(), [count, body](benchmark::State &state) mutable {
        for (auto _ : state) {
          body();
          benchmark::ClobberMemory();
        }
        state.SetItemsProcessed(state.iterations() * int64_t(count));
      });
}

void addLayerNorm(Rows size) {
  const std::string suffix =
      "/" + std::to_string(size.rows) + "x" + std::to_string(size.channels);
  const auto numbers = makeFloats(size_t(size.channels));
  const auto bytes = makeBytes(size.count());
  const auto floats = makeFloats(size.count());
  for (fast::InstructionSet set : fast::instructionSets) {
    if (!fast::isSupported(set))
      continue;
    add("layer_norm/i8/" + std::string(nameOf(set)) + suffix, size.count(),
        [=, output = std::vector<int8_t>(size.count())]() mutable {
          fast::layerNormI8({size.channels, 2.5f, numbers.data(),
                             numbers.data(), 3, -128, 127},
                            bytes.data(), output.data(), 0, size_t(size.rows),
                            set);
        });
    add("layer_norm/f32/" + std::string(nameOf(set)) + suffix, size.count(),
        [=, output = std::vector<float>(size.count())]() mutable {
          fast::layerNormF32(
              {size.channels, 1e-5f, numbers.data(), numbers.data()},
              floats.data(), output.data(), 0, size_t(size.rows), set);
        });
  }
  const std::vector<int64_t> shape = {size.rows, size.channels};
  add("layer_norm/i8/reference" + suffix, size.count(),
      [=, output = std::vector<int8_t>(size.count())]() mutable {
        reference::layerNorm(
            {bytes.data(), shape.data(), 2},
            {2.5f, numbers.data(), numbers.data(), 3, {-128, 127}},
            {output.data(), shape.data(), 2});
      });
  add("layer_norm/f32/reference" + suffix, size.count(),
      [=, output = std::vector<float>(size.count())]() mutable {
        reference::layerNorm({floats.data(), shape.data(), 2}, numbers.data(),
                             numbers.data(), 1e-5f,
                             {output.data(), shape.data(), 2});
      });
}

void addUnary(size_t count) {
  const auto floats = makeFloats(count);
  for (const fast::UnaryF32 &function : fast::getUnaryKernels())
    add(std::string(unaryName(function.kind)) + "/f32", count,
        [=, output = std::vector<float>(count)]() mutable {
          function.run(floats.data(), output.data(), count, /*a=*/0.25f,
                       /*b=*/0, fast::bestInstructionSet());
        });
  const auto bytes = makeBytes(count), table = makeBytes(256);
  add("lookup/i8", count, [=, output = std::vector<int8_t>(count)]() mutable {
    fast::lookupI8(bytes.data(), output.data(), count, table.data());
  });
}

} // namespace

int main(int argc, char **argv) {
  for (Rows size : sizes)
    addLayerNorm(size);
  addUnary(1 << 14);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
