// This file implements a model as Python holds it.
#include "Model.h"
#include "StandardErrorGuard.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/InitAll.h"
#include "npir/Serialization/ModuleIO.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::npir;

static DialectRegistry getRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

Model::Model() : context(getRegistry(), MLIRContext::Threading::DISABLED) {
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
}

LogicalResult Model::load(StringRef path) {
  if (!path.ends_with(".npx")) {
    module = loadModule(path, &context);
    return success(static_cast<bool>(module));
  }
  auto loaded = npir_rt::Program::load(path.str());
  if (!loaded)
    return emitStatus(&context, loaded.status());
  program = std::move(*loaded);
  return success();
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

LogicalResult Model::copyStructure(Model &target) {
  // Bytecode is what files are made of, so a copy is what a file would give.
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  BytecodeWriterConfig config;
  config.setElideResourceDataFlag();
  if (failed(writeBytecodeToFile(*module, os, config)))
    return failure();
  // Constants cannot be verified before they have their elements.
  ParserConfig parser(&target.context, /*verifyAfterParse=*/false);
  target.module = parseSourceString<ModuleOp>(bytes, parser);
  return success(static_cast<bool>(target.module));
}

static DialectResourceBlobManager &getBlobs(MLIRContext &context) {
  return DenseResourceElementsHandle::getManagerInterface(&context)
      .getBlobManager();
}

FailureOr<std::shared_ptr<Model>> Model::clone() {
  auto copy = std::make_shared<Model>();
  if (failed(copyStructure(*copy)))
    return failure();
  std::vector<std::string> keys;
  DialectResourceBlobManager &blobs = getBlobs(copy->context);
  blobs.getBlobMap([&](const auto &map) {
    for (const auto &entry : map)
      keys.push_back(entry.getKey().str());
  });
  for (const std::string &key : keys) {
    auto *entry = getBlobs(context).lookup(key);
    AsmResourceBlob *blob = entry ? entry->getBlob() : nullptr;
    if (!blob)
      continue;
    ArrayRef<char> data = blob->getData();
    auto inherited = owners.find(data.data());
    std::shared_ptr<Model> owner =
        inherited == owners.end() ? shared_from_this() : inherited->second;
    copy->owners[data.data()] = std::move(owner);
    blobs.update(key, AsmResourceBlob(data, blob->getDataAlignment(),
                                      /*deleter=*/{}, /*dataIsMutable=*/false));
  }
  return copy;
}

FailureOr<std::string> Model::str() {
  Model copy;
  if (failed(copyStructure(copy)))
    return failure();
  std::string text;
  llvm::raw_string_ostream os(text);
  copy.module->print(
      os, OpPrintingFlags().enableDebugInfo().elideLargeElementsAttrs(16));
  return text;
}

//===----------------------------------------------------------------------===//
// What it is
//===----------------------------------------------------------------------===//

FailureOr<Station> Model::getStation() {
  FailureOr<func::FuncOp> func = getEntryFunction(*module);
  if (failed(func))
    return failure();
  return *mlir::npir::getStation(*func);
}

static ModelPort getPort(std::string name, Type type) {
  ModelPort port;
  port.name = std::move(name);
  auto tensor = cast<RankedTensorType>(type);
  port.shape = tensor.getShape().vec();
  mlir::Type element = tensor.getElementType();
  port.dtype = element.isInteger(1) ? "bool" : "float32";
  if (element.isInteger(32) || element.isInteger(64))
    port.dtype = "int" + std::to_string(element.getIntOrFloatBitWidth());
  if (quant::QuantizedType quantized = getQuantizedElementType(tensor)) {
    unsigned bits = getStorageElementType(tensor).getIntOrFloatBitWidth();
    port.dtype = (quantized.isSigned() ? "int" : "uint") + std::to_string(bits);
    llvm::append_range(port.scales, getScales(quantized));
    llvm::append_range(port.zeroPoints, getZeroPoints(quantized));
  }
  return port;
}

static std::vector<ModelPort> getPorts(const npir_rt::Program &program,
                                       ArrayRef<npir_rt::Port> ports) {
  std::vector<ModelPort> result;
  for (const npir_rt::Port &from : ports) {
    const npir_rt::TensorInfo &info = program.tensors()[from.tensor];
    ModelPort port;
    port.name = from.name;
    port.shape = info.shape;
    if (info.isBatched())
      port.shape[0] = ShapedType::kDynamic;
    port.dtype = npir_rt::toString(npir_rt::toNpyType(info.type));
    port.scales = info.quantization.scales;
    llvm::append_range(port.zeroPoints, info.quantization.zeroPoints);
    result.push_back(std::move(port));
  }
  return result;
}

FailureOr<std::vector<ModelPort>> Model::getInputs() {
  if (program)
    return getPorts(*program, program->inputs());
  FailureOr<func::FuncOp> func = getEntryFunction(*module);
  if (failed(func))
    return failure();
  std::vector<ModelPort> ports;
  for (auto [i, type] : llvm::enumerate(func->getArgumentTypes()))
    ports.push_back(getPort(getInputName(*func, i), type));
  return ports;
}

FailureOr<std::vector<ModelPort>> Model::getOutputs() {
  if (program)
    return getPorts(*program, program->outputs());
  FailureOr<func::FuncOp> func = getEntryFunction(*module);
  if (failed(func))
    return failure();
  std::vector<ModelPort> ports;
  for (auto [i, type] : llvm::enumerate(func->getResultTypes()))
    ports.push_back(getPort(getOutputName(*func, i), type));
  return ports;
}

//===----------------------------------------------------------------------===//
// The road
//===----------------------------------------------------------------------===//

LogicalResult Model::runPipeline(StringRef pipeline) {
  // Nested in itself it would look for modules within the module.
  StringRef passes = pipeline.trim();
  if (passes.consume_front("builtin.module(") && !passes.consume_back(")"))
    return emitError(UnknownLoc::get(&context))
           << "expected ')' at the end of pipeline '" << pipeline << "'";
  PassManager pm(&context, ModuleOp::getOperationName());
  std::string errors;
  llvm::raw_string_ostream os(errors);
  StandardErrorGuard guard;
  LogicalResult parsed = parsePassPipeline(passes, pm, os);
  errors += StringRef(guard.finish(/*take=*/failed(parsed))).ltrim(": ");
  if (failed(parsed))
    return emitError(UnknownLoc::get(&context))
           << "cannot parse the pipeline: " << StringRef(errors).trim();
  return pm.run(*module);
}

LogicalResult Model::quantize(const QuantizePipelineOptions &options,
                              QuantizeInputs inputs) {
  FailureOr<Station> station = getStation();
  if (failed(station))
    return failure();
  inputs.start = *station;
  // Statistics can be attached again.
  if (inputs.start == Station::Calibrated &&
      (inputs.data || inputs.statistics || !options.data.empty() ||
       !options.stats.empty()))
    inputs.start = Station::Observed;
  inputs.needsTarget =
      inputs.start == Station::QDQ &&
      llvm::none_of(module->getOps<func::FuncOp>(),
                    [](func::FuncOp func) { return !getTarget(func).empty(); });
  PassManager pm(&context, ModuleOp::getOperationName());
  buildQuantizePipeline(pm, options, inputs);
  return pm.run(*module);
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

FailureOr<std::unique_ptr<Network>>
Model::createNetwork(const NetworkOptions &options) {
  if (program)
    return Network::create(program, &context, options);
  return Network::create(*module, options);
}

FailureOr<Network *> Model::getNetwork(const NetworkOptions &options) {
  if (!network || options.backend != networkOptions.backend ||
      options.threads != networkOptions.threads ||
      options.taps != networkOptions.taps) {
    network.reset();
    FailureOr<std::unique_ptr<Network>> created = createNetwork(options);
    if (failed(created))
      return failure();
    network = std::move(*created);
    networkOptions = options;
  }
  return network.get();
}
