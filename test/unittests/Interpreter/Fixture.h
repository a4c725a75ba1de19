// This file declares how the interpreter's tests parse and run a function.
#ifndef NPIR_TEST_UNITTESTS_INTERPRETER_FIXTURE_H
#define NPIR_TEST_UNITTESTS_INTERPRETER_FIXTURE_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"
#include "npir/Interpreter/Interpreter.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <cstring>

namespace mlir::npir {

class InterpreterTest : public ::testing::Test {
protected:
  InterpreterTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
          for (Diagnostic &note : diagnostic.getNotes())
            messages += note.str() + "\n";
        }) {
    context.loadDialect<NPIRDialect, func::FuncDialect>();
    context.printOpOnDiagnostic(false);
  }

  /// `body` is the text of one function, after aliases.
  func::FuncOp parse(StringRef text) {
    module = parseSourceString<ModuleOp>(text, &context);
    return module ? *module->getOps<func::FuncOp>().begin() : func::FuncOp();
  }

  /// A tensor of argument type `index` with the given batch (0: static).
  template <typename T>
  Tensor makeInput(func::FuncOp func, unsigned index, std::vector<T> values,
                   int64_t batch = 0) {
    auto type = cast<RankedTensorType>(func.getArgument(index).getType());
    auto shape = llvm::to_vector(type.getShape());
    if (batch)
      shape[0] = batch;
    Tensor tensor(RankedTensorType::get(shape, type.getElementType()));
    EXPECT_EQ(tensor.getNumBytes(), values.size() * sizeof(T));
    std::memcpy(tensor.mutableData(), values.data(), tensor.getNumBytes());
    return tensor;
  }

  /// The elements of the function's only result.
  template <typename Out>
  std::vector<Out> run(func::FuncOp func, ArrayRef<Tensor> inputs) {
    auto interpreter = Interpreter::create(func);
    if (failed(interpreter))
      return {};
    auto results = (*interpreter)->run(inputs, nullptr);
    if (failed(results))
      return {};
    const Tensor &result = results->front();
    return {result.as<Out>(), result.as<Out>() + result.getNumElements()};
  }

  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_INTERPRETER_FIXTURE_H
