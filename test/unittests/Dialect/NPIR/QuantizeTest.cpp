// This file tests the road from observers to integers on random networks, and
// on a dialect that is not NPIR's.
#include "RandomNetwork.h"
#include "RandomPairs.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Observers/StatisticsFile.h"
#include "npir/Targets/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"

#include "gtest/gtest.h"

#include <fstream>

using namespace mlir;
using namespace mlir::npir;

namespace {
class QuantizeTest : public ::testing::Test {
protected:
  QuantizeTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
        }) {
    context.loadDialect<NPIRDialect, func::FuncDialect, arith::ArithDialect>();
    llvm::SmallString<64> path;
    EXPECT_FALSE(
        llvm::sys::fs::createTemporaryFile("quantize", "npirstats", path));
    statsPath = path.str().str();
  }
  ~QuantizeTest() override { llvm::sys::fs::remove(statsPath); }

  void parse(StringRef text) {
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << messages;
  }

  func::FuncOp getMain() { return module->lookupSymbol<func::FuncOp>("main"); }

  /// Run a pass, and check the contract of the station it leaves.
  void apply(std::unique_ptr<Pass> pass) {
    PassManager pm(&context, ModuleOp::getOperationName());
    pm.addPass(std::move(pass));
    pm.addPass(createVerifyContractPass());
    ASSERT_TRUE(succeeded(pm.run(*module))) << messages;
  }

  /// The results for a batch of four; `tap` as the interpreter's.
  SmallVector<Tensor> run(Interpreter::Tap tap = nullptr) {
    return runOnRandomInput(getMain(), 4, tap);
  }

  /// Write the statistics of every observed tensor.
  void calibrate() {
    StatisticsFile file;
    auto hash =
        (*module)->getAttrOfType<StringAttr>(NPIRDialect::kModelHashAttrName);
    file.modelHash = hash.str();
    run([&](Value value, const Tensor &tensor) {
      auto observe = value.getDefiningOp<ObserveOp>();
      if (!observe)
        return;
      TensorStatistics &statistics = file.tensors[observe.getId().str()];
      SpecAttr spec = observe.getSpec();
      if (!spec.isNone() && spec.getGranularity() == Granularity::PerChannel)
        statistics.update(tensor.as<float>(),
                          ChannelView::get(tensor.getShape(), spec.getAxis()));
      else
        statistics.update(
            ArrayRef(tensor.as<float>(), tensor.getNumElements()));
    });
    llvm::cantFail(file.addSamples({0, 400}));
    llvm::cantFail(file.save(statsPath));
  }

  /// Signal over noise in dB of all results together.
  static double getSQNR(ArrayRef<Tensor> expected, ArrayRef<Tensor> actual) {
    double signal = 0, noise = 1e-30;
    for (auto [x, y] : llvm::zip_equal(expected, actual))
      for (int64_t i = 0; i < x.getNumElements(); ++i) {
        double value = x.as<float>()[i];
        signal += value * value;
        noise += (value - y.as<float>()[i]) * (value - y.as<float>()[i]);
      }
    return 10 * std::log10(signal / noise);
  }

  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
  std::string statsPath;
};
} // namespace

TEST_F(QuantizeTest, RandomNetworks) {
  unsigned numLayers = 0, numQuantized = 0;
  for (unsigned seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    std::string text = RandomNetwork(seed).write(2 + seed % 12, seed % 2);
    parse(text);
    apply(createPreparePass());
    SmallVector<Tensor> real = run();
    ASSERT_EQ(real.size(), 2u);
    apply(createInsertObserversPass());
    EXPECT_TRUE(haveEqualBytes(run(), real)) << "observing changes no value";
    calibrate();
    apply(createAttachCalibrationPass({statsPath}));
    apply(createInsertQDQPass());
    SmallVector<Tensor> simulated = run();
    ASSERT_EQ(simulated.size(), 2u) << messages;
    apply(createCanonicalizeQDQPass());
    EXPECT_TRUE(haveEqualBytes(run(), simulated))
        << "canonicalize changes no bit";
    apply(createPartitionPass({{"xnnpack"}}));
    apply(createFoldQDQPass());
    SmallVector<Tensor> integer = run();
    ASSERT_EQ(integer.size(), 2u) << messages;
    EXPECT_GT(getSQNR(real, integer), 30) << text;
    EXPECT_GT(getSQNR(simulated, integer), 38) << text;

    // The numbers survive as text.
    std::string printed;
    llvm::raw_string_ostream(printed) << *module;
    parse(printed);
    EXPECT_TRUE(haveEqualBytes(run(), integer)) << "text loses no bit";

    getMain().walk([&](QuantizableOpInterface op) {
      if (isa<QuantizeOp>(op))
        return;
      ++numLayers;
      numQuantized += isQuantizedTensor(op->getResult(0).getType());
    });
    EXPECT_EQ(messages, "");
    if (HasFailure()) {
      module->dump();
      FAIL() << text;
    }
  }
  // All but sums.
  EXPECT_GT(numQuantized, numLayers * 9 / 10);
}

