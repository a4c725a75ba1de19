// This file tests that a damaged program file is an error or harmless: cut off,
// with flipped bits, and with random graphs under a matching checksum.
#include "TestNet.h"
#include "npir/Runtime/Hash.h"
#include "npir/Runtime/ProgramFormat.h"

#include <cstdlib>

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

/// A bit of everything.
struct MixedNet : Net {
  MixedNet() {
    auto filter = randomWhole<int8_t>(4 * 9 * 3, -127, 127, 1);
    uint32_t x = f32("x:0", {-1, 8, 8, 3});
    uint32_t q = q8("q:0", {-1, 8, 8, 3}, 0.1f, 1);
    uint32_t w = constant("w", {4, 3, 3, 3}, filter,
                          {{0.1f, 0.1f, 0.1f, 0.1f}, {0, 0, 0, 0}, 0});
    uint32_t b = constant("b", {4}, randomWhole<int32_t>(4, -9, 9, 2),
                          {{0.01f, 0.01f, 0.01f, 0.01f}, {0, 0, 0, 0}, 0});
    uint32_t conv = q8("conv:0", {-1, 4, 4, 4}, 0.2f, -3);
    uint32_t dw =
        constant("dw", {1, 3, 3, 4}, randomWhole<int8_t>(36, -127, 127, 3),
                 perTensor(0.05f, 0));
    uint32_t deep = q8("deep:0", {-1, 4, 4, 4}, 0.2f, 5);
    uint32_t sum = q8("sum:0", {-1, 4, 4, 4}, 0.3f, 0);
    uint32_t hard = q8("hard:0", {-1, 4, 4, 4}, 0.3f, 0);
    uint32_t pool = q8("pool:0", {-1, 2, 2, 4}, 0.3f, 0);
    uint32_t thin = q8("thin:0", {-1, 1, 1, 4}, 0.3f, 0);
    uint32_t moved = q8("moved:0", {-1, 4, 1, 1}, 0.3f, 0);
    uint32_t flat = q8("flat:0", {-1, 4}, 0.3f, 0);
    uint32_t mean = q8("mean:0", {-1, 4}, 0.2f, 0);
    uint32_t y = f32("y:0", {-1, 4}), fc = f32("fc:0", {-1, 2});
    uint32_t norm = q8("norm:0", {-1, 4}, 0.1f, 2);
    uint32_t wide = q8("wide:0", {-1, 2, 3, 4}, 0.3f, 0);
    uint32_t s = constant("s", {4}, randomWhole<float>(4, -3, 3, 5));
    uint32_t matrix = constant("m", {2, 4}, randomWhole<float>(8, -3, 3, 4));
    uint32_t square = f32("square:0", {-1, 2, 2});
    uint32_t scores = f32("scores:0", {-1, 2, 2});
    uint32_t weights = f32("weights:0", {-1, 2, 2});
    uint32_t joined = f32("joined:0", {-1, 2, 4});
    uint32_t part = f32("part:0", {-1, 1, 3});
    builder.addInput("x", x);
    builder.addOutput("y", fc);
    builder.addOutput("mean", mean);
    builder.addOutput("norm", norm);
    builder.addOutput("wide", wide);
    builder.addOutput("part", part);
    builder.addOp(segment(
        {x}, {sum},
        {makeOp("xnn.unary", "quant", {x}, {q}, {text("operator", "convert")}),
         makeOp("xnn.convolution_2d", "conv", {q, w, b}, {conv},
                {ints("padding", {1, 1, 1, 1}), ints("strides", {2, 2}),
                 real("output_max", 6)}),
         makeOp("xnn.depthwise_convolution_2d", "deep", {conv, dw}, {deep},
                {ints("padding", {1, 1, 1, 1}), ints("dilations", {1, 1})}),
         makeOp("xnn.binary", "sum", {conv, deep}, {sum},
                {text("operator", "add"), real("output_min", 0)})}));
    builder.addOp(makeOp(
        "npir.hardsigmoid", "hard", {sum}, {hard},
        {{"requant.table", AttributeValue(std::vector<int8_t>(256, 4))}}));
    builder.addOp(makeOp("npir.max_pool2d", "thin", {hard}, {thin},
                         {ints("kernel", {1, 1}), ints("strides", {4, 4})}));
    builder.addOp(segment(
        {hard, thin}, {mean, fc, part},
        {makeOp("xnn.max_pooling_2d", "pool", {hard}, {pool},
                {ints("pooling", {3, 3}), ints("padding", {1, 0, 0, 1}),
                 ints("strides", {2, 2})}),
         makeOp("xnn.static_reduce", "mean", {pool}, {mean},
                {text("operator", "mean"), ints("axes", {1, 2})}),
         makeOp("xnn.static_transpose", "moved", {thin}, {moved},
                {ints("perm", {0, 3, 1, 2})}),
         makeOp("xnn.static_reshape", "flat", {moved}, {flat}),
         makeOp("xnn.unary", "y", {flat}, {y}, {text("operator", "convert")}),
         makeOp("xnn.fully_connected", "fc", {y, matrix}, {fc}),
         makeOp("xnn.static_reshape", "square", {y}, {square}),
         makeOp("xnn.batch_matrix_multiply", "scores", {square, square},
                {scores}, {number("transpose_b", 1)}),
         makeOp("xnn.softmax", "weights", {scores}, {weights}),
         makeOp("xnn.concatenate", "joined", {weights, square}, {joined},
                {number("axis", 2)}),
         makeOp("xnn.static_slice", "part", {joined}, {part},
                {ints("offsets", {0, 1, 0}), ints("sizes", {0, 1, 3})})}));
    builder.addOp(
        makeOp("npir.layer_norm", "norm", {mean, s, s}, {norm},
               {real("epsilon", 0.1f),
                real("requant.variance_offset", 1),
                {"requant.multipliers", AttributeValue(std::vector<float>(4))},
                {"requant.offsets", AttributeValue(std::vector<float>(4))}}));
    builder.addOp(makeOp("npir.broadcast", "wide", {thin, x}, {wide}));
  }
};

