// This file declares what the rules of XNNPACK's table share, and those about
// windows, images and stored weights. Private to this library.
#ifndef NPIR_LIB_TARGETS_XNNPACKRULES_H
#define NPIR_LIB_TARGETS_XNNPACKRULES_H

#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Targets/Target.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::npir {

/// A string from streamed parts.
class Text {
public:
  template <typename T>
  Text &operator<<(const T &value) {
    os << value;
    return *this;
  }
  Text &operator<<(float value) {
    os << llvm::format("%.7g", value);
    return *this;
  }
  operator std::string() const { return text; }

private:
  std::string text;
  llvm::raw_string_ostream os{text};
};

/// Whether an op with `types` computes in integers.
inline bool isInteger(const OpTypes &types) {
  return isQuantizedTensor(types.results.front());
}

// Why an op breaks a rule; empty where it does not (TargetRule).
// Of XNNPACK's tensors, of those of layers that it computes with joined
// dimensions, and of NPIR's kernels.
std::string findRankProblem(Operation *op, const OpTypes &types);
std::string findJoinedRankProblem(Operation *op, const OpTypes &types);
std::string findKernelRankProblem(Operation *op, const OpTypes &types);
std::string findReduceKindProblem(Operation *op, const OpTypes &types);
std::string findReduceProblem(Operation *op, const OpTypes &types);
std::string findPoolProblem(Operation *op, const OpTypes &types);
std::string findDeconvolutionProblem(Operation *op, const OpTypes &types);
std::string findResizeProblem(Operation *op, const OpTypes &types);
std::string findWindowMeanProblem(Operation *op, const OpTypes &types);
std::string findActivationProblem(Operation *op, const OpTypes &types);
// Of weights stored as integers, and of layers that quantize their input at run
// time.
std::string findDequantizeProblem(Operation *op, const OpTypes &types);
std::string findGroupsProblem(Operation *op, const OpTypes &types);
std::string findStoredWeightProblem(Operation *op, const OpTypes &types);
std::string findDynamicProblem(Operation *op, const OpTypes &types);

} // namespace mlir::npir

#endif // NPIR_LIB_TARGETS_XNNPACKRULES_H
