// This file tests what programs may and may not look like.
#include "TestNet.h"

#include "npir/Runtime/KernelRegistry.h"

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

Op negate(uint32_t from, uint32_t to) {
  return makeOp("xnn.unary", "neg", {from}, {to}, {text("operator", "negate")});
}

TEST(Program, KeepsWhatTheBuilderGives) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 2});
  std::vector<float> data{1, 2};
  uint32_t c = net.constant("c", {2}, data);
  uint32_t y = net.f32("y:0", {-1, 2});
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  Op op = makeOp("xnn.binary", "add", {x, c}, {y}, {text("operator", "add")});
  op.attributes.push_back(real("minus_zero", -0.0f));
  op.attributes.push_back(ints("none", {}));
  op.attributes.push_back({"floats", AttributeValue(std::vector<float>{1, 2})});
  op.attributes.push_back(
      {"bytes", AttributeValue(std::vector<int8_t>{-1, 2})});
  op.attributes.push_back(number("number", INT64_MIN));
  net.builder.addOp(segment({x}, {y}, {op}));
  auto program = net.load();
  ASSERT_TRUE(program);
  EXPECT_EQ(program->info().producer, "test");
  EXPECT_EQ(program->info().modelHash, "hash");
  EXPECT_EQ(program->info().function, "main");
  EXPECT_EQ(program->info().station, "prepared");
  EXPECT_TRUE(program->hasFreeBatch());
  EXPECT_EQ(program->findTensor("c"), c);
  EXPECT_FALSE(program->findTensor("d"));
  const TensorInfo &constant = program->tensors()[c];
  EXPECT_EQ(reinterpret_cast<uintptr_t>(constant.data) % 64, 0u);
  EXPECT_EQ(std::memcmp(constant.data, data.data(), 8), 0);
  const Op &read = program->ops()[0].body[0];
  EXPECT_EQ(read.name, "add");
  for (const Attribute &attribute : op.attributes) {
    ASSERT_TRUE(read.find(attribute.name)) << attribute.name;
    EXPECT_EQ(*read.find(attribute.name), attribute.value) << attribute.name;
  }
  EXPECT_TRUE(std::signbit(std::get<float>(*read.find("minus_zero"))));
  EXPECT_FALSE(read.find("missing"));
}

TEST(Program, BytesAreDeterministicAndEqualConstantsShared) {
  std::vector<float> data(1000, 1.5f);
  auto build = [&](bool share) {
    ProgramBuilder builder;
    uint32_t x = builder.addTensor(Net::info("x", ElementType::F32, {1000}));
    std::vector<float> copy = data;
    uint32_t a = builder.addConstant(Net::info("a", ElementType::F32, {1000}),
                                     data.data(), 4000);
    uint32_t b = builder.addConstant(Net::info("b", ElementType::F32, {1000}),
                                     share ? data.data() : copy.data(), 4000);
    builder.addInput("x", x);
    for (auto [name, tensor] : {std::pair("a", a), std::pair("b", b)})
      builder.addOutput(name, tensor);
    auto memory = builder.writeToMemory();
    return std::string(reinterpret_cast<const char *>(memory->data()),
                       memory->size());
  };
  EXPECT_EQ(build(true), build(true));
  EXPECT_GE(build(false).size(), build(true).size() + 4032);
}

TEST(Program, InputsConstantsAndRepetitionsMayBeOutputs) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 3});
  uint32_t unused = net.f32("unused:0", {-1, 1});
  uint32_t c = net.constant("c", {2}, {5, 6});
  uint32_t a = net.f32("a:0", {-1, 3}), b = net.f32("b:0", {-1, 3});
  uint32_t dead = net.f32("dead:0", {-1, 3});
  net.builder.addInput("x", x);
  net.builder.addInput("unused", unused);
  net.builder.addOutput("same", x);
  net.builder.addOutput("constant", c);
  net.builder.addOutput("a", a);
  net.builder.addOutput("again", a);
  net.builder.addOutput("b", b);
  net.builder.addOp(
      segment({x}, {a, b}, {negate(x, a), negate(a, b), negate(b, dead)}));
  auto program = net.load();
  std::vector<float> input{1, 2, 3, 4, 5, 6}, other{7, 8};
  for (bool tapAll : {false, true}) {
    ExecutorOptions options;
    options.tapAll = tapAll;
    auto executor = makeExecutor(program, options);
    std::vector<std::string> tapped;
    RunHooks hooks;
    hooks.tap = [&](const TensorView &view) {
      tapped.emplace_back(view.id);
      return Status::success();
    };
    ASSERT_TRUE(
        executor
            ->run({feed("x", {2, 3}, input), feed("unused", {2, 1}, other)},
                  hooks)
            .ok());
    std::vector<float> negative{-1, -2, -3, -4, -5, -6};
    EXPECT_EQ(values<float>(executor->outputs()[0]), input);
    EXPECT_EQ(values<float>(executor->outputs()[1]),
              (std::vector<float>{5, 6}));
    EXPECT_EQ(values<float>(executor->outputs()[2]), negative);
    EXPECT_EQ(values<float>(executor->outputs()[3]), negative);
    EXPECT_EQ(values<float>(executor->outputs()[4]), input);
    std::vector<std::string> all{"x:0", "unused:0", "a:0", "b:0", "dead:0"};
    EXPECT_EQ(tapped, tapAll ? all : std::vector<std::string>());
    // Batches that do not agree.
    EXPECT_EQ(
        executor->run({feed("x", {2, 3}, input), feed("unused", {1, 1}, other)})
            .message(),
        "input 'unused': expected batch 2 as for the tensors before, "
        "got 1");
  }
}

