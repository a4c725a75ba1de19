// This file declares random networks at station prepared, of mostly such ops
// as hand values on: what --npir-canonicalize-qdq places pairs round.
#ifndef NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMGRAPH_H
#define NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMGRAPH_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <random>

namespace mlir::npir {

/// Writes one function @main, from some inputs of 4 dimensions to some of the
/// values that it makes. A value has up to 512 elements a sample.
class RandomGraph {
public:
  RandomGraph(MLIRContext *context, unsigned seed);

  OwningOpRef<ModuleOp> write(unsigned depth);

private:
  unsigned pick(unsigned count) { return random() % count; }
  Value pickValue();
  static ArrayRef<int64_t> shapeOf(Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  }
  /// Of a sample.
  static int64_t countElements(ArrayRef<int64_t> shape);
  /// A value of the pool of this shape; null where there is none.
  Value findLike(Value value);
  /// `value`, reshaped to 4 dimensions where it has others.
  Value asImage(Value value);

  NamedAttribute name(StringRef key, Attribute value);
  NamedAttribute list(StringRef key, ArrayRef<int64_t> values);
  Location newLocation();
  Value constant(ArrayRef<int64_t> shape, float low, float high);
  Value indices(int64_t count, int64_t size);
  template <typename Op>
  Value make(ValueRange operands, ArrayRef<NamedAttribute> attributes = {});

  Value reshape(Value value, ArrayRef<int64_t> shape);
  Value reshapeAnyhow(Value value);
  Value transpose(Value value);
  Value split(Value value);
  Value concat(Value value);
  Value pad(Value value);
  Value spread(Value value);
  Value select(Value value);
  Value move(Value value);
  Value moveImage(Value value);
  Value bound(Value value);
  Value unary(Value value);
  Value binary(Value value);
  Value convolve(Value value);
  Value linear(Value value);
  Value normalize(Value value);
  Value computeFloat(Value value);

  std::mt19937 random;
  OpBuilder builder;
  SmallVector<Value> pool;
  unsigned count = 0;
};

template <typename Op>
Value RandomGraph::make(ValueRange operands,
                        ArrayRef<NamedAttribute> attributes) {
  // With the attributes that have a default: they tell the result's shape.
  typename Op::Properties properties;
  Location loc = newLocation();
  (void)Op::setPropertiesFromAttr(properties,
                                  builder.getDictionaryAttr(attributes),
                                  [&] { return emitError(loc); });
  Op::populateDefaultProperties(
      OperationName(Op::getOperationName(), builder.getContext()), properties);
  return Op::create(builder, loc, operands, properties);
}

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMGRAPH_H