/// What the configuration asks for and XNNPACK lacks stays in float or falls
/// back, and the network still computes nearly the same.
TEST_F(QuantizeTest, RandomNetworksUnderOtherConfigurations) {
  struct Case {
    const char *config;
    double simulated, real;
    bool isRunnable; // by the interpreter, between quantize and dequantize
  };
  const Case cases[] = {
      {"version: 1\ndefault:\n  activation: {granularity: per_channel}\n", 20,
       20, true},
      {"version: 1\ndefault:\n  activation: {scheme: symmetric}\n"
       "  weight: {granularity: per_tensor}\n",
       30, 20, true},
      {"version: 1\ndefault:\n  weight: {bits: 4}\n", 0, 5, false},
      {"version: 1\ndefault:\n  weight: {scheme: affine}\n", 30, 25, true},
      {"version: 1\ndefault:\n  activation: none\n", 100, 30, true},
      {"version: 1\nrules:\n  - match: {op: conv2d}\n    optional: true\n"
       "    weight: none\n    activation: none\n",
       30, 25, true},
      {"version: 1\ndefault:\n  activation: {bits: 16}\n", 0, 30, false},
      {"version: 1\ndefault:\n  activation: {signed: false}\n", 0, 30, false},
  };
  for (const Case &c : cases) {
    SCOPED_TRACE(c.config);
    llvm::SmallString<64> path;
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("config", "yaml", path));
    std::ofstream(path.c_str()) << c.config;
    for (unsigned seed = 500; seed < 530; ++seed) {
      SCOPED_TRACE(seed);
      parse(RandomNetwork(seed).write(2 + seed % 9, true));
      apply(createPreparePass());
      SmallVector<Tensor> real = run();
      apply(createInsertObserversPass({path.str().str()}));
      calibrate();
      apply(createAttachCalibrationPass({statsPath}));
      apply(createInsertQDQPass());
      apply(createCanonicalizeQDQPass());
      SmallVector<Tensor> simulated;
      if (c.isRunnable)
        simulated = run();
      apply(createPartitionPass({{"xnnpack"}}));
      apply(createFoldQDQPass());
      SmallVector<Tensor> integer = run();
      ASSERT_EQ(integer.size(), 2u) << messages;
      EXPECT_GT(getSQNR(real, integer), c.real);
      if (c.isRunnable) {
        EXPECT_GT(getSQNR(simulated, integer), c.simulated);
      }
      if (HasFailure()) {
        module->dump();
        FAIL() << messages;
      }
      // What is left, the target can compute, or our own kernel, which rounds
      // to any grid.
      getMain().walk([&](Operation *op) {
        auto pair = dyn_cast<QuantizeOp>(op);
        if (auto dequantize = dyn_cast<DequantizeOp>(op))
          pair = dequantize.getInput().getDefiningOp<QuantizeOp>();
        if (pair && canRoundToGrid(getQuantizedElementType(pair.getType())))
          return;
        if (isa_and_nonnull<NPIRDialect>(op->getDialect())) {
          EXPECT_EQ(lookupTarget("xnnpack")->check(op).reason, "")
              << op->getName().getStringRef().str();
        }
      });
    }
    llvm::sys::fs::remove(path);
  }
}

//===----------------------------------------------------------------------===//
// Another dialect
//===----------------------------------------------------------------------===//

namespace {
/// What a frontend attaches to its own addition.
struct AddModel
    : QuantizableOpInterface::ExternalModel<AddModel, arith::AddFOp> {
  static Arithmetic getArithmetic(Operation *) { return Arithmetic::Add; }
};
} // namespace

TEST_F(QuantizeTest, ForeignDialect) {
  arith::AddFOp::attachInterface<AddModel>(context);
  parse(
      R"(module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
    func.func @main(%x: tensor<?x2xf32> loc("x"), %y: tensor<?x2xf32> loc("y")) -> tensor<?x2xf32>
        attributes {npir.station = #npir.station<prepared>} {
      %0 = arith.addf %x, %y : tensor<?x2xf32> loc("sum")
      return %0 : tensor<?x2xf32>
    }
  })");
  apply(createInsertObserversPass());
  StatisticsFile file;
  file.modelHash = "00112233445566778899aabbccddeeff";
  for (const char *id : {"x:0", "y:0", "sum:0"})
    file.tensors[id].update(ArrayRef<float>{-1.0f, 1.0f});
  llvm::cantFail(file.addSamples({0, 400}));
  llvm::cantFail(file.save(statsPath));
  apply(createAttachCalibrationPass({statsPath}));
  apply(createInsertQDQPass());
  apply(createCanonicalizeQDQPass());

  auto add = *getMain().getOps<arith::AddFOp>().begin();
  EXPECT_TRUE(add.getLhs().getDefiningOp<DequantizeOp>());
  EXPECT_TRUE(add.getRhs().getDefiningOp<DequantizeOp>());
  ASSERT_TRUE(add->hasOneUse());
  auto quantize = dyn_cast<QuantizeOp>(*add->user_begin());
  ASSERT_TRUE(quantize);
  EXPECT_EQ(getScales(getQuantizedElementType(quantize.getType())).front(),
            2.0f / 255);

  // No target computes it in integers: it stays, with a warning.
  apply(createPartitionPass({{"xnnpack"}}));
  messages.clear();
  apply(createFoldQDQPass());
  EXPECT_EQ(messages, "'arith.addf' stays in float on target 'xnnpack': "
                      "xnnpack has no 'arith.addf'\n");
  EXPECT_EQ(std::distance(getMain().getOps<arith::AddFOp>().begin(),
                          getMain().getOps<arith::AddFOp>().end()),
            1);
}
