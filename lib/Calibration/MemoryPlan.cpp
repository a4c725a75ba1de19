// This file implements how much memory a calibration needs.
#include "MemoryPlan.h"

#include "npir/Execution/Network.h"
#include "npir/Support/ProcessMemory.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::npir;

/// Tensors of a run larger than this gain nothing from more samples, and leave
/// the cache before they are recorded.
static constexpr uint64_t kTensorBytes = uint64_t(20) << 20;
/// Code that is touched for the first time, stacks, buffers of files.
static constexpr uint64_t kOverhead = uint64_t(3) << 20;
/// The system maps neighbours of a page that is touched, too.
static constexpr uint64_t kMappedAround = uint64_t(64) << 10;

uint64_t MemoryPlan::getRunning() const {
  return held + tensors + statistics + samples + kOverhead;
}

std::string MemoryPlan::str(size_t numTensors) const {
  return llvm::formatv(
      "calibrating with {0} sample{1} a run; memory peaks at about {2}: {3} "
      "process and weights, {4} live tensors, {5} statistics of {6} tensors, "
      "{7} samples",
      runBatch, runBatch == 1 ? "" : "s", describeBytes(getPeak()),
      describeBytes(held + kOverhead), describeBytes(tensors),
      describeBytes(statistics), numTensors, describeBytes(samples));
}

/// `batch` in equal parts of at most `part` samples.
static int64_t evenOut(int64_t batch, int64_t part) {
  int64_t parts = llvm::divideCeil(batch, part);
  return llvm::divideCeil(batch, parts);
}

/// `most` samples if they fit, else the largest power of two that does.
template <typename Fits>
static int64_t findLargest(int64_t most, Fits fits) {
  if (fits(most))
    return most;
  int64_t size = 1;
  while (2 * size <= most && fits(2 * size))
    size *= 2;
  return size;
}

static InFlightDiagnostic emitTooLarge(const MemoryPlan &plan,
                                       const MemoryRequest &request,
                                       Location loc) {
  InFlightDiagnostic diagnostic = emitError(loc);
  diagnostic << "expected max-memory of at least "
             << describeBytes(plan.getRunning()) << ", got "
             << describeBytes(request.maxBytes)
             << "; raise it, or record less: fewer layers, no channels' "
                "histograms, fewer samples in one go";
  auto note = [&](StringRef what, uint64_t bytes) {
    diagnostic.attachNote(loc) << what << ": " << describeBytes(bytes);
  };
  note("process, model and packed weights", plan.held + kOverhead);
  note("live tensors of one sample", plan.tensors);
  note(llvm::formatv("statistics of {0} tensors", request.tensors).str(),
       plan.statistics);
  note("samples", plan.samples);
  return diagnostic;
}

FailureOr<MemoryPlan>
mlir::npir::planMemory(ArrayRef<npir_rt::Executor *> executors,
                       const MemoryRequest &request, Location loc) {
  MemoryPlan plan;
  plan.held = getResidentBytes();
  plan.heldAtMost = getPeakResidentBytes();
  plan.statistics = request.statisticsBytes;
  auto fail = [&](const npir_rt::Status &status) {
    return emitStatus(loc->getContext(), status);
  };
  auto prepare = [&](int64_t size) -> npir_rt::Status {
    plan.runBatch = size;
    plan.samples = size * request.sampleBytes + kMappedAround;
    plan.tensors = 0;
    for (npir_rt::Executor *executor : executors) {
      npir_rt::Status status = executor->prepare(size);
      if (!status.ok())
        return status;
      npir_rt::MemoryUse use = executor->memoryUse();
      plan.tensors += use.tensors + use.workspace;
    }
    return {};
  };
  if (npir_rt::Status status = prepare(1); !status.ok())
    return fail(status);
  bool isLimited = request.maxBytes != 0;
  if (isLimited && plan.getRunning() > request.maxBytes)
    return emitTooLarge(plan, request, loc);
  if (!executors.front()->program().hasFreeBatch())
    return plan;

  // XNNPACK's share grows no faster than the samples.
  const MemoryPlan one = plan;
  SmallVector<uint64_t> workspaces;
  for (npir_rt::Executor *executor : executors)
    workspaces.push_back(executor->memoryUse().workspace);
  auto getTensorBytes = [&](size_t numExecutors, int64_t size) {
    uint64_t total = 0;
    for (size_t i = 0; i < numExecutors; ++i) {
      npir_rt::Expected<size_t> bytes = executors[i]->arenaBytes(size);
      // Too large for any limit.
      total += size * workspaces[i] + (bytes ? *bytes : uint64_t(1) << 48);
    }
    return total;
  };
  auto fitsLimit = [&](int64_t size) {
    return !isLimited || one.getRunning() - one.tensors +
                                 getTensorBytes(executors.size(), size) +
                                 (size - 1) * request.sampleBytes <=
                             request.maxBytes;
  };
  int64_t most = request.runBatch == 0
                     ? request.batch
                     : std::min(request.runBatch, request.batch);
  int64_t size = findLargest(most, [&](int64_t size) {
    return fitsLimit(size) &&
           (request.runBatch != 0 || getTensorBytes(1, size) <= kTensorBytes);
  });
  if (request.runBatch == 0)
    size = evenOut(request.batch, size);
  if (npir_rt::Status status = prepare(size); !status.ok())
    return fail(status);
  return plan;
}
