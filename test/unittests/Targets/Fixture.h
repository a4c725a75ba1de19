// This file declares how the tests of targets parse single ops and ask for
// their numbers.
#ifndef NPIR_TEST_UNITTESTS_TARGETS_FIXTURE_H
#define NPIR_TEST_UNITTESTS_TARGETS_FIXTURE_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Targets/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

namespace mlir::npir {

class XNNPACKTargetTest : public ::testing::Test {
protected:
  XNNPACKTargetTest() : handler(&context, [](Diagnostic &) {}) {
    context.loadDialect<NPIRDialect, func::FuncDialect>();
  }

  /// The last op before the return of a function with `body` and arguments.
  Operation *parse(const std::string &arguments, const std::string &body) {
    module = parseSourceString<ModuleOp>(
        "func.func @f(" + arguments + ") {\n" + body + "\nreturn\n}", &context);
    EXPECT_TRUE(module) << body;
    if (!module)
      return nullptr;
    auto func = *module->getOps<func::FuncOp>().begin();
    return func.getBody().front().getTerminator()->getPrevNode();
  }

  /// A unary npir op between two per-tensor types.
  Operation *parseUnary(const std::string &op, const std::string &from,
                        const std::string &to) {
    return parse("%x: tensor<?x2x" + from + ">",
                 "%0 = npir." + op + " : tensor<?x2x" + from +
                     "> -> tensor<?x2x" + to + ">");
  }

  Operation *parseLinear(const std::string &input, const std::string &weight,
                         const std::string &output) {
    return parse("%x: tensor<?x2x" + input + ">",
                 "%w = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x" +
                     weight + ">\n%0 = npir.linear %x, %w : (tensor<?x2x" +
                     input + ">, tensor<2x2x" + weight + ">) -> tensor<?x2x" +
                     output + ">");
  }

  Operation *parseLayerNorm(const std::string &from, const std::string &to,
                            const std::string &epsilon) {
    return parse("%x: tensor<?x3x" + from + ">",
                 "%s = npir.constant dense<[1.0, -2.5, 0.0]> : tensor<3xf32>\n"
                 "%o = npir.constant dense<[0.1, 0.0, 300.0]> : tensor<3xf32>\n"
                 "%0 = npir.layer_norm %x, %s, %o {epsilon = " +
                     epsilon + " : f32} : (tensor<?x3x" + from +
                     ">, tensor<3xf32>, tensor<3xf32>) -> tensor<?x3x" + to +
                     ">");
  }

  static std::string q(const std::string &scale, int zeroPoint = 0) {
    return "!quant.uniform<i8:f32, " + scale + ":" + std::to_string(zeroPoint) +
           ">";
  }

  std::string getReason(Operation *op) { return target->check(op).reason; }

  template <typename T>
  T getRequant(Operation *op) {
    FailureOr<Attribute> attr = target->computeRequant(op);
    EXPECT_TRUE(succeeded(attr));
    return succeeded(attr) ? dyn_cast_or_null<T>(*attr) : T();
  }

  MLIRContext context;
  ScopedDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
  const Target *target = lookupTarget("xnnpack");
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_TARGETS_FIXTURE_H
