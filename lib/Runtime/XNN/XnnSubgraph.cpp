// This file implements the kernel `xnn.subgraph`: one XNNPACK runtime per
// segment.
#include "../Kernels.h"
#include "XnnOps.h"

#include <algorithm>

namespace npir_rt {
namespace {

/// Not in the header, but works: XNNPACK's fusion writes a fused clamp's bounds
/// over the padding of a convolution or pool.
constexpr uint32_t noOperatorFusion = 0x80000000;

struct SubgraphDeleter {
  void operator()(xnn_subgraph *graph) const { xnn_delete_subgraph(graph); }
};
struct RuntimeDeleter {
  void operator()(xnn_runtime *runtime) const { xnn_delete_runtime(runtime); }
};

/// XNNPACK's release build has no error texts.
const char *statusText(xnn_status status) {
  switch (status) {
  case xnn_status_success:
    return "success";
  case xnn_status_uninitialized:
    return "not initialized";
  case xnn_status_invalid_parameter:
    return "invalid parameter";
  case xnn_status_invalid_state:
    return "invalid state";
  case xnn_status_unsupported_parameter:
    return "unsupported parameter";
  case xnn_status_unsupported_hardware:
    return "unsupported hardware";
  case xnn_status_out_of_memory:
    return "out of memory";
  default:
    return "unknown status";
  }
}

bool hasManyDims(const TensorInfo &tensor) {
  return tensor.shape.size() > XNN_MAX_TENSOR_DIMS;
}

/// XNNPACK has fewer dimensions than programs.
Status verifyRanks(const VerifyContext &context, const Op &op) {
  for (const std::vector<uint32_t> *list : {&op.inputs, &op.outputs})
    for (uint32_t index : *list)
      if (const TensorInfo &tensor = context.tensors[index];
          hasManyDims(tensor))
        return Status::error(
            "op '" + op.name + "' (" + op.kernel + "): expected '" + tensor.id +
            "' to have at most " + std::to_string(XNN_MAX_TENSOR_DIMS) +
            " dimensions, got " + std::to_string(tensor.shape.size()));
  return Status::success();
}

Status verifySubgraph(const VerifyContext &context, const Op &op) {
  if (Status s = verifyRanks(context, op); !s.ok())
    return s;
  // What no nested op reads is defined, too.
  for (uint32_t index : op.inputs) {
    const TensorInfo &tensor = context.tensors[index];
    if (tensor.type != ElementType::F32 &&
        (tensor.type != ElementType::I8 || tensor.quantization.empty()))
      return Status::error("op '" + op.name + "' (" + op.kernel +
                           "): expected input '" + tensor.id +
                           "' to be f32, or i8 with scales");
  }
  for (const Op &nested : op.body) {
    if (Status s = verifyRanks(context, nested); !s.ok())
      return s;
    OpChecker checker(context, nested);
    const XnnOpDef *def = findXnnOp(nested.kernel);
    if (!def || nested.version != 1)
      checker.fail("unknown XNNPACK op, version " +
                   std::to_string(nested.version));
    else if (checker.expect(nested.body.empty(), "must not have nested ops"))
      def->verify(checker);
    if (!checker.ok())
      return checker.status();
  }
  return Status::success();
}

class XnnSubgraphKernel final : public Kernel {
public:
  XnnSubgraphKernel(const Program &program, const Op &op)
      : program(program), op(op) {}

  Status create(const KernelContext &context);
  Status reshape(int64_t batch) override;
  Status bind(const std::vector<TensorView> &inputs,
              const std::vector<MutableTensorView> &outputs) override;
  Status run() override;

private:
  Status check(xnn_status status, const char *action) const {
    if (status == xnn_status_success)
      return Status::success();
    return Status::error("segment '" + op.name + "': XNNPACK cannot " + action +
                         ": " + statusText(status));
  }
  xnn_status defineTensor(XnnSubgraph &subgraph, uint32_t tensor,
                          uint32_t external, uint32_t flags);

