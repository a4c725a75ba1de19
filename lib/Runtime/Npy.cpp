// This file implements reading and writing of .npy files, from numpy's public
// description of the format (NEP 1).
#include "npir/Runtime/Npy.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace npir_rt {
namespace {

constexpr uint8_t magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

struct TypeEntry {
  NpyType type;
  const char *code, *name;
  size_t bytes;
};
const TypeEntry types[] = {
    {NpyType::F4, "<f4", "float32", 4}, {NpyType::F8, "<f8", "float64", 8},
    {NpyType::I1, "|i1", "int8", 1},    {NpyType::U1, "|u1", "uint8", 1},
    {NpyType::I4, "<i4", "int32", 4},   {NpyType::I8, "<i8", "int64", 8},
    {NpyType::B1, "|b1", "bool", 1},
};

const TypeEntry &entryOf(NpyType type) {
  for (const TypeEntry &entry : types)
    if (entry.type == type)
      return entry;
  return types[0];
}

/// The header: the text of a Python dictionary with three known keys.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  Status parse(std::string &descr, bool &fortranOrder, Shape &shape) {
    bool seen[3] = {};
    if (!accept('{'))
      return malformed();
    while (!accept('}')) {
      std::string key;
      if (!string(key) || !accept(':'))
        return malformed();
      int which = key == "descr"           ? 0
                  : key == "fortran_order" ? 1
                  : key == "shape"         ? 2
                                           : -1;
      if (which < 0 || seen[which])
        return malformed();
      seen[which] = true;
      if (which == 0 && peek() == '[')
        return Status::error("arrays of records are not supported");
      if (!(which == 0   ? string(descr)
            : which == 1 ? boolean(fortranOrder)
                         : tuple(shape)))
        return malformed();
      if (!accept(',') && peek() != '}')
        return malformed();
    }
    return seen[0] && seen[1] && seen[2] && peek() == 0 ? Status::success()
                                                        : malformed();
  }

private:
  static Status malformed() { return Status::error("malformed .npy header"); }
  char peek() {
    while (at < text.size() && std::isspace(static_cast<uint8_t>(text[at])))
      ++at;
    return at < text.size() ? text[at] : 0;
  }
  bool accept(char wanted) {
    if (peek() != wanted)
      return false;
    ++at;
    return true;
  }
  bool string(std::string &value) {
    char quote = peek();
    if (quote != '\'' && quote != '"')
      return false;
    size_t end = text.find(quote, ++at);
    if (end == std::string_view::npos)
      return false;
    value = text.substr(at, end - at);
    at = end + 1;
    return true;
  }
  bool boolean(bool &value) {
    peek();
    for (bool candidate : {true, false}) {
      std::string_view word = candidate ? "True" : "False";
      if (text.substr(at, word.size()) == word) {
        value = candidate;
        at += word.size();
        return true;
      }
    }
    return false;
  }
  bool tuple(Shape &shape) {
    if (!accept('('))
      return false;
    while (!accept(')')) {
      int64_t number = 0;
      if (!std::isdigit(static_cast<uint8_t>(peek())))
        return false;
      for (; at < text.size() && std::isdigit(static_cast<uint8_t>(text[at]));
           ++at) {
        if (number > (INT64_MAX - 9) / 10)
          return false;
        number = number * 10 + (text[at] - '0');
      }
      accept('L'); // Python 2 wrote it behind long numbers.
      shape.push_back(number);
      if (!accept(',') && peek() != ')')
        return false;
    }
    return true;
  }

  std::string_view text;
  size_t at = 0;
};

Expected<NpyType> parseType(const std::string &descr) {
  for (const TypeEntry &entry : types)
    // One byte has no order: numpy writes `|`, others `<`.
    if (descr == entry.code || (entry.bytes == 1 && descr.size() == 3 &&
                                descr.substr(1) == entry.code + 1))
      return entry.type;
  if (!descr.empty() && descr[0] == '>')
    return Status::error("expected little-endian elements, got '" + descr +
                         "'");
  return Status::error("expected float32, float64, int8, uint8, int32, int64 "
                       "or bool elements, got '" +
                       descr + "'");
}

