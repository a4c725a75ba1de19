// This file binds what a calibration takes and makes: configs and statistics.
#include "Bindings.h"

#include "npir/Config/ConfigFile.h"
#include "npir/Config/ConfigKeys.h"
#include "npir/Config/Presets.h"
#include "npir/Support/ReadFile.h"

#include "llvm/Support/FormatVariadic.h"

#include <pybind11/stl.h>

namespace py = pybind11;
using namespace mlir::npir;

/// The value, or the exception that tells why not.
template <typename T>
static std::shared_ptr<T> unwrap(llvm::Expected<T> value) {
  if (!value)
    throw Error(llvm::toString(value.takeError()));
  return std::make_shared<T>(std::move(*value));
}

static void unwrap(llvm::Error error) {
  if (error)
    throw Error(llvm::toString(std::move(error)));
}

static std::shared_ptr<ConfigText> readConfig(const std::string &text,
                                              const std::string &name) {
  auto config = unwrap(parseConfig(text, name));
  return std::make_shared<ConfigText>(ConfigText{text, name, config});
}

void mlir::npir::bindConfig(py::module_ &module) {
  module.def(
      "config_to_json",
      [](const std::string &text, const std::string &name) {
        return llvm::formatv("{0}", *unwrap(configToJSON(text, name))).str();
      },
      py::arg("text"), py::arg("name"), "The structure of YAML text");
  module.def("config_schema", [] { return getConfigSchema().str(); });
  module.def("presets", [] {
    py::list list;
    for (const Preset &preset : getPresets())
      list.append(py::make_tuple(preset.name.str(), preset.summary.str()));
    return list;
  });
  py::class_<ConfigText, std::shared_ptr<ConfigText>>(
      module, "Config", "A quantization config that was read")
      .def_static(
          "load",
          [](const std::string &path) {
            if (llvm::StringRef(path).starts_with(kPresetPrefix))
              return readConfig((*unwrap(findPreset(path)))->text.str(), path);
            auto buffer = readFile(path);
            if (!buffer)
              throw Error(llvm::toString(buffer.takeError()));
            return readConfig((*buffer)->getBuffer().str(), path);
          },
          py::arg("path"))
      .def_static("parse", readConfig, py::arg("text"), py::arg("name"))
      .def("to_json", [](const ConfigText &config) {
        auto json = unwrap(configToJSON(config.text, config.name));
        return llvm::formatv("{0}", *json).str();
      });
}

/// Infinite where nothing finite was seen.
static py::tuple toTuple(const TensorStatistics &statistics) {
  return py::make_tuple(statistics.count, statistics.nanCount,
                        statistics.posInfCount, statistics.negInfCount,
                        statistics.minVal, statistics.maxVal,
                        statistics.channelMin, statistics.channelMax);
}

void mlir::npir::bindStatistics(py::module_ &module) {
  py::class_<StatisticsFile, std::shared_ptr<StatisticsFile>>(
      module, "Statistics", "What a calibration saw")
      .def_static(
          "load",
          [](const std::string &path) {
            py::gil_scoped_release release;
            return unwrap(StatisticsFile::load(path));
          },
          py::arg("path"))
      .def(
          "save",
          [](const StatisticsFile &file, const std::string &path) {
            py::gil_scoped_release release;
            unwrap(file.save(path));
          },
          py::arg("path"))
      .def(
          "merge",
          [](const StatisticsFile &file, const StatisticsFile &other,
             const std::string &name, const std::string &otherName) {
            py::gil_scoped_release release;
            auto merged = std::make_shared<StatisticsFile>(file);
            unwrap(merged->merge(other, name, otherName));
            return merged;
          },
          py::arg("other"), py::arg("name"), py::arg("other_name"))
      .def_readonly("model_hash", &StatisticsFile::modelHash)
      .def_readonly("batch_size", &StatisticsFile::batchSize)
      .def_readonly("engines", &StatisticsFile::engines)
      .def_property_readonly("samples",
                             [](const StatisticsFile &file) {
                               py::list ranges;
                               for (SampleRange range : file.samples)
                                 ranges.append(
                                     py::make_tuple(range.begin, range.end));
                               return ranges;
                             })
      .def_property_readonly("tensors", [](const StatisticsFile &file) {
        py::dict tensors;
        for (const auto &[id, statistics] : file.tensors)
          tensors[py::str(id)] = toTuple(statistics);
        return tensors;
      });
}