  const Program &program;
  /// Without a body; operands are the external values 0, 1, ...
  Op op;
  std::unique_ptr<xnn_runtime, RuntimeDeleter> runtime;
};

/// f32 is fp32; i8 is qint8, or qcint8 with scales along an axis; i32 is qint32
/// or qcint32.
xnn_status XnnSubgraphKernel::defineTensor(XnnSubgraph &subgraph,
                                           uint32_t tensor, uint32_t external,
                                           uint32_t flags) {
  if (subgraph.values.count(tensor))
    return xnn_status_success;
  const TensorInfo &info = program.tensors()[tensor];
  const Quantization &quant = info.quantization;
  const Shape shape = info.shapeAt(1);
  const std::vector<size_t> dims(shape.begin(), shape.end());
  const bool narrow = info.type == ElementType::I8;
  uint32_t id = XNN_INVALID_VALUE_ID;
  xnn_status status;
  if (info.type == ElementType::F32)
    status =
        xnn_define_tensor_value(subgraph.graph, xnn_datatype_fp32, dims.size(),
                                dims.data(), info.data, external, flags, &id);
  else if (quant.isPerAxis())
    status = xnn_define_channelwise_quantized_tensor_value(
        subgraph.graph, narrow ? xnn_datatype_qcint8 : xnn_datatype_qcint32,
        quant.scales.data(), dims.size(), quant.axis, dims.data(), info.data,
        external, flags, &id);
  else
    status = xnn_define_quantized_tensor_value(
        subgraph.graph, narrow ? xnn_datatype_qint8 : xnn_datatype_qint32,
        quant.zeroPoints[0], quant.scales[0], dims.size(), dims.data(),
        info.data, external, flags, &id);
  subgraph.values.emplace(tensor, id);
  return status;
}

Status XnnSubgraphKernel::create(const KernelContext &context) {
  const std::vector<Op> body = std::move(op.body);
  op.body.clear();
  XnnSubgraph subgraph;
  const size_t numExternal = op.inputs.size() + op.outputs.size();
  if (Status s =
          check(xnn_create_subgraph(uint32_t(numExternal), 0, &subgraph.graph),
                "create a subgraph");
      !s.ok())
    return s;
  // One runtime per subgraph: a second one from the same object computes
  // garbage. So the subgraph does not outlive this function.
  std::unique_ptr<xnn_subgraph, SubgraphDeleter> owner(subgraph.graph);

  xnn_status status = xnn_status_success;
  uint32_t external = 0;
  auto define = [&](uint32_t tensor, uint32_t id, uint32_t flags) {
    if (status == xnn_status_success)
      status = defineTensor(subgraph, tensor, id, flags);
  };
  for (uint32_t tensor : op.inputs)
    define(tensor, external++, XNN_VALUE_FLAG_EXTERNAL_INPUT);
  for (uint32_t tensor : op.outputs)
    define(tensor, external++, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
  for (const Op &nested : body) {
    const XnnOpDef *def = findXnnOp(nested.kernel);
    OpChecker checker({program.tensors(), 1}, nested);
    for (size_t i = 0; i < nested.inputs.size(); ++i)
      if (!def->definesInput || !def->definesInput(checker, i))
        define(nested.inputs[i], XNN_INVALID_VALUE_ID, 0);
    for (uint32_t tensor : nested.outputs)
      define(tensor, XNN_INVALID_VALUE_ID, 0);
    if (Status s = check(status, "define a tensor"); !s.ok())
      return s;
    status = def->define(subgraph, checker, nested);
    if (!checker.ok() || status != xnn_status_success)
      return Status::error("op '" + nested.name + "' (" + nested.kernel +
                           "): XNNPACK refuses it: " + statusText(status));
  }
  uint32_t flags = noOperatorFusion;
  if (context.yieldWorkers)
    flags |= XNN_FLAG_YIELD_WORKERS;
  xnn_runtime_t created = nullptr;
  status = xnn_create_runtime_v4(subgraph.graph, nullptr, context.workspace,
                                 context.threads, flags, &created);
  if (status != xnn_status_success)
    return check(status, "create a runtime");
  runtime.reset(created);
  return Status::success();
}

Status XnnSubgraphKernel::reshape(int64_t batch) {
  for (size_t i = 0; i < op.inputs.size(); ++i) {
    const Shape shape = program.tensors()[op.inputs[i]].shapeAt(batch);
    const std::vector<size_t> dims(shape.begin(), shape.end());
    if (Status s = check(xnn_reshape_external_value(runtime.get(), uint32_t(i),
                                                    dims.size(), dims.data()),
                         "reshape an input");
        !s.ok())
      return s;
  }
  if (Status s = check(xnn_reshape_runtime(runtime.get()), "reshape"); !s.ok())
    return s;
  // XNNPACK writes as much as it thinks right and never sees the buffers' size.
  for (size_t i = 0; i < op.outputs.size(); ++i) {
    const TensorInfo &info = program.tensors()[op.outputs[i]];
    size_t rank = 0, dims[XNN_MAX_TENSOR_DIMS] = {};
    if (Status s = check(
            xnn_get_external_value_shape(
                runtime.get(), uint32_t(op.inputs.size() + i), &rank, dims),
            "give a shape");
        !s.ok())
      return s;
    if (Shape(dims, dims + rank) != info.shapeAt(batch))
      return Status::internal("tensor '" + info.id + "': expected shape " +
                              toString(info.shapeAt(batch)) +
                              ", XNNPACK computes " +
                              toString(Shape(dims, dims + rank)));
  }
  return Status::success();
}

Status XnnSubgraphKernel::bind(const std::vector<TensorView> &inputs,
                               const std::vector<MutableTensorView> &outputs) {
  std::vector<xnn_external_value> values;
  for (const TensorView &view : inputs)
    values.push_back({uint32_t(values.size()), const_cast<void *>(view.data)});
  for (const MutableTensorView &view : outputs)
    values.push_back({uint32_t(values.size()), view.data});
  return check(
      xnn_setup_runtime_v2(runtime.get(), values.size(), values.data()),
      "set up");
}

Status XnnSubgraphKernel::run() {
  return check(xnn_invoke_runtime(runtime.get()), "run");
}

} // namespace

void addXnnKernels(KernelRegistry &registry) {
  KernelDef def;
  def.name = "xnn.subgraph";
  def.hasBody = true;
  def.verify = verifySubgraph;
  def.create = [](const KernelContext &context,
                  const Op &op) -> Expected<std::unique_ptr<Kernel>> {
    auto kernel = std::make_unique<XnnSubgraphKernel>(context.program, op);
    if (Status s = kernel->create(context); !s.ok())
      return s;
    return std::unique_ptr<Kernel>(std::move(kernel));
  };
  registry.add(std::move(def));
}

} // namespace npir_rt
