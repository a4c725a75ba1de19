// This file implements how Python builds a module.
#include "ModuleBuilder.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/EntryFunction.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/InitAll.h"
#include "npir/Serialization/ModuleIO.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace npir_py;

namespace {
/// Collects the diagnostics while it lives, for the exception's text.
class Diagnostics {
public:
  explicit Diagnostics(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
            return;
          text += (text.empty() ? "" : "; ") + diagnostic.str();
        }) {}
  [[noreturn]] void raise(const std::string &fallback) {
    throw Error(text.empty() ? fallback : text);
  }

private:
  std::string text;
  ScopedDiagnosticHandler handler;
};
} // namespace

static std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  npir::registerAllDialects(registry);
  auto context = std::make_unique<MLIRContext>(
      registry, MLIRContext::Threading::DISABLED);
  context->loadDialect<npir::NPIRDialect, func::FuncDialect>();
  context->printOpOnDiagnostic(false);
  return context;
}

static RankedTensorType makeType(MLIRContext *context, const Shape &shape) {
  SmallVector<int64_t> sizes;
  for (const std::optional<int64_t> &size : shape)
    sizes.push_back(size.value_or(ShapedType::kDynamic));
  return RankedTensorType::get(sizes, Float32Type::get(context));
}

ModuleBuilder::ModuleBuilder() : context(makeContext()), builder(context.get()) {
  Location loc = builder.getUnknownLoc();
  module = ModuleOp::create(builder, loc);
  builder.setInsertionPointToEnd(module->getBody());
  func = func::FuncOp::create(builder, loc, "main",
                              builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(func.addEntryBlock());
  npir::setStation(func, npir::Station::Float);
}

Value ModuleBuilder::getValue(unsigned value) const {
  if (value >= values.size())
    throw Error("there is no value " + std::to_string(value));
  return values[value];
}

unsigned ModuleBuilder::addInput(const std::string &name, const Shape &shape) {
  Location loc = NameLoc::get(builder.getStringAttr(name));
  values.push_back(func.getBody().front().addArgument(
      makeType(context.get(), shape), loc));
  inputNames.push_back(name);
  return values.size() - 1;
}

unsigned ModuleBuilder::addConstant(const std::string &name,
                                    const std::vector<int64_t> &shape,
                                    const void *data,
                                    std::function<void()> release) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  Location loc = NameLoc::get(builder.getStringAttr(name));
  ArrayRef<char> bytes(static_cast<const char *>(data),
                       npir::getStorageBytes(type));
  npir::ConstantOp constant;
  if (bytes.size() <= npir::kMaxInlineBytes ||
      reinterpret_cast<uintptr_t>(data) % 16 != 0) {
    constant = npir::createConstant(builder, loc, type, bytes);
    release();
  } else {
    constant = npir::ConstantOp::create(
        builder, loc, type,
        npir::getUnmanagedResource(type, name, bytes, std::move(release)));
  }
  values.push_back(constant.getResult());
  return values.size() - 1;
}

unsigned ModuleBuilder::addOp(
    const std::string &opName, const std::vector<unsigned> &operands,
    const std::vector<std::pair<std::string, std::string>> &attributes,
    const std::string &layer, const std::optional<Shape> &shape) {
  Diagnostics diagnostics(context.get());
  Location loc = NameLoc::get(builder.getStringAttr(layer));
  OperationState state(loc, opName);
  std::optional<RegisteredOperationName> info =
      state.name.getRegisteredInfo();
  if (!info)
    throw Error("there is no op '" + opName + "'");
  for (unsigned operand : operands)
    state.addOperands(getValue(operand));
  for (const auto &[name, text] : attributes) {
    Attribute attribute = parseAttribute(text, context.get());
    if (!attribute)
      diagnostics.raise("'" + text + "' is no attribute");
    state.addAttribute(name, attribute);
  }
  auto *infer = info->getInterface<InferTypeOpInterface>();
  if (!shape && !infer)
    throw Error("'" + opName + "' needs the shape of its result");
  // The type is inferred from the op itself, for only an op has properties.
  state.addTypes(shape ? Type(makeType(context.get(), *shape))
                       : builder.getF32Type());
  OwningOpRef<Operation *> op = Operation::create(state);
  if (!shape) {
    SmallVector<Type> types;
    if (failed(infer->inferReturnTypes(
            context.get(), loc, op->getOperands(), op->getAttrDictionary(),
            op->getPropertiesStorage(), {}, types)))
      diagnostics.raise("cannot infer the shape of '" + opName + "'");
    op->getResult(0).setType(types.front());
  }
  if (failed(verify(*op)))
    diagnostics.raise("'" + opName + "' is not valid");
  builder.insert(*op);
  values.push_back(op.release()->getResult(0));
  return values.size() - 1;
}

Shape ModuleBuilder::getShape(unsigned value) const {
  Shape shape;
  for (int64_t size :
       cast<RankedTensorType>(getValue(value).getType()).getShape())
    shape.push_back(ShapedType::isDynamic(size) ? std::nullopt
                                                : std::optional(size));
  return shape;
}

void ModuleBuilder::setOutputs(
    const std::vector<std::pair<std::string, unsigned>> &outputs) {
  Diagnostics diagnostics(context.get());
  SmallVector<Value> results;
  for (const auto &[name, value] : outputs)
    results.push_back(getValue(value));
  func::ReturnOp::create(builder, builder.getUnknownLoc(), results);
  func.setFunctionType(
      builder.getFunctionType(func.getBody().front().getArgumentTypes(),
                              ValueRange(results).getTypes()));
  for (auto [i, name] : llvm::enumerate(inputNames))
    func.setArgAttr(i, npir::kPortNameAttrName, builder.getStringAttr(name));
  for (auto [i, output] : llvm::enumerate(outputs))
    func.setResultAttr(i, npir::kPortNameAttrName,
                       builder.getStringAttr(output.first));
  if (failed(verify(*module)))
    diagnostics.raise("the module is not valid");
}

void ModuleBuilder::save(const std::string &path) {
  Diagnostics diagnostics(context.get());
  if (failed(npir::saveModule(*module, path, npir::ModuleFormat::Bytecode)))
    diagnostics.raise("cannot write '" + path + "'");
}

std::string ModuleBuilder::str() {
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os, OpPrintingFlags()
                        .enableDebugInfo()
                        .elideLargeElementsAttrs(16)
                        .elideLargeResourceString(64));
  return text;
}
