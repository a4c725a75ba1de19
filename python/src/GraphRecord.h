// This file declares a module's graph as plain data, which exporters read.
#ifndef NPIR_PYTHON_SRC_GRAPHRECORD_H
#define NPIR_PYTHON_SRC_GRAPHRECORD_H

#include "ModuleBuilder.h"

namespace mlir::npir {

/// A tensor: its shape (ShapedType::kDynamic for the free batch), the elements
/// as numpy calls them, and what integers stand for that are quantized values.
struct TensorRecord {
  std::vector<int64_t> shape;
  std::string dtype;
  std::optional<QuantizedElements> elements;
  /// The integers that occur, where there are `elements`.
  int64_t min = 0, max = 0;
};

/// An op. Operands and results are indices into GraphRecord::tensors.
struct OpRecord {
  std::string op, layer;
  std::vector<size_t> operands, results;
  std::vector<
      std::pair<std::string, std::variant<AttributeValue, std::vector<double>>>>
      attributes;
  /// Of a constant: where its elements lie; of a splat the one element.
  ArrayRef<char> data;
  bool isSplat = false;
  /// Truth values, one byte each, which lie nowhere else.
  std::vector<char> flags;
};

/// The ops of a module's entry function, in order, and in the place of a call
/// those of the function that it calls. Refers to the module.
struct GraphRecord {
  std::string name;
  std::vector<TensorRecord> tensors;
  std::vector<std::pair<std::string, size_t>> inputs, outputs;
  std::vector<OpRecord> ops;
};

/// The graph of `module`. Fails where a value is no tensor of f32, of plain
/// integers, or of uniformly quantized elements.
FailureOr<GraphRecord> readGraph(ModuleOp module);

} // namespace mlir::npir

#endif // NPIR_PYTHON_SRC_GRAPHRECORD_H
