// This file implements random networks of ops that hand values on.
#include "RandomGraph.h"

#include "npir/Dialect/NPIR/IR/Constants.h"

#include <numeric>

using namespace mlir;
using namespace mlir::npir;

int64_t RandomGraph::countElements(ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin() + 1, shape.end(), int64_t(1),
                         std::multiplies<>());
}

RandomGraph::RandomGraph(MLIRContext *context, unsigned seed)
    : random(seed), builder(context) {}

NamedAttribute RandomGraph::name(StringRef key, Attribute value) {
  return builder.getNamedAttr(key, value);
}

NamedAttribute RandomGraph::list(StringRef key, ArrayRef<int64_t> values) {
  return name(key, builder.getDenseI64ArrayAttr(values));
}

Location RandomGraph::newLocation() {
  return NameLoc::get(builder.getStringAttr("v" + Twine(count++)));
}

Value RandomGraph::constant(ArrayRef<int64_t> shape, float low, float high) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  std::uniform_real_distribution<float> distribution(low, high);
  std::vector<float> values(type.getNumElements());
  for (float &value : values)
    value = distribution(random);
  return createConstant(builder, newLocation(), type, ArrayRef<float>(values));
}

/// `count` indices into `size` elements.
Value RandomGraph::indices(int64_t count, int64_t size) {
  auto type = RankedTensorType::get({count}, builder.getI64Type());
  std::vector<int64_t> values(count);
  for (int64_t &value : values)
    value = pick(size);
  return createConstant(builder, newLocation(), type,
                        ArrayRef<int64_t>(values));
}

/// Mostly one of the last, so that chains are long; sometimes any, which makes
/// a branch.
Value RandomGraph::pickValue() {
  size_t last = std::min<size_t>(pool.size(), 3);
  return pick(4) ? pool[pool.size() - 1 - pick(last)] : pool[pick(pool.size())];
}

Value RandomGraph::findLike(Value value) {
  SmallVector<Value> found;
  for (Value other : pool)
    if (other.getType() == value.getType())
      found.push_back(other);
  return found.empty() ? Value() : found[pick(found.size())];
}

//===----------------------------------------------------------------------===//
// What moves values
//===----------------------------------------------------------------------===//

Value RandomGraph::reshape(Value value, ArrayRef<int64_t> shape) {
  return ReshapeOp::create(builder, newLocation(),
                           RankedTensorType::get(shape, builder.getF32Type()),
                           value, Attribute());
}

Value RandomGraph::asImage(Value value) {
  ArrayRef<int64_t> shape = shapeOf(value);
  if (shape.size() == 4)
    return value;
  int64_t n = countElements(shape), channels = n % 4 == 0 ? 4 : 1;
  int64_t rest = n / channels, height = rest % 4 == 0 ? 4 : 1;
  return reshape(value, {shape[0], height, rest / height, channels});
}

Value RandomGraph::reshapeAnyhow(Value value) {
  ArrayRef<int64_t> shape = shapeOf(value);
  int64_t n = countElements(shape), half = n % 2 ? 1 : 2;
  switch (pick(3)) {
  case 0:
    return reshape(value, {shape[0], n});
  case 1:
    return reshape(value, {shape[0], n / half, half});
  default:
    return reshape(value, {shape[0], half, 1, n / half});
  }
}

Value RandomGraph::transpose(Value value) {
  SmallVector<int64_t> perm(shapeOf(value).size());
  std::iota(perm.begin(), perm.end(), 0);
  std::shuffle(perm.begin() + 1, perm.end(), random);
  return make<TransposeOp>(value, list("perm", perm));
}

