// This file declares the random placement of quantize/dequantize pairs in a
// float network, as other tools leave them: some twice, some of other types,
// some missing.
#ifndef NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMPAIRS_H
#define NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMPAIRS_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Interpreter/Interpreter.h"
#include "npir/Observers/QuantParams.h"

#include <random>

namespace mlir::npir {

/// Run `func` on one batch of random values in [-1, 1]; no results after a
/// diagnostic. `tap` as the interpreter's.
SmallVector<Tensor> runOnRandomInput(func::FuncOp func, int64_t batch,
                                     Interpreter::Tap tap = nullptr);

/// The same types and bytes.
bool haveEqualBytes(ArrayRef<Tensor> a, ArrayRef<Tensor> b);

/// Places pairs in one function and brings it to station qdq.
class RandomPairs {
public:
  /// `density` from 0 to 10: how many of ten tensors have a pair at least.
  RandomPairs(func::FuncOp func, unsigned seed, unsigned density);

  void place();
  /// As `place`, also with types of other widths than 8 bits, and some of the
  /// function's inputs and outputs quantized.
  void placeAnyForm();

private:
  unsigned pick(unsigned count) { return random() % count; }
  quant::QuantizedType getType(Value value);
  quant::QuantizedType getOtherType(quant::QuantizedType type);
  Value addPair(OpBuilder &builder, Value value, quant::QuantizedType type);
  void placeAt(Value value);
  void placeWeight(OpOperand &operand, std::optional<int64_t> axis);
  void placeBias(OpOperand &bias, QuantizableOpInterface layer);
  void quantizeInput(BlockArgument argument);
  void quantizeOutput(OpOperand &output);

  func::FuncOp func;
  std::mt19937 random;
  unsigned density;
  bool hasAnyWidth = false;
  llvm::DenseMap<Value, RealRange> ranges;
  llvm::DenseMap<Value, Type> types;
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMPAIRS_H
