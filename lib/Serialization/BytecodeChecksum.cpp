// This file implements the checksum of bytecode files.
#include "BytecodeChecksum.h"

#include "npir/Serialization/ModuleIO.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::npir;

static constexpr size_t kBlockBytes = 1 << 20;
static constexpr StringLiteral kMagic = "ML\xefR";
static constexpr StringLiteral kProducer = "NPIR " NPIR_VERSION " xxh3=";
static constexpr StringLiteral kProducerPrefix = "NPIR ";
/// Magic and version: what stands before the producer string.
static constexpr size_t kHeaderBytes = 5;
static constexpr size_t kDigits = 16;

/// Chain the hash of one block to the state.
static uint64_t addBlock(uint64_t state, StringRef block) {
  uint64_t words[2] = {state, llvm::xxh3_64bits(block)};
  return llvm::xxh3_64bits(
      StringRef(reinterpret_cast<const char *>(words), sizeof(words)));
}

/// The state before the body: the header but for the checksum's own digits.
static uint64_t getInitialState(StringRef header) {
  return llvm::xxh3_64bits(header.drop_back(kDigits));
}

void ChecksumStream::write_impl(const char *data, size_t size) {
  StringRef rest(data, size);
  position += size;
  if (!inBody) {
    // Magic, version (one byte in every version so far), producer.
    size_t missing =
        kHeaderBytes - std::min<size_t>(header.size(), kHeaderBytes);
    StringRef start = rest.take_front(missing);
    header.append(start.begin(), start.end());
    rest = rest.drop_front(start.size());
    size_t end = rest.find('\0');
    header.append(rest.begin(), rest.begin() + std::min(end, rest.size()));
    if (end == StringRef::npos)
      return;
    inBody = true;
    state = getInitialState(StringRef(header.data(), header.size()));
    rest = rest.drop_front(end + 1);
  }
  addBody(rest);
}

void ChecksumStream::addBody(StringRef data) {
  while (!data.empty()) {
    if (pending.empty() && data.size() >= kBlockBytes) {
      state = addBlock(state, data.take_front(kBlockBytes));
      data = data.drop_front(kBlockBytes);
      continue;
    }
    StringRef part = data.take_front(kBlockBytes - pending.size());
    pending.append(part.begin(), part.end());
    data = data.drop_front(part.size());
    if (pending.size() == kBlockBytes) {
      state = addBlock(state, StringRef(pending.data(), pending.size()));
      pending.clear();
    }
  }
}

uint64_t ChecksumStream::finish() {
  if (!pending.empty())
    state = addBlock(state, StringRef(pending.data(), pending.size()));
  pending.clear();
  return state;
}

uint64_t mlir::npir::computeChecksum(StringRef header, StringRef body) {
  uint64_t state = getInitialState(header);
  while (!body.empty()) {
    state = addBlock(state, body.take_front(kBlockBytes));
    body = body.drop_front(std::min(kBlockBytes, body.size()));
  }
  return state;
}

std::string mlir::npir::getProducer(uint64_t checksum) {
  std::string producer;
  llvm::raw_string_ostream os(producer);
  os << kProducer << llvm::format_hex_no_prefix(checksum, kDigits);
  return producer;
}

/// Ours by its name; or by its shape, if the name itself is damaged.
static bool isOurs(StringRef producer) {
  return producer.starts_with(kProducerPrefix) ||
         (producer.size() == kProducer.size() + kDigits &&
          producer.drop_back(kDigits).ends_with("="));
}

/// The end of the producer string in the bytes of a bytecode file.
static size_t findProducerEnd(StringRef bytes) {
  return bytes.find('\0', std::min(bytes.size(), kHeaderBytes));
}

bool mlir::npir::hasBytecodeChecksum(StringRef bytes) {
  return bytes.starts_with(kMagic) &&
         isOurs(bytes.take_front(findProducerEnd(bytes))
                    .drop_front(std::min(bytes.size(), kHeaderBytes)));
}

llvm::Error mlir::npir::verifyBytecodeChecksum(StringRef bytes) {
  if (!bytes.starts_with(kMagic))
    return llvm::Error::success();
  size_t end = findProducerEnd(bytes);
  if (end == StringRef::npos)
    return llvm::createStringError("the file is truncated");
  StringRef header = bytes.take_front(end), body = bytes.drop_front(end + 1);
  StringRef producer = header.drop_front(kHeaderBytes);
  if (!isOurs(producer))
    return llvm::Error::success();
  uint64_t expected;
  if (producer.size() < kDigits ||
      producer.take_back(kDigits).getAsInteger(16, expected) ||
      computeChecksum(header, body) != expected)
    return llvm::createStringError(
        "the file is damaged or truncated: its checksum does not match; make "
        "it again");
  return llvm::Error::success();
}
