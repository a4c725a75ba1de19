// This file implements the profiling of a quantized network.
#include "npir/Execution/Profile.h"
#include "TensorProfiler.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Support/Progress.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"

#include <chrono>

using namespace mlir;
using namespace mlir::npir;
using npir_rt::Status;

/// Tensors of the float network that are kept while the other runs on the same
/// batch, in bytes: a batch is made smaller rather than exceed it.
static constexpr uint64_t kMostSavedBytes = uint64_t(256) << 20;

namespace {
/// Adds the time that it lives to a profiler's.
class Stopwatch {
public:
  explicit Stopwatch(TensorProfiler &profiler) : profiler(profiler) {}
  ~Stopwatch() {
    profiler.addTime(
        std::chrono::duration<double>(Clock::now() - start).count());
  }

private:
  using Clock = std::chrono::steady_clock;
  TensorProfiler &profiler;
  Clock::time_point start = Clock::now();
};

/// What is profiled of one tensor.
struct Entry {
  ObserveOp op;
  TensorProfiler profiler;
  /// Null for what the network computes.
  ElementsAttr constant;
  /// The float network's values of this batch.
  std::vector<float> saved;
};

class Profiler {
public:
  Profiler(func::FuncOp func, const ProfileOptions &options)
      : func(func), options(options) {}
  FailureOr<QuantizationProfile> run();

private:
  /// Round every tensor of a copy.
  LogicalResult quantize();
  LogicalResult collect();
  void addConstants();
  LogicalResult createNetworks();
  /// The samples of a run, such that what is saved of it fits.
  npir_rt::Expected<int64_t> chooseBatch(const npir_rt::DataSet &data,
                                         SampleSpan span);
  Status runBatch(const std::vector<npir_rt::NamedTensor> &inputs);
  void report();

  func::FuncOp func;
  const ProfileOptions &options;
  QuantizationProfile profile;
  /// In program order.
  std::vector<std::unique_ptr<Entry>> entries;
  /// The entries of activations, by the ids of the tensors that the float and
  /// the quantized network show of them.
  llvm::StringMap<Entry *> activations, rounded;
  /// A copy of the module with every tensor rounded.
  OwningOpRef<ModuleOp> quantized;
  /// What is observed there, by id; of weights in groups, their scales.
  SmallVector<std::pair<std::string, Value>> roundedInputs;
  llvm::StringMap<SmallVector<double>> groupScales;
  std::unique_ptr<Network> network, quantizedNetwork;
};
} // namespace

/// The value of an observed f32 constant, or null.
static ElementsAttr getFloatValue(ObserveOp op) {
  ElementsAttr value;
  matchPattern(op.getInput(), m_Constant(&value));
  return value;
}

LogicalResult Profiler::quantize() {
  auto module = func->getParentOfType<ModuleOp>();
  // The clone shares the constants; they are not copied.
  quantized = module.clone();
  quantized->walk([&](ObserveOp op) {
    if (op.getRole() != Role::Weight)
      roundedInputs.emplace_back(op.getId().str(), op.getInput());
  });
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  pm.addPass(createInsertQDQPass());
  if (failed(pm.run(*quantized)))
    return failure();
  quantized->walk([&](DequantizeGroupsOp op) {
    ConstantBytes bytes = *getConstantBytes(op.getScales());
    ArrayRef<float> scales = bytes.as<float>();
    groupScales[getTensorId(op.getInput())].assign(scales.begin(),
                                                   scales.end());
  });
  return success();
}

/// The type of a weight in groups, seen as a matrix with a row for each group.
static quant::QuantizedType getGroupsType(quant::QuantizedType type,
                                          ArrayRef<double> scales) {
  return quant::UniformQuantizedPerAxisType::get(
      type.getFlags(), type.getStorageType(), type.getExpressedType(), scales,
      SmallVector<int64_t>(scales.size(), 0), /*quantizedDimension=*/0,
      type.getStorageTypeMin(), type.getStorageTypeMax());
}

