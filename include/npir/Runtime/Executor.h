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
  /// `RunHooks::tap` calls `parallelFor`: the threads stay awake for it.
  bool parallelTaps = false;
};

/// What an executor holds, in bytes.
struct MemoryUse {
  /// The program's constants, and the weights as the kernels packed them.
  size_t constants = 0, packed = 0;
  /// At the current batch size: tensors between steps, and what the kernels
  /// need beside them.
  size_t tensors = 0, workspace = 0;
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

  /// Threads that run the program, and `parallelFor`.
  size_t threads() const;
  /// Calls `body(task)` once for each task from 0 to `tasks` - 1 on the
  /// executor's threads, and returns when all are done. Not while a step runs:
  /// a tap may call it.
  template <typename Body>
  void parallelFor(size_t tasks, const Body &body) {
    parallelFor(
        tasks,
        [](void *context, size_t task) {
          (*static_cast<const Body *>(context))(task);
        },
        const_cast<Body *>(&body));
  }
  void parallelFor(size_t tasks, void (*body)(void *context, size_t task),
                   void *context);

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
  /// Makes room for runs at `batch`, as the first of them would.
  Status prepare(int64_t batch);
  /// Bytes of the tensors between steps at the current batch size.
  size_t arenaBytes() const;
  /// The same at another batch size; an error where they are too large.
  Expected<size_t> arenaBytes(int64_t batch) const;
  /// Exact for the current batch size, unless a larger one came before.
  MemoryUse memoryUse() const;

private:
  struct Impl;
  explicit Executor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace npir_rt

#endif // NPIR_RUNTIME_EXECUTOR_H
