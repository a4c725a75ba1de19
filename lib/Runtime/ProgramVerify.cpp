// This file checks a program as a whole: every tensor is made once and before
// its use, and every op is one that its kernel can run.
#include "ProgramReader.h"
#include "npir/Runtime/KernelRegistry.h"

#include <set>

namespace npir_rt {
namespace {

class Verifier {
public:
  explicit Verifier(const std::vector<TensorInfo> &tensors)
      : tensors(tensors), defined(tensors.size(), 0) {
    for (size_t i = 0; i < tensors.size(); ++i)
      defined[i] = tensors[i].isConstant();
  }

  Status define(uint32_t tensor, const std::string &what) {
    if (tensors[tensor].isConstant())
      return Status::error(what + " writes the constant '" +
                           tensors[tensor].id + "'");
    if (defined[tensor])
      return Status::error(what + " makes tensor '" + tensors[tensor].id +
                           "' a second time");
    defined[tensor] = 1;
    return Status::success();
  }

  Status use(uint32_t tensor, const std::string &what) const {
    if (defined[tensor])
      return Status::success();
    return Status::error(what + " uses tensor '" + tensors[tensor].id +
                         "' before it is made");
  }

  Status op(const Op &op, const KernelRegistry &registry) {
    const std::string what = "op '" + op.name + "' (" + op.kernel + ")";
    for (uint32_t tensor : op.inputs)
      if (Status s = use(tensor, what); !s.ok())
        return s;
    auto kernel = registry.find(op);
    if (!kernel)
      return kernel.status();
    if (!(*kernel)->hasBody && !op.body.empty())
      return Status::error(what + " must not have nested ops");
    if (!(*kernel)->hasBody) {
      for (uint32_t tensor : op.outputs)
        if (Status s = define(tensor, what); !s.ok())
          return s;
    } else if (Status s = body(op, what); !s.ok()) {
      return s;
    }
    // A free batch is checked at two sizes: what depends on it is linear in
    // it, so what holds for two holds for all.
    for (int64_t batch : {2, 3})
      if (Status s = (*kernel)->verify(VerifyContext{tensors, batch}, op);
          !s.ok())
        return s;
    return Status::success();
  }

  Status allDefined() const {
    for (size_t i = 0; i < tensors.size(); ++i)
      if (!defined[i])
        return Status::error("tensor '" + tensors[i].id + "' is never made");
    return Status::success();
  }

private:
  /// Nested ops see constants, the inputs of `op` and what they make
  /// themselves; `op` yields only what they make.
  Status body(const Op &op, const std::string &what) {
    if (op.body.empty())
      return Status::error(what + " has no nested ops");
    std::set<uint32_t> captured(op.inputs.begin(), op.inputs.end()), made;
    for (const Op &nested : op.body) {
      const std::string inner =
          "op '" + nested.name + "' (" + nested.kernel + ")";
      for (uint32_t tensor : nested.inputs) {
        if (Status s = use(tensor, inner); !s.ok())
          return s;
        if (!tensors[tensor].isConstant() && !captured.count(tensor) &&
            !made.count(tensor))
          return Status::error(inner + " uses tensor '" + tensors[tensor].id +
                               "', which is no input of its segment '" +
                               op.name + "'");
      }
      for (uint32_t tensor : nested.outputs) {
        if (Status s = define(tensor, inner); !s.ok())
          return s;
        made.insert(tensor);
      }
    }
    for (uint32_t tensor : op.outputs)
      if (!made.erase(tensor))
        return Status::error(what + " must make its output '" +
                             tensors[tensor].id + "' itself, and once");
    return Status::success();
  }

  const std::vector<TensorInfo> &tensors;
  std::vector<char> defined;
};

} // namespace

Status ProgramReader::verify() {
  const std::vector<TensorInfo> &tensors = program->tensorTable;
  Verifier verifier(tensors);
  std::set<std::string> names;
  for (const Port &port : program->inputPorts) {
    if (port.name.empty() || !names.insert(port.name).second)
      return Status::error("expected input names to be unique, got '" +
                           port.name + "'");
    if (Status s = verifier.define(port.tensor, "input '" + port.name + "'");
        !s.ok())
      return s;
    program->freeBatch |= tensors[port.tensor].isBatched();
  }
  for (const TensorInfo &tensor : tensors)
    if (tensor.isBatched() && !program->freeBatch)
      return Status::error("tensor '" + tensor.id +
                           "' has a free batch, but no input has");
  for (const Op &op : program->opList)
    if (Status s = verifier.op(op, *program->kernels); !s.ok())
      return s;
  names.clear();
  if (program->outputPorts.empty())
    return Status::error("the program has no outputs");
  for (const Port &port : program->outputPorts) {
    if (port.name.empty() || !names.insert(port.name).second)
      return Status::error("expected output names to be unique, got '" +
                           port.name + "'");
    if (Status s = verifier.use(port.tensor, "output '" + port.name + "'");
        !s.ok())
      return s;
  }
  return verifier.allDefined();
}

} // namespace npir_rt
