// This file implements the remarks that tell how types came about.
#include "ObservedRanges.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Observers/ObserverName.h"
#include "npir/Observers/QuantizationError.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace mlir;
using namespace mlir::npir;

/// `omse`; of what auto chose `auto (omse)`, or `auto (omse 14, kl 2)`.
static std::string describeObservers(ArrayRef<DerivedRange> ranges,
                                     ObserverParams::Kind asked) {
  StringRef name = stringifyObserver(asked);
  if (asked != ObserverParams::Kind::Auto)
    return name.str();
  std::map<ObserverParams::Kind, size_t> counts;
  for (const DerivedRange &derived : ranges)
    ++counts[derived.winner];
  SmallVector<std::string> winners;
  for (auto [kind, count] : counts) {
    winners.push_back(stringifyObserver(kind).str());
    if (ranges.size() > 1)
      winners.back() += " " + std::to_string(count);
  }
  return llvm::formatv("{0} ({1})", name, llvm::join(winners, ", "));
}

/// Of the resolved type: measured of a constant, else expected; of no values
/// where the statistics hold no histogram.
static QuantizationError getError(ObserveOp op,
                                  const StatisticsSource &source) {
  auto type = cast<quant::QuantizedType>(*op.getResolved());
  SmallVector<QuantParams> params = getQuantParams(type);
  IntegerGrid grid = getGrid(type);
  if (ElementsAttr value = getFloatConstant(op.getInput())) {
    ConstantBytes bytes(value);
    ChannelView view = ChannelView::get(value.getShapedType().getShape(),
                                        getSpecAxis(op.getSpec()));
    return measureError(bytes.as<float>().data(), view, params, grid,
                        ContextThreads{op.getContext()});
  }
  if (!source.file)
    return {};
  auto found = source.file->tensors.find(op.getId().str());
  if (found == source.file->tensors.end())
    return {};
  TensorStatistics statistics = found->second.getUnpacked();
  return params.size() == 1 ? estimateError(statistics, params.front(), grid)
                            : estimateChannelError(statistics, params, grid);
}

void mlir::npir::explain(ObserveOp op, ArrayRef<DerivedRange> ranges,
                         bool isFixed, const StatisticsSource &source) {
  if (!source.explain)
    return;
  RealRange all = ranges.front().range;
  for (const DerivedRange &derived : ranges)
    all = {std::min(all.lo, derived.range.lo),
           std::max(all.hi, derived.range.hi)};
  InFlightDiagnostic remark = emitRemark(op.getInput().getLoc());
  remark << "tensor '" << op.getId() << "': ";
  if (ranges.size() > 1)
    remark << ranges.size() << " channels within ";
  remark << llvm::formatv("[{0}, {1}] by ", llvm::format("%.6g", all.lo),
                          llvm::format("%.6g", all.hi))
                .str()
         << (isFixed
                 ? std::string("the mathematics of its op")
                 : describeObservers(ranges, getObserver(op.getSpec()).kind));
  QuantizationError error = getError(op, source);
  if (error.count == 0)
    return;
  if (error.noise == 0.0)
    remark << ", exact";
  else
    remark << llvm::formatv(", SQNR {0:f1} dB", error.sqnr()).str();
  remark << llvm::formatv(", {0} % clipped",
                          llvm::format("%.3g", 100.0 * error.clippedShare()))
                .str();
}
