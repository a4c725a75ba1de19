// This file implements the builder that importers make modules with.
#include "ModuleBuilder.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::npir;

ModuleBuilder::ModuleBuilder(StringRef name)
    : model(std::make_shared<Model>()), context(&model->context),
      builder(context) {
  // Whoever builds knows which layer it is about.
  handler =
      context->getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          errors.push_back(diagnostic.str());
        return success();
      });
  module = ModuleOp::create(getNameLoc(name),
                            name.empty() ? std::optional<StringRef>() : name);
  model->module = module;
  builder.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(builder, module.getLoc(), "main",
                                  builder.getFunctionType({}, {}));
  setStation(function, Station::Float);
  builder.setInsertionPointToEnd(&function.getBody().emplaceBlock());
}

ModuleBuilder::~ModuleBuilder() {
  context->getDiagEngine().eraseHandler(handler);
}

std::string ModuleBuilder::takeDiagnostics() {
  std::string text = llvm::join(errors, "\n");
  errors.clear();
  return text;
}

Location ModuleBuilder::getNameLoc(StringRef name) {
  if (name.empty())
    return builder.getUnknownLoc();
  return NameLoc::get(builder.getStringAttr(name));
}

LogicalResult ModuleBuilder::checkOpen() {
  if (isClosed)
    return emitError(module.getLoc())
           << "expected no additions after the outputs are set";
  return success();
}

LogicalResult ModuleBuilder::checkShape(ArrayRef<int64_t> shape,
                                        bool allowDynamic) {
  // So that no product of dimensions and attributes overflows in a verifier.
  constexpr int64_t kMaxDim = std::numeric_limits<int32_t>::max();
  constexpr int64_t kMaxElements = int64_t(1) << 48;
  int64_t elements = 1;
  for (auto [i, dim] : llvm::enumerate(shape)) {
    if (ShapedType::isDynamic(dim)) {
      if (allowDynamic && i == 0)
        continue;
      return emitError(module.getLoc())
             << "expected a static size along dimension " << i;
    }
    if (dim < 1 || dim > kMaxDim || elements > kMaxElements / dim) {
      InFlightDiagnostic diagnostic =
          emitError(module.getLoc())
          << "expected a tensor of at least 1 and at most 2^48 elements, got "
             "shape [";
      llvm::interleaveComma(shape, diagnostic, [&](int64_t size) {
        if (ShapedType::isDynamic(size))
          diagnostic << "?";
        else
          diagnostic << size;
      });
      return diagnostic << "]";
    }
    elements *= dim;
  }
  return success();
}

FailureOr<Type> ModuleBuilder::getElementType(StringRef name) {
  Type type = llvm::StringSwitch<Type>(name)
                  .Case("float32", builder.getF32Type())
                  .Case("int32", builder.getI32Type())
                  .Case("int64", builder.getI64Type())
                  .Case("bool", builder.getI1Type())
                  .Default(nullptr);
  if (!type)
    return emitError(module.getLoc())
           << "expected elements of float32, int32, int64 or bool, got '"
           << name << "'";
  return type;
}

StringRef ModuleBuilder::getElementTypeName(Value value) {
  Type type = cast<ShapedType>(value.getType()).getElementType();
  if (type.isInteger(1))
    return "bool";
  if (type.isInteger(32))
    return "int32";
  return type.isInteger(64) ? "int64" : "float32";
}

FailureOr<Value> ModuleBuilder::addInput(StringRef name,
                                         ArrayRef<int64_t> shape,
                                         StringRef elementType) {
  FailureOr<Type> element = getElementType(elementType);
  if (failed(checkOpen()) || failed(element) ||
      failed(checkShape(shape, /*allowDynamic=*/true)))
    return failure();
  inputNames.push_back(name.str());
  auto type = RankedTensorType::get(shape, *element);
  return Value(function.getBody().addArgument(type, getNameLoc(name)));
}

