// This file declares how the tests of execution parse and run modules.
#ifndef NPIR_TEST_UNITTESTS_EXECUTION_FIXTURE_H
#define NPIR_TEST_UNITTESTS_EXECUTION_FIXTURE_H

#include "npir/Execution/Network.h"
#include "npir/InitAll.h"

#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

namespace mlir::npir {

class ExecutionTest : public ::testing::Test {
protected:
  ExecutionTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
        }) {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.printOpOnDiagnostic(false);
  }

  OwningOpRef<ModuleOp> parse(StringRef text) {
    return parseSourceString<ModuleOp>(text, &context);
  }

  std::unique_ptr<Network> create(ModuleOp module, Backend backend,
                                  bool tapAll = false) {
    NetworkOptions options;
    options.backend = backend;
    options.tapAll = tapAll;
    FailureOr<std::unique_ptr<Network>> network =
        Network::create(module, options);
    return failed(network) ? nullptr : std::move(*network);
  }

  /// A batch for the network's only input.
  static std::vector<npir_rt::NamedTensor>
  makeInput(const Network &network, const std::vector<float> &values,
            npir_rt::Shape shape) {
    npir_rt::TensorView view;
    view.shape = std::move(shape);
    view.data = values.data();
    return {{network.getInputs().front().name, view}};
  }

  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_EXECUTION_FIXTURE_H
