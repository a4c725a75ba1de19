// This file tests --npir-canonicalize-qdq and --npir-fold-qdq on random
// networks with pairs in random places: no bit changes, and layers become
// integer ones that compute the same to a step.
#include "QDQFixture.h"
#include "RandomGraph.h"
#include "RandomNetwork.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <cstdlib>

using namespace mlir;
using namespace mlir::npir;

namespace {
class QDQNetworkTest : public QDQTest {
protected:
  /// A random network with pairs; every other one is prepared before.
  OwningOpRef<ModuleOp> make(unsigned seed, unsigned density) {
    std::string text =
        RandomNetwork(seed).write(2 + seed % 14, seed % 3, seed % 4 == 0);
    auto module = parseSourceString<ModuleOp>(text, &context);
    if (seed % 2)
      apply(*module, createPreparePass());
    RandomPairs(getMain(*module), seed, density).place();
    return module;
  }

  /// One of ops that hand values on.
  OwningOpRef<ModuleOp> makeGraph(unsigned seed) {
    auto module = RandomGraph(&context, seed).write(2 + seed % 12);
    RandomPairs pairs(getMain(*module), seed, 4 + seed % 7);
    seed % 2 ? pairs.place() : pairs.placeAnyForm();
    return module;
  }
};
} // namespace

TEST_F(QDQNetworkTest, CanonicalizeChangesNoBit) {
  unsigned numRemoved = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    auto module = make(seed, 6 + seed % 5);
    auto [before, after] = checkCanonicalized(*module, seed % 4);
    numRemoved += before.floatLayers - after.floatLayers;
    if (HasFailure())
      FAIL() << messages;
  }
  EXPECT_GT(numRemoved, 400u);
}

/// NPIR_QDQ_GRAPHS=N for N graphs instead of a few, from NPIR_QDQ_FIRST on.
TEST_F(QDQNetworkTest, CanonicalizedGraphsConvertNoMore) {
  auto getNumber = [](const char *name, unsigned otherwise) -> unsigned {
    const char *text = std::getenv(name);
    return text ? std::strtoul(text, nullptr, 10) : otherwise;
  };
  unsigned first = getNumber("NPIR_QDQ_FIRST", 0);
  unsigned count = getNumber("NPIR_QDQ_GRAPHS", 500);
  for (unsigned seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE(seed);
    auto module = makeGraph(seed);
    ASSERT_TRUE(succeeded(mlir::verify(*module))) << messages;
    checkCanonicalized(*module, seed % 8);
    if (HasFailure())
      FAIL() << messages;
  }
}

TEST_F(QDQNetworkTest, RoundingOptionLeavesFewerFloatLayers) {
  unsigned numExact = 0, numRounded = 0;
  for (unsigned seed = 1000; seed < 1100; ++seed) {
    SCOPED_TRACE(seed);
    auto exact = make(seed, 8), rounded = make(seed, 8);
    canonicalize(*exact);
    canonicalize(*rounded, /*allowRounding=*/true);
    std::string once = print(*rounded);
    canonicalize(*rounded, /*allowRounding=*/true);
    EXPECT_EQ(once, print(*rounded));
    fold(*exact);
    fold(*rounded);
    numExact += getCost(*exact).floatLayers;
    numRounded += getCost(*rounded).floatLayers;
    EXPECT_FALSE(runOnRandomInput(getMain(*rounded), 2).empty()) << messages;
  }
  EXPECT_LT(numRounded, numExact);
}

//===----------------------------------------------------------------------===//
// Folding
//===----------------------------------------------------------------------===//

/// The result of the integer `op` in float on what its operands stand for,
/// rounded to its type.
static FailureOr<Tensor> simulate(Operation *op, ArrayRef<Tensor> operands,
                                  Tensor result) {
  MLIRContext *context = op->getContext();
  Type f32 = Float32Type::get(context);
  Block block;
  IRMapping mapping;
  SmallVector<Tensor> real;
  for (auto [value, tensor] : llvm::zip_equal(op->getOperands(), operands)) {
    real.push_back(isQuantizedTensor(tensor.getType()) ? dequantize(tensor)
                                                       : tensor);
    mapping.map(value,
                block.addArgument(real.back().getType(), value.getLoc()));
  }
  OpBuilder builder(context);
  builder.setInsertionPointToEnd(&block);
  Operation *layer = builder.clone(*op, mapping);
  layer->removeAttr("requant");
  layer->getResult(0).setType(withElementType(result.getType(), f32));
  FailureOr<Tensor> output = interpretOp(layer, real);
  if (failed(output))
    return failure();
  auto quantize = QuantizeOp::create(builder, op->getLoc(), result.getType(),
                                     layer->getResult(0), TypeAttr(),
                                     UnitAttr(), Attribute());
  return interpretOp(quantize, {*output});
}

/// The layer is what `--npir-fold-qdq` makes an integer one of.
static bool isFoldable(QuantizableOpInterface op) {
  if (op.getArithmetic() == Arithmetic::None || op->use_empty() ||
      isa<QuantizeOp>(op))
    return false;
  Type type;
  for (Operation *user : op->getUsers()) {
    if (!isa<QuantizeOp>(user) ||
        (type && user->getResult(0).getType() != type))
      return false;
    type = user->getResult(0).getType();
  }
  return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
    Role role = op.getOperandRole(operand.getOperandNumber());
    return (role != Role::Activation && role != Role::Weight) ||
           operand.get().getDefiningOp<DequantizeOp>();
  });
}

TEST_F(QDQNetworkTest, FoldedLayersAreWithinOneStep) {
  unsigned numFolded = 0;
  for (unsigned seed = 2000; seed < 2200; ++seed) {
    SCOPED_TRACE(seed);
    auto module = make(seed, 9);
    canonicalize(*module);
    SmallVector<Operation *> foldable;
    getMain(*module).walk([&](QuantizableOpInterface op) {
      if (isFoldable(op))
        foldable.push_back(op);
    });
    fold(*module);
    for (Operation *op : foldable)
      if (!op->hasAttr("requant")) {
        // What the target lacks, not what canonicalizing left undone.
        auto reason =
            op->getAttrOfType<StringAttr>(NPIRDialect::kFloatReasonAttrName);
        EXPECT_TRUE(reason && !reason.getValue().starts_with("its "))
            << op->getName().getStringRef().str() << " stays in float";
      }
    DenseMap<Value, Tensor> tensors;
    ASSERT_FALSE(runOnRandomInput(getMain(*module), 2,
                                  [&](Value value, const Tensor &tensor) {
                                    tensors[value] = tensor;
                                  })
                     .empty())
        << messages;
    getMain(*module).walk([&](QuantizableOpInterface op) {
      // A conversion between integers is no layer.
      if (!op->hasAttr("requant") || isa<QuantizeOp>(op))
        return;
      ++numFolded;
      SmallVector<Tensor> operands(llvm::map_range(
          op->getOperands(), [&](Value value) { return tensors[value]; }));
      Tensor actual = tensors[op->getResult(0)];
      FailureOr<Tensor> expected = simulate(op, operands, actual);
      ASSERT_TRUE(succeeded(expected)) << messages;
      int largest = 0;
      for (int64_t i = 0; i < actual.getNumElements(); ++i)
        largest = std::max(largest, std::abs(actual.as<int8_t>()[i] -
                                             expected->as<int8_t>()[i]));
      EXPECT_LE(largest, 1) << op->getName().getStringRef().str();
    });
    if (HasFailure()) {
      module->dump();
      FAIL() << messages;
    }
  }
  EXPECT_GT(numFolded, 1000u);
}