/// Slices side by side, as ONNX's Split is imported.
Value RandomGraph::split(Value value) {
  ArrayRef<int64_t> shape = shapeOf(value);
  size_t axis = 1 + pick(shape.size() - 1);
  SmallVector<int64_t> offsets(shape.size(), 0), sizes(shape.size(), -1);
  Value part;
  for (int64_t from = 0; from < shape[axis];) {
    int64_t size = std::min<int64_t>(1 + pick(shape[axis]), shape[axis] - from);
    offsets[axis] = from;
    sizes[axis] = size;
    part =
        make<SliceOp>(value, {list("offsets", offsets), list("sizes", sizes)});
    if (part.getType() != value.getType() || pick(2))
      pool.push_back(part);
    from += size;
  }
  return part;
}

Value RandomGraph::concat(Value value) {
  SmallVector<Value> operands{value};
  for (unsigned i = pick(3); i > 0; --i)
    operands.push_back(findLike(value));
  SmallVector<int64_t> shape(shapeOf(value));
  size_t axis = 1 + pick(shape.size() - 1);
  // All dynamic or none: a constant has no batch.
  if (!ShapedType::isDynamic(shape[0]) && pick(3) == 0)
    operands.push_back(constant(shape, -1, 1));
  std::shuffle(operands.begin(), operands.end(), random);
  return make<ConcatOp>(operands,
                        name("axis", builder.getI64IntegerAttr(axis)));
}

Value RandomGraph::pad(Value value) {
  SmallVector<int64_t> begin(shapeOf(value).size(), 0), end(begin);
  size_t axis = 1 + pick(begin.size() - 1);
  begin[axis] = pick(2);
  end[axis] = 1;
  auto mode = pick(2) || shapeOf(value)[axis] < 2
                  ? PadMode::Constant
                  : (pick(2) ? PadMode::Edge : PadMode::Reflect);
  constexpr float numbers[] = {0, 0, 0, 0.3F};
  return make<PadOp>(
      value, {list("pads_begin", begin), list("pads_end", end),
              name("mode", PadModeAttr::get(builder.getContext(), mode)),
              name("value", builder.getF32FloatAttr(numbers[pick(4)]))});
}

/// Repeated along a new or a small dimension.
Value RandomGraph::spread(Value value) {
  SmallVector<int64_t> shape(shapeOf(value));
  shape.insert(shape.begin() + 1, 1);
  value = reshape(value, shape);
  shape[1] = 2;
  return BroadcastOp::create(
      builder, newLocation(),
      RankedTensorType::get(shape, builder.getF32Type()), value,
      ShapedType::isDynamic(shape[0]) ? value : Value(), Attribute());
}

/// One of two numbers, elementwise.
Value RandomGraph::select(Value value) {
  Value other = pick(3) ? findLike(value) : constant({1}, -0.3F, 0.3F);
  switch (pick(3)) {
  case 0:
    return make<MaximumOp>({value, other});
  case 1:
    return make<MinimumOp>({other, value});
  default:
    Value condition =
        make<CompareOp>({value, constant({1}, -0.1F, 0.1F)},
                        name("kind", CompareKindAttr::get(builder.getContext(),
                                                          CompareKind::Lt)));
    return make<WhereOp>({condition, value, other});
  }
}

Value RandomGraph::move(Value value) {
  int64_t n = countElements(shapeOf(value));
  bool mayGrow = n <= 256;
  switch (pick(8)) {
  case 0:
    return reshapeAnyhow(value);
  case 1:
  case 2:
    return split(value);
  case 3:
    return mayGrow ? concat(value) : split(value);
  case 4:
    return mayGrow ? pad(value) : split(value);
  case 5:
    return mayGrow && shapeOf(value).size() < 5 ? spread(value)
                                                : transpose(value);
  case 6:
    return select(value);
  default:
    return transpose(value);
  }
}