/// Bytes of an array; false where they do not fit 63 bits.
bool countBytes(const Shape &shape, size_t elementBytes, uint64_t &bytes) {
  bytes = elementBytes;
  for (int64_t dim : shape)
    if (__builtin_mul_overflow(bytes, uint64_t(dim), &bytes) ||
        bytes > uint64_t(INT64_MAX))
      return false;
  return true;
}

std::string makeHeader(NpyType type, const Shape &shape) {
  std::string text = "{'descr': '" + std::string(entryOf(type).code) +
                     "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  text += shape.size() == 1 ? ",), }" : "), }";
  // The data starts at a multiple of 64.
  constexpr size_t prefix = sizeof(magic) + 4;
  size_t total = (prefix + text.size() + 1 + 63) / 64 * 64;
  text.append(total - prefix - text.size() - 1, ' ');
  text += '\n';
  std::string header(reinterpret_cast<const char *>(magic), sizeof(magic));
  header += {char(1), char(0), char(text.size() & 255), char(text.size() >> 8)};
  return header + text;
}

} // namespace

size_t elementSize(NpyType type) { return entryOf(type).bytes; }

const char *toString(NpyType type) { return entryOf(type).name; }

NpyType toNpyType(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return NpyType::F4;
  case ElementType::I8:
    return NpyType::I1;
  case ElementType::I32:
    return NpyType::I4;
  case ElementType::I64:
    return NpyType::I8;
  case ElementType::Bool:
    return NpyType::B1;
  case ElementType::U8:
    return NpyType::U1;
  }
  return NpyType::F4;
}

Expected<NpyArray> NpyArray::open(const std::string &path) {
  auto mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.status();
  std::shared_ptr<MappedFile> file = std::move(*mapped);
  return parse(file, file->data(), file->size(), path);
}

Expected<NpyArray> NpyArray::parse(std::shared_ptr<MappedFile> file,
                                   const uint8_t *data, size_t size,
                                   const std::string &name) {
  auto failed = [&](const std::string &message) {
    return Status::error(name + ": " + message);
  };
  if (size < 10 || std::memcmp(data, magic, sizeof(magic)) != 0)
    return failed("not a .npy file");
  const unsigned version = data[6];
  if (version < 1 || version > 3)
    return failed("unknown .npy version " + std::to_string(version));
  const size_t start = version == 1 ? 10 : 12;
  if (size < start)
    return failed("the file is truncated");
  size_t headerSize = data[8] | size_t(data[9]) << 8;
  if (version > 1)
    headerSize |= size_t(data[10]) << 16 | size_t(data[11]) << 24;
  if (headerSize > size - start)
    return failed("the file is truncated");

  NpyArray array;
  std::string descr;
  bool fortranOrder = false;
  HeaderParser parser(
      {reinterpret_cast<const char *>(data) + start, headerSize});
  if (Status s = parser.parse(descr, fortranOrder, array.sizes); !s.ok())
    return s.withContext(name);
  auto type = parseType(descr);
  if (!type)
    return type.status().withContext(name);
  array.elementType = *type;
  if (fortranOrder && array.sizes.size() > 1)
    return failed("the array is in Fortran order; save it with "
                  "numpy.ascontiguousarray");
  uint64_t bytes;
  if (!countBytes(array.sizes, elementSize(*type), bytes))
    return failed("shape " + toString(array.sizes) + " is too large");
  const size_t room = size - start - headerSize;
  if (bytes > room)
    return failed("the file is truncated: expected " + std::to_string(bytes) +
                  " bytes of data for shape " + toString(array.sizes) +
                  ", got " + std::to_string(room));
  if (bytes < room)
    return failed("expected " + std::to_string(bytes) +
                  " bytes of data for shape " + toString(array.sizes) +
                  ", got " + std::to_string(room));
  array.origin = name;
  array.file = std::move(file);
  if (Status s = array.place(data + start + headerSize, bytes); !s.ok())
    return s;
  return array;
}

