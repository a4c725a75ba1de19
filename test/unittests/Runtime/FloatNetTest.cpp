// This file tests float programs against scalar loops, and everything the
// executor can do with them: batches, taps, suffix runs, threads.
#include "TestNet.h"

#include <atomic>
#include <map>
#include <thread>

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

/// conv 3x3 + relu -> depthwise 3x3 -> add (with conv) -> hardsigmoid ->
/// max pool -> mean -> linear. Weights are whole numbers.
struct FloatNet : Net {
  static constexpr int size = 6, channels = 5, classes = 4;
  std::vector<float> filter = randomWhole<float>(channels * 9 * 2, -2, 2, 1);
  std::vector<float> bias = randomWhole<float>(channels, -3, 3, 2);
  std::vector<float> depthwise = randomWhole<float>(9 * channels, -1, 1, 3);
  std::vector<float> linear = randomWhole<float>(classes * channels, -2, 2, 4);

  FloatNet() {
    Shape image{-1, size, size, channels};
    uint32_t x = f32("x:0", {-1, size, size, 2});
    uint32_t w = constant("w", {channels, 3, 3, 2}, filter);
    uint32_t b = constant("b", {channels}, bias);
    uint32_t dw = constant("dw", {1, 3, 3, channels}, depthwise);
    uint32_t fc = constant("fc", {classes, channels}, linear);
    uint32_t conv = f32("conv:0", image), deep = f32("deep:0", image);
    uint32_t sum = f32("sum:0", image), hard = f32("hard:0", image);
    uint32_t pool = f32("pool:0", {-1, size / 2, size / 2, channels});
    uint32_t mean = f32("mean:0", {-1, channels});
    uint32_t out = f32("out:0", {-1, classes});
    builder.addInput("x", x);
    builder.addOutput("y", out);
    builder.addOp(segment(
        {x}, {sum},
        {makeOp("xnn.convolution_2d", "conv", {x, w, b}, {conv},
                {ints("padding", {1, 1, 1, 1}), ints("strides", {1, 1}),
                 real("output_min", 0)}),
         makeOp("xnn.depthwise_convolution_2d", "deep", {conv, dw}, {deep},
                {ints("padding", {1, 1, 1, 1}), number("depth_multiplier", 1)}),
         makeOp("xnn.binary", "sum", {conv, deep}, {sum},
                {text("operator", "add")})}));
    builder.addOp(makeOp("npir.hardsigmoid", "hard", {sum}, {hard}));
    builder.addOp(
        segment({hard}, {out},
                {makeOp("xnn.max_pooling_2d", "pool", {hard}, {pool},
                        {ints("pooling", {2, 2}), ints("strides", {2, 2})}),
                 makeOp("xnn.static_reduce", "mean", {pool}, {mean},
                        {text("operator", "mean"), ints("axes", {1, 2})}),
                 makeOp("xnn.fully_connected", "out", {mean, fc}, {out})}));
  }

  static std::vector<float> input(int batch) {
    return randomWhole<float>(size_t(batch) * size * size * 2, -4, 4, 9);
  }
  static Shape inputShape(int batch) { return {batch, size, size, 2}; }

