// This file implements the comparison of two networks on the same samples.
#include "npir/Execution/Compare.h"
#include "Bits.h"

#include "npir/Support/Progress.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// A tensor that outlives the run that made it.
struct SavedTensor {
  npir_rt::TensorView view;
  npir_rt::Quantization quantization;
  std::vector<char> bytes;

  explicit SavedTensor(const npir_rt::TensorView &from) : view(from) {
    auto *data = static_cast<const char *>(from.data);
    bytes.assign(data, data + from.bytes());
    view.data = bytes.data();
    if (from.quantization) {
      quantization = *from.quantization;
      view.quantization = &quantization;
    }
  }
  SavedTensor(const SavedTensor &) = delete;
};

class Comparer {
public:
  explicit Comparer(Comparison &comparison) : comparison(comparison) {}

  npir_rt::Status runBatch(Network &reference, Network &test,
                           const std::vector<npir_rt::NamedTensor> &inputs,
                           int64_t samples);

private:
  void add(ComparisonEntry &entry, const npir_rt::TensorView &reference,
           const npir_rt::TensorView &test, llvm::BitVector &exact);
  void addTensor(const npir_rt::TensorView &test, llvm::BitVector &exact);

  Comparison &comparison;
  /// The reference's tensors of this batch, by id.
  llvm::StringMap<std::unique_ptr<SavedTensor>> saved;
  /// Index into `comparison.tensors`, by id.
  llvm::StringMap<size_t> entries;
};
} // namespace

static bool isQuantized(const npir_rt::TensorView &view) {
  return view.quantization && !view.quantization->empty();
}

/// Indices and truth values: the difference of two says nothing.
static bool isPlainInteger(const npir_rt::TensorView &view) {
  return view.type != npir_rt::ElementType::F32 && !isQuantized(view);
}

/// True if equal bits mean equal values.
static bool haveSameMeaning(const npir_rt::TensorView &a,
                            const npir_rt::TensorView &b) {
  if (a.type != b.type)
    return false;
  return isQuantized(a) == isQuantized(b) &&
         (!isQuantized(a) || *a.quantization == *b.quantization);
}

void Comparer::add(ComparisonEntry &entry, const npir_rt::TensorView &reference,
                   const npir_rt::TensorView &test, llvm::BitVector &exact) {
  entry.isInteger = isPlainInteger(reference) && isPlainInteger(test);
  if (entry.isInteger)
    entry.statistics.addCount(test.elements());
  else
    entry.statistics.add(toFloat(reference), toFloat(test));
  if (!haveSameMeaning(reference, test))
    return;
  entry.bitsCompared = comparison.bitsCompared = true;
  entry.differing += countDifferences(reference.data, test.data,
                                      test.elements(), test.type, exact);
}

void Comparer::addTensor(const npir_rt::TensorView &test,
                         llvm::BitVector &exact) {
  auto found = saved.find(StringRef(test.id));
  if (found == saved.end() || found->second->view.shape != test.shape)
    return;
  auto [index, isNew] =
      entries.try_emplace(StringRef(test.id), comparison.tensors.size());
  if (isNew) {
    comparison.tensors.emplace_back();
    comparison.tensors.back().id = std::string(test.id);
  }
  add(comparison.tensors[index->second], found->second->view, test, exact);
}

npir_rt::Status
Comparer::runBatch(Network &reference, Network &test,
                   const std::vector<npir_rt::NamedTensor> &inputs,
                   int64_t samples) {
  saved.clear();
  npir_rt::Status status =
      reference.run(inputs, [&](const npir_rt::TensorView &view) {
        saved[StringRef(view.id)] = std::make_unique<SavedTensor>(view);
        return npir_rt::Status();
      });
  if (!status.ok())
    return status.withContext("reference model");
  llvm::BitVector exact(samples, true);
  status = test.run(inputs, [&](const npir_rt::TensorView &view) {
    addTensor(view, exact);
    return npir_rt::Status();
  });
  if (!status.ok())
    return status;
  const auto &expected = reference.getOutputs(), &actual = test.getOutputs();
  for (size_t i = 0; i < actual.size(); ++i) {
    if (expected[i].shape != actual[i].shape)
      return npir_rt::Status::error(
          "output '" + comparison.outputs[i].id + "' has shape " +
          npir_rt::toString(actual[i].shape) + ", the reference model's " +
          npir_rt::toString(expected[i].shape));
    add(comparison.outputs[i], expected[i], actual[i], exact);
  }
  comparison.samples += samples;
  comparison.bitExactSamples += exact.count();
  return {};
}

/// Both networks take the same samples.
static npir_rt::Status checkInputs(const Network &reference,
                                   const Network &test) {
  const auto &expected = reference.getInputs(), &actual = test.getInputs();
  if (expected.size() != actual.size())
    return npir_rt::Status::error(
        "expected as many inputs as the reference model's " +
        std::to_string(expected.size()) + ", got " +
        std::to_string(actual.size()));
  auto describe = [](const npir_rt::DataInput &input) {
    return "'" + input.name + "' " + npir_rt::toString(input.type) +
           npir_rt::toString(input.shape);
  };
  for (auto [a, b] : llvm::zip_equal(actual, expected))
    if (a.name != b.name || a.shape != b.shape || a.type != b.type)
      return npir_rt::Status::error(
          "expected the inputs of both models to agree, got " + describe(a) +
          " and " + describe(b));
  return {};
}

npir_rt::Status mlir::npir::compareNetworks(Network &reference, Network &test,
                                            const npir_rt::DataSet &data,
                                            SampleSpan span, int64_t batch,
                                            bool quiet,
                                            Comparison &comparison) {
  npir_rt::Status inputs = checkInputs(reference, test);
  if (!inputs.ok())
    return inputs;
  std::vector<std::string> names = test.getOutputNames();
  if (size_t count = reference.getOutputNames().size(); count != names.size())
    return npir_rt::Status::error(
        "expected as many outputs as the reference model's " +
        std::to_string(count) + ", got " + std::to_string(names.size()));
  for (std::string &name : names) {
    comparison.outputs.emplace_back();
    comparison.outputs.back().id = std::move(name);
  }
  Comparer comparer(comparison);
  Progress progress("comparing", "samples", span.end - span.begin, quiet);
  return forEachBatch(data, span, limitBatch(test, batch),
                      [&](int64_t begin, int64_t end,
                          const std::vector<npir_rt::NamedTensor> &inputs) {
                        npir_rt::Status status = comparer.runBatch(
                            reference, test, inputs, end - begin);
                        progress.update(end - span.begin);
                        return status;
                      });
}
