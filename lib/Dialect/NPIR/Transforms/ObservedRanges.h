// This file declares the ranges of observed tensors: from their statistics, or
// from the values of a constant. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDRANGES_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDRANGES_H

#include "ResolveTypes.h"
#include "npir/Observers/ClipWeight.h"

#include "mlir/IR/Threading.h"

namespace mlir::npir {

/// As a ParallelFor: the threads of the context, of which
/// --mlir-disable-threading leaves one.
struct ContextThreads {
  MLIRContext *context;

  void operator()(size_t tasks, function_ref<void(size_t)> body) const {
    parallelFor(context, 0, tasks, body);
  }
};

/// An error at the tensor that `op` observes.
InFlightDiagnostic emitErrorAt(ObserveOp op);

/// An error where values of the constant that `op` observes are not finite.
LogicalResult checkFinite(ObserveOp op, ArrayRef<float> values);

/// The axis that the spec wants a scale for each slice of, or -1.
int64_t getSpecAxis(SpecAttr spec);

ObserverParams getObserver(SpecAttr spec);
QuantFormat getFormat(SpecAttr spec);

/// What the file has of an activation; enough for its spec. Good until the next
/// call.
FailureOr<const TensorStatistics *>
getStatistics(ObserveOp op, const StatisticsSource &source);

/// The ranges of a constant, one for each slice along `axis` or, where that is
/// -1, one in all.
/// On all threads of the context.
FailureOr<SmallVector<DerivedRange>>
getConstantRanges(ObserveOp op, ElementsAttr value, int64_t axis);

/// The same of a constant or an activation, the latter by `rule`, which needs
/// no limits.
FailureOr<SmallVector<DerivedRange>> getRanges(ObserveOp op, int64_t axis,
                                               const StatisticsSource &source,
                                               ClipRule rule = {});

/// What the functions of one number that `op`'s tensor goes to tell apart,
/// where it goes nowhere else; else kAllValues.
RealRange getSteepRange(ObserveOp op, const TensorStatistics &statistics);

/// Scale and zero point of each of `ranges`.
SmallVector<QuantParams> getParams(ArrayRef<DerivedRange> ranges,
                                   SpecAttr spec);

/// Advise where a symmetric grid without sign is no good choice.
void checkScheme(ObserveOp op, SpecAttr spec, ArrayRef<DerivedRange> ranges,
                 const StatisticsSource &source);

/// Set `resolved` and `per_tensor`; none where null.
void setTypes(ObserveOp op, Type resolved, Type perTensor);

/// Where `source` asks for it, a remark that tells how the type of `op` came
/// about: the ranges, who found them (`isFixed`: the op's mathematics) and what
/// error is expected of them.
void explain(ObserveOp op, ArrayRef<DerivedRange> ranges, bool isFixed,
             const StatisticsSource &source);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDRANGES_H
