// This file implements random networks as an importer writes them.
#include "RandomNetwork.h"

#include <numeric>

using namespace mlir::npir;

using Shape = std::vector<int64_t>;

RandomNetwork::RandomNetwork(unsigned seed) : random(seed) {}

static std::string tensor(const Shape &shape, bool batched) {
  std::string type = batched ? "tensor<?x" : "tensor<";
  for (int64_t size : shape)
    type += std::to_string(size) + "x";
  return type + "f32>";
}

static std::string list(const Shape &values) {
  std::string text = "array<i64: ";
  for (size_t i = 0; i < values.size(); ++i)
    text += (i ? ", " : "") + std::to_string(values[i]);
  return text + ">";
}

/// Writes a constant; its use (", %c4") is returned, its type kept for the op.
std::string RandomNetwork::constant(Shape shape, double low, double high) {
  int64_t size = std::accumulate(shape.begin(), shape.end(), int64_t(1),
                                 std::multiplies<>());
  std::uniform_real_distribution<float> distribution(low, high);
  std::string hex = "\"0x";
  for (int64_t i = 0; i < size; ++i) {
    float value = distribution(random);
    auto *bytes = reinterpret_cast<const unsigned char *>(&value);
    for (int b = 0; b < 4; ++b) {
      hex += "0123456789ABCDEF"[bytes[b] >> 4];
      hex += "0123456789ABCDEF"[bytes[b] & 15];
    }
  }
  std::string name = "%c" + std::to_string(count++);
  std::string type = tensor(shape, false);
  text +=
      "  " + name + " = npir.constant dense<" + hex + "\"> : " + type + "\n";
  pendingTypes += ", " + type;
  return ", " + name;
}

RandomNetwork::Value RandomNetwork::emit(const std::string &op,
                                         const std::vector<Value> &operands,
                                         const std::string &constants,
                                         const std::string &attributes,
                                         Shape shape) {
  std::string names, types;
  for (const Value &operand : operands) {
    names += (names.empty() ? "" : ", ") + operand.name;
    types += (types.empty() ? "" : ", ") + tensor(operand.shape, true);
  }
  // Ops of one operand print its type alone.
  bool isFunctional =
      operands.size() + !constants.empty() > 1 || op == "concat";
  types += pendingTypes;
  pendingTypes.clear();
  return emitText(op, names + constants,
                  isFunctional ? "(" + types + ")" : types, attributes, shape);
}

RandomNetwork::Value RandomNetwork::emitText(const std::string &op,
                                             const std::string &operands,
                                             const std::string &types,
                                             const std::string &attributes,
                                             Shape shape) {
  Value result{"%v" + std::to_string(count++), std::move(shape)};
  text += "  " + result.name + " = npir." + op + " " + operands + " {" +
          attributes + "} : " + types + " -> " + tensor(result.shape, true) +
          " loc(\"" + result.name.substr(1) + "\")\n";
  return result;
}

RandomNetwork::Value RandomNetwork::transpose(const Value &input, Shape perm) {
  Shape shape;
  for (size_t i = 1; i < perm.size(); ++i)
    shape.push_back(input.shape[perm[i] - 1]);
  return emit("transpose", {input}, "", "perm = " + list(perm), shape);
}

RandomNetwork::Value RandomNetwork::convolution(const Value &input) {
  Value x = transpose(input, {0, 2, 3, 1});
  int64_t channels = input.shape[0];
  std::string attributes = "pads = array<i64: 1, 1, 1, 1>";
  if (pick(3) == 0) {
    std::string constants = constant({1, 3, 3, channels}, -0.5, 0.5);
    x = emit("depthwise_conv2d", {x}, constants, attributes, x.shape);
  } else {
    std::string constants = constant({channels, 3, 3, channels}, -0.4, 0.4);
    if (pick(2))
      constants += constant({channels}, -1, 1);
    x = emit("conv2d", {x}, constants, attributes, x.shape);
  }
  return transpose(x, {0, 3, 1, 2});
}

RandomNetwork::Value RandomNetwork::pool(const Value &input) {
  Value x = transpose(input, {0, 2, 3, 1});
  x = emit("max_pool2d", {x}, "",
           "kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>", x.shape);
  return transpose(x, {0, 3, 1, 2});
}

RandomNetwork::Value RandomNetwork::batchNorm(const Value &input) {
  int64_t channels = input.shape[0];
  std::string constants = constant({channels}, 0.5, 1.5);
  constants += constant({channels}, -1, 1);
  constants += constant({channels}, -1, 1);
  constants += constant({channels}, 0.5, 2);
  return emit("batch_norm", {input}, constants,
              "axis = 1 : i64, epsilon = 1.0e-5 : f32", input.shape);
}

RandomNetwork::Value RandomNetwork::activation(const Value &input) {
  switch (pick(4)) {
  case 0:
    return emit("relu", {input}, "", "", input.shape);
  case 1:
    return emit("clamp", {input}, "", "min = -1.0 : f32, max = 2.0 : f32",
                input.shape);
  case 2: // above the clamp of case 1: they never fuse
    return emit("clamp", {input}, "", "min = 2.5 : f32, max = 4.0 : f32",
                input.shape);
  default:
    return emit("tanh", {input}, "", "", input.shape);
  }
}

