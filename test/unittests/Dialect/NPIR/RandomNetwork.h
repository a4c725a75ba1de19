// This file declares random networks as an importer writes them: every op but
// convolutions and pools acts in NCHW.
#ifndef NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMNETWORK_H
#define NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMNETWORK_H

#include <random>
#include <string>
#include <vector>

namespace mlir::npir {

/// Writes the text of one function `@main(%x: tensor<?x3x4x4xf32>)`.
class RandomNetwork {
public:
  explicit RandomNetwork(unsigned seed);

  /// A network of `depth` layers with branches. `anyReshape` allows transposes
  /// and reshapes that no layout removes, `forms` what transformers are made
  /// of, in small ops.
  std::string write(unsigned depth, bool anyReshape, bool forms = false);

private:
  struct Value {
    std::string name;
    std::vector<int64_t> shape; // without the batch
  };

  unsigned pick(unsigned count) { return random() % count; }
  std::string constant(std::vector<int64_t> shape, double low, double high);
  Value emit(const std::string &op, const std::vector<Value> &operands,
             const std::string &constants, const std::string &attributes,
             std::vector<int64_t> shape);
  Value emitText(const std::string &op, const std::string &operands,
                 const std::string &types, const std::string &attributes,
                 std::vector<int64_t> shape);
  Value transpose(const Value &input, std::vector<int64_t> perm);
  Value convolution(const Value &input);
  Value pool(const Value &input);
  Value batchNorm(const Value &input);
  Value activation(const Value &input);
  Value withConstant(const Value &input, bool anyOp);
  Value layer(unsigned kind, const Value &input,
              const std::vector<Value> &values, bool forms);
  Value sliceAndConcat(const Value &input);
  Value reshapeAndBack(const Value &input);
  Value head(const Value &input);

  // Forms that one op replaces, in RandomForms.cpp.
  Value gelu(const Value &input);
  Value layerNorm(const Value &input);
  Value attention(const Value &input);
  Value unary(const std::string &op, const Value &input);
  Value scaled(const std::string &op, const Value &input, double number,
               bool constantFirst = false);

  std::mt19937 random;
  std::string text;
  std::string pendingTypes; // of the constants of the op that is written
  unsigned count = 0;
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMNETWORK_H
