// This file declares a data set: samples for a program's inputs, from a folder
// or a .npz file with one array per input, or from arrays in memory.
#ifndef NPIR_RUNTIME_DATASET_H
#define NPIR_RUNTIME_DATASET_H

#include "npir/Runtime/Npy.h"
#include "npir/Runtime/Program.h"

namespace npir_rt {

/// What the program wants as one input.
struct DataInput {
  std::string name;
  ElementType type = ElementType::F32;
  /// With -1 as the first dimension where the batch is free.
  Shape shape;
  /// Rows along dimension 0 per sample, where the batch is free; else a sample
  /// is the whole fixed shape.
  int64_t batchFactor = 1;

  int64_t rowsPerSample() const {
    return shape[0] < 0 ? batchFactor : shape[0];
  }
};

/// The inputs of a program.
std::vector<DataInput> dataInputs(const Program &program);

/// Samples along axis 0 of each array, where they lie: mapped from files, or in
/// the caller's memory (NpyArray::fromMemory), which then outlives the data set
/// and does not change. A folder holds
/// `toFileName(<input>).npy` per input (other files are ignored); in a .npz
/// file the array is named as the input.
class DataSet {
public:
  /// Checks names, element types, shapes and that all inputs have equally many
  /// samples, at least one. For an input of `i64` an array of `int32` is
  /// widened, in memory; no other type is converted.
  static Expected<DataSet> open(const std::string &path,
                                const std::vector<DataInput> &inputs);
  /// The same with one array per input, in the inputs' order.
  static Expected<DataSet> fromArrays(std::vector<NpyArray> arrays,
                                      const std::vector<DataInput> &inputs);

  int64_t size() const { return samples; }
  const std::vector<DataInput> &inputs() const { return wanted; }
  /// Samples [begin, end) of an input; `id` is the input's name. Valid as long
  /// as the data set.
  TensorView view(size_t input, int64_t begin, int64_t end) const;
  /// Tells the system that samples [begin, end) are not needed for now: they
  /// leave this process' memory where they are mapped from a file, and come
  /// back when they are looked at.
  void release(int64_t begin, int64_t end) const;
  /// An error that names the file, the sample and the element where a sample
  /// of [begin, end) holds NaN or an infinity. Memory-bound; keeps no more than
  /// a few MiB of a mapped file in memory.
  Status checkFinite(int64_t begin, int64_t end) const;

private:
  size_t sampleBytes(size_t input) const {
    return arrays[input].bytes() / size_t(samples);
  }
  std::vector<DataInput> wanted;
  std::vector<NpyArray> arrays;
  int64_t samples = 0;
};

} // namespace npir_rt

#endif // NPIR_RUNTIME_DATASET_H
