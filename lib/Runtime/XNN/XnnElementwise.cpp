// This file maps unary and binary elementwise ops to XNNPACK.
#include "XnnOps.h"

#include <cmath>

namespace npir_rt {
namespace {

struct UnaryName {
  const char *name;
  xnn_unary_operator code;
};
const UnaryName unaryNames[] = {
    {"abs", xnn_unary_abs},
    {"bankers_rounding", xnn_unary_bankers_rounding},
    {"ceiling", xnn_unary_ceiling},
    {"clamp", xnn_unary_clamp},
    {"convert", xnn_unary_convert},
    {"elu", xnn_unary_elu},
    {"exp", xnn_unary_exp},
    {"floor", xnn_unary_floor},
    {"gelu", xnn_unary_gelu},
    {"hardswish", xnn_unary_hardswish},
    {"leaky_relu", xnn_unary_leaky_relu},
    {"log", xnn_unary_log},
    {"negate", xnn_unary_negate},
    {"reciprocal_square_root", xnn_unary_reciprocal_square_root},
    {"rsqrt", xnn_unary_reciprocal_square_root},
    {"sigmoid", xnn_unary_sigmoid},
    {"sign", xnn_unary_sign},
    {"sqrt", xnn_unary_square_root},
    {"square", xnn_unary_square},
    {"square_root", xnn_unary_square_root},
    {"tanh", xnn_unary_tanh},
};

/// The scale ratios that XNNPACK's integer add (and subtract) and multiply can
/// represent; it checks them in debug builds only. The others compute in float.
enum class BinaryRange { Any, Add, Multiply };
struct BinaryName {
  const char *name;
  xnn_binary_operator code;
  BinaryRange range;
};
const BinaryName binaryNames[] = {
    {"add", xnn_binary_add, BinaryRange::Add},
    {"divide", xnn_binary_divide, BinaryRange::Any},
    {"maximum", xnn_binary_maximum, BinaryRange::Any},
    {"minimum", xnn_binary_minimum, BinaryRange::Any},
    {"multiply", xnn_binary_multiply, BinaryRange::Multiply},
    {"prelu", xnn_binary_prelu, BinaryRange::Any},
    {"subtract", xnn_binary_subtract, BinaryRange::Add},
};

template <typename Entry, size_t N>
const Entry *findName(OpChecker &checker, const Entry (&table)[N]) {
  const std::string name = checker.getString("operator");
  for (const Entry &entry : table)
    if (name == entry.name)
      return &entry;
  checker.fail("unknown operator '" + name + "'");
  return nullptr;
}

float scaleOf(const TensorInfo &tensor) {
  return tensor.quantization.scales[0];
}

} // namespace

void verifyUnary(OpChecker &checker) {
  if (!checker.operandCounts(1, 1))
    return;
  const TensorInfo &input = checker.input(0), &output = checker.output();
  const UnaryName *entry = findName(checker, unaryNames);
  if (!entry || !checker.expectActivation(input) ||
      !checker.expectActivation(output))
    return;
  if (entry->code == xnn_unary_clamp)
    readBounds(checker, "min", "max");
  if (entry->code == xnn_unary_elu || entry->code == xnn_unary_leaky_relu)
    checker.getFloat("alpha", 1.0f);
  const bool integers =
      input.type == ElementType::I8 && output.type == ElementType::I8;
  if (entry->code != xnn_unary_convert)
    checker.expect(input.type == output.type,
                   "expected input and result of one type");
  // Fixed-point multipliers whose range XNNPACK checks in debug builds only.
  if (integers && (entry->code == xnn_unary_convert ||
                   entry->code == xnn_unary_leaky_relu)) {
    const float ratio = scaleOf(input) / scaleOf(output);
    checker.expect(ratio >= 0x1.0p-8f && ratio <= 0x1.0p+7f,
                   "input scale / output scale must be in [2^-8, 2^7]");
    const float slope = ratio * checker.getFloat("alpha", 1.0f);
    checker.expect(entry->code == xnn_unary_convert ||
                       (std::fabs(slope) >= 0x1.0p-8f && slope <= 0x1.0p+7f &&
                        slope >= -0x1.FFFC00p+6f),
                   "alpha * input scale / output scale is out of range");
  }
  checker.expectOutputShape(checker.inputShape(0));
}

xnn_status defineUnary(const XnnSubgraph &subgraph, OpChecker &checker,
                       const Op &op) {
  const UnaryName *entry = findName(checker, unaryNames);
  xnn_unary_params params = {};
  if (entry->code == xnn_unary_clamp) {
    const Bounds bounds = readBounds(checker, "min", "max");
    params.clamp.min = bounds.min;
    params.clamp.max = bounds.max;
  } else if (entry->code == xnn_unary_elu) {
    params.elu.alpha = checker.getFloat("alpha", 1.0f);
  } else if (entry->code == xnn_unary_leaky_relu) {
    params.leaky_relu.negative_slope = checker.getFloat("alpha", 1.0f);
  }
  return xnn_define_unary(subgraph.graph, entry->code, &params,
                          subgraph.input(op, 0), subgraph.output(op), 0);
}

void verifyBinary(OpChecker &checker) {
  if (!checker.operandCounts(2, 2))
    return;
  const TensorInfo &lhs = checker.input(0), &rhs = checker.input(1);
  const TensorInfo &output = checker.output();
  const BinaryName *entry = findName(checker, binaryNames);
  if (!entry || !checker.expectActivation(lhs) ||
      !checker.expectActivation(rhs) || !checker.expectActivation(output) ||
      !checker.expect(lhs.type == rhs.type && lhs.type == output.type,
                      "expected inputs and result of one type"))
    return;
  readBounds(checker);
  auto within = [](float ratio, float low) {
    return ratio >= low && ratio < 0x1.0p+8f;
  };
  if (lhs.type == ElementType::I8 && entry->range == BinaryRange::Add)
    checker.expect(within(scaleOf(lhs) / scaleOf(output), 0x1.0p-10f) &&
                       within(scaleOf(rhs) / scaleOf(output), 0x1.0p-10f),
                   "input scale / output scale must be in [2^-10, 2^8)");
  if (lhs.type == ElementType::I8 && entry->range == BinaryRange::Multiply)
    checker.expect(
        within(scaleOf(lhs) * scaleOf(rhs) / scaleOf(output), 0x1.0p-16f),
        "product of input scales / output scale must be in [2^-16, 2^8)");
  Shape shape;
  if (checker.expect(
          broadcast(checker.inputShape(0), checker.inputShape(1), shape),
          "shapes " + toString(lhs.shape) + " and " + toString(rhs.shape) +
              " cannot be broadcast"))
    checker.expectOutputShape(shape);
}

xnn_status defineBinary(const XnnSubgraph &subgraph, OpChecker &checker,
                        const Op &op) {
  const BinaryName *entry = findName(checker, binaryNames);
  const Bounds bounds = readBounds(checker);
  const xnn_binary_params params = {bounds.min, bounds.max};
  return xnn_define_binary(subgraph.graph, entry->code, &params,
                           subgraph.input(op, 0), subgraph.input(op, 1),
                           subgraph.output(op), 0);
}

} // namespace npir_rt
