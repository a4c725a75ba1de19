// This file tests a block of attention in integers, with a float island in it,
// on the runtime against the interpreter: op by op on equal inputs, where
// integers agree in every bit, and as a whole.
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Interpreter/Interpreter.h"
#include "npir/Targets/Target.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <cstring>
#include <map>
#include <random>

using namespace mlir;
using namespace mlir::npir;

/// 5 tokens of 8 channels, 2 heads; WQKV and WOUT stand for weights.
static const char *const kBlock = R"(
!x = !quant.uniform<i8:f32, 2.000000e-02:-3>
!w = !quant.uniform<i8<-127:127>:f32, 1.000000e-02>
!q = !quant.uniform<i8:f32, 2.500000e-02:5>
!a = !quant.uniform<i8:f32, 2.000000e-02:7>
!o = !quant.uniform<i8:f32, 3.000000e-02:-11>
!p = !quant.uniform<i8:f32, 4.000000e-02:1>
func.func @main(%x: tensor<?x5x8xf32> loc("x")) -> tensor<?x5x16xf32>
    attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  %wqkv = npir.constant dense<"WQKV"> : tensor<24x8xi8> as tensor<24x8x!w> loc("wqkv")
  %wout = npir.constant dense<"WOUT"> : tensor<8x8xi8> as tensor<8x8x!w> loc("wout")
  %half = npir.constant dense<0.5> : tensor<f32> loc("half")
  %in = npir.quantize %x : tensor<?x5x8xf32> -> tensor<?x5x8x!x> loc("in")
  %qkv = npir.linear %in, %wqkv : (tensor<?x5x8x!x>, tensor<24x8x!w>) -> tensor<?x5x24x!q> loc("qkv")
  %q0 = npir.slice %qkv {offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, -1, 8>} : tensor<?x5x24x!q> -> tensor<?x5x8x!q> loc("q0")
  %k0 = npir.slice %qkv {offsets = array<i64: 0, 0, 8>, sizes = array<i64: -1, -1, 8>} : tensor<?x5x24x!q> -> tensor<?x5x8x!q> loc("k0")
  %v0 = npir.slice %qkv {offsets = array<i64: 0, 0, 16>, sizes = array<i64: -1, -1, -1>} : tensor<?x5x24x!q> -> tensor<?x5x8x!q> loc("v0")
  %q1 = npir.reshape %q0 : tensor<?x5x8x!q> -> tensor<?x5x2x4x!q> loc("q1")
  %k1 = npir.reshape %k0 : tensor<?x5x8x!q> -> tensor<?x5x2x4x!q> loc("k1")
  %v1 = npir.reshape %v0 : tensor<?x5x8x!q> -> tensor<?x5x2x4x!q> loc("v1")
  %q2 = npir.transpose %q1 {perm = array<i64: 0, 2, 1, 3>} : tensor<?x5x2x4x!q> -> tensor<?x2x5x4x!q> loc("q2")
  %k2 = npir.transpose %k1 {perm = array<i64: 0, 2, 1, 3>} : tensor<?x5x2x4x!q> -> tensor<?x2x5x4x!q> loc("k2")
  %v2 = npir.transpose %v1 {perm = array<i64: 0, 2, 1, 3>} : tensor<?x5x2x4x!q> -> tensor<?x2x5x4x!q> loc("v2")
  %q = npir.dequantize %q2 : tensor<?x2x5x4x!q> -> tensor<?x2x5x4xf32> loc("q")
  %k = npir.dequantize %k2 : tensor<?x2x5x4x!q> -> tensor<?x2x5x4xf32> loc("k")
  %v = npir.dequantize %v2 : tensor<?x2x5x4x!q> -> tensor<?x2x5x4xf32> loc("v")
  %scores = npir.matmul %q, %k {transpose_rhs} : (tensor<?x2x5x4xf32>, tensor<?x2x5x4xf32>) -> tensor<?x2x5x5xf32> loc("scores")
  %scaled = npir.mul %scores, %half : (tensor<?x2x5x5xf32>, tensor<f32>) -> tensor<?x2x5x5xf32> loc("scaled")
  %weights = npir.softmax %scaled : tensor<?x2x5x5xf32> -> tensor<?x2x5x5xf32> loc("weights")
  %mixed = npir.matmul %weights, %v : (tensor<?x2x5x5xf32>, tensor<?x2x5x4xf32>) -> tensor<?x2x5x4xf32> loc("mixed")
  %a0 = npir.quantize %mixed : tensor<?x2x5x4xf32> -> tensor<?x2x5x4x!a> loc("a0")
  %a1 = npir.transpose %a0 {perm = array<i64: 0, 2, 1, 3>} : tensor<?x2x5x4x!a> -> tensor<?x5x2x4x!a> loc("a1")
  %a2 = npir.reshape %a1 : tensor<?x5x2x4x!a> -> tensor<?x5x8x!a> loc("a2")
  %out = npir.linear %a2, %wout : (tensor<?x5x8x!a>, tensor<8x8x!w>) -> tensor<?x5x8x!o> loc("out")
  %sub = npir.sub %in, %out : (tensor<?x5x8x!x>, tensor<?x5x8x!o>) -> tensor<?x5x8x!p> loc("sub")
  %mul = npir.mul %in, %out : (tensor<?x5x8x!x>, tensor<?x5x8x!o>) -> tensor<?x5x8x!p> loc("mul")
  %cat = npir.concat %sub, %mul {axis = 2 : i64} : (tensor<?x5x8x!p>, tensor<?x5x8x!p>) -> tensor<?x5x16x!p> loc("cat")
  %y = npir.dequantize %cat : tensor<?x5x16x!p> -> tensor<?x5x16xf32> loc("y")
  return %y : tensor<?x5x16xf32>
})";

