// This file declares the rules of --npir-canonicalize-qdq. Private to this
// library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQRULES_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQRULES_H

#include "QDQGrid.h"
#include "npir/Dialect/NPIR/IR/NamePool.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// The rules, each one walk over a block. None but `useFewerRoundings` changes
/// a bit of what the block computes from finite numbers. They are repeated
/// until none finds anything.
class QDQRules {
public:
  /// `names` are taken; the rules add those of the ops that they make.
  QDQRules(Block &block, NamePool &names, bool allowRounding)
      : block(block), names(names), allowRounding(allowRounding) {}

  /// One quantize or dequantize of a value for several to the same numbers, and
  /// none of numbers that are on the grid already. In QDQPairs.cpp.
  void mergePairs();

  /// What an activation function bounds becomes part of the layer before it, or
  /// of the rounding behind it. In QDQActivations.cpp.
  void foldActivations();

  /// Layers that hand numbers on stand between pairs of one type, so that they
  /// move integers: a pair behind a layer on dequantized numbers, and pairs
  /// before one whose result is quantized, where these spare a conversion. In
  /// QDQMoves.cpp.
  void sinkPairs();
  void hoistPairs();

  /// Weights and biases become integers that targets can take, and constants
  /// are moved now. In QDQConstants.cpp.
  void foldConstants();

  /// Changes numbers within a step, if that is allowed: a tensor is rounded
  /// once, and to one type. In QDQRoundings.cpp.
  void useFewerRoundings();

  /// How often a rule did something, by what it did.
  struct Counts {
    unsigned merged = 0;
    unsigned cancelled = 0;
    unsigned activations = 0;
    unsigned moved = 0;
    unsigned constants = 0;
    unsigned roundings = 0;

    unsigned getTotal() const {
      return merged + cancelled + activations + moved + constants + roundings;
    }
    Counts &operator+=(const Counts &other);
  };
  const Counts &getCounts() const { return counts; }

private:
  /// A quantize and a dequantize of `value`, right behind it, that nothing
  /// reads yet.
  DequantizeOp insertPair(Value value, quant::QuantizedType type);

  // Of the moves.
  using GridKey = std::pair<Value, Type>;
  bool isSettled(Operation *op, const Passage &passage,
                 quant::UniformQuantizedType type);
  bool isCheaperBefore(Value value, quant::QuantizedType grid);
  bool canQuantizeAllUses(Value value, quant::QuantizedType grid);
  void hoistInto(Operation *op, const Passage &passage);

  // Of the activations.
  bool joinWithRounding(UnaryOpInterface op);
  bool dropImplied(UnaryOpInterface op);

  // Of the constants.
  void storeParameter(QuantizeOp op);
  bool decodeParameter(DequantizeOp op);
  void moveConstant(Operation *op);
  void centerWeight(DequantizeOp op);
  void roundWeight(DequantizeOp op, ConstantOp constant);
  void widenEmptyChannels(DequantizeOp op);

  Block &block;
  NamePool &names;
  bool allowRounding;
  Counts counts;
  /// What `sinkPairs` has asked for: by value, the grids that it is converted
  /// to at once.
  llvm::DenseMap<Value, llvm::SmallDenseSet<Type, 2>> cheaperBefore;
  /// What `hoistPairs` has asked for.
  llvm::DenseMap<GridKey, bool> quantizable;
  llvm::DenseMap<Operation *, std::optional<Passage>> passages;
};

/// Erase `op` if nothing uses it, and then what quantized, dequantized and
/// constant values it alone has read.
void eraseUnusedChain(Operation *op);

/// Let all users of `removed` read `kept`, which is the same values; an order
/// of the configuration goes with it.
void replaceQuantize(QuantizeOp removed, Value kept);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQRULES_H
