// This file declares how tests read vectors: batches of values, and what an
// independent program found for them by the formulas of convention OBS-1.
#ifndef NPIR_TEST_UNITTESTS_OBSERVERS_OBSERVERVECTORS_H
#define NPIR_TEST_UNITTESTS_OBSERVERS_OBSERVERVECTORS_H

#include "npir/Observers/Observer.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>

namespace mlir::npir {

namespace json = llvm::json;

using Batches = std::vector<std::vector<float>>;

inline float toFloat(const json::Value &value) {
  if (std::optional<double> number = value.getAsNumber())
    return float(*number);
  llvm::StringRef text = *value.getAsString();
  float infinity = std::numeric_limits<float>::infinity();
  return text == "nan" ? std::nanf("") : text == "inf" ? infinity : -infinity;
}

/// The generated vectors: u_i = ((i * 2654435761 + 12345) mod 2^32) / 2^31 - 1
/// in double, a function of u_i, rounded to f32.
inline std::vector<float> generate(llvm::StringRef kind, int64_t size) {
  std::vector<float> values;
  for (int64_t i = 0; i < size; ++i) {
    uint64_t step = (uint64_t(i) * 2654435761u + 12345u) % (uint64_t(1) << 32);
    double u = double(step) / 2147483648.0 - 1.0;
    double heavy = u / (1.02 - std::fabs(u));
    values.push_back(float(kind == "uniform"      ? u
                           : kind == "cubic"      ? 4.0 * u * u * u
                           : kind == "heavy"      ? heavy
                           : kind == "relu_heavy" ? std::fmax(0.0, heavy)
                                                  : std::nan("")));
  }
  return values;
}

inline Batches readBatches(const json::Object &vector) {
  Batches batches;
  if (std::optional<llvm::StringRef> kind = vector.getString("generator"))
    return {generate(*kind, *vector.getInteger("n"))};
  for (const json::Value &batch : *vector.getArray("batches")) {
    std::vector<float> &values = batches.emplace_back();
    for (const json::Value &value : *batch.getAsArray())
      values.push_back(toFloat(value));
  }
  return batches;
}

/// What a vector expects of one configuration.
struct Expectation {
  IntegerGrid grid;
  QuantScheme scheme;
  RealRange range;
  QuantParams params;

  explicit Expectation(const json::Object &object) {
    grid = {unsigned(*object.getInteger("bits")), *object.getBoolean("signed"),
            object.getBoolean("narrow").value_or(false)};
    scheme = *object.getString("scheme") == "Uniform" ? QuantScheme::Symmetric
                                                      : QuantScheme::Affine;
    range = {*object.getNumber("lo"), *object.getNumber("hi")};
    uint32_t bits = 0;
    object.getString("scale_f32")->drop_front(2).getAsInteger(16, bits);
    std::memcpy(&params.scale, &bits, sizeof(bits));
    params.zeroPoint = *object.getInteger("zero_point");
  }
};

inline void expectEqual(QuantParams got, QuantParams expected) {
  EXPECT_EQ(std::memcmp(&got.scale, &expected.scale, sizeof(float)), 0)
      << got.scale << " is not " << expected.scale;
  EXPECT_EQ(got.zeroPoint, expected.zeroPoint);
}

inline json::Value parseFile(const char *path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  EXPECT_TRUE(bool(buffer));
  return llvm::cantFail(json::parse((*buffer)->getBuffer()));
}

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_OBSERVERS_OBSERVERVECTORS_H