FailureOr<Value>
ModuleBuilder::addConstant(StringRef name, ArrayRef<int64_t> shape,
                           StringRef elementType, ArrayRef<char> data,
                           llvm::unique_function<void()> release) {
  FailureOr<Type> element = getElementType(elementType);
  if (failed(element)) {
    release();
    return failure();
  }
  return addConstant(name, RankedTensorType::get(shape, *element), data,
                     std::move(release));
}

FailureOr<Value>
ModuleBuilder::addConstant(StringRef name, RankedTensorType type,
                           ArrayRef<char> data,
                           llvm::unique_function<void()> release) {
  llvm::scope_exit releaseNow([&] { release(); });
  if (failed(checkOpen()) ||
      failed(checkShape(type.getShape(), /*allowDynamic=*/false)))
    return failure();
  Location loc = getNameLoc(name);
  if (data.size() != getStorageBytes(type))
    return emitError(loc) << "expected " << getStorageBytes(type)
                          << " bytes for " << type << ", got " << data.size();
  if (data.size() <= kMaxInlineBytes)
    return createConstant(builder, loc, type, data).getResult();
  releaseNow.release();
  ElementsAttr value = getUnmanagedResource(
      RankedTensorType::get(type.getShape(), getStorageElementType(type)),
      name.empty() ? "constant" : name, data, std::move(release));
  return ConstantOp::create(builder, loc, type, value).getResult();
}

FailureOr<Type> ModuleBuilder::getElementType(const QuantizedElements &elements,
                                              Location loc) {
  IntegerGrid grid;
  grid.bits = elements.bits;
  grid.isSigned = elements.isSigned;
  if (grid.bits < 2 || grid.bits > 16)
    return emitError(loc) << "expected integers of 2 to 16 bits, got "
                          << grid.bits;
  size_t count = elements.scales.size();
  if (count == 0 || count != elements.zeroPoints.size() ||
      (count > 1 && !elements.axis))
    return emitError(loc) << "expected one scale and zero point, or one for "
                             "each channel, got "
                          << count << " and " << elements.zeroPoints.size();
  // Upstream's types do not check what they are made of.
  SmallVector<QuantParams> params;
  for (auto [scale, zeroPoint] :
       llvm::zip_equal(elements.scales, elements.zeroPoints)) {
    auto real = static_cast<float>(scale);
    if (!std::isnormal(real) || real < 0)
      return emitError(loc)
             << "expected a scale that is a positive normal f32, got " << real;
    if (zeroPoint < grid.qmin() || zeroPoint > grid.qmax())
      return emitError(loc) << "expected a zero point in [" << grid.qmin()
                            << ", " << grid.qmax() << "], got " << zeroPoint;
    params.push_back({real, zeroPoint});
  }
  if (elements.axis)
    return Type(getPerAxisType(context, grid, params, *elements.axis));
  return Type(getPerTensorType(context, grid, params.front()));
}

FailureOr<Value> ModuleBuilder::addQuantizedConstant(
    StringRef name, ArrayRef<int64_t> shape, const QuantizedElements &elements,
    ArrayRef<char> data, llvm::unique_function<void()> release) {
  Location loc = getNameLoc(name);
  FailureOr<Type> elementType = getElementType(elements, loc);
  RankedTensorType type;
  if (succeeded(elementType))
    type = RankedTensorType::get(shape, *elementType);
  if (!type ||
      failed(verifyQuantizedTensor([&] { return emitError(loc); }, type))) {
    release();
    return failure();
  }
  return addConstant(name, type, data, std::move(release));
}

FailureOr<Value> ModuleBuilder::check(Operation *op) {
  if (succeeded(mlir::verify(op)))
    return Value(op->getResult(0));
  op->erase();
  return failure();
}

FailureOr<Value> ModuleBuilder::addQuantize(Value input,
                                            const QuantizedElements &elements,
                                            StringRef name) {
  Location loc = getNameLoc(name);
  FailureOr<Type> type = getElementType(elements, loc);
  if (failed(checkOpen()) || failed(type))
    return failure();
  return check(QuantizeOp::create(
      builder, loc, withElementType(input.getType(), *type), input,
      /*per_tensor=*/TypeAttr(), builder.getUnitAttr(),
      /*requant=*/Attribute()));
}