std::vector<uint8_t> fileOf(const Net &net) {
  auto memory = net.builder.writeToMemory();
  EXPECT_TRUE(memory.ok());
  return {memory->data(), memory->data() + memory->size()};
}

Expected<std::shared_ptr<const Program>>
parse(const std::vector<uint8_t> &bytes) {
  AlignedBuffer buffer;
  EXPECT_TRUE(buffer.allocate(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), buffer.data());
  return Program::fromBuffer(std::move(buffer), "file.npx");
}

/// Runs a program that may want anything; false where its inputs are too large
/// for a test.
bool feedAndRun(const std::shared_ptr<const Program> &program, bool tapAll) {
  std::deque<std::vector<uint8_t>> data;
  std::vector<NamedTensor> inputs;
  int64_t bytes = 0;
  for (const TensorInfo &tensor : program->tensors())
    bytes = std::max(bytes, numElements(tensor.shapeAt(2)));
  if (bytes > 1 << 20)
    return false;
  for (const Port &port : program->inputs()) {
    const TensorInfo &info = program->tensors()[port.tensor];
    TensorView view{{}, info.type, info.shapeAt(2), nullptr, {}};
    data.emplace_back(view.bytes(), 1);
    view.data = data.back().data();
    inputs.push_back({port.name, view});
  }
  ExecutorOptions options;
  options.tapAll = tapAll;
  auto executor = Executor::create(program, options);
  if (executor.ok()) {
    Status status = (*executor)->run(inputs);
    EXPECT_FALSE(status.isInternal()) << status.message();
  }
  return true;
}

TEST(DamagedProgram, IsSoundToBeginWith) {
  MixedNet net;
  auto program = parse(fileOf(net));
  ASSERT_TRUE(program.ok()) << program.status().message();
  EXPECT_TRUE(feedAndRun(*program, false));
  EXPECT_TRUE(feedAndRun(*program, true));
}

