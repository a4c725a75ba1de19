// This file implements what calibration records of the tensors of a network.
#include "Recorders.h"

#include "npir/Observers/Observer.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::npir;

/// The axis of an activation's channels, or -1: the maker's, else the last.
static int64_t getChannelAxis(ObserveOp op) {
  SpecAttr spec = op.getSpec();
  if (spec.getGranularity() == Granularity::PerChannel)
    return spec.getAxis();
  Value input = op.getInput();
  auto type = cast<RankedTensorType>(input.getType());
  std::optional<int64_t> axis;
  if (auto producer = input.getDefiningOp<QuantizableOpInterface>())
    axis =
        producer.getResultChannelAxis(cast<OpResult>(input).getResultNumber());
  else
    axis = type.getRank() - 1;
  // The batch is no channel.
  return axis.value_or(0) > 0 && *axis < type.getRank() ? *axis : -1;
}

/// The observed tensor whose values that of `op` holds, in the same or another
/// order; null: there is none.
static ObserveOp getOriginal(ObserveOp op) {
  Operation *producer = op.getInput().getDefiningOp();
  if (!isa_and_nonnull<ReshapeOp, TransposeOp>(producer))
    return {};
  return producer->getOperand(0).getDefiningOp<ObserveOp>();
}

Recorders::Recorders(func::FuncOp func, const CalibrationOptions &options) {
  func.walk([&](ObserveOp op) {
    SpecAttr spec = op.getSpec();
    if (spec.isNone() || spec.getGranularity() == Granularity::PerRow ||
        matchPattern(op.getInput(), m_Constant()))
      return;
    if (ObserveOp original = getOriginal(op)) {
      StringRef id = original.getId();
      if (auto copy = copies.find(id); copy != copies.end())
        id = copy->second;
      if (recorders.contains(id)) {
        copies[op.getId()] = id;
        return;
      }
    }
    Recorder recorder;
    recorder.op = op;
    recorder.axis = getChannelAxis(op);
    recorder.options.channelHistograms = options.channelHistograms;
    recorder.options.rowSample = options.rowSample;
    recorder.options.batchHistograms = options.batchHistograms;
    if (spec.getGranularity() == Granularity::PerChannel) {
      auto observer = cast<ObserverAttrInterface>(spec.getObserver());
      recorder.options.channelHistograms |=
          observer.getObserverParams().kind != ObserverParams::Kind::MinMax;
    }
    recorder.recorder = TensorRecorder(recorder.options);
    recorders.try_emplace(op.getId(), std::move(recorder));
  });
}

std::vector<std::string> Recorders::getIds() const {
  std::vector<std::string> ids;
  for (const auto &entry : recorders)
    ids.push_back(entry.first.str());
  return ids;
}

/// Elements of a row, as samples of rows have it: of the last dimensions that
/// make a sixteenth of the sample or less, or of the last one.
static size_t getRowLength(const npir_rt::Shape &shape) {
  size_t size = npir_rt::numElements(shape);
  size_t length = shape.empty() ? 1 : shape.back();
  for (size_t i = shape.size() - 1; i-- > 0;) {
    if (length * shape[i] > size / 16)
      break;
    length *= shape[i];
  }
  return length;
}

void Recorders::setShapes(const npir_rt::Program &program) {
  for (auto &[id, recorder] : recorders) {
    const npir_rt::TensorInfo &info =
        program.tensors()[*program.findTensor(std::string_view(id))];
    npir_rt::Shape shape = info.shapeAt(1);
    recorder.sample = ChannelView::get(shape, recorder.axis);
    recorder.rowLength = getRowLength(shape);
    // Without a free batch a run is one sample, and every tensor is of it.
    recorder.followsBatch = info.isBatched() || !program.hasFreeBatch();
  }
}

void Recorders::record(const npir_rt::TensorView &view, RunPart part,
                       npir_rt::Executor &executor) {
  auto *found = recorders.find(StringRef(view.id));
  if (found == recorders.end())
    return;
  Recorder &recorder = found->second;
  if (!recorder.followsBatch && !part.startsBatch)
    return;
  SampleBlock block;
  block.data = view.as<float>();
  block.firstSample = static_cast<uint64_t>(part.begin);
  block.samples = recorder.followsBatch ? part.end - part.begin : 1;
  block.sample = recorder.sample;
  block.rowLength = recorder.rowLength;
  recorder.recorder.record(
      block,
      [&](size_t tasks, llvm::function_ref<void(size_t)> body) {
        executor.parallelFor(tasks, body);
      },
      executor.threads());
}

void Recorders::endBatch(BatchPart part, npir_rt::Executor &executor) {
  executor.parallelFor(recorders.size(), [&](size_t i) {
    recorders.begin()[i].second.recorder.endBatch(part);
  });
}

void Recorders::moveTo(StatisticsFile &file) {
  for (auto &[id, recorder] : recorders)
    file.tensors[id.str()] = recorder.recorder.take();
  addCopies(file);
}

void Recorders::addCopies(StatisticsFile &file) const {
  for (auto [id, original] : copies) {
    TensorStatistics statistics = file.tensors.at(original.str());
    statistics.channelMin.clear();
    statistics.channelMax.clear();
    statistics.channelHistograms.clear();
    file.tensors[id.str()] = std::move(statistics);
  }
}

void Recorders::moveFrom(StatisticsFile &file) {
  for (auto &[id, recorder] : recorders)
    recorder.recorder =
        TensorRecorder(recorder.options, std::move(file.tensors[id.str()]));
  for (auto entry : copies)
    file.tensors.erase(entry.first.str());
}

static std::string expectChannels(StringRef id, size_t expected, size_t got,
                                  StringRef what) {
  return llvm::formatv("tensor '{0}' has {1} {3}, expected {2}", id, got,
                       expected, what);
}

std::string Recorders::findDifference(const StatisticsFile &file) const {
  for (const auto &[id, recorder] : recorders) {
    auto found = file.tensors.find(id.str());
    if (found == file.tensors.end())
      return llvm::formatv("it lacks tensor '{0}'", id);
    const TensorStatistics &statistics = found->second;
    if (!statistics.isObserved())
      continue;
    size_t channels = recorder.channels();
    if (statistics.channelMin.size() != channels)
      return expectChannels(id, channels, statistics.channelMin.size(),
                            "channels");
    size_t histograms = recorder.options.channelHistograms ? channels : 0;
    if (statistics.channelHistograms.size() != histograms)
      return expectChannels(id, histograms, statistics.channelHistograms.size(),
                            "histograms of channels");
    if (!statistics.isDistributionWhole())
      return llvm::formatv("tensor '{0}' has no histogram", id);
  }
  for (auto [id, original] : copies)
    if (!file.tensors.count(id.str()))
      return llvm::formatv("it lacks tensor '{0}'", id);
  for (const auto &entry : file.tensors)
    if (!recorders.contains(entry.first) && !copies.contains(entry.first))
      return "it has tensor '" + entry.first + "', which is not recorded here";
  return "";
}

uint64_t Recorders::maxBytes(uint64_t batches, size_t threads) const {
  uint64_t bytes = 0;
  for (const auto &entry : recorders) {
    const Recorder &recorder = entry.second;
    bytes += TensorRecorder::maxBytes(recorder.options, recorder.channels(),
                                      threads) +
             batches * TensorRecorder::maxBytesPerBatch(recorder.options);
  }
  return bytes;
}
