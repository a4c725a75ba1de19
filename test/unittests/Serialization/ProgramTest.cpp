// This file tests that a written program holds what the module said, and that
// it computes what it should.
#include "NPXTestUtils.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::npir;

namespace {

using ProgramTest = NPXTest;

TEST_F(ProgramTest, FloatLinear) {
  auto program = compile(R"mlir(
    module attributes {npir.model_hash = "abcd"} {
    func.func @net(%x: tensor<?x2xf32> {npir.name = "x"} loc("data"))
        -> (tensor<?x2xf32> {npir.name = "y"}) attributes {npir.station = #npir.station<prepared>} {
      %w = npir.constant dense<[[1.0, 2.0], [-3.0, 0.5]]> : tensor<2x2xf32> loc("w")
      %b = npir.constant dense<[0.5, -1.0]> : tensor<2xf32> loc("b")
      %0 = npir.linear %x, %w, %b {clamp_min = 0.0 : f32} : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc")
      return %0 : tensor<?x2xf32>
    }
    })mlir");
  ASSERT_TRUE(program) << message;
  EXPECT_EQ(program->info().modelHash, "abcd");
  EXPECT_EQ(program->info().function, "net");
  EXPECT_EQ(program->info().station, "target");
  EXPECT_EQ(program->inputs()[0].name, "x");
  EXPECT_EQ(program->outputs()[0].name, "y");
  EXPECT_TRUE(program->findTensor("data:0"));
  EXPECT_TRUE(program->findTensor("w:0"));
  ASSERT_TRUE(program->findTensor("fc:0"));
  EXPECT_EQ(program->outputs()[0].tensor, *program->findTensor("fc:0"));
  EXPECT_EQ(program->ops()[0].kernel, "xnn.subgraph");
  EXPECT_EQ(program->ops()[0].body[0].kernel, "xnn.fully_connected");
  EXPECT_EQ(program->ops()[0].body[0].name, "fc");
  // 1 + 2 * 2 + 0.5; -3 + 0.5 * 2 - 1 is bounded.
  EXPECT_EQ((run<float, float>(program, {1, 2}, {1, 2})),
            (std::vector<float>{5.5f, 0.0f}));
  EXPECT_EQ((run<float, float>(program, {3, 2}, {1, 2, 0, 0, -1, 0})),
            (std::vector<float>{5.5f, 0.0f, 0.5f, 0.0f, 0.0f, 2.0f}));
}

/// Quantize, a linear layer with one scale for its weights, dequantize.
TEST_F(ProgramTest, IntegerLinear) {
  auto program = compile(R"mlir(
    !qa = !quant.uniform<i8:f32, 5.0e-01:-10>
    !qw = !quant.uniform<i8<-127:127>:f32, 2.5e-01>
    !qb = !quant.uniform<i32:f32, 1.25e-01>
    !qy = !quant.uniform<i8:f32, 1.0:3>
    func.func @main(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2x!qy>
        attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
      %q = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa> loc("x.quantize")
      %w = npir.constant dense<[[4, 8], [-12, 2]]> : tensor<2x2xi8> as tensor<2x2x!qw> loc("w")
      %b = npir.constant dense<[4, -8]> : tensor<2xi32> as tensor<2x!qb> loc("b")
      %0 = npir.linear %q, %w, %b {requant = #npir.requant_f32<multipliers = [1.25e-01], min = -128, max = 127>}
          : (tensor<?x2x!qa>, tensor<2x2x!qw>, tensor<2x!qb>) -> tensor<?x2x!qy> loc("fc")
      return %0 : tensor<?x2x!qy>
    })mlir");
  ASSERT_TRUE(program) << message;
  const npir_rt::TensorInfo &w =
      program->tensors()[*program->findTensor("w:0")];
  EXPECT_EQ(w.type, npir_rt::ElementType::I8);
  EXPECT_EQ(w.quantization.axis, 0);
  EXPECT_EQ(w.quantization.scales, (std::vector<float>{0.25f, 0.25f}));
  const npir_rt::TensorInfo &y =
      program->tensors()[*program->findTensor("fc:0")];
  EXPECT_EQ(y.quantization.zeroPoints, std::vector<int32_t>{3});
  // x = [1, 2] is [2, 4] above the zero point: 4*2 + 8*4 + 4 = 44, 44/8 = 5.5
  // rounds to 6; -12*2 + 2*4 - 8 = -24, -3. The zero point is 3.
  EXPECT_EQ((run<int8_t, float>(program, {1, 2}, {1, 2})),
            (std::vector<int8_t>{9, 0}));
}

/// A type that stores no -128 never holds one.
TEST_F(ProgramTest, NarrowStorage) {
  auto program = compile(R"mlir(
    !qn = !quant.uniform<i8<-127:127>:f32, 5.0e-01>
    func.func @main(%x: tensor<?x3xf32> loc("x")) -> tensor<?x3x!qn>
        attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
      %q = npir.quantize %x : tensor<?x3xf32> -> tensor<?x3x!qn> loc("x.quantize")
      return %q : tensor<?x3x!qn>
    })mlir");
  ASSERT_TRUE(program) << message;
  EXPECT_TRUE(program->findTensor("x.quantize:0"));
  EXPECT_EQ((run<int8_t, float>(program, {1, 3}, {-1000, 1, 1000})),
            (std::vector<int8_t>{-127, 2, 127}));
}

/// Kernels of NPIR between subgraphs get their attributes: in float and as a
/// table.
TEST_F(ProgramTest, KernelsBetweenSubgraphs) {
  auto program = compile(R"mlir(
    func.func @main(%x: tensor<?x3x3x1xf32> loc("x")) -> tensor<?x1x1x1xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %0 = npir.relu %x : tensor<?x3x3x1xf32> -> tensor<?x3x3x1xf32> loc("relu")
      %1 = npir.max_pool2d %0 {kernel = array<i64: 1, 2>, strides = array<i64: 3, 3>} : tensor<?x3x3x1xf32> -> tensor<?x1x1x1xf32> loc("pool")
      %2 = npir.hardsigmoid %1 : tensor<?x1x1x1xf32> -> tensor<?x1x1x1xf32> loc("hs")
      %3 = npir.add %2, %1 : (tensor<?x1x1x1xf32>, tensor<?x1x1x1xf32>) -> tensor<?x1x1x1xf32> loc("add")
      return %3 : tensor<?x1x1x1xf32>
    })mlir");
  ASSERT_TRUE(program) << message;
  ASSERT_EQ(program->ops().size(), 4u);
  EXPECT_EQ(program->ops()[1].kernel, "npir.max_pool2d");
  EXPECT_EQ(program->ops()[2].kernel, "npir.hardsigmoid");
  // The largest of 1 and 3 is 3; hardsigmoid(3) is 1.
  EXPECT_EQ(
      (run<float, float>(program, {1, 3, 3, 1}, {1, 3, 9, 9, 9, 9, 9, 9, 9})),
      std::vector<float>{4});
}