TEST(Program, FreeDimensionMayBeAMultipleOfTheBatch) {
  Net net;
  uint32_t x = net.f32("x:0", {-1, 4, 3});
  TensorInfo info = Net::info("y:0", ElementType::F32, {-1, 3});
  info.batchFactor = 4;
  uint32_t y = net.builder.addTensor(info);
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(
      segment({x}, {y}, {makeOp("xnn.static_reshape", "reshape", {x}, {y})}));
  auto executor = makeExecutor(net.load());
  std::vector<float> input = randomWhole<float>(36, -9, 9, 1);
  for (int batch : {1, 3}) {
    ASSERT_TRUE(executor->run({feed("x", {batch, 4, 3}, input)}).ok());
    EXPECT_EQ(executor->outputs()[0].shape, (Shape{batch * 4, 3}));
    EXPECT_EQ(values<float>(executor->outputs()[0]),
              std::vector<float>(input.begin(), input.begin() + batch * 12));
  }
}

TEST(Program, FixedBatchRunsAtItsOwn) {
  Net net;
  uint32_t x = net.f32("x:0", {2, 3}), y = net.f32("y:0", {2, 3});
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(segment({x}, {y}, {negate(x, y)}));
  auto program = net.load();
  EXPECT_FALSE(program->hasFreeBatch());
  auto executor = makeExecutor(program);
  std::vector<float> input(9, 1);
  EXPECT_TRUE(executor->run({feed("x", {2, 3}, input)}).ok());
  EXPECT_EQ(executor->run({feed("x", {3, 3}, input)}).message(),
            "input 'x': expected shape [2, 3], got [3, 3]");
}

/// A program whose parts a test can break.
struct Broken : Net {
  uint32_t x = f32("x:0", {-1, 3}), y = f32("y:0", {-1, 3});
  std::string error(const std::function<void(Broken &)> &breakIt,
                    bool addOps = true) {
    builder.addInput("x", x);
    if (addOps)
      builder.addOp(segment({x}, {y}, {negate(x, y)}));
    builder.addOutput("y", y);
    breakIt(*this);
    return loadError();
  }
};

