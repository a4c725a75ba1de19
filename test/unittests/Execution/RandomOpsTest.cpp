// This file runs random layers in the interpreter and on the runtime: in 8 bits
// they agree in every bit, in float closely. NPIR_RANDOM_CASES=N runs N layers
// of each op instead of a few.
#include "RandomOps.h"
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Targets/Target.h"

#include <cmath>
#include <cstring>
#include <set>

using namespace mlir;
using namespace mlir::npir;

namespace {
class RandomOpsTest : public ExecutionTest {
protected:
  static unsigned countCases() {
    const char *text = std::getenv("NPIR_RANDOM_CASES");
    return text ? unsigned(std::atoi(text)) : 8;
  }

  std::vector<float> run(ModuleOp module, Backend backend,
                         const RandomLayer &layer,
                         const std::vector<std::vector<float>> &data) {
    std::unique_ptr<Network> network = create(module, backend);
    if (!network)
      return {};
    std::vector<npir_rt::NamedTensor> inputs;
    for (size_t i = 0; i < data.size(); ++i) {
      npir_rt::TensorView view;
      view.shape = layer.inputs[i].shape;
      view.data = data[i].data();
      inputs.push_back({network->getInputs()[i].name, view});
    }
    npir_rt::Status status = network->run(inputs, nullptr);
    EXPECT_TRUE(status.ok()) << status.message();
    if (!status.ok())
      return {};
    return toFloat(network->getOutputs().front());
  }

  /// The layer's module with the target's numbers; null where the target has
  /// none for it.
  OwningOpRef<ModuleOp> build(const RandomLayer &layer, bool isFloat) {
    const std::string text = printNetwork(layer, isFloat);
    OwningOpRef<ModuleOp> module = parse(text);
    EXPECT_TRUE(module) << messages << text;
    const Target *target = lookupTarget("xnnpack");
    bool isLegal = bool(module);
    if (module)
      module->walk([&](QuantizableOpInterface op) {
        isLegal &= target->check(op).isLegal();
        FailureOr<Attribute> requant = target->computeRequant(op);
        if (succeeded(requant) && *requant)
          op->setAttr("requant", *requant);
      });
    return isLegal ? std::move(module) : nullptr;
  }

  static bool isClose(float a, float b, float bound) {
    return a == b || (std::isnan(a) && std::isnan(b)) ||
           std::fabs(a - b) <= bound;
  }

  /// The largest finite magnitude, or 1 where that is larger.
  static float getLargest(const std::vector<float> &values) {
    float largest = 1;
    for (float value : values)
      if (std::isfinite(value))
        largest = std::max(largest, std::fabs(value));
    return largest;
  }

  /// Compares `cases` layers that `make` makes; the number of those that ran.
  template <typename Make>
  unsigned compare(const std::string &name, bool isFloat, float tolerance,
                   Make make) {
    SCOPED_TRACE(name);
    unsigned ran = 0, tries = 0, varied = 0;
    const unsigned cases = countCases();
    for (; ran < cases && tries < 3 * cases; ++tries) {
      messages.clear();
      RandomSource source(tries + 1, isFloat);
      const RandomLayer layer = make(source);
      OwningOpRef<ModuleOp> module = build(layer, isFloat);
      if (HasFailure())
        return ran;
      if (!module)
        continue;
      std::vector<std::vector<float>> data;
      for (const RandomValue &value : layer.inputs)
        data.push_back(source.makeData(value));
      auto expected = run(*module, Backend::Interpreter, layer, data);
      auto actual = run(*module, Backend::XNNPACK, layer, data);
      bool areEqual = !expected.empty() && expected.size() == actual.size();
      const float bound = tolerance * getLargest(expected);
      for (size_t i = 0; areEqual && i < expected.size(); ++i)
        areEqual = isFloat ? isClose(expected[i], actual[i], bound)
                           : std::memcmp(&expected[i], &actual[i], 4) == 0;
      EXPECT_TRUE(areEqual) << messages << printNetwork(layer, isFloat);
      if (!areEqual)
        return ran;
      ++ran;
      varied += std::set<float>(expected.begin(), expected.end()).size() > 1;
    }
    EXPECT_EQ(ran, cases) << "too few are legal";
    // What gives one value only tests little.
    EXPECT_GE(varied, cases / 2);
    return ran;
  }
};
} // namespace

TEST_F(RandomOpsTest, EightBitsAgreeToTheBit) {
  unsigned total = 0;
  for (const RandomOp &op : getRandomOps())
    if (op.hasIntegerForm)
      total += compare(op.name, false, 0, op.make);
  for (RegisteredOperationName name : context.getRegisteredOperations())
    if (name.hasInterface<UnaryOpInterface>()) {
      const std::string text = name.getStringRef().str();
      total += compare(text, false, 0, [&](RandomSource &source) {
        return makeUnary(text, source);
      });
    }
  if (countCases() >= 200) {
    EXPECT_GE(total, 10000u);
  }
  RecordProperty("layers", int(total));
}

TEST_F(RandomOpsTest, FloatIsClose) {
  for (const RandomOp &op : getRandomOps())
    if (op.hasFloatForm)
      compare(op.name, true, op.tolerance, op.make);
}

/// A new op of the target needs a row here.
TEST_F(RandomOpsTest, EveryQuantizedOpIsInTheTable) {
  std::set<std::string> known = {"npir.constant", "npir.dequantize"};
  std::set<std::string> knownInFloat;
  for (const RandomOp &op : getRandomOps())
    (op.hasIntegerForm ? known : knownInFloat)
        .insert(op.name.substr(0, op.name.find(' ')));
  for (const TargetRow &row : lookupTarget("xnnpack")->getTable()) {
    if (row.integerForm == Placement::Illegal)
      continue;
    auto name = RegisteredOperationName::lookup(row.op, &context);
    if (name && name->hasInterface<UnaryOpInterface>())
      continue;
    // What reads f32 and has integers inside is tested in its only form.
    const bool isHybrid = row.floatForm == Placement::Illegal;
    EXPECT_TRUE((isHybrid ? knownInFloat : known).count(row.op.str()))
        << row.op.str();
  }
}
