// This file declares what the tests of the program writer share: from MLIR text
// to a running program.
#ifndef NPIR_TEST_UNITTESTS_SERIALIZATION_NPXTESTUTILS_H
#define NPIR_TEST_UNITTESTS_SERIALIZATION_NPXTESTUTILS_H

#include "npir/Conversion/Passes.h"
#include "npir/InitAll.h"
#include "npir/Runtime/Executor.h"
#include "npir/Serialization/NPX/NPX.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

namespace mlir::npir {

/// A context with everything, and the first diagnostic's text.
class NPXTest : public ::testing::Test {
protected:
  NPXTest() : context(getRegistry()) {
    context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      if (message.empty())
        message = diagnostic.str();
    });
  }

  OwningOpRef<ModuleOp> parse(StringRef text) {
    return parseSourceString<ModuleOp>(text, &context);
  }

  /// Parse, convert to XNNPACK and write to memory; null after a failure.
  std::shared_ptr<const npir_rt::Program> compile(StringRef text) {
    OwningOpRef<ModuleOp> module = parse(text);
    if (!module)
      return nullptr;
    PassManager pm(&context);
    pm.addPass(createConvertNPIRToXNNPass());
    if (failed(pm.run(*module)))
      return nullptr;
    auto program = buildProgram(*module);
    return succeeded(program) ? *program : nullptr;
  }

  /// The results for one input `x`.
  template <typename Out, typename In>
  std::vector<Out> run(const std::shared_ptr<const npir_rt::Program> &program,
                       npir_rt::Shape shape, const std::vector<In> &values) {
    auto executor = npir_rt::Executor::create(program);
    if (!executor) {
      ADD_FAILURE() << executor.status().message();
      return {};
    }
    npir_rt::NamedTensor input;
    input.name = "x";
    input.tensor.type = program->tensors()[0].type;
    input.tensor.shape = std::move(shape);
    input.tensor.data = values.data();
    if (npir_rt::Status status = (*executor)->run({input}); !status.ok()) {
      ADD_FAILURE() << status.message();
      return {};
    }
    const npir_rt::TensorView &view = (*executor)->outputs().front();
    return {view.as<Out>(), view.as<Out>() + view.elements()};
  }

  MLIRContext context;
  std::string message;

private:
  static DialectRegistry getRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_SERIALIZATION_NPXTESTUTILS_H
