// This file declares the cut of a program into steps.
#ifndef NPIR_LIB_RUNTIME_SEGMENTS_H
#define NPIR_LIB_RUNTIME_SEGMENTS_H

#include "npir/Runtime/Program.h"

namespace npir_rt {

/// One kernel call between boundary tensors. `op.inputs` are the tensors from
/// outside that it reads (constants only for ops without a body), `op.outputs`
/// those that something else needs, and nothing else.
struct Step {
  Op op;
  /// Whether a tapped tensor is among the outputs.
  bool tapped = false;
};

/// The program's ops in order. Segments are cut after each tensor with
/// `cutAfter[tensor]`, or after each nested op.
std::vector<Step> cutIntoSteps(const Program &program,
                               const std::vector<char> &cutAfter,
                               bool cutEveryOp);

/// Life of a boundary tensor: made by step `first` (-1: an input), last read by
/// step `last` (the number of steps: an output).
struct Lifetime {
  uint32_t tensor;
  int64_t first, last;
};

/// All non-constant tensors between steps, by ascending index.
std::vector<Lifetime> boundaryLifetimes(const Program &program,
                                        const std::vector<Step> &steps);

/// Offsets for blocks of memory such that blocks that live at the same time do
/// not overlap; first-come best-fit along the steps. Sizes are multiples of 64.
struct ArenaPlan {
  std::vector<size_t> offsets;
  size_t bytes = 0;
};
ArenaPlan planArena(const std::vector<Lifetime> &lifetimes,
                    const std::vector<size_t> &sizes, int64_t numSteps);

} // namespace npir_rt

#endif // NPIR_LIB_RUNTIME_SEGMENTS_H
