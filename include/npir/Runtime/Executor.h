// This file declares the executor: runs a program at any batch size, shows the
// tensors on the way, and can start in the middle.
#ifndef NPIR_RUNTIME_EXECUTOR_H
#define NPIR_RUNTIME_EXECUTOR_H

#include "npir/Runtime/Program.h"

#include <functional>

namespace npir_rt {

struct ExecutorOptions {
  /// Threads of the executor's own pool; 0: the machine's, at most 8.
  unsigned threads = 1;
  /// Ids of the tensors to show; the program is cut after each of them.
  std::vector<std::string> taps;
  /// Show every tensor but the constants.
  bool tapAll = false;
  /// Cut after every op, so that the profile shows each; shows no tensor.
  bool cutEveryOp = false;
  /// Measure every step.
  bool profile = false;
};

struct NamedTensor {
  std::string name;
  TensorView tensor;
};

struct NamedBuffer {
  std::string name;
  void *data;
  size_t bytes;
};

struct RunHooks {
  /// Sees each tapped tensor right after the step that made it; graph inputs
  /// before the first step. The view is valid during the call. An error ends
  /// the run.
  std::function<Status(const TensorView &)> tap;
  /// Called before each step, and with `numSteps()` at the end; may call
  /// `liveViews(step)`. An error ends the run.
  std::function<Status(size_t step)> beforeStep;
};

struct StepProfile {
  std::string name;
  std::string kernel;
  uint64_t calls = 0;
  uint64_t nanoseconds = 0;
};

/// Runs one program. One run at a time; executors are independent of each
/// other. Results do not depend on threads, taps, or the batch around a sample.
class Executor {
public:
  /// Cuts the program and packs the weights.
  static Expected<std::unique_ptr<Executor>>
  create(std::shared_ptr<const Program> program,
         const ExecutorOptions &options = {});
  ~Executor();

  const Program &program() const;

  /// Every input by its port's name, once. The batch size follows from the
  /// shapes. The data is copied; it need not be aligned.
  Status run(const std::vector<NamedTensor> &inputs,
             const RunHooks &hooks = {});
  /// The same, and copies the named outputs; `bytes` must be exact.
  Status run(const std::vector<NamedTensor> &inputs,
             const std::vector<NamedBuffer> &outputs,
             const RunHooks &hooks = {});

  /// The results of the last successful run, in the order of the program's
  /// outputs; valid until the next run.
  const std::vector<TensorView> &outputs() const;
  /// Batch size of the last run; 0 before.
  int64_t batch() const;

  size_t numSteps() const;
  /// Name of the step's (first) layer.
  const std::string &stepName(size_t step) const;
  /// The tensors that exist before `step` (0 to numSteps()) and are needed at
  /// or after it, by ascending index. Whatever else exists does not matter for
  /// the rest of the run.
  std::vector<uint32_t> liveTensors(size_t step) const;
  /// Views of them during a run, valid in `RunHooks::beforeStep`.
  std::vector<TensorView> liveViews(size_t step) const;
  /// Runs the steps from `step` on. `saved` gives, by tensor id, exactly
  /// liveTensors(step). Equal tensors give bit-identical results to a full
  /// run's. Taps are those of the steps that run.
  Status runFrom(size_t step, const std::vector<TensorView> &saved,
                 const RunHooks &hooks = {});

  /// Times since creation; empty unless asked for.
  std::vector<StepProfile> profile() const;
  void resetProfile();
  /// Bytes of the tensors between steps at the current batch size.
  size_t arenaBytes() const;

private:
  struct Impl;
  explicit Executor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace npir_rt

#endif // NPIR_RUNTIME_EXECUTOR_H
