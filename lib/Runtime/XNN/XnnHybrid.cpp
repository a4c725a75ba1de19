// This file maps linear layers of float activations and integer weights to
// XNNPACK: activations quantized at run time (qd8), or weights alone.
#include "XnnOps.h"
#include "npir/Kernels/DynamicQuantization.h"

#include <cstring>

namespace npir_rt {
namespace {

/// A filter `[OC, IC / 2]`: of 4-bit integers, two in a byte, that of the even
/// input channel in the lower bits, in two's complement.
bool isPacked(const OpChecker &checker) {
  return 2 * checker.input(1).shape[1] == checker.input(0).shape.back();
}

/// The operands of a layer, which is verified.
struct Layer {
  Layer(OpChecker &checker, const Op &op)
      : input(op.inputs[0]), filter(checker.input(1)),
        bias(op.inputs.size() > 3
                 ? static_cast<const float *>(checker.input(3).data)
                 : nullptr),
        scales(static_cast<const float *>(checker.input(2).data)),
        outputs(filter.shape[0]), inputs(checker.input(0).shape.back()),
        groups(checker.input(2).shape[1]),
        isPacked(::npir_rt::isPacked(checker)) {}

  int8_t weight(int64_t i) const {
    if (!isPacked)
      return static_cast<const int8_t *>(filter.data)[i];
    const uint8_t byte = static_cast<const uint8_t *>(filter.data)[i / 2];
    return int8_t(int((i % 2 ? byte >> 4 : byte & 15) ^ 8) - 8);
  }

  uint32_t input;
  const TensorInfo &filter;
  const float *bias, *scales;
  int64_t outputs, inputs, groups;
  bool isPacked;
};

/// XNNPACK's 4-bit integers are 8 more than they are.
const void *getFilterData(const XnnSubgraph &subgraph, const Layer &layer) {
  if (!layer.isPacked)
    return layer.filter.data;
  const size_t bytes = size_t(layer.outputs * layer.inputs) / 2;
  auto *data = subgraph.allocate<uint8_t>(bytes + XNN_EXTRA_BYTES);
  const auto *from = static_cast<const uint8_t *>(layer.filter.data);
  for (size_t i = 0; i < bytes; ++i)
    data[i] = from[i] ^ 0x88;
  return data;
}

xnn_status defineFilter(const XnnSubgraph &subgraph, const Layer &layer,
                        uint32_t &id) {
  const size_t dims[] = {size_t(layer.outputs), size_t(layer.inputs)};
  const void *data = getFilterData(subgraph, layer);
  if (layer.groups == 1)
    return xnn_define_channelwise_quantized_tensor_value_v2(
        subgraph.graph,
        layer.isPacked ? xnn_datatype_qcint4 : xnn_datatype_qcint8,
        layer.isPacked ? 8 : 0, layer.scales, 2, /*channel_dim=*/0, dims, data,
        XNN_INVALID_VALUE_ID, 0, &id);
  const size_t count = size_t(layer.outputs * layer.groups);
  auto *scales = subgraph.allocate<uint16_t>(count);
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, &layer.scales[i], sizeof(bits));
    scales[i] = uint16_t(bits >> 16);
  }
  return xnn_define_blockwise_quantized_tensor_value(
      subgraph.graph, xnn_datatype_qbint4, 8, scales, 2, /*channel_dim=*/0,
      size_t(layer.inputs / layer.groups), dims, data, XNN_INVALID_VALUE_ID, 0,
      &id);
}

/// The weights in f32: what XNNPACK has no kernel for.
xnn_status defineFloatFilter(const XnnSubgraph &subgraph, const Layer &layer,
                             uint32_t &id) {
  const size_t dims[] = {size_t(layer.outputs), size_t(layer.inputs)};
  const int64_t count = layer.outputs * layer.inputs;
  auto *data =
      subgraph.allocate<float>(size_t(count) + XNN_EXTRA_BYTES / sizeof(float));
  const int64_t groupSize = layer.inputs / layer.groups;
  for (int64_t i = 0; i < count; ++i)
    data[i] = float(layer.weight(i)) * layer.scales[i / groupSize];
  return xnn_define_tensor_value(subgraph.graph, xnn_datatype_fp32, 2, dims,
                                 data, XNN_INVALID_VALUE_ID, 0, &id);
}

/// `scales`, if not null, divide the bias.
xnn_status defineBias(const XnnSubgraph &subgraph, const Layer &layer,
                      const float *scales, uint32_t &id) {
  if (!layer.bias)
    return xnn_status_success;
  const size_t dims[] = {size_t(layer.outputs)};
  auto *data = subgraph.allocate<float>(size_t(layer.outputs) +
                                        XNN_EXTRA_BYTES / sizeof(float));
  for (int64_t i = 0; i < layer.outputs; ++i)
    data[i] = scales ? layer.bias[i] / scales[i] : layer.bias[i];
  return xnn_define_tensor_value(subgraph.graph, xnn_datatype_fp32, 1, dims,
                                 data, XNN_INVALID_VALUE_ID, 0, &id);
}