FailureOr<Value> ModuleBuilder::addDequantize(Value input, StringRef name) {
  Location loc = getNameLoc(name);
  if (failed(checkOpen()))
    return failure();
  if (!isQuantizedTensor(input.getType()))
    return emitError(loc) << "expected a quantized value";
  return check(DequantizeOp::create(
      builder, loc, withElementType(input.getType(), builder.getF32Type()),
      input));
}

const void *ModuleBuilder::getConstantData(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant)
    return nullptr;
  auto resource = dyn_cast<DenseResourceElementsAttr>(constant.getValue());
  if (!resource || !resource.getRawHandle().getBlob())
    return nullptr;
  return resource.getRawHandle().getBlob()->getData().data();
}

FailureOr<Attribute> ModuleBuilder::getAttribute(const AttributeValue &value) {
  if (std::get_if<bool>(&value))
    return Attribute(builder.getUnitAttr());
  if (auto *integer = std::get_if<int64_t>(&value))
    return Attribute(builder.getI64IntegerAttr(*integer));
  if (auto *real = std::get_if<double>(&value))
    return Attribute(builder.getF32FloatAttr(static_cast<float>(*real)));
  if (auto *list = std::get_if<std::vector<int64_t>>(&value))
    return Attribute(builder.getDenseI64ArrayAttr(*list));
  Attribute attribute =
      parseAttribute(std::get<AttributeText>(value).text, context);
  if (!attribute)
    return failure();
  return attribute;
}

LogicalResult ModuleBuilder::setAttributes(
    Operation *op,
    ArrayRef<std::pair<std::string, AttributeValue>> attributes) {
  NamedAttrList list;
  for (const auto &[name, value] : attributes) {
    if (auto *flag = std::get_if<bool>(&value); flag && !*flag)
      continue;
    if (!llvm::is_contained(op->getRegisteredInfo()->getAttributeNames(), name))
      return op->emitOpError("has no attribute '") << name << "'";
    FailureOr<Attribute> attribute = getAttribute(value);
    if (failed(attribute))
      return failure();
    list.set(name, *attribute);
  }
  if (list.empty())
    return success();
  return op->setPropertiesFromAttribute(list.getDictionary(context),
                                        [op] { return op->emitOpError(); });
}

/// Types of the elements that the result of `op` may have, the likeliest first:
/// f32 if an operand has it, else those of the last one.
static SmallVector<Type> getLikelyElements(Operation *op) {
  SmallVector<Type> types;
  for (Value operand : op->getOperands())
    types.push_back(cast<ShapedType>(operand.getType()).getElementType());
  std::reverse(types.begin(), types.end());
  llvm::stable_sort(types,
                    [](Type a, Type b) { return a.isF32() > b.isF32(); });
  Builder builder(op->getContext());
  types.append(
      {builder.getF32Type(), builder.getI1Type(), builder.getI64Type()});
  return SmallVector<Type>(
      llvm::SetVector<Type>(types.begin(), types.end()).getArrayRef());
}

/// Infer the type of the only result, which is a placeholder so far.
LogicalResult ModuleBuilder::inferResultType(Operation *op) {
  auto inferable = dyn_cast<InferTypeOpInterface>(op);
  if (!inferable)
    return op->emitOpError("has no shape inference: give the result's shape");
  // Inference reads operands and attributes without a check, and the verifier
  // infers only after it has checked them. So it is the placeholder that the
  // verifier must object to: to its shape, once it has elements of a type that
  // the op can have. What the verifier says to the likeliest type is the error.
  size_t before = errors.size();
  std::optional<std::string> error;
  bool isInferable = false;
  for (Type element : getLikelyElements(op)) {
    op->getResult(0).setType(RankedTensorType::get({}, element));
    if (succeeded(mlir::verify(op)))
      return success();
    std::string text = errors[before];
    errors.resize(before);
    isInferable = StringRef(text).contains("incompatible with return type");
    if (isInferable)
      break;
    if (!error && !StringRef(text).contains("op result #0 must be"))
      error = std::move(text);
  }
  if (!isInferable) {
    errors.push_back(error.value_or("no result fits"));
    return failure();
  }
  SmallVector<Type> types;
  if (failed(inferable.inferReturnTypes(
          context, op->getLoc(), op->getOperands(),
          op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
          op->getRegions(), types)))
    return failure();
  op->getResult(0).setType(types.front());
  return success();
}

