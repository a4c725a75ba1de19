// This file implements which layers that only move values do so in integers.
#include "QDQFolder.h"
#include "QDQGrid.h"

#include "npir/Support/MinCut.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// The choice between integers (the source's side) and float (the sink's) for
/// each copy, such that the fewest elements are converted. Of equal choices
/// integers, which are smaller.
class CopyPlacement {
public:
  CopyPlacement(ArrayRef<Operation *> copies, const Target &target,
                const llvm::SetVector<Operation *> &offers)
      : target(target), offers(offers) {
    for (Operation *copy : copies)
      nodes[copy] = cut.addNode();
    for (Operation *copy : copies) {
      for (Value operand : copy->getOperands())
        if (Value source = getQuantizedSource(operand))
          add(source);
      for (Operation *user : copy->getUsers())
        add(user->getResult(0));
    }
    floats = cut.computeSinkSide();
  }

  bool isInteger(Operation *copy) const {
    return !floats.test(nodes.lookup(copy));
  }

private:
  bool canConvert(Value quantized, QuantizeOp reader) const;
  bool isOffered(Value quantized, QuantizeOp reader) const;
  void addOffer(QuantizeOp offer);
  unsigned getProducer(Value quantized) const;
  unsigned getConsumer(Operation *user) const;
  void add(Value quantized);

  const Target &target;
  const llvm::SetVector<Operation *> &offers;
  MinCut cut;
  llvm::DenseMap<Operation *, unsigned> nodes;
  llvm::DenseSet<Value> known;
  llvm::DenseMap<Operation *, unsigned> taken;
  llvm::BitVector floats;
};
} // namespace

/// What makes `quantized`: a copy, something in float, or something in
/// integers. What is quantized from dequantized values is a conversion of
/// integers.
unsigned CopyPlacement::getProducer(Value quantized) const {
  auto quantize = quantized.getDefiningOp<QuantizeOp>();
  if (!quantize)
    return MinCut::kSource;
  Operation *producer = quantize.getInput().getDefiningOp();
  if (isa_and_nonnull<DequantizeOp>(producer))
    return MinCut::kSource;
  auto copy = nodes.find(producer);
  return copy == nodes.end() ? MinCut::kSink : copy->second;
}

/// `reader`, of `quantized` dequantized, can read the integers instead.
bool CopyPlacement::canConvert(Value quantized, QuantizeOp reader) const {
  OpTypes types = OpTypes::of(reader);
  types.operands.front() = quantized.getType();
  return target.check(reader, types).isLegal();
}

/// `reader` is taken or left, as what it serves moves integers or not.
bool CopyPlacement::isOffered(Value quantized, QuantizeOp reader) const {
  return offers.contains(reader) && canConvert(quantized, reader);
}

unsigned CopyPlacement::getConsumer(Operation *user) const {
  auto copy = nodes.find(user);
  return copy == nodes.end() ? MinCut::kSink : copy->second;
}

/// The rounding to `quantized` is an order: there are these integers, whoever
/// reads them.
static bool isRequested(Value quantized) {
  auto quantize = quantized.getDefiningOp<QuantizeOp>();
  return quantize && quantize.getRequested();
}

static int64_t countElements(Value value) {
  int64_t elements = 1;
  for (int64_t dim : cast<RankedTensorType>(value.getType()).getShape())
    elements *= ShapedType::isDynamic(dim) ? 1 : dim;
  return elements;
}

static Value getConverted(QuantizeOp conversion) {
  return conversion.getInput().getDefiningOp<DequantizeOp>().getInput();
}

/// The conversion is made if something that it serves moves integers.
void CopyPlacement::addOffer(QuantizeOp offer) {
  unsigned node = cut.addNode();
  taken[offer] = node;
  cut.addEdge(node, MinCut::kSink, countElements(offer.getResult()));
  for (Operation *user : offer->getUsers())
    for (Operation *reader : user->getUsers())
      cut.addEdge(getConsumer(reader), node, MinCut::kNever);
  // Which makes the choice of what is converted its own, too.
  add(getConverted(offer));
}

