// This file tests the comparison of networks and its figures.
#include "Fixture.h"

#include "npir/Execution/Compare.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

TEST(ErrorStatistics, FollowsTheFormula) {
  ErrorStatistics statistics;
  statistics.add({3, 4}, {3, 4});
  EXPECT_TRUE(std::isinf(statistics.getSQNR()));
  statistics.add({0, 5}, {1, 5});
  // signal 9+16+25 = 50, noise 1
  EXPECT_NEAR(statistics.getSQNR(), 10 * std::log10(50.0), 1e-12);
  EXPECT_EQ(statistics.getMaxError(), 1);
  EXPECT_NEAR(statistics.getCosine(), 50 / std::sqrt(50.0 * 51.0), 1e-12);
  EXPECT_EQ(statistics.getCount(), 4u);
}

TEST(ErrorStatistics, NoSignalAndNaN) {
  ErrorStatistics silent;
  silent.add({0, 0}, {0, 1});
  EXPECT_EQ(silent.getSQNR(), -std::numeric_limits<double>::infinity());
  ErrorStatistics broken;
  broken.add({1, 1}, {std::nanf(""), 3});
  EXPECT_TRUE(std::isnan(broken.getSQNR()));
  EXPECT_TRUE(std::isnan(broken.getMaxError()));
  EXPECT_EQ(decibelToJSON(INFINITY), llvm::json::Value("inf"));
  EXPECT_EQ(decibelToJSON(-INFINITY), llvm::json::Value("-inf"));
}

/// y = clamp(x * factor), as a linear layer.
static std::string makeNetwork(const std::string &factor) {
  return "func.func @main(%x: tensor<?x1xf32> loc(\"x\")) -> tensor<?x1xf32> "
         "attributes {npir.station = #npir.station<prepared>} {\n"
         "%w = npir.constant dense<" +
         factor +
         "> : tensor<1x1xf32> "
         "loc(\"w\")\n"
         "%0 = npir.linear %x, %w {clamp_max = 8.0 : f32} : (tensor<?x1xf32>, "
         "tensor<1x1xf32>) -> tensor<?x1xf32> loc(\"y\")\n"
         "return %0 : tensor<?x1xf32>\n}";
}

/// Whether x is less than `bound`, and x as an integer.
static std::string makeIntegers(const std::string &bound) {
  return "func.func @main(%x: tensor<?x1xf32> loc(\"x\")) -> (tensor<?x1xi1>, "
         "tensor<?x1xi64>) attributes {npir.station = "
         "#npir.station<prepared>} {\n%b = npir.constant dense<" +
         bound +
         "> : tensor<1xf32> loc(\"b\")\n"
         "%0 = npir.compare lt %x, %b : (tensor<?x1xf32>, tensor<1xf32>) -> "
         "tensor<?x1xi1> loc(\"less\")\n"
         "%1 = npir.cast %x : tensor<?x1xf32> -> tensor<?x1xi64> "
         "loc(\"whole\")\n"
         "return %0, %1 : tensor<?x1xi1>, tensor<?x1xi64>\n}";
}

TEST_F(ExecutionTest, IntegersAreEqualOrNot) {
  auto a = parse(makeIntegers("2.0")), b = parse(makeIntegers("5.5"));
  ASSERT_TRUE(a && b) << messages;
  auto reference = create(*a, Backend::Interpreter, /*tapAll=*/true);
  auto test = create(*b, Backend::XNNPACK, /*tapAll=*/true);
  ASSERT_TRUE(reference && test) << messages;
  std::vector<float> values = {0, 1, 4, 5, 6};
  auto array = npir_rt::NpyArray::fromMemory("<f4", {5, 1}, values.data(), "x");
  ASSERT_TRUE(array.ok());
  auto data = npir_rt::DataSet::fromArrays({*array}, test->getInputs());
  ASSERT_TRUE(data.ok()) << data.status().message();
  Comparison comparison;
  auto status = compareNetworks(*reference, *test, *data, {0, 5}, 2,
                                /*quiet=*/true, comparison);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(comparison.outputs.size(), 2u);
  EXPECT_TRUE(comparison.outputs[0].isInteger);
  EXPECT_EQ(comparison.outputs[0].differing, 2u);
  EXPECT_EQ(comparison.outputs[0].statistics.getCount(), 5u);
  EXPECT_EQ(comparison.outputs[1].differing, 0u);
  EXPECT_EQ(comparison.bitExactSamples, 3);
  std::string table;
  llvm::raw_string_ostream os(table);
  comparison.print(os);
  EXPECT_NE(table.find("integers"), std::string::npos) << table;
  auto read = Comparison::parse(llvm::formatv("{0}", comparison.toJSON()).str(),
                                "report");
  ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
  EXPECT_TRUE(read->outputs[0].isInteger);
  EXPECT_FALSE(read->tensors[0].isInteger);
}

TEST_F(ExecutionTest, ComparesTensorsAndCountsExactSamples) {
  auto a = parse(makeNetwork("2.0")), b = parse(makeNetwork("2.5"));
  ASSERT_TRUE(a && b) << messages;
  auto reference = create(*a, Backend::Interpreter, /*tapAll=*/true);
  auto test = create(*b, Backend::XNNPACK, /*tapAll=*/true);
  ASSERT_TRUE(reference && test) << messages;

  std::string path = ::testing::TempDir() + "/npir-compare.npy";
  std::vector<float> values = {0, 1, 4, 5, 6};
  ASSERT_TRUE(
      npir_rt::writeNpy(path, npir_rt::NpyType::F4, {5, 1}, values.data())
          .ok());
  auto array = npir_rt::NpyArray::open(path);
  ASSERT_TRUE(array.ok());
  auto data = npir_rt::DataSet::fromArrays({*array}, test->getInputs());
  ASSERT_TRUE(data.ok()) << data.status().message();
  std::remove(path.c_str());

  Comparison comparison;
  auto status = compareNetworks(*reference, *test, *data, {0, 5}, 2,
                                /*quiet=*/true, comparison);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(comparison.samples, 5);
  // 0, 4, 5 and 6 agree: zero, and what the bound cuts; 1 gives 2 and 2.5.
  EXPECT_EQ(comparison.bitExactSamples, 4);
  ASSERT_EQ(comparison.tensors.size(), 2u);
  EXPECT_EQ(comparison.tensors[0].id, "x:0");
  EXPECT_EQ(comparison.tensors[0].differing, 0u);
  EXPECT_EQ(comparison.tensors[1].id, "y:0");
  EXPECT_EQ(comparison.tensors[1].differing, 1u);
  // signal 2*2 + 3*64, noise 0.25
  EXPECT_NEAR(comparison.outputs[0].statistics.getSQNR(),
              10 * std::log10(196 / 0.25), 1e-9);

  std::string table;
  llvm::raw_string_ostream os(table);
  comparison.print(os);
  EXPECT_NE(table.find("bit-exact samples: 4 of 5"), std::string::npos);
  EXPECT_NE(table.find("<- lowest"), std::string::npos);
  const llvm::json::Object *json = nullptr;
  llvm::json::Value value = comparison.toJSON();
  ASSERT_TRUE((json = value.getAsObject()));
  EXPECT_EQ(json->getInteger("bit_exact_samples"), 4);
}