/// The input quantized row by row; once for all layers that read it.
xnn_status defineDynamic(const XnnSubgraph &subgraph, const Layer &layer,
                         const Shape &shape, uint32_t &id) {
  auto known = subgraph.dynamicValues.find(layer.input);
  if (known != subgraph.dynamicValues.end()) {
    id = known->second;
    return xnn_status_success;
  }
  const std::vector<size_t> dims(shape.begin(), shape.end());
  const xnn_status status = xnn_define_dynamically_quantized_tensor_value(
      subgraph.graph, xnn_datatype_qdint8, dims.size(),
      /*num_nonbatch_dims=*/1, dims.data(), XNN_INVALID_VALUE_ID, 0, &id);
  if (status != xnn_status_success)
    return status;
  subgraph.dynamicValues.emplace(layer.input, id);
  return xnn_define_unary(subgraph.graph, xnn_unary_convert, nullptr,
                          subgraph.value(layer.input), id, 0);
}

/// What XNNPACK takes of groups: of 4 bits, in runs of a multiple of 32, with
/// scales in bfloat16.
void verifyGroups(OpChecker &checker, int64_t groupSize) {
  const TensorInfo &scales = checker.input(2);
  checker.expect(isPacked(checker) && groupSize % XNN_MIN_BLOCKSIZE == 0,
                 "expected 4-bit weights in groups of a multiple of 32");
  const auto *values = static_cast<const float *>(scales.data);
  for (int64_t i = 0; i < numElements(scales.shape); ++i)
    if (!checker.expect(npir_kernels::isBfloat16(values[i]),
                        "expected group scales of 8 significant bits"))
      return;
}

bool verifyConstants(OpChecker &checker) {
  const TensorInfo &filter = checker.input(1), &scales = checker.input(2);
  for (size_t i = 1; i < checker.numInputs(); ++i)
    if (!checker.expect(checker.input(i).isConstant(),
                        "expected '" + checker.input(i).id +
                            "' to be a constant"))
      return false;
  const Shape &shape = checker.input(0).shape;
  if (!checker.expect(filter.type == ElementType::I8 &&
                          filter.shape.size() == 2,
                      "expected a filter of rank 2, of 8-bit or packed 4-bit "
                      "integers") ||
      !checker.expect(shape.back() == filter.shape[1] || isPacked(checker),
                      "a filter of shape " + toString(filter.shape) +
                          " does not fit an input of shape " +
                          toString(shape)) ||
      !checker.expect(scales.type == ElementType::F32 &&
                          scales.shape.size() == 2 &&
                          scales.shape[0] == filter.shape[0] &&
                          shape.back() % scales.shape[1] == 0,
                      "expected f32 scales [OC, G] where G divides the input "
                      "channels"))
    return false;
  const auto *values = static_cast<const float *>(scales.data);
  for (int64_t i = 0; i < numElements(scales.shape); ++i)
    if (!checker.expect(npir_kernels::isLegalScale(values[i]),
                        "expected usable filter scales"))
      return false;
  if (checker.numInputs() > 3)
    checker.expect(checker.input(3).type == ElementType::F32 &&
                       checker.input(3).shape == Shape{filter.shape[0]},
                   "expected a bias of one f32 number for each output channel");
  return checker.ok();
}

} // namespace

void verifyHybridFullyConnected(OpChecker &checker) {
  if (!checker.operandCounts(3, 4) ||
      !checker.expect(checker.input(0).type == ElementType::F32 &&
                          checker.output().type == ElementType::F32 &&
                          !checker.input(0).shape.empty(),
                      "expected input and result of type f32, and of rank 1 or "
                      "more") ||
      !verifyConstants(checker))
    return;
  readBounds(checker);
  const int64_t groups = checker.input(2).shape[1];
  Shape shape = checker.inputShape(0);
  if (checker.getInt("dynamic", 0, 0, 1)) {
    checker.expect(npir_kernels::isLegalAccumulation(shape.back()),
                   "too many input channels for one 32-bit sum");
    if (groups > 1)
      verifyGroups(checker, shape.back() / groups);
  }
  shape.back() = checker.input(1).shape[0];
  checker.expectOutputShape(shape);
}

xnn_status defineHybridFullyConnected(const XnnSubgraph &subgraph,
                                      OpChecker &checker, const Op &op) {
  const Layer layer(checker, op);
  const bool isDynamic = checker.getInt("dynamic", 0, 0, 1) != 0;
  const bool isStored = isDynamic || layer.groups == 1;
  uint32_t input = subgraph.value(layer.input), filter = XNN_INVALID_VALUE_ID,
           bias = XNN_INVALID_VALUE_ID;
  xnn_status status = xnn_status_success;
  if (isDynamic)
    status = defineDynamic(subgraph, layer, checker.inputShape(0), input);
  if (status == xnn_status_success)
    status = isStored ? defineFilter(subgraph, layer, filter)
                      : defineFloatFilter(subgraph, layer, filter);
  // Between floats XNNPACK adds the bias before it multiplies by the scale.
  if (status == xnn_status_success)
    status = defineBias(subgraph, layer,
                        isDynamic || !isStored ? nullptr : layer.scales, bias);
  if (status != xnn_status_success)
    return status;
  const Bounds bounds = readBounds(checker);
  return xnn_define_fully_connected(subgraph.graph, bounds.min, bounds.max,
                                    input, filter, bias, subgraph.output(op),
                                    0);
}

} // namespace npir_rt
