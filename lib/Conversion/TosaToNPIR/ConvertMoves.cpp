// This file implements the forms of ops that move elements.
#include "Converter.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::npir;

static FailureOr<Value> convertReshape(TosaConverter &converter,
                                       tosa::ReshapeOp op) {
  RankedTensorType type = converter.getResultType(op);
  if (!type)
    return failure();
  return converter.reshape(converter.get(op.getInput1()), type.getShape(), "");
}

static FailureOr<Value> convertTranspose(TosaConverter &converter,
                                         tosa::TransposeOp op) {
  if (failed(converter.expectLeadingBatch(op.getInput1())))
    return failure();
  SmallVector<int64_t> perm(op.getPerms());
  return converter.transpose(converter.get(op.getInput1()), perm, "");
}

static FailureOr<Value> convertConcat(TosaConverter &converter,
                                      tosa::ConcatOp op) {
  SmallVector<Value> inputs;
  for (Value input : op.getInput1())
    inputs.push_back(converter.get(input));
  if (inputs.size() == 1)
    return inputs.front();
  int64_t axis = op.getAxis() - TosaConverter::countDroppedDims(op.getOutput());
  return converter.create<ConcatOp>("", inputs, converter.named("axis", axis));
}

static FailureOr<Value> convertSlice(TosaConverter &converter,
                                     tosa::SliceOp op) {
  if (failed(converter.expectLeadingBatch(op.getInput1())))
    return failure();
  FailureOr<SmallVector<int64_t>> offsets =
      converter.getNumbers(op.getStart(), "a start");
  FailureOr<SmallVector<int64_t>> sizes =
      converter.getNumbers(op.getSize(), "a size");
  if (failed(offsets) || failed(sizes))
    return failure();
  return converter.create<SliceOp>(
      "", converter.get(op.getInput1()),
      {converter.named("offsets", *offsets), converter.named("sizes", *sizes)});
}

static FailureOr<Value> convertPad(TosaConverter &converter, tosa::PadOp op) {
  if (failed(converter.expectLeadingBatch(op.getInput1())))
    return failure();
  FailureOr<SmallVector<int64_t>> padding =
      converter.getNumbers(op.getPadding(), "a padding");
  if (failed(padding))
    return failure();
  ElementsAttr constant = getTosaConstant(op.getPadConst());
  std::optional<double> value;
  if (constant)
    value = getUniformNumber(constant);
  if (!value)
    return converter.refuse("expected a value of the padding that is a "
                            "constant");
  SmallVector<int64_t> begin, end;
  for (size_t i = 0; i + 1 < padding->size(); i += 2) {
    begin.push_back((*padding)[i]);
    end.push_back((*padding)[i + 1]);
  }
  return converter.create<PadOp>(
      "", converter.get(op.getInput1()),
      {converter.named("pads_begin", begin), converter.named("pads_end", end),
       converter.named("value", static_cast<float>(*value))});
}

/// Each repeated dimension gets one of size 1 in front, which is broadcast.
static FailureOr<Value> convertTile(TosaConverter &converter, tosa::TileOp op) {
  if (failed(converter.expectLeadingBatch(op.getInput1())))
    return failure();
  FailureOr<SmallVector<int64_t>> multiples =
      converter.getNumbers(op.getMultiples(), "multiples");
  if (failed(multiples))
    return failure();
  Value input = converter.get(op.getInput1());
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> split, repeated, result;
  for (auto [size, count] : llvm::zip_equal(type.getShape(), *multiples)) {
    if (count < 1)
      return converter.refuse("expected multiples of at least 1, got " +
                              Twine(count));
    if (count != 1 && ShapedType::isDynamic(size))
      return converter.refuse("expected the batch taken once, got " +
                              Twine(count) + " times");
    result.push_back(count == 1 ? size : size * count);
    if (count != 1 && size != 1) {
      split.push_back(1);
      repeated.push_back(count);
    }
    split.push_back(size);
    repeated.push_back(count != 1 && size == 1 ? count : size);
  }
  if (result == type.getShape())
    return input;
  FailureOr<Value> parts = converter.reshape(input, split, ".parts");
  if (failed(parts))
    return failure();
  SmallVector<Value> operands{*parts};
  if (!type.hasStaticShape())
    operands.push_back(input);
  bool isWhole = repeated == result;
  FailureOr<Value> copies = converter.create<BroadcastOp>(
      isWhole ? "" : ".copies", operands, {}, type.clone(repeated));
  if (failed(copies))
    return failure();
  return converter.reshape(*copies, result, "");
}

