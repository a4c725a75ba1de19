// This file implements --npir-set-boundary.
#include "Boundary.h"

#include "npir/Dialect/NPIR/IR/EntryFunction.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Support/NearestName.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_SETBOUNDARYPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

/// In the order of PortKind.
static constexpr StringLiteral kKinds[] = {"float", "quantized", "uint8"};

static std::optional<PortKind> parseKind(StringRef text) {
  const auto *found = llvm::find(kKinds, text);
  if (found == std::end(kKinds))
    return std::nullopt;
  return static_cast<PortKind>(found - std::begin(kKinds));
}

static std::string toText(double number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", number);
  return text;
}

namespace {
struct SetBoundary final : impl::SetBoundaryPassBase<SetBoundary> {
  using SetBoundaryPassBase::SetBoundaryPassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

private:
  LogicalResult run();
  LogicalResult readKinds();
  LogicalResult checkNumbers();
  LogicalResult checkNames(func::FuncOp func);
  LogicalResult setLayouts(func::FuncOp func);
  LogicalResult setTypes(func::FuncOp func);
  std::optional<PortKind> getKind(StringRef name, Type type);

  InFlightDiagnostic fail() {
    return emitError(UnknownLoc::get(&getContext()));
  }

  PortKind everyKind = PortKind::Float;
  llvm::StringMap<PortKind> kinds;
  Normalization normalization;
};
} // namespace

LogicalResult SetBoundary::readKinds() {
  bool hasEvery = false;
  kinds.clear();
  for (StringRef text : io) {
    // Names have colons, too.
    auto [name, word] =
        text.contains(':') ? text.rsplit(':') : std::pair(StringRef(), text);
    std::optional<PortKind> kind = parseKind(word);
    if (!kind)
      return fail() << "expected io=KIND or io=NAME:KIND with float, quantized "
                       "or uint8, got '"
                    << text << "'";
    bool isNew = name.empty() ? !std::exchange(hasEvery, true)
                              : kinds.try_emplace(name, *kind).second;
    if (!isNew)
      return fail() << "expected one kind for "
                    << (name.empty() ? "all inputs and outputs"
                                     : ("'" + name + "'").str())
                    << ", got io=" << llvm::join(io, ",");
    if (name.empty())
      everyKind = *kind;
  }
  return success();
}

LogicalResult SetBoundary::checkNumbers() {
  normalization.mean.assign(mean.begin(), mean.end());
  normalization.std.assign(std.begin(), std.end());
  for (double number : normalization.mean)
    if (!std::isfinite(number))
      return fail() << "expected finite numbers in mean=, got "
                    << toText(number);
  for (double number : normalization.std)
    if (!std::isnormal(static_cast<float>(number)) || number <= 0 ||
        !std::isnormal(static_cast<float>(1.0 / number)))
      return fail() << "expected positive numbers in std=, got "
                    << toText(number);
  size_t means = mean.size(), stds = std.size();
  if (means > 1 && stds > 1 && means != stds)
    return fail() << "expected as many numbers in mean= as in std=, got "
                  << means << " and " << stds;
  bool isUsed = everyKind == PortKind::UInt8 ||
                llvm::any_of(kinds, [](const auto &entry) {
                  return entry.second == PortKind::UInt8;
                });
  if (!isUsed && (means || stds))
    return fail() << "expected mean= and std= with an input of io=uint8 only";
  if (normalization.mean.empty())
    normalization.mean.push_back(0.0);
  if (normalization.std.empty())
    normalization.std.push_back(1.0);
  if (inputLayout != "source" && inputLayout != "nhwc")
    return fail() << "expected input-layout=source or nhwc, got '"
                  << inputLayout << "'";
  return success();
}

/// Every name in io= is an input's or an output's.
LogicalResult SetBoundary::checkNames(func::FuncOp func) {
  SmallVector<std::string> names;
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    names.push_back(getInputName(func, i));
  for (unsigned i = 0; i < func.getNumResults(); ++i)
    names.push_back(getOutputName(func, i));
  SmallVector<StringRef> known(names.begin(), names.end());
  for (const auto &entry : kinds)
    if (!llvm::is_contained(known, entry.getKey()))
      return fail() << "unknown input or output '" << entry.getKey()
                    << "' in io=" << suggestName(entry.getKey(), known);
  return success();
}

LogicalResult SetBoundary::setLayouts(func::FuncOp func) {
  if (inputLayout == "source")
    return success();
  bool isAny = false;
  for (BlockArgument argument : func.getArguments())
    isAny |= moveChannelsLast(func, argument);
  if (isAny)
    return success();
  return func.emitError("expected an input that is transposed to channels "
                        "last, got none in @")
         << func.getName() << "; leave out input-layout=nhwc";
}

/// What the port is to be; nothing for one that is none of ours: indices and
/// truth values, which are no real numbers.
std::optional<PortKind> SetBoundary::getKind(StringRef name, Type type) {
  auto found = kinds.find(name);
  if (cast<RankedTensorType>(type).getElementType().isF32())
    return found == kinds.end() ? everyKind : found->second;
  return std::nullopt;
}

LogicalResult SetBoundary::setTypes(func::FuncOp func) {
  auto refuse = [&](StringRef name, Type type) -> LogicalResult {
    auto found = kinds.find(name);
    if (found == kinds.end() || found->second == PortKind::Float)
      return success();
    return fail() << "expected '" << name << "' of f32 for io=" << name << ":"
                  << StringRef(kKinds[static_cast<size_t>(found->second)])
                  << ", got " << type;
  };
  for (BlockArgument argument : func.getArguments()) {
    std::string name = getInputName(func, argument.getArgNumber());
    std::optional<PortKind> kind = getKind(name, argument.getType());
    if (kind ? failed(setInput(func, argument, *kind, normalization))
             : failed(refuse(name, argument.getType())))
      return failure();
  }
  for (unsigned i = 0; i < func.getNumResults(); ++i) {
    std::string name = getOutputName(func, i);
    Type type = func.getResultTypes()[i];
    std::optional<PortKind> kind = getKind(name, type);
    if (kind ? failed(setOutput(func, i, *kind)) : failed(refuse(name, type)))
      return failure();
  }
  return success();
}

LogicalResult SetBoundary::run() {
  if (failed(readKinds()) || failed(checkNumbers()))
    return failure();
  FailureOr<SmallVector<func::FuncOp>> functions =
      getFunctionsAt(getOperation(), Station::QDQ);
  if (failed(functions))
    return failure();
  FailureOr<func::FuncOp> func = getEntryFunction(getOperation());
  if (failed(func) || failed(checkNames(*func)))
    return failure();
  if (!func->getBody().hasOneBlock())
    return func->emitError("expected a function of one block");
  if (failed(setLayouts(*func)))
    return failure();
  return setTypes(*func);
}
} // namespace mlir::npir