RandomNetwork::Value RandomNetwork::withConstant(const Value &input,
                                                 bool anyOp) {
  int64_t c = input.shape[0], h = input.shape[1], w = input.shape[2];
  const Shape shapes[] = {{c, 1, 1}, {1, c, 1, 1}, {1},
                          {w},       {h, w},       {1, c, h, w}};
  const char *const ops[] = {"add", "sub", "mul", "div"};
  std::string constants =
      constant(shapes[pick(6)], anyOp ? 0.6 : -1, anyOp ? 1.5 : 1);
  return emit(ops[anyOp ? pick(4) : 0], {input}, constants, "", input.shape);
}

/// The channels in another order.
RandomNetwork::Value RandomNetwork::sliceAndConcat(const Value &input) {
  int64_t channels = input.shape[0];
  int64_t first = 1 + pick(channels - 1);
  Shape shape = input.shape;
  shape[0] = first;
  Value head = emit("slice", {input}, "",
                    "offsets = " + list({0, 0, 0, 0}) +
                        ", sizes = " + list({-1, first, -1, -1}),
                    shape);
  shape[0] = channels - first;
  Value tail = emit("slice", {input}, "",
                    "offsets = " + list({0, first, 0, 0}) +
                        ", sizes = " + list({-1, -1, -1, -1}),
                    shape);
  return emit("concat", {tail, head}, "", "axis = 1 : i64", input.shape);
}

RandomNetwork::Value RandomNetwork::reshapeAndBack(const Value &input) {
  int64_t c = input.shape[0], h = input.shape[1], w = input.shape[2];
  const Shape shapes[] = {
      {c, h * w}, {c, 1, h, w}, {c * h, w}, {1, c, h * w}, {c * h * w}};
  Value x = emit("reshape", {input}, "", "", shapes[pick(5)]);
  if (x.shape.size() == 2 && pick(2)) {
    x = transpose(x, {0, 2, 1});
    x = activation(x);
    x = transpose(x, {0, 2, 1});
  } else {
    x = activation(x);
  }
  return emit("reshape", {x}, "", "", input.shape);
}

RandomNetwork::Value RandomNetwork::head(const Value &input) {
  int64_t c = input.shape[0], h = input.shape[1], w = input.shape[2];
  Value x = input;
  switch (pick(3)) {
  case 0:
    x = emit("reduce mean", {x}, "", "axes = array<i64: 2, 3>", {c});
    break;
  case 1:
    x = emit("reduce sum", {x}, "", "axes = array<i64: 2, 3>, keep_dims",
             {c, 1, 1});
    x = emit("reshape", {x}, "", "", {c});
    break;
  default:
    x = emit("reshape", {x}, "", "", {c * h * w});
    if (pick(2))
      x = activation(x);
    break;
  }
  std::string constants = constant({5, x.shape[0]}, -0.3, 0.3);
  return emit("linear", {x}, constants, "", {5});
}

RandomNetwork::Value RandomNetwork::layer(unsigned kind, const Value &x,
                                          const std::vector<Value> &values,
                                          bool forms) {
  switch (kind) {
  case 0:
  case 1:
    return convolution(x);
  case 2:
    return batchNorm(x);
  case 3:
    return activation(x);
  case 4: {
    const Value &other = values[pick(values.size())];
    return emit("add", {x, other}, "", "", x.shape);
  }
  case 5:
    return pool(x);
  case 6:
    return withConstant(x, forms);
  case 7:
    return pick(2) ? reshapeAndBack(x)
                   : transpose(activation(transpose(x, {0, 3, 1, 2})),
                               {0, 2, 3, 1});
  case 8:
    return attention(x);
  case 9:
    return sliceAndConcat(x);
  case 10:
    return gelu(x);
  default:
    return layerNorm(x);
  }
}

std::string RandomNetwork::write(unsigned depth, bool anyReshape, bool forms) {
  text.clear();
  std::vector<unsigned> kinds{0, 1, 2, 3, 4, 5, 6};
  if (anyReshape)
    kinds.push_back(7);
  if (anyReshape && forms)
    kinds.push_back(8);
  if (forms)
    kinds.insert(kinds.end(), {9, 10, 11});
  Value input{"%x", {3, 4, 4}};
  std::vector<Value> values{convolution(input)};
  for (unsigned i = 0; i < depth; ++i) {
    // Mostly the last value; sometimes an older one, which makes a branch.
    Value x = pick(4) ? values.back() : values[pick(values.size())];
    values.push_back(layer(kinds[pick(kinds.size())], x, values, forms));
  }
  Value logits = head(values.back());
  Value feature = convolution(values[pick(values.size())]);
  return "func.func @main(%x: tensor<?x3x4x4xf32> loc(\"x\")) -> (" +
         tensor(logits.shape, true) + ", " + tensor(feature.shape, true) +
         ") {\n" + text + "  return " + logits.name + ", " + feature.name +
         " : " + tensor(logits.shape, true) + ", " +
         tensor(feature.shape, true) + "\n}\n";
}
