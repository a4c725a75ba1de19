// This file implements how MLIR attributes become attributes of an op record.
#include "OpAttributes.h"

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::npir;
using npir_rt::AttributeValue;

/// The keyword of an enum attribute: `mean` of `#npir.reduce_kind<mean>`. Enum
/// attributes share no interface, so their assembly is what tells. Empty for
/// anything else.
static std::string getKeyword(Attribute attr) {
  std::string text;
  llvm::raw_string_ostream(text) << attr;
  auto [head, tail] = StringRef(text).split('<');
  if (!head.starts_with("#") || !tail.consume_back(">"))
    return {};
  bool isWord =
      llvm::all_of(tail, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  return isWord ? tail.str() : std::string();
}

template <typename To, typename From>
static AttributeValue toList(ArrayRef<From> values) {
  return AttributeValue(std::vector<To>(values.begin(), values.end()));
}

static std::optional<AttributeValue> getValue(Attribute attr) {
  using Result = std::optional<AttributeValue>;
  return llvm::TypeSwitch<Attribute, Result>(attr)
      .Case([](UnitAttr) { return AttributeValue(int64_t(1)); })
      .Case([](BoolAttr a) { return AttributeValue(int64_t(a.getValue())); })
      .Case([](IntegerAttr a) -> Result {
        if (a.getValue().getSignificantBits() > 64)
          return std::nullopt;
        return AttributeValue(a.getValue().getSExtValue());
      })
      .Case([](FloatAttr a) -> Result {
        if (!a.getType().isF32())
          return std::nullopt;
        return AttributeValue(a.getValue().convertToFloat());
      })
      .Case([](StringAttr a) { return AttributeValue(a.str()); })
      .Case([](DenseI64ArrayAttr a) { return toList<int64_t>(a.asArrayRef()); })
      .Case([](DenseI32ArrayAttr a) { return toList<int64_t>(a.asArrayRef()); })
      .Case([](DenseF32ArrayAttr a) { return toList<float>(a.asArrayRef()); })
      .Case([](DenseI8ArrayAttr a) { return toList<int8_t>(a.asArrayRef()); })
      .Default([](Attribute a) -> Result {
        std::string keyword = getKeyword(a);
        return keyword.empty() ? Result() : AttributeValue(std::move(keyword));
      });
}

/// The name in programs: names that C++ reserves have an underscore behind
/// them in ODS (`operator_`).
static std::string getRecordName(StringRef name) {
  name.consume_back("_");
  return name.str();
}

LogicalResult mlir::npir::appendAttributes(Operation *op, npir_rt::Op &record) {
  NamedAttrList attributes(op->getAttrDictionary());
  op->getName().populateDefaultAttrs(attributes);
  // Discardable attributes are notes of other tools.
  for (NamedAttribute note : op->getDiscardableAttrs())
    attributes.erase(note.getName());
  NamedAttrList flat;
  for (NamedAttribute attribute : attributes) {
    auto requant = dyn_cast<RequantAttrInterface>(attribute.getValue());
    if (!requant) {
      flat.append(attribute);
      continue;
    }
    std::string prefix = getRecordName(attribute.getName()) + ".";
    Builder builder(op->getContext());
    flat.append(builder.getStringAttr(prefix + "kind"),
                builder.getStringAttr(requant.getKind()));
    NamedAttrList fields;
    requant.getFields(fields);
    for (NamedAttribute field : fields)
      flat.append(builder.getStringAttr(prefix + field.getName().str()),
                  field.getValue());
  }
  for (NamedAttribute attribute : flat.getDictionary(op->getContext())) {
    std::optional<AttributeValue> value = getValue(attribute.getValue());
    if (!value)
      return op->emitOpError("has the attribute '")
             << attribute.getName().getValue()
             << "' of a kind that a program cannot hold: "
             << attribute.getValue();
    record.attributes.push_back(
        {getRecordName(attribute.getName()), std::move(*value)});
  }
  return success();
}
