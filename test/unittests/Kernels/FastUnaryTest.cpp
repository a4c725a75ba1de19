// This file tests the fast functions of one number against their formulas, in
// every instruction set of the machine.
#include "npir/Kernels/Fast/Elementwise.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

using namespace npir_kernels;
using Floats = std::vector<float>;

static Floats makeInput() {
  Floats input = {INFINITY, 0.0f, -0.0f, 1e-42f, 1e-38f, 1e20f, -1e20f, 3e38f};
  for (float x = 1e-30f; x < 1e6f; x *= 1.01f) {
    input.push_back(x);
    input.push_back(-x);
  }
  for (int i = -120000; i <= 120000; ++i)
    input.push_back(float(i) * 1e-4f);
  return input;
}

static Floats run(const fast::UnaryF32 &function, const Floats &input,
                  fast::InstructionSet set) {
  Floats output(input.size());
  function.run(input.data(), output.data(), input.size(), 0.25f, 0.0f, set);
  return output;
}

TEST(FastUnary, IsTheFormula) {
  const Floats input = makeInput();
  EXPECT_GE(fast::getUnaryKernels().size(), 13u);
  for (const fast::UnaryF32 &function : fast::getUnaryKernels()) {
    SCOPED_TRACE(unaryName(function.kind));
    const Floats baseline =
        run(function, input, fast::InstructionSet::Baseline);
    for (size_t i = 0; i < input.size(); ++i) {
      const float want = evaluateUnary({function.kind, 0.25f}, input[i]);
      if (baseline[i] == want || (std::isnan(want) && std::isnan(baseline[i])))
        continue;
      EXPECT_NEAR(baseline[i], want, 4e-7f * std::max(1.0f, std::fabs(want)))
          << input[i];
    }
    for (fast::InstructionSet set : fast::instructionSets)
      if (fast::isSupported(set)) {
        const Floats other = run(function, input, set);
        EXPECT_EQ(std::memcmp(other.data(), baseline.data(),
                              input.size() * sizeof(float)),
                  0);
      }
  }
}

TEST(FastUnary, NaNStays) {
  const Floats input(33, NAN);
  for (const fast::UnaryF32 &function : fast::getUnaryKernels())
    for (fast::InstructionSet set : fast::instructionSets)
      if (fast::isSupported(set))
        for (float y : run(function, input, set)) {
          EXPECT_TRUE(std::isnan(y)) << unaryName(function.kind);
        }
}

/// Where a function has no value, neither has its approximation.
TEST(FastUnary, Ends) {
  for (const fast::UnaryF32 &function : fast::getUnaryKernels())
    for (float x : {-INFINITY, -3e38f}) {
      const float want = evaluateUnary({function.kind, 0.25f}, x);
      const float got = run(function, {x}, fast::bestInstructionSet())[0];
      if (std::isnan(want))
        EXPECT_TRUE(std::isnan(got)) << unaryName(function.kind) << x;
      else
        EXPECT_EQ(got, want) << unaryName(function.kind) << x;
    }
}