  std::map<std::string, std::vector<float>> reference(int batch) const {
    std::map<std::string, std::vector<float>> all;
    std::vector<float> x = input(batch);
    ConvShape s{batch, size, size, 2, channels, 3, 1, 1};
    std::vector<double> sums = convolve<double>(
        s, x, 0.0, filter, std::vector<double>(bias.begin(), bias.end()));
    std::vector<float> conv, deep, sum, hard, pool, mean, out;
    for (double v : sums)
      conv.push_back(float(std::max(v, 0.0)));
    // Depthwise: a grouped convolution with the filter's axes moved.
    ConvShape d{batch, size, size, channels, channels, 3, 1, 1, 1, channels};
    std::vector<float> moved(depthwise.size());
    for (int k = 0; k < 9; ++k)
      for (int c = 0; c < channels; ++c)
        moved[c * 9 + k] = depthwise[k * channels + c];
    for (double v : convolve<double>(d, conv, 0.0, moved,
                                     std::vector<double>(channels, 0.0)))
      deep.push_back(float(v));
    for (size_t i = 0; i < conv.size(); ++i) {
      sum.push_back(conv[i] + deep[i]);
      float v = sum[i] * (1.0f / 6.0f);
      v = v + 0.5f;
      hard.push_back(std::min(std::max(v, 0.0f), 1.0f));
    }
    for (int n = 0; n < batch; ++n) {
      std::vector<double> total(channels, 0.0);
      for (int y = 0; y < size; y += 2)
        for (int x2 = 0; x2 < size; x2 += 2)
          for (int c = 0; c < channels; ++c) {
            auto at = [&](int dy, int dx) {
              return hard[((n * size + y + dy) * size + x2 + dx) * channels +
                          c];
            };
            pool.push_back(std::max(std::max(at(0, 0), at(0, 1)),
                                    std::max(at(1, 0), at(1, 1))));
            total[c] += pool.back();
          }
      for (int c = 0; c < channels; ++c)
        mean.push_back(float(total[c] / 9));
      for (int o = 0; o < classes; ++o) {
        double v = 0;
        for (int c = 0; c < channels; ++c)
          v += double(linear[o * channels + c]) *
               mean[mean.size() - channels + c];
        out.push_back(float(v));
      }
    }
    all = {{"x:0", x},       {"conv:0", conv}, {"deep:0", deep},
           {"sum:0", sum},   {"hard:0", hard}, {"pool:0", pool},
           {"mean:0", mean}, {"out:0", out}};
    return all;
  }
};

void expectNear(const std::vector<float> &got, const std::vector<float> &want,
                const std::string &what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], want[i], 1e-5) << what << " element " << i;
}

Status runNet(Executor &executor, int batch, const RunHooks &hooks = {}) {
  std::vector<float> input = FloatNet::input(batch);
  return executor.run({feed("x", FloatNet::inputShape(batch), input)}, hooks);
}

TEST(FloatNet, OneExecutorRunsAnyBatch) {
  FloatNet net;
  auto executor = makeExecutor(net.load());
  ASSERT_TRUE(executor);
  EXPECT_EQ(executor->numSteps(), 3u);
  for (int batch : {1, 64, 3, 64, 1}) {
    Status status = runNet(*executor, batch);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(executor->batch(), batch);
    ASSERT_EQ(executor->outputs().size(), 1u);
    EXPECT_EQ(executor->outputs()[0].shape, (Shape{batch, 4}));
    expectNear(values<float>(executor->outputs()[0]),
               net.reference(batch)["out:0"], "batch");
  }
}

TEST(FloatNet, TapsShowEveryTensorAndChangeNothing) {
  FloatNet net;
  auto program = net.load();
  auto plain = makeExecutor(program);
  ASSERT_TRUE(runNet(*plain, 3).ok());
  ExecutorOptions options;
  options.tapAll = true;
  auto tapped = makeExecutor(program, options);
  EXPECT_EQ(tapped->numSteps(), 7u);
  std::map<std::string, std::vector<float>> seen;
  std::vector<std::string> order;
  RunHooks hooks;
  hooks.tap = [&](const TensorView &view) {
    order.emplace_back(view.id);
    seen[std::string(view.id)] = values<float>(view);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(view.data) % 64, 0u);
    return Status::success();
  };
  ASSERT_TRUE(runNet(*tapped, 3, hooks).ok());
  EXPECT_EQ(order,
            (std::vector<std::string>{"x:0", "conv:0", "deep:0", "sum:0",
                                      "hard:0", "pool:0", "mean:0", "out:0"}));
  for (auto &[id, want] : net.reference(3))
    expectNear(seen[id], want, id);
  // Whole numbers up to here.
  EXPECT_EQ(seen["sum:0"], net.reference(3)["sum:0"]);
  EXPECT_EQ(seen["hard:0"], net.reference(3)["hard:0"]);
  EXPECT_EQ(values<float>(plain->outputs()[0]),
            values<float>(tapped->outputs()[0]));
}

