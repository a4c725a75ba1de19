// This file implements the parts of random networks that are written in many
// ops and become one: GELU, layer normalization, attention.
#include "RandomNetwork.h"

#include <cmath>

using namespace mlir::npir;

RandomNetwork::Value RandomNetwork::unary(const std::string &op,
                                          const Value &input) {
  return emit(op, {input}, "", "", input.shape);
}

/// `op` of `input` and one number.
RandomNetwork::Value RandomNetwork::scaled(const std::string &op,
                                           const Value &input, double number,
                                           bool constantFirst) {
  std::string use = constant({1}, number, number).substr(2);
  pendingTypes.clear();
  std::string type = "tensor<?x";
  for (int64_t size : input.shape)
    type += std::to_string(size) + "x";
  type += "f32>";
  if (constantFirst)
    return emitText(op, use + ", " + input.name,
                    "(tensor<1xf32>, " + type + ")", "", input.shape);
  return emitText(op, input.name + ", " + use, "(" + type + ", tensor<1xf32>)",
                  "", input.shape);
}

RandomNetwork::Value RandomNetwork::gelu(const Value &x) {
  auto multiply = [&](const Value &a, const Value &b) {
    return pick(2) ? emit("mul", {a, b}, "", "", x.shape)
                   : emit("mul", {b, a}, "", "", x.shape);
  };
  Value gate;
  if (pick(2)) {
    Value argument = pick(2) ? scaled("div", x, std::sqrt(2.0))
                             : scaled("mul", x, std::sqrt(0.5), pick(2));
    gate = unary("erf", argument);
  } else {
    Value cube = multiply(unary("square", x), x);
    Value sum = emit("add", {x, scaled("mul", cube, 0.044715, pick(2))}, "", "",
                     x.shape);
    gate = unary("tanh", scaled("mul", sum, std::sqrt(2 / M_PI), pick(2)));
  }
  gate = scaled("add", gate, 1.0, pick(2));
  switch (pick(3)) {
  case 0:
    return scaled("mul", multiply(x, gate), 0.5, pick(2));
  case 1:
    return multiply(scaled("mul", x, 0.5), gate);
  default:
    return multiply(x, scaled("div", gate, 2.0));
  }
}

/// Of the channels, [C, H, W].
RandomNetwork::Value RandomNetwork::layerNorm(const Value &x) {
  const std::string axes = "axes = array<i64: 1>, keep_dims";
  std::vector<int64_t> shape = x.shape, vector{x.shape[0], 1, 1};
  shape[0] = 1;
  Value mean = emit("reduce mean", {x}, "", axes, shape);
  Value centered = emit("sub", {x, mean}, "", "", x.shape);
  Value square = pick(2) ? unary("square", centered)
                         : emit("mul", {centered, centered}, "", "", x.shape);
  Value variance = emit("reduce mean", {square}, "", axes, shape);
  Value deviation = unary("sqrt", scaled("add", variance, 0.1, pick(2)));
  Value y = pick(2)
                ? emit("div", {centered, deviation}, "", "", x.shape)
                : emit("mul", {centered, scaled("div", deviation, 1.0, true)},
                       "", "", x.shape);
  if (pick(2))
    y = emit("mul", {y}, constant(vector, 0.5, 1.5), "", x.shape);
  if (pick(2))
    y = emit("add", {y}, constant(vector, -1, 1), "", x.shape);
  return y;
}

/// Over the positions of [C, H, W], with one head or with one for each channel.
RandomNetwork::Value RandomNetwork::attention(const Value &x) {
  int64_t c = x.shape[0], n = x.shape[1] * x.shape[2];
  int64_t heads = pick(2) ? c : 1;
  Value tokens = transpose(emit("reshape", {x}, "", "", {c, n}), {0, 2, 1});
  Value qkv =
      emit("linear", {tokens}, constant({3 * c, c}, -0.5, 0.5), "", {n, 3 * c});
  auto head = [&](int64_t index, std::vector<int64_t> perm) {
    std::string attributes =
        "offsets = array<i64: 0, 0, " + std::to_string(index * c) +
        ">, sizes = array<i64: -1, -1, " + std::to_string(c) + ">";
    Value part = emit("slice", {qkv}, "", attributes, {n, c});
    part = emit("reshape", {part}, "", "", {n, heads, c / heads});
    return transpose(part, std::move(perm));
  };
  Value query = head(0, {0, 2, 1, 3}), key = head(1, {0, 2, 3, 1});
  if (pick(2))
    key = scaled("mul", key, 0.5);
  if (pick(2)) { // by way of [batch * heads, ...]
    key = emit("reshape", {key}, "", "", {c / heads, n});
    key = emit("reshape", {key}, "", "", {heads, c / heads, n});
  }
  Value scores = emit("matmul", {query, key}, "", "", {heads, n, n});
  scores = unary("softmax", scaled("div", scores, 1.5));
  Value y = emit("matmul", {scores, head(2, {0, 2, 1, 3})}, "", "",
                 {heads, n, c / heads});
  y = emit("reshape", {transpose(y, {0, 2, 1, 3})}, "", "", {n, c});
  return emit("reshape", {transpose(y, {0, 2, 1})}, "", "", x.shape);
}