LogicalResult Profiler::collect() {
  WalkResult result = func.walk([&](ObserveOp op) {
    // Rows that are quantized at run time have no grid to tell of.
    if (op.getSpec().isNone() || op.getUnprofiled() ||
        op.getSpec().getGranularity() == Granularity::PerRow)
      return WalkResult::advance();
    std::optional<Type> type = op.getResolved();
    if (!type) {
      emitError(op.getInput().getLoc())
          << "expected a resolved type of tensor '" << op.getId()
          << "', got none; run --npir-attach-calibration first";
      return WalkResult::interrupt();
    }
    auto grid = cast<quant::QuantizedType>(*type);
    if (auto scales = groupScales.find(op.getId()); scales != groupScales.end())
      grid = getGroupsType(grid, scales->second);
    entries.emplace_back(
        new Entry{op, TensorProfiler(op.getId(), grid), getFloatValue(op), {}});
    if (!entries.back()->constant)
      activations[op.getId()] = entries.back().get();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

void Profiler::addConstants() {
  for (const std::unique_ptr<Entry> &entry : entries) {
    if (!entry->constant)
      continue;
    Stopwatch watch(entry->profiler);
    ConstantBytes bytes(entry->constant);
    SmallVector<int64_t> shape(entry->constant.getShapedType().getShape());
    if (int64_t groupSize = entry->op.getSpec().getGroupSize())
      shape = {ShapedType::getNumElements(shape) / groupSize, groupSize};
    entry->profiler.add(bytes.as<float>(), shape,
                        entry->op.getRole() == Role::Weight
                            ? TensorProfiler::Rounding::Stored
                            : TensorProfiler::Rounding::Computed);
    entry->profiler.setCumulativeToLocal();
  }
}

/// Find what the entries became in the copy, and make both networks.
LogicalResult Profiler::createNetworks() {
  for (const auto &[id, input] : roundedInputs)
    if (Entry *entry = activations.lookup(id))
      for (Operation *user : input.getUsers())
        if (isa<QuantizeOp>(user))
          for (Operation *dequantize : user->getUsers())
            rounded[getTensorId(dequantize->getResult(0))] = entry;

  NetworkOptions networkOptions;
  networkOptions.threads = options.threads;
  networkOptions.lower = options.lower;
  auto create = [&](ModuleOp from, const llvm::StringMap<Entry *> &shown) {
    networkOptions.taps.clear();
    for (const auto &entry : shown)
      networkOptions.taps.push_back(entry.getKey().str());
    return Network::create(from, networkOptions);
  };
  auto made = create(func->getParentOfType<ModuleOp>(), activations);
  if (failed(made))
    return failure();
  network = std::move(*made);
  made = create(*quantized, rounded);
  if (failed(made))
    return failure();
  quantizedNetwork = std::move(*made);
  return success();
}

npir_rt::Expected<int64_t> Profiler::chooseBatch(const npir_rt::DataSet &data,
                                                 SampleSpan span) {
  uint64_t bytes = 0;
  Status status = forEachBatch(
      data, {span.begin, span.begin + 1}, /*batch=*/1,
      [&](int64_t, int64_t, const std::vector<npir_rt::NamedTensor> &inputs) {
        return network->run(inputs, [&](const npir_rt::TensorView &view) {
          bytes += view.bytes();
          return Status();
        });
      });
  if (!status.ok())
    return status;
  uint64_t fitting = kMostSavedBytes / std::max<uint64_t>(bytes, 1);
  return limitBatch(*network, std::clamp<int64_t>(static_cast<int64_t>(fitting),
                                                  1, options.batch));
}

Status Profiler::runBatch(const std::vector<npir_rt::NamedTensor> &inputs) {
  Status status = network->run(inputs, [&](const npir_rt::TensorView &view) {
    Entry *entry = activations.lookup(StringRef(view.id));
    if (!entry)
      return Status();
    Stopwatch watch(entry->profiler);
    ArrayRef<float> values(view.as<float>(), view.elements());
    entry->profiler.add(values, view.shape, TensorProfiler::Rounding::Computed);
    entry->saved.assign(values.begin(), values.end());
    entry->profiler.holdBytes(view.bytes());
    return Status();
  });
  if (!status.ok())
    return status;
  status = quantizedNetwork->run(inputs, [&](const npir_rt::TensorView &view) {
    Entry *entry = rounded.lookup(StringRef(view.id));
    if (!entry)
      return Status();
    Stopwatch watch(entry->profiler);
    entry->profiler.addCumulative(
        entry->saved, ArrayRef<float>(view.as<float>(), view.elements()));
    return Status();
  });
  if (!status.ok())
    return status;
  for (auto [expected, actual, output] :
       llvm::zip_equal(network->getOutputs(), quantizedNetwork->getOutputs(),
                       profile.outputs))
    output.second.add(toFloat(expected), toFloat(actual));
  return status;
}

void Profiler::report() {
  llvm::StringMap<size_t> indices;
  // The layer that makes the tensor `id`: its name, for a first result.
  auto getLayer = [&](StringRef id) -> LayerProfile & {
    id.consume_back(":0");
    auto [entry, isNew] = indices.try_emplace(id, profile.layers.size());
    if (isNew)
      profile.layers.emplace_back().layer = id.str();
    return profile.layers[entry->second];
  };
  for (const std::unique_ptr<Entry> &entry : entries) {
    TensorProfile tensor = entry->profiler.take();
    if (entry->op.getRole() != Role::Weight) {
      getLayer(tensor.id).output = std::move(tensor);
      continue;
    }
    for (Operation *user : entry->op->getUsers())
      if (user->getNumResults() != 0)
        getLayer(getTensorId(user->getResult(0))).weight = tensor;
  }
}

FailureOr<QuantizationProfile> Profiler::run() {
  MLIRContext *context = func.getContext();
  if (options.batch < 1)
    return emitError(UnknownLoc::get(context))
           << "expected a batch of at least 1, got " << options.batch;
  if (failed(quantize()) || failed(collect()) || failed(createNetworks()))
    return failure();
  SampleSpan span = options.samples;
  FailureOr<npir_rt::DataSet> data =
      openData(options.data, *network, span, UnknownLoc::get(context));
  if (failed(data))
    return failure();
  addConstants();
  for (std::string &name : network->getOutputNames())
    profile.outputs.emplace_back(std::move(name), ErrorStatistics());
  npir_rt::Expected<int64_t> batch = chooseBatch(*data, span);
  if (!batch)
    return emitStatus(context, batch.status());
  Progress progress("profiling", "samples", span.end - span.begin,
                    options.quiet);
  Status status =
      forEachBatch(*data, span, *batch,
                   [&](int64_t, int64_t end,
                       const std::vector<npir_rt::NamedTensor> &inputs) {
                     Status status = runBatch(inputs);
                     progress.update(end - span.begin);
                     return status;
                   });
  if (failed(emitStatus(context, status)))
    return failure();
  profile.samples = span.end - span.begin;
  report();
  return std::move(profile);
}

FailureOr<QuantizationProfile>
mlir::npir::profileQuantization(ModuleOp module,
                                const ProfileOptions &options) {
  if (failed(getFunctionsAt(module, Station::Calibrated)))
    return failure();
  FailureOr<func::FuncOp> func = getEntryFunction(module);
  if (failed(func))
    return failure();
  return Profiler(*func, options).run();
}