namespace {
class AttentionTest : public ExecutionTest {
protected:
  /// The block with random weights and the target's numbers.
  OwningOpRef<ModuleOp> makeBlock() {
    std::string text = kBlock;
    std::mt19937 engine(1);
    const std::pair<const char *, int> weights[] = {{"WQKV", 24 * 8},
                                                    {"WOUT", 8 * 8}};
    for (auto [name, count] : weights) {
      std::string bytes;
      for (int i = 0; i < count; ++i)
        bytes += char(int(engine() % 255) - 127);
      text.replace(text.find(name), 4, "0x" + llvm::toHex(bytes));
    }
    OwningOpRef<ModuleOp> module = parse(text);
    if (!module)
      return module;
    const Target *target = lookupTarget("xnnpack");
    module->walk([&](QuantizableOpInterface op) {
      EXPECT_TRUE(target->check(op).isLegal()) << target->check(op).reason;
      FailureOr<Attribute> requant = target->computeRequant(op);
      if (succeeded(requant) && *requant)
        op->setAttr("requant", *requant);
    });
    return module;
  }

  static std::vector<float> makeValues(int64_t batch) {
    std::mt19937 engine(batch);
    std::normal_distribution<float> normal;
    std::vector<float> values(batch * 5 * 8);
    for (float &x : values)
      x = normal(engine);
    return values;
  }
};
} // namespace

/// Every op of the runtime, recomputed from the runtime's own operands.
TEST_F(AttentionTest, EveryOpOnEqualInputs) {
  auto module = makeBlock();
  ASSERT_TRUE(module) << messages;
  auto func = *module->getOps<func::FuncOp>().begin();
  auto network = create(*module, Backend::XNNPACK, /*tapAll=*/true);
  ASSERT_TRUE(network) << messages;
  for (int64_t batch : {1, 3, 64}) {
    SCOPED_TRACE(batch);
    std::map<std::string, std::vector<char>> tensors;
    auto status = network->run(
        makeInput(*network, makeValues(batch), {batch, 5, 8}),
        [&](const npir_rt::TensorView &view) {
          const char *data = view.as<char>();
          tensors[std::string(view.id)].assign(data, data + view.bytes());
          return npir_rt::Status();
        });
    ASSERT_TRUE(status.ok()) << status.message();
    auto toTensor = [&](Value value) {
      if (auto constant = value.getDefiningOp<ConstantOp>())
        return *interpretOp(constant, {});
      auto type = cast<RankedTensorType>(value.getType());
      auto shape = llvm::to_vector(type.getShape());
      shape[0] = batch;
      return Tensor(RankedTensorType::get(shape, type.getElementType()),
                    tensors.at(getTensorId(value)).data());
    };
    unsigned exact = 0, close = 0;
    for (Operation &op : func.getBody().front().without_terminator()) {
      if (isa<ConstantOp>(op))
        continue;
      SCOPED_TRACE(getTensorId(op.getResult(0)));
      SmallVector<Tensor> operands;
      for (Value operand : op.getOperands())
        operands.push_back(toTensor(operand));
      FailureOr<Tensor> expected = interpretOp(&op, operands);
      ASSERT_TRUE(succeeded(expected)) << messages;
      Tensor actual = toTensor(op.getResult(0));
      if (!isa<MatmulOp, SoftmaxOp>(op)) {
        EXPECT_EQ(
            std::memcmp(actual.data(), expected->data(), actual.getNumBytes()),
            0);
        ++exact;
        continue;
      }
      for (int64_t i = 0; i < actual.getNumElements(); ++i)
        EXPECT_NEAR(actual.as<float>()[i], expected->as<float>()[i], 1e-5f);
      ++close;
    }
    EXPECT_EQ(exact, 23u);
    EXPECT_EQ(close, 3u);
  }
}

/// From end to end a float may fall on the other side of a rounding.
TEST_F(AttentionTest, BothBackendsAgree) {
  auto module = makeBlock();
  ASSERT_TRUE(module) << messages;
  auto interpreter = create(*module, Backend::Interpreter);
  auto runtime = create(*module, Backend::XNNPACK);
  ASSERT_TRUE(interpreter && runtime) << messages;
  for (int64_t batch : {64, 1, 3}) {
    std::vector<float> values = makeValues(batch);
    for (Network *network : {interpreter.get(), runtime.get()}) {
      auto status =
          network->run(makeInput(*network, values, {batch, 5, 8}), nullptr);
      ASSERT_TRUE(status.ok()) << status.message();
    }
    std::vector<float> expected = toFloat(interpreter->getOutputs().front());
    std::vector<float> actual = toFloat(runtime->getOutputs().front());
    ASSERT_EQ(expected.size(), size_t(batch * 5 * 16));
    ASSERT_EQ(actual.size(), expected.size());
    float largest = 0;
    for (size_t i = 0; i < actual.size(); ++i) {
      EXPECT_NEAR(actual[i], expected[i], 0.0801f); // two steps of 0.04
      largest = std::max(largest, std::fabs(expected[i]));
    }
    EXPECT_GT(largest, 1.0f);
  }
}
