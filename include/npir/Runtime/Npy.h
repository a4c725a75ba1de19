// This file declares reading and writing of numpy's .npy and .npz files.
#ifndef NPIR_RUNTIME_NPY_H
#define NPIR_RUNTIME_NPY_H

#include "npir/Runtime/File.h"
#include "npir/Runtime/Tensor.h"

#include <memory>
#include <vector>

namespace npir_rt {

/// The element types that are read and written, little-endian: numpy's `f4`,
/// `f8`, `i1`, `u1`, `i4`, `i8`, `b1`.
enum class NpyType : uint8_t { F4, F8, I1, U1, I4, I8, B1 };

size_t elementSize(NpyType type);
/// `float32`, `float64`, `int8`, `uint8`, `int32`, `int64`, `bool`.
const char *toString(NpyType type);
/// The numpy type of a runtime tensor.
NpyType toNpyType(ElementType type);

/// One array, C order. Its data is mapped, or owned where a .npz file leaves
/// it misaligned, or the caller's; copies share it.
class NpyArray {
public:
  /// Reads format versions 1, 2 and 3. Everything else that numpy can write
  /// (other types, Fortran order, big-endian) is an error that says so.
  static Expected<NpyArray> open(const std::string &path);
  /// An array in the caller's memory, which outlives every use of it: nothing
  /// is copied, unless `data` is not aligned to the element. `descr` is the
  /// element type as numpy writes it (`<f4`); `name` is for messages. Errors
  /// are those of a file.
  static Expected<NpyArray> fromMemory(const std::string &descr,
                                       const Shape &shape, const void *data,
                                       const std::string &name);

  NpyType type() const { return elementType; }
  const Shape &shape() const { return sizes; }
  /// Aligned to the element.
  const uint8_t *data() const { return begin; }
  size_t bytes() const { return length; }
  /// Tells the system that elements before the byte `end`, from byte `begin`
  /// on, are not needed for now. Only a mapped file's pages go.
  void release(size_t begin, size_t end) const {
    if (file && !copy)
      file->release(this->begin + begin, end - begin);
  }
  /// For messages: the path, `path[name]` inside a .npz file, or what the
  /// caller called it.
  const std::string &name() const { return origin; }
  /// A copy of an `int32` array as `int64`.
  Expected<NpyArray> widen() const;

private:
  friend class NpzFile;
  static Expected<NpyArray> parse(std::shared_ptr<MappedFile> file,
                                  const uint8_t *data, size_t size,
                                  const std::string &name);
  /// Lets the elements lie at `data`, or in a copy where that is misaligned.
  Status place(const uint8_t *data, uint64_t bytes);
  NpyType elementType = NpyType::F4;
  Shape sizes;
  const uint8_t *begin = nullptr;
  size_t length = 0;
  std::string origin;
  std::shared_ptr<MappedFile> file;
  std::shared_ptr<AlignedBuffer> copy;
};

/// A .npz file: a zip archive of .npy files, not compressed (numpy's `savez`).
class NpzFile {
public:
  static Expected<NpzFile> open(const std::string &path);
  /// Names of the arrays, without `.npy`.
  const std::vector<std::string> &names() const { return members; }
  Expected<NpyArray> array(const std::string &name) const;

private:
  struct Entry {
    uint64_t offset, size;
    uint16_t method;
  };
  std::string path;
  std::shared_ptr<MappedFile> file;
  std::vector<std::string> members;
  std::vector<Entry> entries;
};

/// Writes an array atomically.
Status writeNpy(const std::string &path, NpyType type, const Shape &shape,
                const void *data);
Status writeNpy(const std::string &path, const TensorView &tensor);

/// Writes an array atomically whose first dimension grows piece by piece.
class NpyWriter {
public:
  /// `shape`: of the whole array, all samples.
  static Expected<NpyWriter> create(const std::string &path, NpyType type,
                                    const Shape &shape);
  /// The next elements, in order.
  Status append(const void *data, size_t bytes);
  /// An error unless every element was given.
  Status commit();

private:
  std::unique_ptr<AtomicFile> file;
  uint64_t missing = 0;
};

/// A tensor's or port's name as a file name, one to one: `%`, `/`, `\`, `:`,
/// `*`, `?`, `"`, `<`, `>`, `|`, control characters and a leading dot become
/// `%` and two hexadecimal digits (`serving/x:0` is `serving%2Fx%3A0`).
std::string toFileName(const std::string &name);

} // namespace npir_rt

#endif // NPIR_RUNTIME_NPY_H