TEST_F(ProgramTest, RequantAttributes) {
  std::string table;
  for (int i = 0; i < 256; ++i)
    table += (i ? ", " : "") + std::to_string(i % 100);
  auto module = parse(
      R"mlir(
    !q = !quant.uniform<i8:f32, 5.0e-01>
    func.func @main(%x: tensor<?x2x!q> loc("x")) -> tensor<?x2x!q>
        attributes {npir.station = #npir.station<target>} {
      %0 = npir.hardsigmoid %x {requant = #npir.requant_table<table = [)mlir" +
      table +
      R"mlir(], min = -5, max = 99>} : tensor<?x2x!q> -> tensor<?x2x!q> loc("hs")
      return %0 : tensor<?x2x!q>
    })mlir");
  ASSERT_TRUE(module) << message;
  auto program = buildProgram(*module);
  ASSERT_TRUE(succeeded(program)) << message;
  const npir_rt::Op &op = (*program)->ops()[0];
  EXPECT_EQ(std::get<std::string>(*op.find("requant.kind")), "table");
  EXPECT_EQ(std::get<int64_t>(*op.find("requant.min")), -5);
  EXPECT_EQ(std::get<int64_t>(*op.find("requant.max")), 99);
  EXPECT_EQ(std::get<std::vector<int8_t>>(*op.find("requant.table"))[7], 7);
  EXPECT_EQ((run<int8_t, int8_t>(*program, {1, 2}, {3, -1})),
            (std::vector<int8_t>{3, 55}));
}

/// The same constant in two subgraphs is stored once; with two types it is two
/// tensors over one place.
TEST_F(ProgramTest, SharedConstants) {
  auto program = compile(R"mlir(
    func.func @main(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %c = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("c")
      %0 = npir.add %x, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("a")
      %1 = npir.hardsigmoid %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("h")
      %2 = npir.add %1, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("b")
      return %2 : tensor<?x2xf32>
    })mlir");
  ASSERT_TRUE(program) << message;
  EXPECT_EQ(program->tensors().size(), 5u);
  EXPECT_EQ((run<float, float>(program, {1, 2}, {100, -100})),
            (std::vector<float>{2, 2}));

  auto typed = compile(R"mlir(
    !q = !quant.uniform<i8:f32, 5.0e-01>
    func.func @main(%x: tensor<1x2x!q> loc("x")) -> tensor<1x2x!q>
        attributes {npir.station = #npir.station<integer>} {
      %c = npir.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8> as tensor<2x2x!q> loc("c")
      %0 = npir.linear %x, %c {requant = #npir.requant_f32<multipliers = [5.0e-01], min = -128, max = 127>}
          : (tensor<1x2x!q>, tensor<2x2x!q>) -> tensor<1x2x!q> loc("fc")
      %1 = npir.add %0, %c {requant = #npir.requant_shift_add<lhs = 1048576, rhs = 1048576, shift = 20, min = -128, max = 127>}
          : (tensor<1x2x!q>, tensor<2x2x!q>) -> tensor<2x2x!q> loc("a")
      %2 = npir.reduce mean %1 {axes = array<i64: 1>, requant = #npir.requant_mean<multiplier = 0.5 : f32, min = -128, max = 127>} : tensor<2x2x!q> -> tensor<2x!q> loc("m")
      %3 = npir.reshape %2 {requant = #npir.requant_copy<min = -128, max = 127>} : tensor<2x!q> -> tensor<1x2x!q> loc("r")
      return %3 : tensor<1x2x!q>
    })mlir");
  ASSERT_TRUE(typed) << message;
  auto first = typed->findTensor("c:0"), second = typed->findTensor("c.1:0");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(typed->tensors()[*first].data, typed->tensors()[*second].data);
  // [2, 4] * [[1, 2], [3, 4]] is [10, 22], halved [5, 11]; plus the rows of c
  // [6, 13] and [8, 15]; the means are 9.5 and 11.5, both to even.
  EXPECT_EQ((run<int8_t, int8_t>(typed, {1, 2}, {2, 4})),
            (std::vector<int8_t>{10, 12}));
}

/// A splat is expanded; a big constant comes from its resource.
TEST_F(ProgramTest, ConstantForms) {
  auto program = compile(R"mlir(
    func.func @main(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %s = npir.constant dense<2.0> : tensor<2x2xf32> loc("s")
      %r = npir.constant dense_resource<r> : tensor<2xf32> loc("r")
      %0 = npir.linear %x, %s, %r : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc")
      return %0 : tensor<?x2xf32>
    }
    {-# dialect_resources: {builtin: {r: "0x100000000000803F000000C0"}} #-})mlir");
  ASSERT_TRUE(program) << message;
  EXPECT_EQ((run<float, float>(program, {1, 2}, {1, 2})),
            (std::vector<float>{7, 4}));
}

TEST_F(ProgramTest, EqualBytesEveryTime) {
  const char *text = R"mlir(
    func.func @main(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %w = npir.constant dense<2.0> : tensor<2x2xf32> loc("w")
      %0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc")
      %1 = npir.hardsigmoid %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("h")
      return %1 : tensor<?x2xf32>
    })mlir";
  auto write = [&](const std::string &path) {
    OwningOpRef<ModuleOp> module = parse(text);
    PassManager pm(&context);
    pm.addPass(createConvertNPIRToXNNPass());
    ASSERT_TRUE(succeeded(pm.run(*module)));
    ASSERT_TRUE(succeeded(writeProgram(*module, path))) << message;
  };
  auto read = [](const std::string &path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  };
  std::string a = ::testing::TempDir() + "/npx_a.npx";
  std::string b = ::testing::TempDir() + "/npx_b.npx";
  write(a);
  write(b);
  EXPECT_FALSE(read(a).empty());
  EXPECT_EQ(read(a), read(b));
}

} // namespace