TEST(DamagedProgram, EveryTruncationIsAnError) {
  MixedNet net;
  std::vector<uint8_t> file = fileOf(net);
  for (size_t size = 0; size < file.size(); ++size) {
    auto program = parse({file.begin(), file.begin() + size});
    ASSERT_FALSE(program.ok()) << size;
    ASSERT_EQ(program.status().message().rfind("file.npx: ", 0), 0u);
  }
  file.push_back(0);
  EXPECT_FALSE(parse(file).ok());
}

TEST(DamagedProgram, EveryFlippedBitIsAnError) {
  MixedNet net;
  const std::vector<uint8_t> file = fileOf(net);
  for (size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::vector<uint8_t> damaged = file;
    damaged[bit / 8] ^= uint8_t(1 << bit % 8);
    ASSERT_FALSE(parse(damaged).ok()) << "bit " << bit;
  }
}

TEST(DamagedProgram, HeadersAreNamed) {
  MixedNet net;
  const std::vector<uint8_t> file = fileOf(net);
  auto message = [&](size_t offset, uint8_t value) {
    std::vector<uint8_t> damaged = file;
    damaged[offset] = value;
    return parse(damaged).status().message();
  };
  EXPECT_EQ(message(0, 'x'), "file.npx: not a program file (.npx)");
  EXPECT_EQ(message(8, 3), "file.npx: the file has format version 3, this "
                           "runtime reads up to 2; use a newer runtime");
  EXPECT_EQ(message(8, 0), "file.npx: damaged program file: wrong header");
  EXPECT_EQ(message(200, file[200] ^ 1),
            "file.npx: damaged program file: the graph's checksum does not "
            "match");
  EXPECT_EQ(message(file.size() - 1, 1),
            "file.npx: damaged program file: the constants' checksum does not "
            "match");
  EXPECT_EQ(parse({}).status().message(),
            "file.npx: damaged program file: expected at least 128 bytes, got "
            "0");
}

/// Random graphs with a right checksum: each loads and runs, or is an error.
TEST(DamagedProgram, RandomGraphsAreHarmless) {
  MixedNet net;
  const std::vector<uint8_t> file = fileOf(net);
  ProgramHeader header;
  std::memcpy(&header, file.data(), sizeof(header));
  const char *rounds = std::getenv("NPIR_FUZZ_ROUNDS");
  const int count = rounds ? std::atoi(rounds) : 6000;
  const uint8_t special[] = {0, 1, 2, 3, 4, 5, 8, 127, 128, 254, 255};
  int loaded = 0, ran = 0;
  std::mt19937 engine(1);
  for (int round = 0; round < count; ++round) {
    std::vector<uint8_t> damaged = file;
    for (unsigned edits = 1 + engine() % 3; edits > 0; --edits) {
      size_t at = sizeof(header) + engine() % header.graphSize;
      switch (engine() % 4) {
      case 0:
        damaged[at] = uint8_t(engine());
        break;
      case 1:
        damaged[at] = special[engine() % sizeof(special)];
        break;
      case 2:
        damaged[at] = uint8_t(damaged[at] + (engine() % 2 ? 1 : -1));
        break;
      default: // A word from elsewhere: indices, offsets, lengths.
        at = at / 4 * 4;
        std::memcpy(
            &damaged[at],
            &file[sizeof(header) + engine() % (header.graphSize / 4) * 4], 4);
      }
    }
    ProgramHeader fixed = header;
    fixed.graphHash = hash64(&damaged[sizeof(header)], header.graphSize);
    std::memcpy(damaged.data(), &fixed, sizeof(fixed));
    auto program = parse(damaged);
    if (!program.ok())
      continue;
    ++loaded;
    ran += feedAndRun(*program, round % 2);
  }
  // The test would be void if nothing got through.
  EXPECT_GT(loaded, count / 100);
  EXPECT_GT(ran, count / 100);
}

} // namespace