Status NpyArray::place(const uint8_t *data, uint64_t bytes) {
  begin = data;
  length = bytes;
  if (reinterpret_cast<uintptr_t>(begin) % elementSize(elementType) == 0)
    return Status::success();
  copy = std::make_shared<AlignedBuffer>();
  if (!copy->allocate(bytes))
    return Status::error(origin + ": not enough memory for " +
                         std::to_string(bytes) + " bytes");
  std::memcpy(copy->data(), begin, bytes);
  begin = copy->data();
  return Status::success();
}

Expected<NpyArray> NpyArray::fromMemory(const std::string &descr,
                                        const Shape &shape, const void *data,
                                        const std::string &name) {
  auto type = parseType(descr);
  if (!type)
    return type.status().withContext(name);
  uint64_t bytes;
  if (!countBytes(shape, elementSize(*type), bytes))
    return Status::error(name + ": shape " + toString(shape) + " is too large");
  NpyArray array;
  array.elementType = *type;
  array.sizes = shape;
  array.origin = name;
  if (Status s = array.place(static_cast<const uint8_t *>(data), bytes);
      !s.ok())
    return s;
  return array;
}

Expected<NpyArray> NpyArray::widen() const {
  NpyArray wide;
  wide.elementType = NpyType::I8;
  wide.sizes = sizes;
  wide.origin = origin;
  wide.copy = std::make_shared<AlignedBuffer>();
  wide.length = 2 * length;
  if (!wide.copy->allocate(wide.length))
    return Status::error(origin + ": not enough memory for " +
                         std::to_string(wide.length) + " bytes");
  const auto *from = reinterpret_cast<const int32_t *>(begin);
  auto *to = reinterpret_cast<int64_t *>(wide.copy->data());
  std::copy_n(from, length / sizeof(int32_t), to);
  wide.begin = wide.copy->data();
  return wide;
}

Expected<NpyWriter> NpyWriter::create(const std::string &path, NpyType type,
                                      const Shape &shape) {
  NpyWriter writer;
  if (!countBytes(shape, elementSize(type), writer.missing))
    return Status::error("cannot write '" + path + "': shape " +
                         toString(shape) + " is too large");
  auto file = AtomicFile::create(path);
  if (!file)
    return file.status();
  writer.file = std::move(*file);
  const std::string header = makeHeader(type, shape);
  if (Status s = writer.file->write(header.data(), header.size()); !s.ok())
    return s;
  return writer;
}

Status NpyWriter::append(const void *data, size_t bytes) {
  if (bytes > missing)
    return Status::internal("more data than the .npy header announces");
  missing -= bytes;
  return file->write(data, bytes);
}

Status NpyWriter::commit() {
  if (missing > 0)
    return Status::internal("less data than the .npy header announces");
  return file->commit();
}

Status writeNpy(const std::string &path, NpyType type, const Shape &shape,
                const void *data) {
  auto writer = NpyWriter::create(path, type, shape);
  if (!writer)
    return writer.status();
  if (Status s =
          writer->append(data, size_t(numElements(shape)) * elementSize(type));
      !s.ok())
    return s;
  return writer->commit();
}

Status writeNpy(const std::string &path, const TensorView &tensor) {
  return writeNpy(path, toNpyType(tensor.type), tensor.shape, tensor.data);
}

std::string toFileName(const std::string &name) {
  static const char hex[] = "0123456789ABCDEF";
  std::string file;
  for (char c : name) {
    auto byte = static_cast<uint8_t>(c);
    bool plain = byte >= 0x20 && byte != 0x7f &&
                 !std::strchr("%/\\:*?\"<>|", c) && !(c == '.' && file.empty());
    if (plain)
      file += c;
    else
      file += {'%', hex[byte >> 4], hex[byte & 15]};
  }
  return file;
}

} // namespace npir_rt
