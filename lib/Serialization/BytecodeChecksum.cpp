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
static constexpr StringLiteral kChecksumPrefix = " xxh3=";

/// Chain the hash of one block to the state.
static uint64_t addBlock(uint64_t state, StringRef block) {
  uint64_t words[2] = {state, llvm::xxh3_64bits(block)};
  return llvm::xxh3_64bits(
      StringRef(reinterpret_cast<const char *>(words), sizeof(words)));
}

void ChecksumStream::write_impl(const char *data, size_t size) {
  StringRef rest(data, size);
  // Magic and version (one byte in every version so far), then the producer.
  uint64_t begin = position;
  position += size;
  if (!inBody) {
    size_t skip = begin < kMagic.size() + 1 ? kMagic.size() + 1 - begin : 0;
    size_t end = rest.find('\0', skip);
    if (end == StringRef::npos)
      return;
    inBody = true;
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

uint64_t mlir::npir::computeChecksum(StringRef body) {
  uint64_t state = 0;
  while (!body.empty()) {
    state = addBlock(state, body.take_front(kBlockBytes));
    body = body.drop_front(std::min(kBlockBytes, body.size()));
  }
  return state;
}

std::string mlir::npir::getProducer(uint64_t checksum) {
  std::string producer;
  llvm::raw_string_ostream os(producer);
  os << kProducer << llvm::format_hex_no_prefix(checksum, 16);
  return producer;
}

llvm::Error mlir::npir::verifyBytecodeChecksum(StringRef bytes) {
  if (!bytes.starts_with(kMagic))
    return llvm::Error::success();
  StringRef rest = bytes.drop_front(std::min(bytes.size(), kMagic.size() + 1));
  auto [producer, body] = rest.split('\0');
  auto [version, digits] = producer.rsplit(kChecksumPrefix);
  if (!producer.starts_with(kProducerPrefix) || digits.empty())
    return llvm::Error::success();
  uint64_t expected;
  if (digits.size() != 16 || digits.getAsInteger(16, expected))
    return llvm::createStringError(
        "the file is damaged: its checksum cannot be read");
  if (computeChecksum(body) != expected)
    return llvm::createStringError(
        "the file is damaged or truncated: its checksum does not match");
  return llvm::Error::success();
}
