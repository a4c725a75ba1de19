// This file implements the acme dialect, and tells NPIR what it has to know of
// its ops.
#include "Acme.h"

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include "AcmeDialect.cpp.inc"
#define GET_OP_CLASSES
#include "Acme.cpp.inc"

using namespace mlir;

void acme::AcmeDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "Acme.cpp.inc"
      >();
}

namespace {
using npir::Arithmetic;
using npir::QuantizableOpInterface;
using npir::Role;

struct DenseModel
    : QuantizableOpInterface::ExternalModel<DenseModel, acme::DenseOp> {
  Role getOperandRole(Operation *, unsigned index) const {
    return index == 0   ? Role::Activation
           : index == 1 ? Role::Weight
                        : Role::Bias;
  }
  std::optional<int64_t> getChannelAxis(Operation *, unsigned index) const {
    if (index == 1)
      return 1;
    return std::nullopt;
  }
  Arithmetic getArithmetic(Operation *) const {
    return Arithmetic::MultiplyAccumulate;
  }
};

struct SwishModel
    : QuantizableOpInterface::ExternalModel<SwishModel, acme::SwishOp> {
  Arithmetic getArithmetic(Operation *) const {
    return Arithmetic::Elementwise;
  }
};

struct AddModel : QuantizableOpInterface::ExternalModel<AddModel, acme::AddOp> {
  Arithmetic getArithmetic(Operation *) const { return Arithmetic::Add; }
};
} // namespace

void acme::registerDialects(DialectRegistry &registry) {
  registry.insert<AcmeDialect, arith::ArithDialect>();
  registry.addExtension(+[](MLIRContext *context, AcmeDialect *) {
    DenseOp::attachInterface<DenseModel>(*context);
    SwishOp::attachInterface<SwishModel>(*context);
    AddOp::attachInterface<AddModel>(*context);
  });
}
