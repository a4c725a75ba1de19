// This file tests calibration as a library: samples in memory.
#include "npir/Calibration/Calibration.h"
#include "npir/InitAll.h"

#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
class CalibrationTest : public ::testing::Test {
protected:
  CalibrationTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
        }) {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.printOpOnDiagnostic(false);
    module = parseSourceString<ModuleOp>(R"mlir(
      module attributes {npir.model_hash = "0"} {
        func.func @main(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32>
            attributes {npir.station = #npir.station<observed>} {
          %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>,
              spec = #npir.spec<i8 affine per_tensor #npir.minmax>}
              : tensor<?x2xf32>
          %1 = npir.abs %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("y")
          %2 = npir.observe %1 {id = "y:0", role = #npir.role<activation>,
              spec = #npir.spec<i8 affine per_tensor #npir.minmax>}
              : tensor<?x2xf32>
          return %2 : tensor<?x2xf32>
        }
      })mlir",
                                         &context);
  }

  FailureOr<StatisticsFile> calibrateOn(npir_rt::Shape shape) {
    CalibrationOptions options;
    options.quiet = true;
    auto array =
        npir_rt::NpyArray::fromMemory("<f4", shape, samples.data(), "samples");
    EXPECT_TRUE(array.ok());
    options.data = NamedArrays{{"x", *array}};
    return calibrate(*module, options);
  }

  std::vector<float> samples = {-1, 2, 3, -4, 0.5, 0};
  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(CalibrationTest, TakesSamplesFromMemory) {
  ASSERT_TRUE(module) << messages;
  FailureOr<StatisticsFile> file = calibrateOn({3, 2});
  ASSERT_TRUE(succeeded(file)) << messages;
  EXPECT_EQ(file->sampleCount(), 3u);
  EXPECT_EQ(file->tensors.at("x:0").minVal, -4);
  EXPECT_EQ(file->tensors.at("x:0").maxVal, 3);
  EXPECT_EQ(file->tensors.at("y:0").minVal, 0);
  EXPECT_EQ(file->tensors.at("y:0").maxVal, 4);
}

TEST_F(CalibrationTest, RefusesOtherSamples) {
  ASSERT_TRUE(module) << messages;
  EXPECT_TRUE(failed(calibrateOn({2, 3})));
  EXPECT_NE(messages.find("samples: "), std::string::npos) << messages;
  messages.clear();
  samples[3] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(failed(calibrateOn({3, 2})));
  EXPECT_NE(messages.find("samples: "), std::string::npos) << messages;
}
