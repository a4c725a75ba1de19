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
  /// and reshapes that no layout removes.
  std::string write(unsigned depth, bool anyReshape);

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
  Value transpose(const Value &input, std::vector<int64_t> perm);
  Value convolution(const Value &input);
  Value pool(const Value &input);
  Value batchNorm(const Value &input);
  Value activation(const Value &input);
  Value addConstant(const Value &input);
  Value reshapeAndBack(const Value &input);
  Value head(const Value &input);

  std::mt19937 random;
  std::string text;
  std::string pendingTypes; // of the constants of the op that is written
  unsigned count = 0;
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_DIALECT_NPIR_RANDOMNETWORK_H
