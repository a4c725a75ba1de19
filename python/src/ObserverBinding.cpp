// This file binds observers over numpy arrays. The package checks arguments:
// arrays are f32 and contiguous here.
#include "Bindings.h"

#include "npir/Observers/Observer.h"
#include "npir/Observers/QuantizationError.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

namespace py = pybind11;
using namespace mlir::npir;

using FloatArray = py::array_t<float, py::array::c_style>;

static ObserverParams::Kind getKind(const std::string &name) {
  using Kind = ObserverParams::Kind;
  for (auto [known, kind] :
       {std::pair("minmax", Kind::MinMax), std::pair("ema", Kind::EMA),
        std::pair("percentile", Kind::Percentile),
        std::pair("omse", Kind::OMSE), std::pair("kl", Kind::KL),
        std::pair("auto", Kind::Auto)})
    if (name == known)
      return kind;
  throw py::value_error("unknown observer '" + name + "'");
}

/// The array as [outer][channels][inner]; axis -1: one channel.
static ChannelView getView(const py::array &array, int64_t axis) {
  std::vector<int64_t> shape(array.shape(), array.shape() + array.ndim());
  return ChannelView::get(shape, axis);
}

static llvm::ArrayRef<float> getValues(const FloatArray &array) {
  return {array.data(), static_cast<size_t>(array.size())};
}

template <typename T>
static T unwrap(llvm::Expected<T> value) {
  if (!value)
    throw Error(llvm::toString(value.takeError()));
  return std::move(*value);
}

static Observer makeObserver(const std::string &kind, unsigned bits,
                             bool isSigned, bool narrow, bool affine,
                             double alpha, std::optional<double> sigma,
                             unsigned bins, bool twoSided) {
  ObserverParams params;
  params.kind = getKind(kind);
  params.alpha = alpha;
  params.sigma = sigma;
  params.bins = bins;
  params.twoSided = twoSided;
  return {params,
          {bits, isSigned, narrow},
          affine ? QuantScheme::Affine : QuantScheme::Symmetric};
}

/// One batch. It is only looked at.
static void update(Observer &observer, const FloatArray &array, int64_t axis) {
  ChannelView view = getView(array, axis);
  py::gil_scoped_release release;
  if (axis < 0)
    observer.update(getValues(array));
  else
    observer.update(getValues(array), view);
}

/// Scales and zero points as two lists; one entry each where `channels` is
/// false.
static py::tuple getParams(const Observer &observer, bool channels) {
  llvm::SmallVector<QuantParams> params;
  {
    py::gil_scoped_release release;
    params = channels ? unwrap(observer.getChannelQuantizationParams())
                      : llvm::SmallVector<QuantParams>{
                            unwrap(observer.getQuantizationParams())};
  }
  py::list scales, zeroPoints;
  for (QuantParams p : params) {
    scales.append(p.scale);
    zeroPoints.append(p.zeroPoint);
  }
  return py::make_tuple(scales, zeroPoints);
}

static llvm::SmallVector<QuantParams>
makeParams(const std::vector<float> &scales,
           const std::vector<int64_t> &zeroPoints) {
  llvm::SmallVector<QuantParams> params;
  for (auto [scale, zeroPoint] : llvm::zip_equal(scales, zeroPoints))
    params.push_back({scale, zeroPoint});
  return params;
}

template <typename T>
static py::array quantizeAs(const FloatArray &array, ChannelView view,
                            llvm::ArrayRef<QuantParams> params,
                            IntegerGrid grid) {
  std::vector<py::ssize_t> shape(array.shape(), array.shape() + array.ndim());
  py::array_t<T> result(shape);
  T *out = result.mutable_data();
  py::gil_scoped_release release;
  quantizeTensor(array.data(), view, params, grid, out);
  return std::move(result);
}

static py::array quantize(const FloatArray &array, int64_t axis,
                          const std::vector<float> &scales,
                          const std::vector<int64_t> &zeroPoints, unsigned bits,
                          bool isSigned, bool narrow) {
  ChannelView view = getView(array, axis);
  llvm::SmallVector<QuantParams> params = makeParams(scales, zeroPoints);
  IntegerGrid grid = {bits, isSigned, narrow};
  if (grid.storageBytes() == 1)
    return isSigned ? quantizeAs<int8_t>(array, view, params, grid)
                    : quantizeAs<uint8_t>(array, view, params, grid);
  return isSigned ? quantizeAs<int16_t>(array, view, params, grid)
                  : quantizeAs<uint16_t>(array, view, params, grid);
}

/// The mean squared error of the finite values.
static double measure(const FloatArray &array, int64_t axis,
                      const std::vector<float> &scales,
                      const std::vector<int64_t> &zeroPoints, unsigned bits,
                      bool isSigned, bool narrow) {
  ChannelView view = getView(array, axis);
  llvm::SmallVector<QuantParams> params = makeParams(scales, zeroPoints);
  py::gil_scoped_release release;
  return measureError(array.data(), view, params, {bits, isSigned, narrow})
      .mse();
}

void mlir::npir::bindObserver(py::module_ &module) {
  py::class_<Observer>(module, "Observer", "An observer by itself")
      .def(py::init(&makeObserver), py::arg("kind"), py::arg("bits"),
           py::arg("signed"), py::arg("narrow"), py::arg("affine"),
           py::arg("alpha"), py::arg("sigma"), py::arg("bins"),
           py::arg("two_sided"))
      .def("update", update, py::arg("array").noconvert(), py::arg("axis"))
      .def("get_params", getParams, py::arg("channels"))
      .def_property_readonly("min_val", &Observer::minVal)
      .def_property_readonly("max_val", &Observer::maxVal)
      .def_property_readonly("lower_bound", &Observer::lowerBound)
      .def_property_readonly("upper_bound", &Observer::upperBound);
  module.def("quantize_array", quantize, py::arg("array").noconvert(),
             py::arg("axis"), py::arg("scales"), py::arg("zero_points"),
             py::arg("bits"), py::arg("signed"), py::arg("narrow"));
  module.def("measure_mse", measure, py::arg("array").noconvert(),
             py::arg("axis"), py::arg("scales"), py::arg("zero_points"),
             py::arg("bits"), py::arg("signed"), py::arg("narrow"));
  module.attr("WEIGHT_ALPHA") = ObserverParams::kWeightAlpha;
  module.attr("ACTIVATION_ALPHA") = ObserverParams::kActivationAlpha;
  module.attr("ALPHA_BOUNDS") = py::make_tuple(ObserverParams::kLeastAlpha,
                                               ObserverParams::kGreatestAlpha);
  module.attr("BINS_BOUNDS") =
      py::make_tuple(ObserverParams::kLeastBins, ObserverParams::kGreatestBins);
  module.attr("DEFAULT_BINS") = ObserverParams::kDefaultBins;
}