TEST(FloatNet, TapsAreNamedAndMayEndTheRun) {
  FloatNet net;
  auto program = net.load();
  ExecutorOptions options;
  options.taps = {"conv:0", "mean:0"};
  auto executor = makeExecutor(program, options);
  EXPECT_EQ(executor->numSteps(), 5u);
  int calls = 0;
  RunHooks hooks;
  hooks.tap = [&](const TensorView &view) {
    ++calls;
    return view.id == "mean:0" ? Status::error("enough") : Status::success();
  };
  EXPECT_EQ(runNet(*executor, 2, hooks).message(), "enough");
  EXPECT_EQ(calls, 2);
  for (auto [id, message] :
       {std::pair("nothing:0", "cannot tap 'nothing:0': no such tensor"),
        std::pair("w", "cannot tap 'w': it is a constant")}) {
    options.taps = {id};
    auto failed = Executor::create(program, options);
    EXPECT_NE(failed.status().message().find(message), std::string::npos);
  }
}

TEST(FloatNet, SuffixRunsAreBitIdentical) {
  FloatNet net;
  auto program = net.load();
  for (bool tapAll : {false, true}) {
    ExecutorOptions options;
    options.tapAll = tapAll;
    auto executor = makeExecutor(program, options);
    auto other = makeExecutor(program, options);
    struct Saved {
      std::vector<TensorView> views;
      std::deque<std::vector<uint8_t>> data;
    };
    std::vector<Saved> saved(executor->numSteps() + 1);
    RunHooks hooks;
    hooks.beforeStep = [&](size_t step) {
      for (TensorView view : executor->liveViews(step)) {
        auto *bytes = view.as<uint8_t>();
        saved[step].data.emplace_back(bytes, bytes + view.bytes());
        view.data = saved[step].data.back().data();
        saved[step].views.push_back(view);
      }
      return Status::success();
    };
    ASSERT_TRUE(runNet(*executor, 5, hooks).ok());
    auto want = values<float>(executor->outputs()[0]);
    for (size_t step = 0; step <= executor->numSteps(); ++step) {
      EXPECT_EQ(saved[step].views.size(), executor->liveTensors(step).size());
      ASSERT_FALSE(saved[step].views.empty());
      for (Executor *runner : {executor.get(), other.get()}) {
        ASSERT_TRUE(runNet(*runner, 2).ok());
        Status status = runner->runFrom(step, saved[step].views);
        ASSERT_TRUE(status.ok()) << status.message();
        EXPECT_EQ(values<float>(runner->outputs()[0]), want) << step;
      }
    }
    Status status = executor->runFrom(1, {});
    EXPECT_NE(status.message().find("is missing"), std::string::npos);
    status = executor->runFrom(99, {});
    EXPECT_NE(status.message().find("expected a step of at most"),
              std::string::npos);
    status = executor->runFrom(executor->numSteps(), saved[0].views);
    EXPECT_NE(status.message().find("is not live before step"),
              std::string::npos);
  }
}

TEST(FloatNet, ThreadsAndConcurrentExecutorsAreBitIdentical) {
  FloatNet net;
  auto program = net.load();
  auto one = makeExecutor(program);
  ASSERT_TRUE(runNet(*one, 33).ok());
  auto want = values<float>(one->outputs()[0]);
  auto work = [&](unsigned threads) {
    ExecutorOptions options;
    options.threads = threads;
    options.tapAll = threads == 2;
    auto executor = makeExecutor(program, options);
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(runNet(*executor, 1 + i).ok());
      EXPECT_TRUE(runNet(*executor, 33).ok());
      EXPECT_EQ(values<float>(executor->outputs()[0]), want);
    }
  };
  std::thread a(work, 1), b(work, 2), c(work, 2);
  a.join();
  b.join();
  c.join();
}

TEST(FloatNet, ThreadsTakeTasksOfTaps) {
  FloatNet net;
  auto plain = makeExecutor(net.load());
  ASSERT_TRUE(runNet(*plain, 5).ok());
  for (unsigned threads : {1u, 2u, 3u}) {
    ExecutorOptions options;
    options.threads = threads;
    options.tapAll = true;
    options.parallelTaps = true;
    auto executor = makeExecutor(net.load(), options);
    constexpr size_t tasks = 100;
    std::vector<std::atomic<int>> calls(tasks);
    int taps = 0;
    RunHooks hooks;
    hooks.tap = [&](const TensorView &) {
      ++taps;
      executor->parallelFor(tasks, [&](size_t task) { ++calls[task]; });
      executor->parallelFor(0, [&](size_t) { ADD_FAILURE(); });
      return Status::success();
    };
    ASSERT_TRUE(runNet(*executor, 5, hooks).ok());
    EXPECT_EQ(taps, 8);
    for (std::atomic<int> &count : calls)
      EXPECT_EQ(count, 8);
    EXPECT_EQ(values<float>(executor->outputs()[0]),
              values<float>(plain->outputs()[0]));
  }
}

