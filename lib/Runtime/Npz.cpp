// This file implements reading of .npz files: zip archives, not compressed
// (PKWARE's APPNOTE 4.3: end record, central directory, local headers, Zip64).
#include "npir/Runtime/Npy.h"

#include <algorithm>
#include <cstring>

namespace npir_rt {
namespace {

constexpr uint32_t endSignature = 0x06054b50, end64Signature = 0x06064b50;
constexpr uint32_t locatorSignature = 0x07064b50;
constexpr uint32_t centralSignature = 0x02014b50, localSignature = 0x04034b50;

/// Reads little-endian numbers; what lies outside of the file is zero and sets
/// `bad`.
class Reader {
public:
  Reader(const uint8_t *data, uint64_t size) : data(data), size(size) {}
  bool has(uint64_t offset, uint64_t bytes) const {
    return offset <= size && bytes <= size - offset;
  }
  uint64_t number(uint64_t offset, int bytes) {
    if (!has(offset, uint64_t(bytes))) {
      bad = true;
      return 0;
    }
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i)
      value |= uint64_t(data[offset + i]) << (8 * i);
    return value;
  }
  bool bad = false;

private:
  const uint8_t *data;
  uint64_t size;
};

/// Offset of the end record: the last one, before a comment of up to 64 KiB.
bool findEnd(Reader &reader, uint64_t size, uint64_t &end) {
  constexpr uint64_t recordSize = 22, maxComment = 65535;
  if (size < recordSize)
    return false;
  uint64_t last = size - recordSize;
  uint64_t first = last > maxComment ? last - maxComment : 0;
  for (uint64_t offset = last + 1; offset-- > first;)
    if (reader.number(offset, 4) == endSignature) {
      end = offset;
      return true;
    }
  return false;
}

struct CentralEntry {
  uint64_t size, compressedSize, localHeader;
};

/// Replaces fields that are all ones by the Zip64 extra field's.
void readZip64(Reader &reader, uint64_t extra, uint64_t extraSize,
               CentralEntry &entry) {
  for (uint64_t at = extra; at + 4 <= extra + extraSize;) {
    uint64_t id = reader.number(at, 2), bytes = reader.number(at + 2, 2);
    uint64_t field = at + 4;
    if (id == 1)
      for (uint64_t *value :
           {&entry.size, &entry.compressedSize, &entry.localHeader})
        if (*value == 0xffffffff && field + 8 <= at + 4 + bytes) {
          *value = reader.number(field, 8);
          field += 8;
        }
    at += 4 + bytes;
  }
}

} // namespace

Expected<NpzFile> NpzFile::open(const std::string &path) {
  auto mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.status();
  NpzFile npz;
  npz.path = path;
  npz.file = std::move(*mapped);
  const uint64_t size = npz.file->size();
  const uint8_t *data = npz.file->data();
  Reader reader(data, size);
  auto damaged = [&] {
    return Status::error(path + ": not a .npz file, or a damaged one");
  };

  uint64_t end;
  if (!findEnd(reader, size, end))
    return damaged();
  uint64_t count = reader.number(end + 10, 2);
  uint64_t at = reader.number(end + 16, 4);
  if (end >= 20 && reader.number(end - 20, 4) == locatorSignature) {
    uint64_t record = reader.number(end - 20 + 8, 8);
    if (reader.number(record, 4) != end64Signature)
      return damaged();
    count = reader.number(record + 32, 8);
    at = reader.number(record + 48, 8);
  }
  for (uint64_t i = 0; i < count && !reader.bad; ++i) {
    if (reader.number(at, 4) != centralSignature)
      return damaged();
    uint64_t method = reader.number(at + 10, 2);
    CentralEntry entry{reader.number(at + 24, 4), reader.number(at + 20, 4),
                       reader.number(at + 42, 4)};
    uint64_t nameSize = reader.number(at + 28, 2);
    uint64_t extraSize = reader.number(at + 30, 2);
    uint64_t commentSize = reader.number(at + 32, 2);
    if (!reader.has(at + 46, nameSize + extraSize + commentSize))
      return damaged();
    std::string name(reinterpret_cast<const char *>(data) + at + 46, nameSize);
    readZip64(reader, at + 46 + nameSize, extraSize, entry);
    at += 46 + nameSize + extraSize + commentSize;

    constexpr std::string_view suffix = ".npy";
    if (name.size() <= suffix.size() ||
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0)
      continue;
    name.resize(name.size() - suffix.size());
    if (!reader.has(entry.localHeader, 30) ||
        reader.number(entry.localHeader, 4) != localSignature)
      return damaged();
    uint64_t content = entry.localHeader + 30 +
                       reader.number(entry.localHeader + 26, 2) +
                       reader.number(entry.localHeader + 28, 2);
    if (!reader.has(content, entry.compressedSize))
      return damaged();
    npz.members.push_back(name);
    npz.entries.push_back({content, entry.compressedSize, uint16_t(method)});
  }
  if (reader.bad)
    return damaged();
  return npz;
}

Expected<NpyArray> NpzFile::array(const std::string &name) const {
  auto found = std::find(members.begin(), members.end(), name);
  const std::string where = path + "[" + name + "]";
  if (found == members.end())
    return Status::error(where + ": no such array");
  const Entry &entry = entries[size_t(found - members.begin())];
  if (entry.method != 0)
    return Status::error(where + ": the archive is compressed; save it with "
                                 "numpy.savez instead of "
                                 "numpy.savez_compressed");
  return NpyArray::parse(file, file->data() + entry.offset, entry.size, where);
}

} // namespace npir_rt
