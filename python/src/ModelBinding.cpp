// This file binds models: loading, saving, passes, and the road.
#include "Bindings.h"

#include "npir/Calibration/Calibration.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/InsertObservers.h"
#include "npir/Serialization/ModuleIO.h"
#include "npir/Serialization/NPX/NPX.h"
#include "npir/Support/ProcessMemory.h"

#include "llvm/Support/FormatVariadic.h"

#include <pybind11/stl.h>

#include <chrono>

namespace py = pybind11;
using namespace mlir;
using namespace mlir::npir;

static std::shared_ptr<Model> load(const std::string &path) {
  auto model = std::make_shared<Model>();
  useModel(*model, [&] { return model->load(path); });
  return model;
}

/// (name, shape, dtype, scale, zero point); None for the free batch and where
/// nothing is quantized.
static py::list toList(const std::vector<ModelPort> &ports) {
  py::list list;
  for (const ModelPort &port : ports) {
    py::tuple shape(port.shape.size());
    for (size_t i = 0; i < port.shape.size(); ++i) {
      if (ShapedType::isDynamic(port.shape[i]))
        shape[i] = py::none();
      else
        shape[i] = py::int_(port.shape[i]);
    }
    py::object scale = py::none(), zeroPoint = py::none();
    if (!port.scales.empty()) {
      scale = py::float_(port.scales.front());
      zeroPoint = py::int_(port.zeroPoints.front());
    }
    list.append(py::make_tuple(port.name, shape, port.dtype, scale, zeroPoint));
  }
  return list;
}

/// The options that a call from Python sets.
static void setOptions(QuantizePipelineOptions &options,
                       const std::string &target, const std::string &samples,
                       int64_t batch, unsigned threads, bool strict) {
  options.target = target;
  options.samples = samples;
  options.batch = batch;
  options.threads = threads;
  options.strict = strict;
  options.quiet = true;
}

/// The options of --npir-set-boundary, of those that are given.
static void setBoundary(QuantizePipelineOptions &options,
                        const py::dict &values) {
  auto set = [&](const char *name, auto &option, auto list) {
    if (values.contains(name))
      for (const auto &value : values[name].cast<decltype(list)>())
        option.push_back(value);
  };
  set("io", options.io, std::vector<std::string>());
  set("mean", options.mean, std::vector<double>());
  set("std", options.std, std::vector<double>());
  if (values.contains("input_layout"))
    options.inputLayout = values["input_layout"].cast<std::string>();
}

static QuantizeInputs getInputs(const std::shared_ptr<ConfigText> &config) {
  QuantizeInputs inputs;
  if (config)
    inputs.config = config->config;
  return inputs;
}

static std::shared_ptr<Model> quantizeModel(
    Model &model, const std::shared_ptr<ConfigText> &config,
    const py::object &data, const std::shared_ptr<StatisticsFile> &statistics,
    const std::string &target, const std::string &samples, int64_t batch,
    unsigned threads, bool strict, bool tune, const std::string &stopAt,
    const py::dict &boundary, const py::object &translate) {
  std::optional<Station> station = symbolizeStation(stopAt);
  if (!station)
    throw py::value_error("unknown station '" + stopAt + "'");
  QuantizePipelineOptions options;
  setOptions(options, target, samples, batch, threads, strict);
  options.stopAt = *station;
  options.tune = tune;
  setBoundary(options, boundary);
  QuantizeInputs inputs = getInputs(config);
  inputs.statistics = statistics;
  if (!data.is_none()) {
    DataSource source = getDataSource(data);
    if (auto *path = std::get_if<std::string>(&source))
      options.data = *path;
    else
      inputs.data = std::get<NamedArrays>(std::move(source));
  }
  return makeFrom(
      model, [&](Model &copy) { return copy.quantize(options, inputs); },
      translate);
}

namespace {
/// Asks Python now and then whether Ctrl-C was pressed.
class PythonInterrupt {
public:
  bool wasInterrupted() {
    auto now = Clock::now();
    if (now - last < std::chrono::milliseconds(200))
      return false;
    last = now;
    py::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() == 0)
      return false;
    error = std::make_unique<py::error_already_set>();
    return true;
  }
  /// Raises what the signal's handler raised, if it did.
  void raise() const {
    if (error)
      throw py::error_already_set(*error);
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last = Clock::now();
  std::unique_ptr<py::error_already_set> error;
};
} // namespace

/// The options that npir.calibrate passes on, by name.
static CalibrationOptions getCalibrationOptions(const py::dict &values) {
  CalibrationOptions options;
  // Python keeps the statistics, for configurations yet to come.
  options.recordAll = true;
  auto set = [&](const char *name, auto &option) {
    option = values[name].cast<std::decay_t<decltype(option)>>();
  };
  set("batch", options.batch);
  set("run_batch", options.runBatch);
  set("threads", options.threads);
  set("max_memory", options.maxMemory);
  set("channel_histograms", options.channelHistograms);
  set("row_sample", options.rowSample);
  set("batch_histograms", options.batchHistograms);
  set("stats", options.stats);
  set("resume", options.resume);
  set("checkpoint", options.checkpoint);
  set("strict", options.strict);
  set("quiet", options.quiet);
  return options;
}

