// This file declares what the runtime's tests build programs with, and scalar
// loops to compare with that share nothing with the runtime.
#ifndef NPIR_TEST_UNITTESTS_RUNTIME_TESTNET_H
#define NPIR_TEST_UNITTESTS_RUNTIME_TESTNET_H

#include "npir/Runtime/Executor.h"
#include "npir/Serialization/Program/ProgramBuilder.h"

#include <cmath>
#include <cstring>
#include <deque>
#include <gtest/gtest.h>
#include <random>

namespace npir_rt::test {

/// A builder that keeps its constants alive.
struct Net {
  ProgramBuilder builder{{"test", "hash", "main", "prepared"}};
  std::deque<std::vector<float>> floatData;
  std::deque<std::vector<int8_t>> byteData;
  std::deque<std::vector<int32_t>> intData;

  static TensorInfo info(std::string id, ElementType type, Shape shape,
                         Quantization quantization = {}) {
    TensorInfo tensor;
    tensor.id = std::move(id);
    tensor.type = type;
    tensor.shape = std::move(shape);
    tensor.quantization = std::move(quantization);
    return tensor;
  }
  static Quantization perTensor(float scale, int32_t zeroPoint) {
    return {{scale}, {zeroPoint}, -1};
  }

  uint32_t f32(std::string id, Shape shape) {
    return builder.addTensor(info(std::move(id), ElementType::F32, shape));
  }
  uint32_t q8(std::string id, Shape shape, float scale, int32_t zeroPoint) {
    return builder.addTensor(info(std::move(id), ElementType::I8, shape,
                                  perTensor(scale, zeroPoint)));
  }
  /// Indices, or truth values.
  uint32_t plain(std::string id, ElementType type, Shape shape) {
    return builder.addTensor(info(std::move(id), type, std::move(shape)));
  }
  uint32_t constant(std::string id, Shape shape, std::vector<float> data) {
    floatData.push_back(std::move(data));
    return builder.addConstant(info(std::move(id), ElementType::F32, shape),
                               floatData.back().data(),
                               floatData.back().size() * 4);
  }
  uint32_t constant(std::string id, Shape shape, std::vector<int8_t> data,
                    Quantization quantization) {
    byteData.push_back(std::move(data));
    return builder.addConstant(
        info(std::move(id), ElementType::I8, shape, std::move(quantization)),
        byteData.back().data(), byteData.back().size());
  }
  uint32_t constant(std::string id, Shape shape, std::vector<int32_t> data,
                    Quantization quantization) {
    intData.push_back(std::move(data));
    return builder.addConstant(
        info(std::move(id), ElementType::I32, shape, std::move(quantization)),
        intData.back().data(), intData.back().size() * 4);
  }

