// This file implements data sets.
#include "npir/Runtime/DataSet.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sys/stat.h>

namespace npir_rt {

std::vector<DataInput> dataInputs(const Program &program) {
  std::vector<DataInput> inputs;
  for (const Port &port : program.inputs()) {
    const TensorInfo &info = program.tensors()[port.tensor];
    inputs.push_back({port.name, info.type, info.shape, info.batchFactor});
  }
  return inputs;
}

/// The array's samples, or what does not fit.
static Expected<int64_t> countSamples(const NpyArray &array,
                                      const DataInput &input) {
  auto failed = [&](const std::string &message) {
    return Status::error(array.name() + ": " + message + " for input '" +
                         input.name + "'");
  };
  if (input.shape.empty())
    return failed("a data set needs a dimension of samples, got a scalar");
  NpyType wanted = toNpyType(input.type);
  if (array.type() != wanted)
    return failed(std::string("expected ") + toString(wanted) +
                  " elements, got " + toString(array.type()));
  Shape expected = input.shape;
  expected[0] = -1;
  const Shape &got = array.shape();
  bool fits = got.size() == expected.size();
  for (size_t i = 1; fits && i < expected.size(); ++i)
    fits = got[i] == expected[i];
  if (!fits)
    return failed("expected shape " + toString(expected) + ", got " +
                  toString(got));
  if (got[0] == 0)
    return failed("expected at least one sample, got none");
  if (got[0] % input.rowsPerSample() != 0)
    return failed("expected a multiple of " +
                  std::to_string(input.rowsPerSample()) + " rows, got " +
                  std::to_string(got[0]));
  return got[0] / input.rowsPerSample();
}

Expected<DataSet> DataSet::fromArrays(std::vector<NpyArray> arrays,
                                      const std::vector<DataInput> &inputs) {
  if (arrays.size() != inputs.size())
    return Status::internal("one array per input expected");
  DataSet data;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].type == ElementType::I64 && arrays[i].type() == NpyType::I4) {
      auto wide = arrays[i].widen();
      if (!wide)
        return wide.status();
      arrays[i] = std::move(*wide);
    }
    auto count = countSamples(arrays[i], inputs[i]);
    if (!count)
      return count.status();
    if (i > 0 && *count != data.samples)
      return Status::error(arrays[i].name() + ": expected " +
                           std::to_string(data.samples) + " samples as in " +
                           arrays[0].name() + ", got " +
                           std::to_string(*count));
    data.samples = *count;
  }
  data.wanted = inputs;
  data.arrays = std::move(arrays);
  return data;
}

Expected<DataSet> DataSet::open(const std::string &path,
                                const std::vector<DataInput> &inputs) {
  struct stat info;
  std::vector<NpyArray> arrays;
  if (inputs.empty())
    return Status::error(path + ": the program has no inputs");
  if (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    for (const DataInput &input : inputs) {
      auto array = NpyArray::open(path + "/" + toFileName(input.name) + ".npy");
      if (!array)
        return array.status().withContext("input '" + input.name + "'");
      arrays.push_back(std::move(*array));
    }
    return fromArrays(std::move(arrays), inputs);
  }
  auto npz = NpzFile::open(path);
  if (!npz)
    return npz.status();
  for (const DataInput &input : inputs) {
    const std::vector<std::string> &names = npz->names();
    if (std::find(names.begin(), names.end(), input.name) == names.end()) {
      std::string list;
      for (const std::string &name : names)
        list += (list.empty() ? "'" : ", '") + name + "'";
      return Status::error(path + ": no array for input '" + input.name +
                           "', found " + (list.empty() ? "none" : list));
    }
    auto array = npz->array(input.name);
    if (!array)
      return array.status();
    arrays.push_back(std::move(*array));
  }
  return fromArrays(std::move(arrays), inputs);
}

TensorView DataSet::view(size_t input, int64_t begin, int64_t end) const {
  const DataInput &wants = wanted[input];
  const NpyArray &array = arrays[input];
  TensorView view;
  view.id = wants.name;
  view.type = wants.type;
  view.shape = array.shape();
  view.shape[0] = (end - begin) * wants.rowsPerSample();
  view.data = array.data() + size_t(begin) * sampleBytes(input);
  return view;
}

void DataSet::release(int64_t begin, int64_t end) const {
  for (size_t i = 0; i < arrays.size(); ++i)
    arrays[i].release(size_t(begin) * sampleBytes(i),
                      size_t(end) * sampleBytes(i));
}

/// Index of the first element that is not finite; `size` where there is none.
static int64_t findNonFinite(const float *data, int64_t size) {
  constexpr uint32_t exponent = 0x7f800000;
  // A block without any is looked at once, in SIMD registers.
  constexpr int64_t block = 4096;
  for (int64_t start = 0; start < size; start += block) {
    const int64_t end = std::min(size, start + block);
    uint32_t found = 0;
    for (int64_t i = start; i < end; ++i) {
      uint32_t bits;
      std::memcpy(&bits, data + i, sizeof(bits));
      found |= uint32_t((bits & exponent) == exponent);
    }
    if (found)
      return std::find_if(data + start, data + end,
                          [](float x) { return !std::isfinite(x); }) -
             data;
  }
  return size;
}

Status DataSet::checkFinite(int64_t begin, int64_t end) const {
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (wanted[i].type != ElementType::F32)
      continue;
    constexpr size_t stepBytes = size_t(4) << 20;
    const size_t bytes = std::max<size_t>(1, sampleBytes(i));
    const int64_t step = std::max<int64_t>(1, int64_t(stepBytes / bytes));
    for (int64_t at = begin; at < end; at += step) {
      const int64_t stop = std::min(end, at + step);
      const TensorView part = view(i, at, stop);
      const float *data = part.as<float>();
      const int64_t perSample = part.elements() / (stop - at);
      const int64_t j = findNonFinite(data, part.elements());
      if (j < part.elements())
        return Status::error(arrays[i].name() + ": sample " +
                             std::to_string(at + j / perSample) + ", element " +
                             std::to_string(j % perSample) + " is " +
                             (std::isnan(data[j]) ? "nan" : "inf") +
                             "; expected finite numbers");
      arrays[i].release(size_t(at) * bytes, size_t(stop) * bytes);
    }
  }
  return Status::success();
}

} // namespace npir_rt