static std::shared_ptr<StatisticsFile>
calibrateModel(Model &model, const py::object &data,
               const std::shared_ptr<ConfigText> &config,
               const std::string &samples, const py::dict &values,
               const py::object &translate) {
  CalibrationOptions options = getCalibrationOptions(values);
  options.data = getDataSource(data);
  PythonInterrupt interrupt;
  options.isCancelled = [&] { return interrupt.wasInterrupted(); };
  auto statistics = std::make_shared<StatisticsFile>();
  auto run = [&](Model &copy) -> LogicalResult {
    QuantizePipelineOptions road;
    road.stopAt = Station::Observed;
    FailureOr<SampleSpan> span =
        parseSamples(samples, UnknownLoc::get(&copy.context));
    if (failed(span) || failed(copy.quantize(road, getInputs(config))))
      return failure();
    options.samples = *span;
    FailureOr<StatisticsFile> file = calibrate(*copy.module, options);
    if (failed(file))
      return failure();
    *statistics = std::move(*file);
    return success();
  };
  try {
    makeFrom(model, run, translate);
  } catch (...) {
    interrupt.raise();
    throw;
  }
  return statistics;
}

/// The explanations of `config` as JSON.
static std::string explainConfig(Model &model,
                                 const std::shared_ptr<ConfigText> &config,
                                 const py::object &translate) {
  std::vector<TensorExplanation> explanations;
  makeFrom(
      model,
      [&](Model &copy) -> LogicalResult {
        FailureOr<Station> station = copy.getStation();
        if (failed(station))
          return failure();
        QuantizePipelineOptions road;
        road.stopAt = Station::Prepared;
        if (*station < Station::Prepared && failed(copy.quantize(road, {})))
          return failure();
        return insertObservers(*copy.module, *config->config, &explanations);
      },
      translate);
  return llvm::formatv("{0}", toJSON(explanations)).str();
}

static uint64_t readByteSize(const std::string &text) {
  std::optional<uint64_t> bytes = parseByteSize(text);
  if (!bytes)
    throw py::value_error("expected max_memory such as '512M' or '2G', got '" +
                          text + "'");
  return *bytes;
}

void mlir::npir::bindModel(py::module_ &module) {
  module.def(
      "is_foreign_bytecode",
      [](const std::string &path) { return isForeignBytecode(path); },
      py::arg("path"));
  module.def(
      "try_module",
      [](const std::string &path) {
        Model model;
        DiagnosticCollector collector(&model.context);
        (void)loadModule(path, &model.context, {/*exitOnCrash=*/true});
      },
      py::arg("path"),
      "Read a module. Ends the process where the file is damaged.");
  py::class_<Model, std::shared_ptr<Model>>(
      module, "Model", "A module in a context of its own, or a program")
      .def_static("load", load, py::arg("path"))
      .def_property_readonly("is_program",
                             [](const Model &model) { return !!model.program; })
      .def_property_readonly(
          "station",
          [](Model &model) {
            return stringifyStation(
                       useModel(model, [&] { return model.getStation(); }))
                .str();
          })
      .def_property_readonly(
          "inputs",
          [](Model &model) {
            return toList(useModel(model, [&] { return model.getInputs(); }));
          })
      .def_property_readonly(
          "outputs",
          [](Model &model) {
            return toList(useModel(model, [&] { return model.getOutputs(); }));
          })
      .def("__str__",
           [](Model &model) {
             return useModel(model, [&] { return model.str(); });
           })
      .def(
          "save",
          [](Model &model, const std::string &path) {
            useModel(model, [&] { return saveModule(*model.module, path); });
          },
          py::arg("path"))
      .def(
          "save_program",
          [](Model &model, const std::string &path) {
            useModel(model, [&] { return writeProgram(*model.module, path); });
          },
          py::arg("path"))
      .def(
          "run_pipeline",
          [](Model &model, const std::string &pipeline) {
            return makeFrom(
                model, [&](Model &copy) { return copy.runPipeline(pipeline); });
          },
          py::arg("pipeline"))
      .def("quantize", quantizeModel, py::arg("config"), py::arg("data"),
           py::arg("statistics"), py::arg("target"), py::arg("samples"),
           py::arg("batch"), py::arg("threads"), py::arg("strict"),
           py::arg("tune"), py::arg("stop_at"), py::arg("boundary"),
           py::arg("translate"))
      .def("explain", explainConfig, py::arg("config"), py::arg("translate"))
      .def("calibrate", calibrateModel, py::arg("data"), py::arg("config"),
           py::arg("samples"), py::arg("options"), py::arg("translate"));
  module.def("read_byte_size", readByteSize, py::arg("text"));
}
