// This file implements what calibration records of the tensors of a network.
#include "Recorders.h"

#include "npir/Observers/Observer.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::npir;

bool mlir::npir::needsStatistics(ObserveOp op) {
  SpecAttr spec = op.getSpec();
  return !spec.isNone() && spec.getGranularity() != Granularity::PerRow &&
         !matchPattern(op.getInput(), m_Constant());
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
    bool isNeeded = needsStatistics(op);
    if ((!isNeeded && !options.recordAll) ||
        matchPattern(op.getInput(), m_Constant()))
      return;
    if (ObserveOp original = getOriginal(op)) {
      StringRef id = original.getId();
      if (auto copy = copies.find(id); copy != copies.end())
        id = copy->second;
      // What is needed is recorded as it is asked for.
      if (auto *found = recorders.find(id);
          found != recorders.end() && (found->second.isNeeded || !isNeeded)) {
        copies[op.getId()] = id;
        return;
      }
    }
    Recorder recorder;
    recorder.op = op;
    recorder.isNeeded = isNeeded;
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
  findSplits(func);
}

void Recorders::findSplits(func::FuncOp func) {
  // Recorded as any other tensor so far, and with nothing of single channels.
  auto find = [&](StringRef id) -> Recorder * {
    auto *found = recorders.find(id);
    if (found == recorders.end())
      return nullptr;
    Recorder &recorder = found->second;
    bool isPlain = !recorder.isSplit && !recorder.channelsOfWhole &&
                   !recorder.options.channelHistograms;
    return isPlain ? &recorder : nullptr;
  };
  func.walk([&](ObserveOp op) {
    std::optional<SplitTensor> split = findSplit(op);
    Recorder *whole = split ? find(split->whole) : nullptr;
    if (!whole || !llvm::all_of(split->parts, [&](const auto &part) {
          return find(part.id) != nullptr;
        }))
      return;
    whole->isSplit = true;
    for (const SplitTensor::Part &part : split->parts)
      find(part.id)->channelsOfWhole = part.channels;
    splits.push_back(std::move(*split));
  });
}

std::vector<std::string> Recorders::getIds() const {
  std::vector<std::string> ids;
  for (const auto &[id, recorder] : recorders)
    if (!recorder.isSplit)
      ids.push_back(id.str());
  return ids;
}

ChannelView Recorder::getRecordedSample() const {
  if (!channelsOfWhole)
    return sample;
  return {sample.size() / channelsOfWhole, channelsOfWhole, 1};
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
    if (recorder.isSplit)
      continue;
    const npir_rt::TensorInfo &info =
        program.tensors()[*program.findTensor(std::string_view(id))];
    npir_rt::Shape shape = info.shapeAt(1);
    recorder.sample = ChannelView::get(shape, recorder.axis);
    recorder.rowLength = getRowLength(shape);
    // Without a free batch a run is one sample, and every tensor is of it.
    recorder.followsBatch = info.isBatched() || !program.hasFreeBatch();
  }
  for (const SplitTensor &split : splits) {
    size_t channels = 0;
    for (const SplitTensor::Part &part : split.parts)
      channels += part.channels;
    recorders.find(split.whole)->second.sample.channels = channels;
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
  block.sample = recorder.getRecordedSample();
  block.rowLength = recorder.rowLength;
  recorder.recorder.record(
      block,
      [&](size_t tasks, llvm::function_ref<void(size_t)> body) {
        executor.parallelFor(tasks, body);
      },
      executor.threads());
}

void Recorders::endBatch(BatchPart part, npir_rt::Executor &executor) {
  executor.parallelFor(recorders.size() + splits.size(), [&](size_t i) {
    if (i >= recorders.size())
      return endBatch(splits[i - recorders.size()], part);
    Recorder &recorder = recorders.begin()[i].second;
    if (!recorder.isSplit && !recorder.channelsOfWhole)
      recorder.recorder.endBatch(part);
  });
}

static void append(std::vector<float> &to, ArrayRef<float> from) {
  to.insert(to.end(), from.begin(), from.end());
}

void Recorders::endBatch(const SplitTensor &split, BatchPart part) {
  TensorStatistics whole;
  std::vector<float> mins, maxs;
  for (const SplitTensor::Part &piece : split.parts) {
    TensorRecorder &recorder = recorders.find(piece.id)->second.recorder;
    TensorStatistics batch = recorder.takeBatch();
    append(mins, batch.channelMin);
    append(maxs, batch.channelMax);
    llvm::cantFail(whole.merge(batch));
    whole.channelMin.clear();
    whole.channelMax.clear();
    recorder.addBatch(std::move(batch), part);
  }
  whole.channelMin = std::move(mins);
  whole.channelMax = std::move(maxs);
  recorders.find(split.whole)->second.recorder.addBatch(std::move(whole), part);
}

/// Leaves the extrema of `count` channels that repeat within those in `values`;
/// of either there may be none.
template <typename Better>
static void fold(std::vector<float> &values, size_t count, Better better) {
  if (count)
    for (size_t i = count; i < values.size(); ++i)
      values[i % count] = better(values[i % count], values[i]);
  values.resize(std::min(values.size(), count));
}

void Recorders::moveTo(StatisticsFile &file) {
  for (auto &[id, recorder] : recorders) {
    TensorStatistics &tensor = file.tensors[id.str()];
    tensor = recorder.recorder.take();
    if (!recorder.channelsOfWhole)
      continue;
    auto least = [](float a, float b) { return std::min(a, b); };
    auto greatest = [](float a, float b) { return std::max(a, b); };
    fold(tensor.channelMin, recorder.channels(), least);
    fold(tensor.channelMax, recorder.channels(), greatest);
  }
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
  for (const SplitTensor &split : splits) {
    const TensorStatistics &whole = file.tensors[split.whole.str()];
    ArrayRef<float> mins = whole.channelMin, maxs = whole.channelMax;
    for (const SplitTensor::Part &part : split.parts) {
      TensorStatistics &tensor = file.tensors[part.id.str()];
      size_t channels = std::min<size_t>(part.channels, mins.size());
      tensor.channelMin = mins.take_front(channels);
      tensor.channelMax = maxs.take_front(channels);
      mins = mins.drop_front(channels);
      maxs = maxs.drop_front(channels);
    }
  }
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
  for (auto [id, original] : copies) {
    auto found = file.tensors.find(id.str());
    if (found == file.tensors.end())
      return llvm::formatv("it lacks tensor '{0}'", id);
    // They would be lost.
    if (size_t channels = found->second.channelMin.size())
      return expectChannels(id, 0, channels, "channels");
  }
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
