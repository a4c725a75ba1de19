// This file binds running and comparing models over numpy arrays.
#include "Bindings.h"
#include "Run.h"

#include "npir/Execution/Compare.h"
#include "npir/Execution/Profile.h"

#include "llvm/Support/FormatVariadic.h"
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

namespace py = pybind11;
using namespace mlir;
using namespace mlir::npir;

DataSource mlir::npir::getDataSource(const py::object &data) {
  if (py::isinstance<py::str>(data))
    return data.cast<std::string>();
  NamedArrays arrays;
  for (py::handle item : data) {
    auto pair = item.cast<py::tuple>();
    auto name = pair[0].cast<std::string>();
    auto array = pair[1].cast<py::array>();
    std::string title = "data['" + name + "']";
    if (!(array.flags() & py::array::c_style))
      throw Error(title + ": expected an array that is contiguous in C order; "
                          "numpy.ascontiguousarray makes a copy that is");
    auto made = npir_rt::NpyArray::fromMemory(
        array.dtype().attr("str").cast<std::string>(),
        {array.shape(), array.shape() + array.ndim()}, array.data(), title);
    if (!made)
      throw Error(made.status().message());
    arrays.emplace_back(std::move(name), std::move(*made));
  }
  return arrays;
}

static NetworkOptions getOptions(const std::string &backend, unsigned threads) {
  NetworkOptions options;
  options.threads = threads;
  options.backend = backend == "interpreter" ? Backend::Interpreter
                    : backend == "xnnpack"   ? Backend::XNNPACK
                                             : Backend::Auto;
  return options;
}

/// The tensor as an array that owns its memory.
static py::array toArray(GatheredTensor &tensor) {
  auto *buffer = new npir_rt::AlignedBuffer(std::move(tensor.data));
  py::capsule owner(buffer, [](void *data) {
    delete static_cast<npir_rt::AlignedBuffer *>(data);
  });
  py::dtype type(npir_rt::toString(npir_rt::toNpyType(tensor.type)));
  return py::array(type, tensor.shape, buffer->data(), owner);
}

static py::dict run(Model &model, const py::object &data,
                    const std::string &backend, unsigned threads, int64_t batch,
                    const std::string &samples,
                    const std::vector<std::string> &taps) {
  NetworkOptions options = getOptions(backend, threads);
  options.taps = taps;
  DataSource source = getDataSource(data);
  using Tensors = std::vector<GatheredTensor>;
  Tensors tensors = useModel(model, [&]() -> FailureOr<Tensors> {
    Location loc = UnknownLoc::get(&model.context);
    FailureOr<SampleSpan> span = parseSamples(samples, loc);
    FailureOr<Network *> network = model.getNetwork(options);
    if (failed(span) || failed(network))
      return failure();
    auto set = openData(source, **network, *span, loc);
    if (failed(set))
      return failure();
    auto gathered = runAndGather(**network, *set, *span, batch, taps);
    if (!gathered)
      return emitStatus(&model.context, gathered.status());
    return std::move(*gathered);
  });
  py::dict result;
  for (GatheredTensor &tensor : tensors)
    result[py::str(tensor.name)] = toArray(tensor);
  return result;
}

namespace {
/// A report as npir-run writes and prints it.
struct ReportText {
  std::string json, table;
};
} // namespace

template <typename Report>
static ReportText getText(const Report &report) {
  ReportText text;
  text.json = llvm::formatv("{0:2}", report.toJSON()).str() + "\n";
  llvm::raw_string_ostream os(text.table);
  report.print(os);
  return text;
}

/// The diagnostics of `reference` go where those of `model` go.
static FailureOr<ReportText>
compareLocked(Model &model, Model &reference, const DataSource &source,
              StringRef samples, int64_t batch, NetworkOptions options,
              Backend referenceBackend, Comparison &comparison) {
  Location loc = UnknownLoc::get(&model.context);
  FailureOr<SampleSpan> span = parseSamples(samples, loc);
  if (failed(span))
    return failure();
  options.tapAll = true;
  auto test = model.createNetwork(options);
  if (failed(test))
    return failure();
  options.backend = referenceBackend;
  auto expected = reference.createNetwork(options);
  if (failed(expected))
    return failure();
  auto data = openData(source, **test, *span, loc);
  if (failed(data) ||
      failed(emitStatus(&model.context,
                        compareNetworks(**expected, **test, *data, *span, batch,
                                        /*quiet=*/true, comparison))))
    return failure();
  return getText(comparison);
}

static py::tuple compare(Model &model, Model &reference, const py::object &data,
                         const std::string &samples, int64_t batch,
                         unsigned threads, const std::string &backend,
                         const std::string &referenceBackend,
                         const std::string &name,
                         const std::string &referenceName) {
  DataSource source = getDataSource(data);
  Comparison comparison;
  comparison.test = name;
  comparison.reference = referenceName;
  NetworkOptions options = getOptions(backend, threads);
  Backend other = getOptions(referenceBackend, threads).backend;
  std::vector<CollectedDiagnostic> diagnostics;
  FailureOr<ReportText> text = failure();
  {
    py::gil_scoped_release release;
    std::unique_lock<std::mutex> first(model.mutex, std::defer_lock);
    std::unique_lock<std::mutex> second(reference.mutex, std::defer_lock);
    if (&model == &reference)
      first.lock();
    else
      std::lock(first, second);
    DiagnosticCollector collector(&model.context);
    std::optional<DiagnosticCollector> referenceCollector;
    if (&model != &reference)
      referenceCollector.emplace(&reference.context);
    text = compareLocked(model, reference, source, samples, batch, options,
                         other, comparison);
    diagnostics = collector.take();
    if (referenceCollector)
      llvm::append_range(diagnostics, referenceCollector->take());
  }
  if (failed(text))
    fail(diagnostics);
  report(diagnostics);
  return py::make_tuple(text->json, text->table);
}

static py::tuple profile(Model &model, const py::object &data,
                         const std::string &samples, int64_t batch,
                         unsigned threads, const std::string &name) {
  ProfileOptions options;
  options.data = getDataSource(data);
  options.batch = batch;
  options.threads = threads;
  options.quiet = true;
  ReportText text = useModel(model, [&]() -> FailureOr<ReportText> {
    FailureOr<SampleSpan> span =
        parseSamples(samples, UnknownLoc::get(&model.context));
    if (failed(span))
      return failure();
    options.samples = *span;
    FailureOr<QuantizationProfile> profile =
        profileQuantization(*model.module, options);
    if (failed(profile))
      return failure();
    profile->model = name;
    return getText(*profile);
  });
  return py::make_tuple(text.json, text.table);
}

void mlir::npir::bindRun(py::module_ &module) {
  module.def("run", run, py::arg("model"), py::arg("data"), py::arg("backend"),
             py::arg("threads"), py::arg("batch"), py::arg("samples"),
             py::arg("taps"));
  module.def("compare", compare, py::arg("model"), py::arg("reference"),
             py::arg("data"), py::arg("samples"), py::arg("batch"),
             py::arg("threads"), py::arg("backend"),
             py::arg("reference_backend"), py::arg("name"),
             py::arg("reference_name"));
  module.def("profile", profile, py::arg("model"), py::arg("data"),
             py::arg("samples"), py::arg("batch"), py::arg("threads"),
             py::arg("name"));
}
