// This file tests observers against vectors that an independent program
// computed from the formulas of convention OBS-1.
#include "ObserverVectors.h"

using namespace mlir::npir;

namespace {

/// The vectors of one file, parsed once.
const json::Object &getVectors() {
  static json::Value root = parseFile(NPIR_TEST_DATA "/minmax_vectors.json");
  return *root.getAsObject();
}

const json::Object &getPercentileVectors() {
  static json::Value root =
      parseFile(NPIR_TEST_DATA "/percentile_vectors.json");
  return *root.getAsObject();
}

TEST(ObserverVectors, MinMaxPerTensor) {
  unsigned checked = 0;
  for (const auto &[name, vector] : getVectors()) {
    SCOPED_TRACE(name.str());
    const json::Object &object = *vector.getAsObject();
    Batches batches = readBatches(object);
    for (const json::Value &result : *object.getArray("results")) {
      if (!result.getAsObject())
        continue;
      Expectation expected(*result.getAsObject());
      SCOPED_TRACE("bits " + std::to_string(expected.grid.bits));
      Observer observer({}, expected.grid, expected.scheme);
      for (const std::vector<float> &batch : batches)
        observer.update(batch);
      EXPECT_EQ(deriveRange(observer.getStatistics(), {}, QuantFormat()),
                expected.range);
      EXPECT_EQ(*observer.minVal(), float(expected.range.lo));
      EXPECT_EQ(*observer.maxVal(), float(expected.range.hi));
      llvm::Expected<QuantParams> params = observer.getQuantizationParams();
      ASSERT_TRUE(bool(params));
      expectEqual(*params, expected.params);
      ++checked;
    }
  }
  // Ten written vectors of 9 configurations, four generated ones of 4.
  EXPECT_EQ(checked, 10u * 9 + 4 * 4);
}

TEST(ObserverVectors, MinMaxPerChannel) {
  const json::Object &object = *getVectors().getObject("p1_per_channel_rows");
  Batches rows = readBatches(object);
  std::vector<float> tensor, transposed;
  for (const std::vector<float> &row : rows)
    tensor.insert(tensor.end(), row.begin(), row.end());
  for (size_t i = 0; i < rows[0].size(); ++i)
    for (const std::vector<float> &row : rows)
      transposed.push_back(row[i]);

  unsigned checked = 0;
  for (const json::Value &result : *object.getArray("results")) {
    const json::Array &channels = *result.getAsArray();
    Expectation first(*channels[0].getAsObject());
    Observer outer({}, first.grid, first.scheme);
    outer.update(tensor, ChannelView::get({3, 4}, 0));
    Observer last({}, first.grid, first.scheme);
    last.update(transposed, ChannelView::get({4, 3}, 1));
    for (Observer *observer : {&outer, &last}) {
      auto params = observer->getChannelQuantizationParams();
      ASSERT_TRUE(bool(params));
      ASSERT_EQ(params->size(), channels.size());
      auto ranges =
          deriveChannelRanges(observer->getStatistics(), {}, QuantFormat());
      for (size_t i = 0; i < channels.size(); ++i) {
        Expectation expected(*channels[i].getAsObject());
        EXPECT_EQ(ranges[i], expected.range);
        expectEqual((*params)[i], expected.params);
        ++checked;
      }
    }
  }
  EXPECT_EQ(checked, 9u * 3 * 2);
}

/// With sigma an observer sees every batch whole, and is exact. A compiler may
/// fuse the interpolation's product and sum, so the ends get a few units.
TEST(ObserverVectors, PercentileWithSigma) {
  unsigned checked = 0;
  for (const auto &[name, vector] : getPercentileVectors()) {
    SCOPED_TRACE(name.str());
    const json::Object &object = *vector.getAsObject();
    Batches batches = readBatches(object);
    for (const json::Value &result : *object.getArray("results")) {
      const json::Object &fields = *result.getAsObject();
      Expectation expected(fields);
      ObserverParams params;
      params.kind = ObserverParams::Kind::Percentile;
      params.alpha = *fields.getNumber("alpha");
      params.sigma = *fields.getNumber("sigma");
      SCOPED_TRACE(params.alpha);
      Observer observer(params, expected.grid, expected.scheme);
      for (const std::vector<float> &batch : batches)
        observer.update(batch);
      llvm::Expected<QuantParams> got = observer.getQuantizationParams();
      ASSERT_TRUE(bool(got));
      expectEqual(*got, expected.params);
      ++checked;
    }
  }
  EXPECT_EQ(checked, (10u * 9 + 4 * 4) * 2);
}

/// The same from statistics, which remember a batch by its tails.
TEST(ObserverVectors, PercentileWithSigmaFromStatistics) {
  for (const auto &[name, vector] : getPercentileVectors()) {
    SCOPED_TRACE(name.str());
    const json::Object &object = *vector.getAsObject();
    TensorStatistics statistics;
    uint64_t index = 0;
    for (const std::vector<float> &batch : readBatches(object))
      statistics.record(batch, {index++, true});
    double bin = statistics.histogram.binWidth();
    for (const json::Value &result : *object.getArray("results")) {
      const json::Object &fields = *result.getAsObject();
      ObserverParams params;
      params.kind = ObserverParams::Kind::Percentile;
      params.alpha = *fields.getNumber("alpha");
      params.sigma = *fields.getNumber("sigma");
      RealRange range = deriveRange(statistics, params, QuantFormat());
      EXPECT_NEAR(range.lo, *fields.getNumber("lo"), 1.07 * bin);
      EXPECT_NEAR(range.hi, *fields.getNumber("hi"), 1.07 * bin);
    }
  }
}

TEST(ObserverVectors, PercentilePooled) {
  for (const auto &[name, vector] : getPercentileVectors()) {
    SCOPED_TRACE(name.str());
    const json::Object &object = *vector.getAsObject();
    for (const json::Value &result : *object.getArray("pooled")) {
      const json::Object &fields = *result.getAsObject();
      ObserverParams params;
      params.kind = ObserverParams::Kind::Percentile;
      params.alpha = *fields.getNumber("alpha");
      Observer observer(params, {8, true, false}, QuantScheme::Affine);
      for (const std::vector<float> &batch : readBatches(object))
        observer.update(batch);
      const TensorStatistics &statistics = observer.getStatistics();
      RealRange range = deriveRange(statistics, params, QuantFormat());
      double bin = statistics.histogram.binWidth();
      EXPECT_NEAR(range.lo, *fields.getNumber("lo"), bin);
      EXPECT_NEAR(range.hi, *fields.getNumber("hi"), bin);
    }
  }
}

TEST(Observer, ParametersBeforeDataAreAnError) {
  Observer observer({}, {8, true, false}, QuantScheme::Affine);
  observer.update({std::nanf(""), std::numeric_limits<float>::infinity()});
  const char *message =
      "no finite value was observed, call update() with data before asking "
      "for quantization parameters";
  EXPECT_EQ(llvm::toString(observer.getQuantizationParams().takeError()),
            message);
  EXPECT_EQ(llvm::toString(observer.getChannelQuantizationParams().takeError()),
            message);
  EXPECT_EQ(observer.minVal(), std::nullopt);
  EXPECT_EQ(observer.maxVal(), std::nullopt);
  EXPECT_EQ(deriveRange(observer.getStatistics(), {}, QuantFormat()),
            (RealRange{0, 0}));
}

TEST(Observer, ChannelParametersNeedChannels) {
  Observer observer({}, {8, true, false}, QuantScheme::Affine);
  observer.update({1.0f, 2.0f});
  EXPECT_EQ(
      llvm::toString(observer.getChannelQuantizationParams().takeError()),
      "channels were not recorded, give a channel view to every update()");
}

TEST(Observer, BoundsAreThoseOfTheGrid) {
  Observer observer({}, {8, true, true}, QuantScheme::Symmetric);
  EXPECT_EQ(observer.lowerBound(), -127);
  EXPECT_EQ(observer.upperBound(), 127);
}

} // namespace
