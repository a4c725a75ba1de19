// This file implements the hash that identifies a prepared model.
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/Constants.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
using Hash = llvm::XXH128_hash_t;

/// A hash over what is added, in that order. Blocks are hashed together with
/// the hash of all blocks before them.
class HashStream {
public:
  void add(uint64_t value) {
    char bytes[8];
    llvm::support::endian::write64le(bytes, value);
    append({bytes, 8});
  }
  void add(Hash hash) {
    add(hash.low64);
    add(hash.high64);
  }
  /// With its length, so that two strings never run into each other.
  void add(StringRef text) {
    add(static_cast<uint64_t>(text.size()));
    append(text);
  }
  Hash finish() {
    Hash hash = llvm::xxh3_128bits(buffer);
    buffer.clear();
    return hash;
  }

private:
  static constexpr size_t kBlockBytes = 1 << 16;

  void append(StringRef bytes) {
    buffer.append(bytes.bytes_begin(), bytes.bytes_end());
    if (buffer.size() < kBlockBytes)
      return;
    add(finish());
  }

  SmallVector<uint8_t, 0> buffer;
};

/// Hashes a graph. Attributes and types are hashed once each.
class GraphHasher {
public:
  void add(func::FuncOp func) {
    stream.add(func.getName());
    for (NamedAttribute attr : func->getAttrs())
      if (attr.getName() != NPIRDialect::kStationAttrName &&
          attr.getName() != NPIRDialect::kTargetAttrName)
        add(attr);
    add(func.getBody());
  }
  Hash finish() { return stream.finish(); }

private:
  void add(Region &region) {
    stream.add(region.getBlocks().size());
    for (Block &block : region) {
      stream.add(block.getNumArguments());
      for (BlockArgument argument : block.getArguments())
        define(argument);
      for (Operation &op : block)
        add(op);
    }
  }

  void add(Operation &op) {
    stream.add(op.getName().getStringRef());
    stream.add(op.getNumOperands());
    for (Value operand : op.getOperands())
      stream.add(numbers.lookup(operand));
    DictionaryAttr attrs = op.getAttrDictionary();
    stream.add(attrs.size());
    for (NamedAttribute attr : attrs)
      add(attr);
    stream.add(op.getNumResults());
    for (Value result : op.getResults())
      define(result);
    for (Region &region : op.getRegions())
      add(region);
  }

  void add(NamedAttribute attr) {
    stream.add(attr.getName().getValue());
    stream.add(hashAttribute(attr.getValue()));
  }

  void define(Value value) {
    numbers.try_emplace(value, numbers.size() + 1);
    stream.add(hashType(value.getType()));
  }

  static Hash hashText(function_ref<void(raw_ostream &)> print) {
    SmallString<128> text;
    llvm::raw_svector_ostream os(text);
    print(os);
    return llvm::xxh3_128bits(llvm::arrayRefFromStringRef(text));
  }

  Hash hashType(Type type) {
    auto [it, isNew] = types.try_emplace(type);
    if (isNew)
      it->second = hashText([&](raw_ostream &os) { type.print(os); });
    return it->second;
  }

  Hash hashAttribute(Attribute attr) {
    if (auto it = attributes.find(attr); it != attributes.end())
      return it->second;
    HashStream nested;
    if (isa<DenseResourceElementsAttr, DenseElementsAttr>(attr)) {
      // The bytes, read where they lie; how they are kept does not count.
      auto elements = cast<ElementsAttr>(attr);
      ConstantBytes bytes(elements);
      nested.add(hashType(elements.getShapedType()));
      nested.add(llvm::xxh3_128bits(
          {reinterpret_cast<const uint8_t *>(bytes.bytes().data()),
           bytes.bytes().size()}));
    } else if (auto array = dyn_cast<ArrayAttr>(attr)) {
      for (Attribute element : array)
        nested.add(hashAttribute(element));
    } else if (auto dictionary = dyn_cast<DictionaryAttr>(attr)) {
      for (NamedAttribute element : dictionary) {
        nested.add(element.getName().getValue());
        nested.add(hashAttribute(element.getValue()));
      }
    } else {
      nested.add(hashText([&](raw_ostream &os) { attr.print(os); }));
    }
    return attributes[attr] = nested.finish();
  }

  HashStream stream;
  DenseMap<Value, uint64_t> numbers;
  DenseMap<Type, Hash> types;
  DenseMap<Attribute, Hash> attributes;
};
} // namespace

std::string mlir::npir::computeModelHash(ArrayRef<func::FuncOp> functions) {
  GraphHasher hasher;
  for (func::FuncOp func : functions)
    hasher.add(func);
  Hash hash = hasher.finish();
  return llvm::utohexstr(hash.high64, /*LowerCase=*/true, 16) +
         llvm::utohexstr(hash.low64, /*LowerCase=*/true, 16);
}
