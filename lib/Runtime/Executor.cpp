// This file implements the executor.
#include "npir/Runtime/Executor.h"
#include "Segments.h"
#include "XNN/XnnEngine.h"
#include "npir/Runtime/KernelRegistry.h"
#include "npir/Runtime/ProgramFormat.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <pthreadpool.h>
#include <string_view>
#include <unordered_map>

namespace npir_rt {

struct Executor::Impl {
  std::shared_ptr<const Program> program;
  ExecutorOptions options;
  /// Outlives the kernels.
  XnnEngine engine;
  std::vector<Step> steps;
  std::vector<std::unique_ptr<Kernel>> kernels;
  std::vector<char> tapped;
  std::vector<Lifetime> lifetimes;
  /// Index into `lifetimes`, or -1.
  std::vector<int64_t> lifetimeOf;

  /// 0: no plan.
  int64_t batch = 0;
  ArenaPlan plan;
  /// What XNNPACK has allocated for the weights, and for runs.
  ptrdiff_t packedBytes = 0, workspaceBytes = 0;
  AlignedBuffer arena;
  std::vector<TensorView> outputViews;
  /// Index into the program's inputs, by name.
  std::unordered_map<std::string_view, size_t> inputOf;
  std::vector<StepProfile> times;

  ~Impl();
  Status create();
  Status findTaps();
  void *memory(uint32_t tensor) {
    return arena.data() + plan.offsets[lifetimeOf[tensor]];
  }
  MutableTensorView view(uint32_t tensor);
  TensorView constView(uint32_t tensor);
  Status setBatch(int64_t size);
  Expected<ArenaPlan> planTensors(int64_t size) const;
  Status prepare(int64_t size);
  Status runSteps(size_t begin, const RunHooks &hooks);
  Status bindInputs(const std::vector<NamedTensor> &inputs,
                    std::vector<const TensorView *> &bound) const;
};

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

Executor::Impl::~Impl() {
  // XNNPACK looks for a runtime in a list of those of the workspace, the
  // newest first: the other way round this would take quadratic time.
  while (!kernels.empty())
    kernels.pop_back();
}

Status Executor::Impl::findTaps() {
  tapped.assign(program->tensors().size(), 0);
  for (const std::string &id : options.taps) {
    std::optional<uint32_t> tensor = program->findTensor(id);
    if (!tensor)
      return Status::error("cannot tap '" + id + "': no such tensor");
    if (program->tensors()[*tensor].isConstant())
      return Status::error("cannot tap '" + id + "': it is a constant");
    tapped[*tensor] = 1;
  }
  if (options.tapAll)
    for (size_t i = 0; i < tapped.size(); ++i)
      tapped[i] = !program->tensors()[i].isConstant();
  return Status::success();
}

Status Executor::Impl::create() {
  if (Status s = findTaps(); !s.ok())
    return s;
  if (Status s = engine.create(options.threads); !s.ok())
    return s;
  const ptrdiff_t before = XnnEngine::allocatedBytes();
  steps = cutIntoSteps(*program, tapped, options.cutEveryOp);
  for (size_t i = 0; i < steps.size(); ++i) {
    const Op &op = steps[i].op;
    auto def = program->registry().find(op);
    if (!def)
      return def.status();
    bool yields = (steps[i].tapped && !options.parallelTaps) ||
                  i + 1 == steps.size() || steps[i + 1].op.body.empty();
    auto kernel = (*def)->create(
        {*program, engine.threads(), engine.workspace(), yields}, op);
    if (!kernel)
      return kernel.status();
    kernels.push_back(std::move(*kernel));
    times.push_back({op.name, op.kernel, 0, 0});
    // Packed weights replace the originals.
    steps[i].op.body.clear();
    steps[i].op.body.shrink_to_fit();
  }
  program->releaseConstantPages();
  packedBytes = XnnEngine::allocatedBytes() - before;
  lifetimes = boundaryLifetimes(*program, steps);
  lifetimeOf.assign(program->tensors().size(), -1);
  for (size_t i = 0; i < lifetimes.size(); ++i)
    lifetimeOf[lifetimes[i].tensor] = int64_t(i);
  for (size_t i = 0; i < program->inputs().size(); ++i)
    inputOf.emplace(program->inputs()[i].name, i);
  return Status::success();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

MutableTensorView Executor::Impl::view(uint32_t tensor) {
  const TensorInfo &info = program->tensors()[tensor];
  return {info.id, info.type, info.shapeAt(batch), memory(tensor),
          &info.quantization};
}

TensorView Executor::Impl::constView(uint32_t tensor) {
  const TensorInfo &info = program->tensors()[tensor];
  if (!info.isConstant())
    return view(tensor);
  return {info.id, info.type, info.shape, info.data, &info.quantization};
}

Status Executor::Impl::setBatch(int64_t size) {
  if (size == batch)
    return Status::success();
  // A failure half-way leaves no plan.
  batch = 0;
  outputViews.clear();
  Status status = prepare(size);
  if (!status.ok())
    batch = 0;
  return status;
}

Expected<ArenaPlan> Executor::Impl::planTensors(int64_t size) const {
  // No tensor has more than 2^40 elements per sample.
  constexpr int64_t maxBytes = int64_t(1) << 46;
  std::vector<size_t> sizes;
  int64_t total = 0;
  for (const Lifetime &lifetime : lifetimes) {
    const TensorInfo &info = program->tensors()[lifetime.tensor];
    int64_t bytes =
        numElements(info.shapeAt(1)) * int64_t(elementSize(info.type));
    int64_t factor = info.isBatched() ? size : 1;
    if (factor > maxBytes / bytes)
      return Status::error("tensor '" + info.id + "' is too large at batch " +
                           std::to_string(size));
    sizes.push_back(
        alignUp(uint64_t(bytes * factor) + programSlack, programAlignment));
    if (int64_t(sizes.back()) > maxBytes - total)
      return Status::error("the tensors are too large at batch " +
                           std::to_string(size));
    total += int64_t(sizes.back());
  }
  return planArena(lifetimes, sizes, int64_t(steps.size()));
}

Status Executor::Impl::prepare(int64_t size) {
  Expected<ArenaPlan> planned = planTensors(size);
  if (!planned)
    return planned.status();
  plan = std::move(*planned);
  const ptrdiff_t before = XnnEngine::allocatedBytes();
  if (arena.size() < plan.bytes && !arena.allocate(plan.bytes))
    return Status::error("not enough memory: " + std::to_string(plan.bytes) +
                         " bytes for the tensors of batch " +
                         std::to_string(size));
  batch = size;
  // XNNPACK's workspace may move while segments are reshaped; so they are bound
  // when all is in place.
  // Twice: after the first time on a larger batch, a segment may compute
  // garbage (seen with a reshape in front of a convolution, from 1 to 2
  // samples); after the second it is right. It costs about 30 ns an op.
  for (int pass = 0; pass < 2; ++pass)
    for (auto &kernel : kernels)
      if (Status s = kernel->reshape(batch); !s.ok())
        return s;
  for (size_t i = 0; i < kernels.size(); ++i) {
    std::vector<TensorView> inputs;
    std::vector<MutableTensorView> outputs;
    for (uint32_t tensor : steps[i].op.inputs)
      inputs.push_back(constView(tensor));
    for (uint32_t tensor : steps[i].op.outputs)
      outputs.push_back(view(tensor));
    if (Status s = kernels[i]->bind(inputs, outputs); !s.ok())
      return s;
  }
  workspaceBytes += XnnEngine::allocatedBytes() - before;
  for (const Port &port : program->outputs())
    outputViews.push_back(constView(port.tensor));
  return Status::success();
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

static std::string listNames(const std::vector<Port> &ports) {
  std::string text;
  for (const Port &port : ports)
    text += (text.empty() ? "'" : ", '") + port.name + "'";
  return text;
}

/// Type and shape of a given tensor; its batch size, or 0 where it has none.
static Expected<int64_t> matchTensor(const TensorView &given,
                                     const TensorInfo &info,
                                     const std::string &what) {
  if (given.type != info.type)
    return Status::error(what + ": expected element type " +
                         toString(info.type) + ", got " + toString(given.type));
  bool fits = given.shape.size() == info.shape.size();
  for (size_t i = 0; fits && i < info.shape.size(); ++i)
    fits = i == 0 && info.isBatched()
               ? given.shape[0] > 0 && given.shape[0] % info.batchFactor == 0
               : given.shape[i] == info.shape[i];
  if (!fits) {
    std::string multiple =
        info.isBatched() && info.batchFactor > 1
            ? " with ? a multiple of " + std::to_string(info.batchFactor)
            : "";
    return Status::error(what + ": expected shape " + toString(info.shape) +
                         multiple + ", got " + toString(given.shape));
  }
  if (!given.data)
    return Status::error(what + ": no data");
  return info.isBatched() ? given.shape[0] / info.batchFactor : int64_t(0);
}

/// All tensors must have one batch size.
static Status mergeBatch(int64_t &batch, int64_t other,
                         const std::string &what) {
  if (batch != 0 && other != 0 && batch != other)
    return Status::error(what + ": expected batch " + std::to_string(batch) +
                         " as for the tensors before, got " +
                         std::to_string(other));
  batch = batch ? batch : other;
  return Status::success();
}

Status
Executor::Impl::bindInputs(const std::vector<NamedTensor> &inputs,
                           std::vector<const TensorView *> &bound) const {
  const std::vector<Port> &ports = program->inputs();
  bound.assign(ports.size(), nullptr);
  for (const NamedTensor &input : inputs) {
    auto port = inputOf.find(input.name);
    if (port == inputOf.end())
      return Status::error("unknown input '" + input.name +
                           "', expected one of " + listNames(ports));
    const TensorView *&slot = bound[port->second];
    if (slot)
      return Status::error("input '" + input.name + "' is given twice");
    slot = &input.tensor;
  }
  for (size_t i = 0; i < ports.size(); ++i)
    if (!bound[i])
      return Status::error("input '" + ports[i].name + "' is missing");
  return Status::success();
}

Status Executor::Impl::runSteps(size_t begin, const RunHooks &hooks) {
  using Clock = std::chrono::steady_clock;
  for (size_t i = begin; i < steps.size(); ++i) {
    if (hooks.beforeStep)
      if (Status s = hooks.beforeStep(i); !s.ok())
        return s;
    auto start = options.profile ? Clock::now() : Clock::time_point();
    if (Status s = kernels[i]->run(); !s.ok())
      return s;
    if (options.profile) {
      ++times[i].calls;
      times[i].nanoseconds +=
          uint64_t(std::chrono::nanoseconds(Clock::now() - start).count());
    }
    if (!steps[i].tapped || !hooks.tap)
      continue;
    for (uint32_t tensor : steps[i].op.outputs)
      if (tapped[tensor])
        if (Status s = hooks.tap(view(tensor)); !s.ok())
          return s;
  }
  return hooks.beforeStep ? hooks.beforeStep(steps.size()) : Status::success();
}

Status Executor::run(const std::vector<NamedTensor> &inputs,
                     const RunHooks &hooks) {
  const std::vector<Port> &ports = impl->program->inputs();
  std::vector<const TensorView *> bound;
  if (Status s = impl->bindInputs(inputs, bound); !s.ok())
    return s;
  int64_t batch = 0;
  for (size_t i = 0; i < ports.size(); ++i) {
    const std::string what = "input '" + ports[i].name + "'";
    auto size =
        matchTensor(*bound[i], impl->program->tensors()[ports[i].tensor], what);
    if (!size)
      return size.status();
    if (Status s = mergeBatch(batch, *size, what); !s.ok())
      return s;
  }
  if (Status s = impl->setBatch(batch ? batch : 1); !s.ok())
    return s;
  for (size_t i = 0; i < ports.size(); ++i)
    std::memcpy(impl->memory(ports[i].tensor), bound[i]->data,
                bound[i]->bytes());
  if (hooks.tap)
    for (const Port &port : ports)
      if (impl->tapped[port.tensor])
        if (Status s = hooks.tap(impl->view(port.tensor)); !s.ok())
          return s;
  return impl->runSteps(0, hooks);
}

Status Executor::run(const std::vector<NamedTensor> &inputs,
                     const std::vector<NamedBuffer> &outputs,
                     const RunHooks &hooks) {
  const std::vector<Port> &ports = impl->program->outputs();
  std::vector<size_t> sources;
  for (const NamedBuffer &buffer : outputs) {
    auto port = std::find_if(ports.begin(), ports.end(), [&](const Port &p) {
      return p.name == buffer.name;
    });
    if (port == ports.end())
      return Status::error("unknown output '" + buffer.name +
                           "', expected one of " + listNames(ports));
    sources.push_back(size_t(port - ports.begin()));
  }
  if (Status s = run(inputs, hooks); !s.ok())
    return s;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const TensorView &result = impl->outputViews[sources[i]];
    if (outputs[i].bytes != result.bytes())
      return Status::error("output '" + outputs[i].name + "': expected " +
                           std::to_string(result.bytes()) +
                           " bytes of memory, got " +
                           std::to_string(outputs[i].bytes));
    std::memcpy(outputs[i].data, result.data, result.bytes());
  }
  return Status::success();
}

Status Executor::runFrom(size_t step, const std::vector<TensorView> &saved,
                         const RunHooks &hooks) {
  if (step > impl->steps.size())
    return Status::error("expected a step of at most " +
                         std::to_string(impl->steps.size()) + ", got " +
                         std::to_string(step));
  const std::vector<uint32_t> live = liveTensors(step);
  std::vector<const TensorView *> bound(live.size(), nullptr);
  int64_t batch = 0;
  for (const TensorView &view : saved) {
    const std::string what = "saved tensor '" + std::string(view.id) + "'";
    std::optional<uint32_t> tensor = impl->program->findTensor(view.id);
    auto slot = tensor ? std::lower_bound(live.begin(), live.end(), *tensor)
                       : live.end();
    if (slot == live.end() || *slot != *tensor)
      return Status::error(what + " is not live before step " +
                           std::to_string(step));
    const TensorView *&place = bound[size_t(slot - live.begin())];
    if (place)
      return Status::error(what + " is given twice");
    place = &view;
    auto size = matchTensor(view, impl->program->tensors()[*tensor], what);
    if (!size)
      return size.status();
    if (Status s = mergeBatch(batch, *size, what); !s.ok())
      return s;
  }
  for (size_t i = 0; i < live.size(); ++i)
    if (!bound[i])
      return Status::error("saved tensor '" +
                           impl->program->tensors()[live[i]].id +
                           "' is missing");
  if (Status s = impl->setBatch(batch ? batch : 1); !s.ok())
    return s;
  for (size_t i = 0; i < live.size(); ++i)
    std::memmove(impl->memory(live[i]), bound[i]->data, bound[i]->bytes());
  return impl->runSteps(step, hooks);
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

Executor::Executor(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Executor::~Executor() = default;

Expected<std::unique_ptr<Executor>>
Executor::create(std::shared_ptr<const Program> program,
                 const ExecutorOptions &options) {
  auto impl = std::make_unique<Impl>();
  impl->program = std::move(program);
  impl->options = options;
  if (Status s = impl->create(); !s.ok())
    return s.withContext(impl->program->path());
  return std::unique_ptr<Executor>(new Executor(std::move(impl)));
}

const Program &Executor::program() const { return *impl->program; }
const std::vector<TensorView> &Executor::outputs() const {
  return impl->outputViews;
}
int64_t Executor::batch() const { return impl->batch; }
size_t Executor::numSteps() const { return impl->steps.size(); }
const std::string &Executor::stepName(size_t step) const {
  return impl->steps[step].op.name;
}
Status Executor::prepare(int64_t batch) { return impl->setBatch(batch); }
size_t Executor::arenaBytes() const { return impl->plan.bytes; }

Expected<size_t> Executor::arenaBytes(int64_t batch) const {
  Expected<ArenaPlan> plan = impl->planTensors(batch);
  if (!plan)
    return plan.status();
  return plan->bytes;
}

MemoryUse Executor::memoryUse() const {
  return {impl->program->constantBytes(), size_t(impl->packedBytes),
          impl->plan.bytes, size_t(impl->workspaceBytes)};
}

size_t Executor::threads() const {
  pthreadpool *pool = impl->engine.threads();
  return pool ? pthreadpool_get_threads_count(pool) : 1;
}

void Executor::parallelFor(size_t tasks, void (*body)(void *, size_t),
                           void *context) {
  impl->engine.parallelFor(tasks, body, context);
}

std::vector<uint32_t> Executor::liveTensors(size_t step) const {
  std::vector<uint32_t> live;
  for (const Lifetime &lifetime : impl->lifetimes)
    if (lifetime.first < int64_t(step) && lifetime.last >= int64_t(step))
      live.push_back(lifetime.tensor);
  return live;
}

std::vector<TensorView> Executor::liveViews(size_t step) const {
  std::vector<TensorView> views;
  if (impl->batch == 0)
    return views;
  for (uint32_t tensor : liveTensors(step))
    views.push_back(impl->view(tensor));
  return views;
}

std::vector<StepProfile> Executor::profile() const {
  return impl->options.profile ? impl->times : std::vector<StepProfile>();
}

void Executor::resetProfile() {
  for (StepProfile &step : impl->times)
    step.calls = step.nanoseconds = 0;
}

} // namespace npir_rt
