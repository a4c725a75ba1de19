// This file implements the cut of a program into steps.
#include "Segments.h"

#include <algorithm>
#include <unordered_set>

namespace npir_rt {
namespace {

constexpr int64_t nowhere = -1;

/// The steps as lists of ops, before their operands are known.
struct Cut {
  const Op *outer;
  /// Nested ops [begin, end) of `outer`; empty for an op without a body.
  size_t begin, end;
};

/// Calls `visit` for each op that runs as part of the step.
template <typename Visit>
void forEachOp(const Cut &cut, const Visit &visit) {
  if (cut.outer->body.empty())
    visit(*cut.outer);
  for (size_t i = cut.begin; i < cut.end; ++i)
    visit(cut.outer->body[i]);
}

std::vector<Cut> cutOps(const Program &program,
                        const std::vector<char> &cutAfter, bool cutEveryOp) {
  std::vector<Cut> cuts;
  for (const Op &op : program.ops()) {
    if (op.body.empty())
      cuts.push_back({&op, 0, 0});
    for (size_t begin = 0, i = 0; i < op.body.size(); ++i) {
      const std::vector<uint32_t> &made = op.body[i].outputs;
      bool ends = cutEveryOp || i + 1 == op.body.size() ||
                  std::any_of(made.begin(), made.end(),
                              [&](uint32_t t) { return cutAfter[t]; });
      if (ends) {
        cuts.push_back({&op, begin, i + 1});
        begin = i + 1;
      }
    }
  }
  return cuts;
}

} // namespace

std::vector<Step> cutIntoSteps(const Program &program,
                               const std::vector<char> &cutAfter,
                               bool cutEveryOp) {
  const std::vector<TensorInfo> &tensors = program.tensors();
  const std::vector<Cut> cuts = cutOps(program, cutAfter, cutEveryOp);
  // Which step makes a tensor, and whether another step or the caller wants it.
  std::vector<int64_t> maker(tensors.size(), nowhere);
  std::vector<char> read(tensors.size(), 0), wanted(cutAfter);
  for (const Port &port : program.outputs())
    wanted[port.tensor] = 1;
  for (size_t i = 0; i < cuts.size(); ++i)
    forEachOp(cuts[i], [&](const Op &op) {
      for (uint32_t tensor : op.outputs)
        maker[tensor] = int64_t(i);
      for (uint32_t tensor : op.inputs) {
        read[tensor] = 1;
        wanted[tensor] |= maker[tensor] != int64_t(i);
      }
    });

  std::vector<Step> steps;
  steps.reserve(cuts.size());
  for (size_t i = 0; i < cuts.size(); ++i) {
    Step step;
    if (cuts[i].outer->body.empty()) {
      step.op = *cuts[i].outer;
    } else {
      const Op &outer = *cuts[i].outer;
      step.op.kernel = outer.kernel;
      step.op.version = outer.version;
      step.op.attributes = outer.attributes;
      step.op.body.assign(outer.body.begin() + cuts[i].begin,
                          outer.body.begin() + cuts[i].end);
      step.op.name = step.op.body.front().name;
      std::unordered_set<uint32_t> seen;
      for (const Op &op : step.op.body) {
        for (uint32_t tensor : op.inputs)
          if (!tensors[tensor].isConstant() && maker[tensor] != int64_t(i) &&
              seen.insert(tensor).second)
            step.op.inputs.push_back(tensor);
        // What nobody reads is an output, too: a kernel need not know values
        // without a reader.
        for (uint32_t tensor : op.outputs)
          if (wanted[tensor] || !read[tensor])
            step.op.outputs.push_back(tensor);
      }
    }
    for (uint32_t tensor : step.op.outputs)
      step.tapped |= cutAfter[tensor] != 0;
    steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<Lifetime> boundaryLifetimes(const Program &program,
                                        const std::vector<Step> &steps) {
  constexpr int64_t unknown = -2;
  const std::vector<TensorInfo> &tensors = program.tensors();
  std::vector<int64_t> first(tensors.size(), unknown), last(tensors.size(), -1);
  for (const Port &port : program.inputs())
    first[port.tensor] = -1;
  for (size_t i = 0; i < steps.size(); ++i) {
    for (uint32_t tensor : steps[i].op.inputs)
      last[tensor] = int64_t(i);
    for (uint32_t tensor : steps[i].op.outputs)
      first[tensor] = last[tensor] = int64_t(i);
  }
  for (const Port &port : program.outputs())
    last[port.tensor] = int64_t(steps.size());
  std::vector<Lifetime> lifetimes;
  for (uint32_t tensor = 0; tensor < tensors.size(); ++tensor)
    if (first[tensor] != unknown && !tensors[tensor].isConstant())
      lifetimes.push_back({tensor, first[tensor], last[tensor]});
  return lifetimes;
}

} // namespace npir_rt