void expectError(const std::string &part,
                 const std::function<void(Broken &)> &breakIt,
                 bool addOps = true) {
  Broken net;
  std::string message = net.error(breakIt, addOps);
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(Program, MistakesAreNamed) {
  expectError("tensor 'z:0' is never made",
              [](Broken &net) { net.f32("z:0", {-1, 3}); });
  expectError("expected a unique id, got 'x:0'",
              [](Broken &net) { net.f32("x:0", {-1, 3}); });
  expectError("makes tensor 'y:0' a second time", [](Broken &net) {
    net.builder.addOp(segment({net.x}, {net.y}, {negate(net.x, net.y)}));
  });
  expectError(
      "uses tensor 'y:0' before it is made",
      [](Broken &net) {
        net.builder.addOp(segment({net.y}, {net.y}, {negate(net.y, net.y)}));
      },
      false);
  expectError("which is no input of its segment", [](Broken &net) {
    uint32_t z = net.f32("z:0", {-1, 3});
    net.builder.addOp(segment({}, {z}, {negate(net.x, z)}));
  });
  expectError("must make its output 'x:0' itself", [](Broken &net) {
    uint32_t z = net.f32("z:0", {-1, 3});
    net.builder.addOp(segment({net.x}, {net.x}, {negate(net.x, z)}));
  });
  expectError("has no nested ops",
              [](Broken &net) { net.builder.addOp(segment({}, {}, {})); });
  expectError("this runtime has no kernel 'npir.unknown' of version 1",
              [](Broken &net) {
                net.builder.addOp(makeOp("npir.unknown", "u", {}, {}));
              });
  expectError("this runtime has no kernel 'npir.hardsigmoid' of version 2",
              [](Broken &net) {
                Op op = makeOp("npir.hardsigmoid", "h", {}, {});
                op.version = 2;
                net.builder.addOp(op);
              });
  expectError("unknown XNNPACK op", [](Broken &net) {
    uint32_t z = net.f32("z:0", {-1, 3});
    net.builder.addOp(
        segment({net.x}, {z}, {makeOp("xnn.unknown", "u", {net.x}, {z})}));
  });
  expectError("must not have nested ops", [](Broken &net) {
    Op op = makeOp("npir.hardsigmoid", "h", {net.x}, {net.f32("z:0", {-1, 3})});
    op.body.push_back(op);
    net.builder.addOp(op);
  });
  expectError("expected input names to be unique, got 'x'", [](Broken &net) {
    net.builder.addInput("x", net.f32("z:0", {-1, 3}));
  });
  expectError("expected output names to be unique, got 'y'",
              [](Broken &net) { net.builder.addOutput("y", net.x); });
  expectError("tensor index out of range",
              [](Broken &net) { net.builder.addOutput("z", 99); });
  expectError("to have shape [2, 3] at batch 2, got [2, 4]", [](Broken &net) {
    uint32_t z = net.f32("z:0", {-1, 4});
    net.builder.addOp(segment({net.x}, {z}, {negate(net.x, z)}));
  });
  expectError("expected at most 16 dimensions, got 17",
              [](Broken &net) { net.f32("z:0", Shape(17, 1)); });
  expectError("expected 'z:0' to have at most 6 dimensions, got 7",
              [](Broken &net) {
                uint32_t z = net.f32("z:0", {-1, 1, 1, 1, 1, 1, 3});
                net.builder.addOp(segment({net.x}, {z}, {negate(net.x, z)}));
              });
  expectError("bad shape [?, 0]", [](Broken &net) { net.f32("z:0", {-1, 0}); });
  expectError("is too large", [](Broken &net) {
    net.f32("z:0", {int64_t(1) << 32, int64_t(1) << 32});
  });
  expectError("a constant with a free batch",
              [](Broken &net) { net.constant("z", {-1}, {1}); });
  expectError("expected 8 bytes of data, got 4",
              [](Broken &net) { net.constant("z", {2}, {1}); });
  expectError("scales on f32 elements", [](Broken &net) {
    net.builder.addTensor(
        Net::info("z", ElementType::F32, {1}, Net::perTensor(1, 0)));
  });
  expectError("expected 2 scales, got 1", [](Broken &net) {
    net.constant("z", {2}, std::vector<int8_t>{1, 2}, {{1.0f}, {0}, 0});
  });
  expectError("bad quantization axis 1", [](Broken &net) {
    net.constant("z", {2}, std::vector<int8_t>{1, 2}, {{1.0f}, {0}, 1});
  });
  expectError("cannot be broadcast", [](Broken &net) {
    uint32_t c = net.constant("c", {4}, {1, 2, 3, 4});
    uint32_t z = net.f32("z:0", {-1, 3});
    net.builder.addOp(segment({net.x}, {z},
                              {makeOp("xnn.binary", "add", {net.x, c}, {z},
                                      {text("operator", "add")})}));
  });
}

TEST(Program, OwnKernelsAreCallbacks) {
  class Triple final : public Kernel {
  public:
    Status bind(const std::vector<TensorView> &inputs,
                const std::vector<MutableTensorView> &outputs) override {
      in = inputs[0];
      out = outputs[0];
      return Status::success();
    }
    Status run() override {
      for (int64_t i = 0; i < in.elements(); ++i)
        out.as<float>()[i] = 3 * in.as<float>()[i];
      return Status::success();
    }
    TensorView in;
    MutableTensorView out;
  };
  KernelRegistry registry = KernelRegistry::builtin();
  KernelDef def;
  def.name = "npu.call";
  def.version = 7;
  def.verify = [](const VerifyContext &, const Op &) {
    return Status::success();
  };
  def.create = [](const KernelContext &,
                  const Op &) -> Expected<std::unique_ptr<Kernel>> {
    return std::unique_ptr<Kernel>(new Triple());
  };
  registry.add(def);
  Net net;
  uint32_t x = net.f32("x:0", {-1, 2}), y = net.f32("y:0", {-1, 2});
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  Op op = makeOp("npu.call", "npu", {x}, {y});
  op.version = 7;
  net.builder.addOp(op);
  LoadOptions options;
  options.registry = &registry;
  auto program = Program::fromBuffer(std::move(*net.builder.writeToMemory()),
                                     "p", options);
  ASSERT_TRUE(program.ok()) << program.status().message();
  auto executor = makeExecutor(*program);
  std::vector<float> input{1, 2};
  ASSERT_TRUE(executor->run({feed("x", {1, 2}, input)}).ok());
  EXPECT_EQ(values<float>(executor->outputs()[0]), (std::vector<float>{3, 6}));
}

} // namespace