TEST(FloatNet, TellsItsMemory) {
  FloatNet net;
  auto executor = makeExecutor(net.load());
  MemoryUse use = executor->memoryUse();
  EXPECT_EQ(use.constants, executor->program().constantBytes());
  EXPECT_GE(use.packed, net.filter.size() * sizeof(float));
  EXPECT_EQ(use.tensors + use.workspace, 0u);
  for (int64_t batch : {3, 50}) {
    auto bytes = executor->arenaBytes(batch);
    ASSERT_TRUE(bytes.ok());
    ASSERT_TRUE(executor->prepare(batch).ok());
    EXPECT_EQ(executor->batch(), batch);
    EXPECT_EQ(executor->arenaBytes(), *bytes);
    use = executor->memoryUse();
    EXPECT_EQ(use.tensors, *bytes);
    // `conv` and `deep` lie in XNNPACK's memory.
    EXPECT_GE(use.workspace, size_t(batch) * 6 * 6 * 5 * sizeof(float));
    EXPECT_LT(use.workspace, size_t(batch) * 6 * 6 * 5 * 32 + 100000);
  }
  auto tooLarge = executor->arenaBytes(int64_t(1) << 60);
  ASSERT_FALSE(tooLarge.ok());
  EXPECT_NE(tooLarge.status().message().find("too large"), std::string::npos);
}

TEST(FloatNet, ProfilesAndCutsEveryOp) {
  FloatNet net;
  ExecutorOptions options;
  options.profile = options.cutEveryOp = true;
  auto executor = makeExecutor(net.load(), options);
  ASSERT_TRUE(runNet(*executor, 2).ok());
  ASSERT_EQ(executor->profile().size(), 7u);
  EXPECT_EQ(executor->profile()[1].name, "deep");
  EXPECT_EQ(executor->profile()[1].calls, 1u);
  executor->resetProfile();
  EXPECT_EQ(executor->profile()[1].calls, 0u);
  expectNear(values<float>(executor->outputs()[0]), net.reference(2)["out:0"],
             "out");
}

TEST(FloatNet, WrongInputsAreErrors) {
  FloatNet net;
  auto executor = makeExecutor(net.load());
  std::vector<float> data = FloatNet::input(2);
  std::vector<int8_t> bytes(data.size());
  auto message = [&](const std::vector<NamedTensor> &inputs) {
    return executor->run(inputs).message();
  };
  Shape shape = FloatNet::inputShape(2);
  EXPECT_EQ(message({}), "input 'x' is missing");
  EXPECT_EQ(message({feed("z", shape, data)}),
            "unknown input 'z', expected one of 'x'");
  EXPECT_EQ(message({feed("x", shape, data), feed("x", shape, data)}),
            "input 'x' is given twice");
  EXPECT_EQ(message({feed("x", shape, bytes)}),
            "input 'x': expected element type f32, got i8");
  EXPECT_EQ(message({feed("x", {2, 6, 5, 2}, data)}),
            "input 'x': expected shape [?, 6, 6, 2], got [2, 6, 5, 2]");
  EXPECT_EQ(message({feed("x", {0, 6, 6, 2}, data)}),
            "input 'x': expected shape [?, 6, 6, 2], got [0, 6, 6, 2]");
  EXPECT_EQ(message({{"x", {{}, ElementType::F32, shape, nullptr, {}}}}),
            "input 'x': no data");
  EXPECT_NE(
      message({feed("x", {int64_t(1) << 40, 6, 6, 2}, data)}).find("too large"),
      std::string::npos);
  float result[8];
  EXPECT_EQ(
      executor->run({feed("x", shape, data)}, {{"z", result, 32}}).message(),
      "unknown output 'z', expected one of 'y'");
  EXPECT_EQ(
      executor->run({feed("x", shape, data)}, {{"y", result, 31}}).message(),
      "output 'y': expected 32 bytes of memory, got 31");
  ASSERT_TRUE(
      executor->run({feed("x", shape, data)}, {{"y", result, 32}}).ok());
  expectNear({result, result + 8}, net.reference(2)["out:0"], "out");
}

} // namespace
