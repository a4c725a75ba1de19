// This file tests threshold searches against vectors that
// threshold_vectors.py computed: on the values bit by bit, and from statistics.
#include "ObserverVectors.h"
#include "npir/Observers/QuantizationError.h"

using namespace mlir::npir;

namespace {

using Kind = ObserverParams::Kind;

Kind getKind(llvm::StringRef name) {
  return name == "minmax"       ? Kind::MinMax
         : name == "ema"        ? Kind::EMA
         : name == "percentile" ? Kind::Percentile
         : name == "omse"       ? Kind::OMSE
         : name == "kl"         ? Kind::KL
                                : Kind::Auto;
}

ObserverParams getParams(const json::Object &fields) {
  ObserverParams params;
  params.kind = getKind(*fields.getString("observer"));
  if (std::optional<double> alpha = fields.getNumber("alpha"))
    params.alpha = *alpha;
  params.sigma = fields.getNumber("sigma");
  params.bins = unsigned(fields.getInteger("bins").value_or(2048));
  params.twoSided = fields.getBoolean("two_sided").value_or(true);
  return params;
}

/// Calls `check(batches, params, expected, fields)` for each result of `kind`;
/// returns how many there are.
template <typename Check>
unsigned forEachResult(Kind kind, Check check) {
  static const json::Value root =
      parseFile(NPIR_TEST_DATA "/threshold_vectors.json");
  unsigned count = 0;
  for (const auto &[name, vector] : *root.getAsObject()) {
    SCOPED_TRACE(name.str());
    const json::Object &object = *vector.getAsObject();
    Batches batches = readBatches(object);
    for (const json::Value &result : *object.getArray("results")) {
      const json::Object &fields = *result.getAsObject();
      ObserverParams params = getParams(fields);
      if (params.kind != kind)
        continue;
      SCOPED_TRACE(llvm::formatv("{0}", result).str());
      check(batches, params, Expectation(fields), fields);
      ++count;
    }
  }
  return count;
}

std::vector<float> concatenate(const Batches &batches) {
  std::vector<float> all;
  for (const std::vector<float> &batch : batches)
    all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

TensorStatistics record(const Batches &batches) {
  TensorStatistics statistics;
  uint64_t index = 0;
  // Every other batch comes in a part of its own.
  for (const std::vector<float> &batch : batches) {
    statistics.record(batch, {index, index % 2 == 0});
    ++index;
  }
  return statistics;
}

/// The values of one tensor, by the function for constants.
DerivedRange deriveExactly(const std::vector<float> &values,
                           const ObserverParams &params,
                           const Expectation &expected) {
  return *explainExactRanges(values.data(), {1, 1, values.size()}, params,
                             {expected.grid, expected.scheme})[0];
}

/// By an observer that sees batch after batch.
void expectObserved(const Batches &batches, const ObserverParams &params,
                    const Expectation &expected) {
  Observer observer(params, expected.grid, expected.scheme);
  for (const std::vector<float> &batch : batches)
    observer.update(batch);
  llvm::Expected<QuantParams> got = observer.getQuantizationParams();
  ASSERT_TRUE(bool(got));
  expectEqual(*got, expected.params);
}

TEST(ThresholdVectors, EMA) {
  unsigned count = forEachResult(
      Kind::EMA, [](const Batches &batches, const ObserverParams &params,
                    const Expectation &expected, const json::Object &) {
        expectObserved(batches, params, expected);
        QuantFormat format{expected.grid, expected.scheme};
        RealRange range = deriveRange(record(batches), params, format);
        EXPECT_EQ(range, expected.range);
        expectEqual(computeQuantParams(range, format.grid, format.scheme),
                    expected.params);
      });
  EXPECT_EQ(count, 12u * (9 + 3) + 4 * (4 + 3));
}

TEST(ThresholdVectors, PercentileWithSigma) {
  unsigned count = forEachResult(
      Kind::Percentile, [](const Batches &batches, const ObserverParams &params,
                           const Expectation &expected, const json::Object &) {
        expectObserved(batches, params, expected);
        TensorStatistics statistics = record(batches);
        double bin = statistics.histogram.binWidth();
        RealRange range = deriveRange(statistics, params, QuantFormat());
        EXPECT_NEAR(range.lo, expected.range.lo, 1.07 * bin);
        EXPECT_NEAR(range.hi, expected.range.hi, 1.07 * bin);
      });
  EXPECT_EQ(count, 16u * 6);
}

TEST(ThresholdVectors, OMSEOfValues) {
  unsigned count = forEachResult(
      Kind::OMSE, [](const Batches &batches, const ObserverParams &params,
                     const Expectation &expected, const json::Object &fields) {
        std::vector<float> values = concatenate(batches);
        DerivedRange got = deriveExactly(values, params, expected);
        EXPECT_EQ(got.candidate, unsigned(*fields.getInteger("k")));
        EXPECT_EQ(got.range.lo, std::min(0.0, expected.range.lo));
        EXPECT_EQ(got.range.hi, std::max(0.0, expected.range.hi));
        expectObserved(batches, params, expected);
        QuantizationError error =
            measureError(values.data(), {1, 1, values.size()}, expected.params,
                         expected.grid);
        double mse = *fields.getNumber("mse");
        EXPECT_NEAR(error.mse(), mse, 1e-12 * mse);
      });
  EXPECT_GT(count, 250u);
}

/// Of values spread widely enough for bins to say where they lie.
TEST(ThresholdVectors, OMSEOfStatistics) {
  unsigned checked = 0;
  forEachResult(Kind::OMSE, [&](const Batches &batches,
                                const ObserverParams &params,
                                const Expectation &expected,
                                const json::Object &fields) {
    if (batches.size() != 1 || batches[0].size() != 4096)
      return;
    TensorStatistics statistics = record(batches);
    QuantFormat format{expected.grid, expected.scheme};
    DerivedRange got = explainRange(statistics, params, format);
    double mse = *fields.getNumber("mse");
    EXPECT_NEAR(double(got.candidate), double(*fields.getInteger("k")), 1.0);
    EXPECT_NEAR(estimateError(statistics, got.range, format).mse(), mse,
                0.01 * mse);
    EXPECT_NEAR(estimateError(statistics, expected.range, format).mse(), mse,
                0.01 * mse);
    ++checked;
  });
  EXPECT_GT(checked, 40u);
}

TEST(ThresholdVectors, KL) {
  unsigned count = forEachResult(
      Kind::KL, [](const Batches &batches, const ObserverParams &params,
                   const Expectation &expected, const json::Object &fields) {
        std::vector<float> values = concatenate(batches);
        DerivedRange exact = deriveExactly(values, params, expected);
        DerivedRange got = explainRange(record(batches), params,
                                        {expected.grid, expected.scheme});
        for (const DerivedRange &range : {exact, got}) {
          EXPECT_EQ(range.candidate, unsigned(*fields.getInteger("bin")));
          EXPECT_EQ(range.range, expected.range);
        }
        expectObserved(batches, params, expected);
      });
  EXPECT_GT(count, 190u);
}

TEST(ThresholdVectors, AutoOfValues) {
  unsigned count = forEachResult(Kind::Auto, [](const Batches &batches,
                                                const ObserverParams &params,
                                                const Expectation &expected,
                                                const json::Object &fields) {
    DerivedRange got = deriveExactly(concatenate(batches), params, expected);
    EXPECT_EQ(got.winner, getKind(*fields.getString("winner")));
    expectEqual(computeQuantParams(got.range, expected.grid, expected.scheme),
                expected.params);
    expectObserved(batches, params, expected);
  });
  EXPECT_EQ(count, 16u * 6);
}

/// The generated vectors as the channels of one tensor, at either end of it.
TEST(ThresholdVectors, Channels) {
  for (Kind kind : {Kind::EMA, Kind::OMSE, Kind::KL, Kind::Auto}) {
    std::vector<std::vector<float>> channels;
    std::vector<Expectation> expected;
    ObserverParams params;
    forEachResult(kind, [&](const Batches &batches, const ObserverParams &one,
                            const Expectation &result, const json::Object &) {
      // One result of each vector.
      bool isFirst = channels.empty() || channels.back() != batches[0];
      if (batches[0].size() != 4096 || !isFirst)
        return;
      channels.push_back(batches[0]);
      expected.push_back(result);
      params = one;
    });
    ASSERT_EQ(channels.size(), 4u);
    std::vector<float> outer = concatenate(channels), last;
    for (size_t i = 0; i < channels[0].size(); ++i)
      for (const std::vector<float> &channel : channels)
        last.push_back(channel[i]);
    struct Layout {
      const std::vector<float> &values;
      ChannelView view;
    };
    for (const Layout &layout :
         {Layout{outer, {1, 4, 4096}}, Layout{last, {4096, 4, 1}}}) {
      Observer observer(params, expected[0].grid, expected[0].scheme);
      observer.update(layout.values, layout.view);
      auto got = observer.getChannelQuantizationParams();
      ASSERT_TRUE(bool(got));
      for (size_t i = 0; i < 4; ++i)
        expectEqual((*got)[i], expected[i].params);
    }
  }
}

} // namespace