Value RandomGraph::moveImage(Value value) {
  value = asImage(value);
  ArrayRef<int64_t> shape = shapeOf(value);
  MLIRContext *context = builder.getContext();
  auto block = name("block", builder.getI64IntegerAttr(2));
  bool isEven = shape[1] % 2 == 0 && shape[2] % 2 == 0;
  switch (pick(6)) {
  case 0:
    if (isEven && pick(2))
      return make<MaxPool2DOp>(
          value, {list("kernel", {2, 2}), list("strides", {2, 2})});
    return make<MaxPool2DOp>(
        value, {list("kernel", {3, 3}), list("pads", {1, 1, 1, 1})});
  case 1: {
    bool grows = countElements(shape) <= 128;
    auto mode = pick(3) ? ResizeMode::Nearest : ResizeMode::Bilinear;
    return make<ResizeOp>(
        value, {name("mode", ResizeModeAttr::get(context, mode)),
                list("sizes", {grows ? 2 * shape[1] : (shape[1] + 1) / 2,
                               grows ? 2 * shape[2] : (shape[2] + 1) / 2})});
  }
  case 2:
    return isEven ? make<SpaceToDepthOp>(value, block) : transpose(value);
  case 3:
    return shape[3] % 4 == 0 ? make<DepthToSpaceOp>(value, block)
                             : transpose(value);
  case 4: {
    auto kind = pick(2) ? ReduceKind::Max : ReduceKind::Min;
    SmallVector<NamedAttribute> attributes{
        name("kind", ReduceKindAttr::get(context, kind)), list("axes", {2})};
    if (pick(2))
      attributes.push_back(name("keep_dims", builder.getUnitAttr()));
    return make<ReduceOp>(value, attributes);
  }
  default: {
    size_t axis = 1 + pick(3);
    return make<GatherOp>({value, indices(1 + pick(shape[axis]), shape[axis])},
                          name("axis", builder.getI64IntegerAttr(axis)));
  }
  }
}

Value RandomGraph::bound(Value value) {
  if (pick(2))
    return make<ReluOp>(value);
  constexpr float bounds[][2] = {{0, 6}, {-0.5F, 0.5F}, {-1, 2}, {0, 0.3F}};
  const float *range = bounds[pick(4)];
  return make<ClampOp>(value, {name("min", builder.getF32FloatAttr(range[0])),
                               name("max", builder.getF32FloatAttr(range[1]))});
}

OwningOpRef<ModuleOp> RandomGraph::write(unsigned depth) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  int64_t batch = pick(2) ? ShapedType::kDynamic : 2;
  auto type = RankedTensorType::get({batch, 4, 4, 4}, builder.getF32Type());
  SmallVector<Type> inputs(1 + pick(2), type);
  builder.setInsertionPointToEnd(module->getBody());
  auto func = func::FuncOp::create(builder, builder.getUnknownLoc(), "main",
                                   builder.getFunctionType(inputs, {}));
  Block *block = func.addEntryBlock();
  for (BlockArgument argument : block->getArguments())
    argument.setLoc(newLocation());
  llvm::append_range(pool, block->getArguments());
  builder.setInsertionPointToEnd(block);
  for (unsigned i = 0; i < depth; ++i) {
    Value value = pickValue();
    switch (pick(14)) {
    case 0:
    case 1:
      value = convolve(value);
      break;
    case 2:
      value = linear(value);
      break;
    case 3:
      value = unary(value);
      break;
    case 4:
      value = binary(value);
      break;
    case 5:
      value = pick(2) ? normalize(value) : computeFloat(value);
      break;
    case 6:
    case 7:
      value = bound(value);
      break;
    case 8:
    case 9:
    case 10:
      value = moveImage(value);
      break;
    default:
      value = move(value);
      break;
    }
    if (countElements(shapeOf(value)) <= 1024)
      pool.push_back(value);
  }
  SmallVector<Value> outputs;
  for (unsigned i = pick(3); i > 0; --i)
    outputs.push_back(pool[pick(pool.size())]);
  // No layer is in vain.
  for (Operation &op : *block)
    if (op.use_empty())
      outputs.push_back(op.getResult(0));
  func::ReturnOp::create(builder, builder.getUnknownLoc(), outputs);
  func.setFunctionType(
      builder.getFunctionType(inputs, ValueRange(outputs).getTypes()));
  return module;
}