static FailureOr<Value> convertReverse(TosaConverter &converter,
                                       tosa::ReverseOp op) {
  if (failed(converter.expectLeadingBatch(op.getInput1())))
    return failure();
  Value input = converter.get(op.getInput1());
  int64_t size = TosaConverter::getShape(input)[op.getAxis()];
  if (ShapedType::isDynamic(size))
    return converter.refuse("expected an axis other than the dynamic one");
  Value order = converter.createIndices(
      llvm::to_vector(
          llvm::reverse(llvm::seq<int32_t>(0, static_cast<int32_t>(size)))),
      ".order");
  return converter.create<GatherOp>(
      "", {input, order},
      converter.named("axis", static_cast<int64_t>(op.getAxis())));
}

/// Batch `index` of `value`, without that dimension. `rest` are the others.
static FailureOr<Value> takeBatch(TosaConverter &converter, Value value,
                                  int64_t index, StringRef suffix) {
  ArrayRef<int64_t> shape = TosaConverter::getShape(value);
  if (shape[0] == 1)
    return converter.reshape(value, shape.drop_front(), suffix);
  SmallVector<int64_t> offsets(shape.size(), 0), sizes(shape);
  offsets[0] = index;
  sizes[0] = 1;
  FailureOr<Value> part = converter.create<SliceOp>(
      (suffix + ".slice").str(), value,
      {converter.named("offsets", offsets), converter.named("sizes", sizes)});
  if (failed(part))
    return failure();
  return converter.reshape(*part, shape.drop_front(), suffix);
}

/// TOSA gathers rows of each batch apart; npir those of one table. Batches are
/// put together again, and one table is an embedding.
static FailureOr<Value> convertGather(TosaConverter &converter,
                                      tosa::GatherOp op) {
  if (failed(converter.expectLeadingBatch(op.getValues())))
    return failure();
  Value values = converter.get(op.getValues());
  Value indices = converter.get(op.getIndices());
  RankedTensorType type = converter.getResultType(op);
  int64_t batches = TosaConverter::getShape(values)[0];
  if (!type || ShapedType::isDynamic(batches))
    return converter.refuse("expected values of a known number of batches");
  SmallVector<Value> parts;
  for (int64_t n = 0; n < batches; ++n) {
    std::string suffix = batches == 1 ? "" : "." + std::to_string(n);
    FailureOr<Value> table =
        takeBatch(converter, values, n, suffix + ".values");
    FailureOr<Value> ids = indices;
    if (TosaConverter::getShape(indices).size() == 2)
      ids = takeBatch(converter, indices, n, suffix + ".indices");
    if (failed(table) || failed(ids))
      return failure();
    FailureOr<Value> rows = converter.create<GatherOp>(
        batches == 1 ? suffix : suffix + ".rows", {*table, *ids},
        converter.named("axis", int64_t(0)));
    if (failed(rows))
      return failure();
    SmallVector<int64_t> shape(type.getShape());
    if (batches != 1)
      shape[0] = 1;
    rows = converter.reshape(*rows, shape, suffix + ".batch");
    if (failed(rows))
      return failure();
    parts.push_back(*rows);
  }
  if (batches == 1)
    return parts.front();
  return converter.create<ConcatOp>("", parts,
                                    converter.named("axis", int64_t(0)));
}

void mlir::npir::addMoveForms(TosaForms &forms) {
  forms.add(convertReshape);
  forms.add(convertTranspose);
  forms.add(convertConcat);
  forms.add(convertSlice);
  forms.add(convertPad);
  forms.add(convertTile);
  forms.add(convertReverse);
  forms.add(convertGather);
}
