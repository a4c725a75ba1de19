// This file declares the networks that the tests of calibration run.
#ifndef NPIR_TEST_UNITTESTS_CALIBRATION_FIXTURE_H
#define NPIR_TEST_UNITTESTS_CALIBRATION_FIXTURE_H

#include "npir/Calibration/Calibration.h"
#include "npir/InitAll.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

namespace mlir::npir {

class CalibrationTest : public ::testing::Test {
protected:
  CalibrationTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
          for (Diagnostic &note : diagnostic.getNotes())
            messages += note.str() + "\n";
        }) {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.printOpOnDiagnostic(false);
    options.quiet = true;
  }

  /// `<id> = npir.observe <value>` of a tensor of type `type`.
  static std::string observe(const std::string &name, const std::string &id,
                             const std::string &value,
                             const std::string &type) {
    return name + " = npir.observe " + value + " {id = \"" + id +
           "\", role = #npir.role<activation>, spec = #npir.spec<i8 affine "
           "per_tensor #npir.minmax>} : " +
           type + "\n";
  }

  /// Of a function with the input `%x` of type `type` and the result `%y`, all
  /// of whose tensors have this type.
  void parse(const std::string &type, const std::string &body) {
    module = parseSourceString<ModuleOp>(
        "module attributes {npir.model_hash = \"0\"} {\n"
        "func.func @main(%x: " +
            type + " loc(\"x\")) -> " + type +
            " attributes {npir.station = #npir.station<observed>} {\n" + body +
            "return %y : " + type + "\n}\n}",
        &context);
    ASSERT_TRUE(module) << messages;
  }

  /// y = |x|.
  void parseAbs(const std::string &type = "tensor<?x2xf32>") {
    parse(type, observe("%0", "x:0", "%x", type) +
                    "%1 = npir.abs %0 : " + type + " -> " + type +
                    " loc(\"y\")\n" + observe("%y", "y:0", "%1", type));
  }

  FailureOr<StatisticsFile> calibrateOn(npir_rt::Shape shape) {
    auto array =
        npir_rt::NpyArray::fromMemory("<f4", shape, samples.data(), "samples");
    EXPECT_TRUE(array.ok());
    options.data = NamedArrays{{"x", *array}};
    messages.clear();
    return calibrate(*module, options);
  }

  static std::string print(const StatisticsFile &file) {
    std::string text;
    llvm::raw_string_ostream os(text);
    file.print(os);
    return text;
  }

  void expectMessage(const std::string &part) {
    EXPECT_NE(messages.find(part), std::string::npos) << messages;
  }

  std::vector<float> samples = {-1, 2, 3, -4, 0.5, 0};
  CalibrationOptions options;
  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_CALIBRATION_FIXTURE_H