FailureOr<Value> ModuleBuilder::addOp(
    StringRef opName, ValueRange operands,
    ArrayRef<std::pair<std::string, AttributeValue>> attributes, StringRef name,
    std::optional<ArrayRef<int64_t>> resultShape, StringRef elementType) {
  if (elementType.empty())
    elementType =
        operands.empty() ? "float32" : getElementTypeName(operands[0]);
  FailureOr<Type> element = getElementType(elementType);
  if (failed(checkOpen()) || failed(element) ||
      failed(checkShape(resultShape.value_or(ArrayRef<int64_t>()),
                        /*allowDynamic=*/true)))
    return failure();
  Location loc = getNameLoc(name);
  auto registered = RegisteredOperationName::lookup(opName, context);
  if (!registered || !isa<NPIRDialect>(registered->getDialect()))
    return emitError(loc) << "expected an op of the npir dialect, got '"
                          << opName << "'";
  for (Value operand : operands)
    if (operand.getContext() != context)
      return emitError(loc) << "expected values of the same module";
  OperationState state(loc, *registered);
  state.addOperands(operands);
  state.addTypes(RankedTensorType::get(
      resultShape.value_or(ArrayRef<int64_t>()), *element));
  Operation *op = builder.create(state);
  llvm::scope_exit eraseOp([&] { op->erase(); });
  if (failed(setAttributes(op, attributes)) ||
      (!resultShape && failed(inferResultType(op))) || failed(mlir::verify(op)))
    return failure();
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (failed(checkShape(type.getShape(), /*allowDynamic=*/true)))
    return failure();
  eraseOp.release();
  return Value(op->getResult(0));
}

LogicalResult
ModuleBuilder::setOutputs(ArrayRef<std::pair<std::string, Value>> outputs) {
  if (failed(checkOpen()))
    return failure();
  SmallVector<Value> values;
  for (const auto &[name, value] : outputs) {
    if (value.getContext() != context)
      return emitError(module.getLoc())
             << "expected values of the same module, got output '" << name
             << "' of another";
    values.push_back(value);
  }
  func::ReturnOp::create(builder, function.getLoc(), values);
  function.setType(builder.getFunctionType(
      function.getBody().getArgumentTypes(), TypeRange(ValueRange(values))));
  for (auto [i, name] : llvm::enumerate(inputNames))
    function.setArgAttr(i, "npir.name", builder.getStringAttr(name));
  for (auto [i, output] : llvm::enumerate(outputs))
    function.setResultAttr(i, "npir.name", builder.getStringAttr(output.first));
  isClosed = true;
  auto isConversion = [](Operation &op) {
    return isa<QuantizeOp, DequantizeOp>(op);
  };
  if (llvm::any_of(function.getOps(), isConversion))
    setStation(function, Station::QDQ);
  return mlir::verify(module);
}

FailureOr<std::shared_ptr<Model>> ModuleBuilder::finish() {
  if (!isClosed)
    return emitError(module.getLoc())
           << "expected the outputs to be set before the module is finished";
  if (getStation(function) == Station::QDQ) {
    PassManager pm(context, ModuleOp::getOperationName());
    pm.addPass(createPreparePass());
    if (failed(pm.run(module)))
      return failure();
  }
  return model;
}

std::string ModuleBuilder::str() {
  std::string text;
  llvm::raw_string_ostream os(text);
  // An open function has no terminator, which only the generic form prints.
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(16).elideLargeResourceString(64);
  flags.enableDebugInfo(true, false);
  if (!isClosed)
    flags.printGenericOpForm();
  module.print(os, flags);
  return text;
}