  Expected<std::shared_ptr<const Program>> tryLoad() const {
    auto memory = builder.writeToMemory();
    if (!memory)
      return memory.status();
    return Program::fromBuffer(std::move(*memory));
  }
  std::shared_ptr<const Program> load() const {
    auto program = tryLoad();
    EXPECT_TRUE(program.ok()) << program.status().message();
    return program.ok() ? *program : nullptr;
  }
  /// The message of a program that must not load.
  std::string loadError() const {
    auto program = tryLoad();
    EXPECT_FALSE(program.ok());
    return program.status().message();
  }
};

inline Op makeOp(std::string kernel, std::string name,
                 std::vector<uint32_t> inputs, std::vector<uint32_t> outputs,
                 std::vector<Attribute> attributes = {}) {
  Op op;
  op.kernel = std::move(kernel);
  op.name = std::move(name);
  op.inputs = std::move(inputs);
  op.outputs = std::move(outputs);
  op.attributes = std::move(attributes);
  return op;
}

inline Op segment(std::vector<uint32_t> inputs, std::vector<uint32_t> outputs,
                  std::vector<Op> body) {
  Op op =
      makeOp("xnn.subgraph", "segment", std::move(inputs), std::move(outputs));
  op.body = std::move(body);
  return op;
}

inline Attribute ints(std::string name, std::vector<int64_t> values) {
  return {std::move(name), AttributeValue(std::move(values))};
}
inline Attribute number(std::string name, int64_t value) {
  return {std::move(name), AttributeValue(value)};
}
inline Attribute real(std::string name, float value) {
  return {std::move(name), AttributeValue(value)};
}
inline Attribute text(std::string name, std::string value) {
  return {std::move(name), AttributeValue(std::move(value))};
}

inline std::unique_ptr<Executor>
makeExecutor(std::shared_ptr<const Program> program,
             const ExecutorOptions &options = {}) {
  auto executor = Executor::create(std::move(program), options);
  EXPECT_TRUE(executor.ok()) << executor.status().message();
  return executor.ok() ? std::move(*executor) : nullptr;
}

template <typename T>
constexpr ElementType elementTypeOf() {
  return std::is_same_v<T, uint8_t> ? ElementType::Bool
         : sizeof(T) == 1           ? ElementType::I8
         : sizeof(T) == 8           ? ElementType::I64
         : std::is_same_v<T, float> ? ElementType::F32
                                    : ElementType::I32;
}

template <typename T>
NamedTensor feed(const std::string &name, Shape shape,
                 const std::vector<T> &data) {
  return {name, {{}, elementTypeOf<T>(), std::move(shape), data.data(), {}}};
}

template <typename T>
std::vector<T> values(const TensorView &view) {
  const T *data = view.as<T>();
  return std::vector<T>(data, data + view.elements());
}

/// Whole numbers in [low, high]: float sums of them are exact, so that the
/// order of summation does not matter.
template <typename T>
std::vector<T> randomWhole(size_t count, int low, int high, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<T> result(count);
  for (T &value : result)
    value = T(low + int(engine() % unsigned(high - low + 1)));
  return result;
}

//===----------------------------------------------------------------------===//
// Scalar loops
//===----------------------------------------------------------------------===//

struct ConvShape {
  int n, h, w, ic, oc, kernel, stride, pad, dilation = 1;
  int groups = 1;
  int extent() const { return (kernel - 1) * dilation + 1; }
  int oh() const { return (h + 2 * pad - extent()) / stride + 1; }
  int ow() const { return (w + 2 * pad - extent()) / stride + 1; }
};

/// Sums of products in int64 or double; `at(n, y, x, c)` gives an input element
/// less its zero point, `weight(oc, ky, kx, ic)` a weight.
template <typename Acc, typename T, typename W>
std::vector<Acc> convolve(const ConvShape &s, const std::vector<T> &input,
                          Acc zeroPoint, const std::vector<W> &filter,
                          const std::vector<Acc> &bias) {
  const int perGroup = s.ic / s.groups, outPerGroup = s.oc / s.groups;
  std::vector<Acc> result;
  for (int n = 0; n < s.n; ++n)
    for (int oy = 0; oy < s.oh(); ++oy)
      for (int ox = 0; ox < s.ow(); ++ox)
        for (int oc = 0; oc < s.oc; ++oc) {
          Acc sum = bias[oc];
          for (int ky = 0; ky < s.kernel; ++ky)
            for (int kx = 0; kx < s.kernel; ++kx)
              for (int ic = 0; ic < perGroup; ++ic) {
                int y = oy * s.stride - s.pad + ky * s.dilation;
                int x = ox * s.stride - s.pad + kx * s.dilation;
                if (y < 0 || y >= s.h || x < 0 || x >= s.w)
                  continue;
                int c = oc / outPerGroup * perGroup + ic;
                Acc value = Acc(input[((n * s.h + y) * s.w + x) * s.ic + c]) -
                            zeroPoint;
                sum +=
                    value * Acc(filter[((oc * s.kernel + ky) * s.kernel + kx) *
                                           perGroup +
                                       ic]);
              }
          result.push_back(sum);
        }
  return result;
}

/// reference/xnnpack.md 3: one f32 product, ties to even.
inline int8_t requantize(int64_t sum, float scale, int zeroPoint,
                         int low = -128, int high = 127) {
  float value = std::nearbyintf(float(int32_t(sum)) * scale);
  value = std::min(std::max(value + float(zeroPoint), float(low)), float(high));
  return int8_t(value);
}

//===----------------------------------------------------------------------===//
// Programs of one op
//===----------------------------------------------------------------------===//

/// Runs one op with input `x` and constants on one batch.
inline std::vector<float> runOp(Net &net, Op op, uint32_t x, uint32_t y,
                                const Shape &shape,
                                const std::vector<float> &input) {
  net.builder.addInput("x", x);
  net.builder.addOutput("y", y);
  net.builder.addOp(segment({x}, {y}, {std::move(op)}));
  auto executor = makeExecutor(net.load());
  if (!executor)
    return {};
  Status status = executor->run({feed("x", shape, input)});
  EXPECT_TRUE(status.ok()) << status.message();
  return status.ok() ? values<float>(executor->outputs()[0])
                     : std::vector<float>();
}

/// The message of a program with this op, which must not load.
inline std::string opError(Net &net, Op op, std::vector<uint32_t> inputs,
                           uint32_t y) {
  for (size_t i = 0; i < inputs.size(); ++i)
    net.builder.addInput("in" + std::to_string(i), inputs[i]);
  net.builder.addOutput("y", y);
  net.builder.addOp(segment(inputs, {y}, {std::move(op)}));
  return net.loadError();
}

inline void expectPart(const std::string &message, const std::string &part) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

} // namespace npir_rt::test

#endif // NPIR_TEST_UNITTESTS_RUNTIME_TESTNET_H