/// The conversions of one tensor: quantized, if it is made in float and needed
/// as integers; dequantized, if there are integers and it is needed in float.
void CopyPlacement::add(Value quantized) {
  // Constants are stored as they are needed.
  Operation *producing = quantized.getDefiningOp();
  if (auto quantize = dyn_cast_or_null<QuantizeOp>(producing))
    producing = quantize.getInput().getDefiningOp();
  if (!known.insert(quantized).second ||
      (producing && producing->hasTrait<OpTrait::ConstantLike>()))
    return;
  if (auto quantize = quantized.getDefiningOp<QuantizeOp>();
      quantize && isa_and_nonnull<DequantizeOp>(producing) &&
      isOffered(getConverted(quantize), quantize))
    return addOffer(quantize);
  int64_t elements = countElements(quantized);
  unsigned producer = getProducer(quantized);
  unsigned integers = cut.addNode(), reals = cut.addNode();
  cut.addEdge(producer, integers, MinCut::kNever);
  if (isRequested(quantized))
    cut.addEdge(MinCut::kSource, integers, MinCut::kNever);
  if (producer != MinCut::kSource)
    cut.addEdge(integers, producer, elements);
  cut.addEdge(integers, reals, elements);
  auto addConsumer = [&](unsigned consumer) {
    cut.addEdge(consumer, integers, MinCut::kNever);
    cut.addEdge(reals, consumer, MinCut::kNever);
  };
  for (Operation *user : quantized.getUsers()) {
    if (!isa<DequantizeOp>(user)) {
      addConsumer(MinCut::kSource);
      continue;
    }
    for (Operation *reader : user->getUsers()) {
      auto quantize = dyn_cast<QuantizeOp>(reader);
      if (quantize && isOffered(quantized, quantize)) {
        add(quantize.getResult());
        cut.addEdge(taken.lookup(quantize), integers, MinCut::kNever);
        for (Operation *dequantize : quantize->getUsers())
          for (Operation *copy : dequantize->getUsers())
            cut.addEdge(reals, getConsumer(copy), MinCut::kNever);
        continue;
      }
      // Another conversion reads either.
      if (!quantize || !canConvert(quantized, quantize))
        addConsumer(getConsumer(reader));
    }
  }
}

/// Something that has integers makes or reads `quantized`: a layer, or a
/// conversion to another type.
static bool hasIntegerNeighbour(Value quantized) {
  Operation *producer = quantized.getDefiningOp();
  if (auto quantize = dyn_cast_or_null<QuantizeOp>(producer)) {
    if (getQuantizedSource(quantize.getInput()))
      return true;
  } else if (!isa_and_nonnull<ConstantOp>(producer)) {
    return true;
  }
  return llvm::any_of(quantized.getUsers(), [](Operation *user) {
    return !isa<DequantizeOp>(user) ||
           llvm::any_of(user->getUsers(), llvm::IsaPred<QuantizeOp>);
  });
}

/// `known` has the answers of hasIntegerNeighbour: many copies may read one
/// value.
static bool isNextToInteger(Operation *copy,
                            llvm::DenseMap<Value, bool> &known) {
  auto isNext = [&](Value quantized) {
    auto [entry, isNew] = known.try_emplace(quantized);
    if (isNew)
      entry->second = hasIntegerNeighbour(quantized);
    return entry->second;
  };
  return llvm::any_of(copy->getOperands(),
                      [&](Value operand) {
                        Value source = getQuantizedSource(operand);
                        return source && isNext(source);
                      }) ||
         llvm::any_of(copy->getUsers(), [&](Operation *user) {
           return isNext(user->getResult(0));
         });
}

void QDQFolder::foldCopies(ArrayRef<QuantizableOpInterface> copies) {
  SmallVector<std::pair<QuantizableOpInterface, Folded>> foldable;
  SmallVector<Operation *> ops;
  for (QuantizableOpInterface copy : copies)
    if (std::optional<Folded> folded = tryFold(copy)) {
      foldable.emplace_back(copy, std::move(*folded));
      ops.push_back(copy);
    }
  CopyPlacement placement(ops, target, offers);
  // First all answers: folding replaces the values.
  llvm::DenseMap<Value, bool> known;
  llvm::erase_if(foldable, [&](auto &entry) {
    Operation *copy = entry.first;
    if (placement.isInteger(copy))
      return false;
    noteFloatReason(copy,
                    isNextToInteger(copy, known)
                        ? "fewer elements are converted if it moves floats"
                        : "it moves values between layers in float");
    return true;
  });
  for (auto &[copy, folded] : foldable)
    fold(copy, folded);
}
