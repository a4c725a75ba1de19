// This file implements what the tests of pairs on random networks share.
#include "QDQFixture.h"

using namespace mlir;
using namespace mlir::npir;

/// A clamp between two types does the work of a conversion.
static bool isConvertingClamp(Operation *op) {
  auto unary = dyn_cast<UnaryOpInterface>(op);
  Type result = op->getResult(0).getType();
  return unary && isQuantizedTensor(result) &&
         unary.getUnaryFunction().kind == npir_kernels::UnaryKind::Clamp &&
         op->getOperand(0).getType() != result;
}

Cost QDQTest::getCost(ModuleOp module) {
  Cost cost;
  const Target *target = lookupTarget("xnnpack");
  getMain(module).walk([&](Operation *op) {
    if (op->getNumResults() != 1 || op->use_empty())
      return;
    if (isa<QuantizeOp, DequantizeOp>(op) || isConvertingClamp(op)) {
      int64_t elements = 1;
      for (int64_t dim :
           cast<RankedTensorType>(op->getResult(0).getType()).getShape())
        elements *= ShapedType::isDynamic(dim) ? 1 : dim;
      cost.converted += elements;
      return;
    }
    auto layer = dyn_cast<QuantizableOpInterface>(op);
    cost.floatLayers += layer && !target->isFloatOnly(op) &&
                        layer.getArithmetic() != Arithmetic::None &&
                        layer.getArithmetic() != Arithmetic::Copy &&
                        !isQuantizedTensor(op->getResult(0).getType());
  });
  return cost;
}

std::pair<Cost, Cost> QDQTest::checkCanonicalized(ModuleOp module,
                                                  bool areOrders) {
  if (areOrders)
    requestAll(module);
  OwningOpRef<ModuleOp> input = module.clone();
  OwningOpRef<ModuleOp> original = module.clone();
  SmallVector<Tensor> expected = runOnRandomInput(getMain(module), 2);
  EXPECT_FALSE(expected.empty()) << messages;
  canonicalize(module);
  EXPECT_TRUE(haveEqualBytes(expected, runOnRandomInput(getMain(module), 2)));

  OwningOpRef<ModuleOp> canonical = module.clone();
  std::string once = print(module);
  canonicalize(module);
  EXPECT_EQ(once, print(module)) << "a second time nothing is left to do";

  fold(*original);
  fold(module);
  Cost before = getCost(*original), after = getCost(module);
  if (areOrders) {
    EXPECT_LE(after.floatLayers, before.floatLayers);
  }
  if (areOrders && after.floatLayers == before.floatLayers) {
    EXPECT_LE(after.converted, before.converted);
  }
  if (HasFailure()) {
    input->dump();
    canonical->dump();
    original->dump();
    module.dump();
  }
  return {before, after};
}
