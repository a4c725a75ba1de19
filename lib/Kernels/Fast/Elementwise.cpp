// This file implements fast elementwise kernels. The loops are written for the
// compiler's vectorizer; -ffp-contract=off keeps the float order.
#include "npir/Kernels/Fast/Elementwise.h"
#include "Variants.h"
#include "npir/Kernels/Rounding.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace npir_kernels::fast {
namespace {

/// `coefficients[0] + coefficients[1] * x + ...`.
template <size_t N>
NPIR_ALWAYS_INLINE float evaluatePolynomial(const float (&coefficients)[N],
                                            float x) {
  float sum = coefficients[N - 1];
  for (size_t i = N - 1; i-- > 0;)
    sum = sum * x + coefficients[i];
  return sum;
}

/// `x` within [low, high]; NaN becomes one of them. With std::min and std::max
/// GCC makes branches where the bounds are constants, and no vectors: so it is
/// the bits that are compared, put in order by flipping those of negative
/// numbers.
NPIR_ALWAYS_INLINE float clampOrdered(float x, float low, float high) {
  auto flip = [](int32_t bits) { return bits ^ ((bits >> 31) & INT32_MAX); };
  auto toOrdered = [&](float value) {
    int32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    return flip(bits);
  };
  const int32_t bits =
      flip(std::min(std::max(toOrdered(x), toOrdered(low)), toOrdered(high)));
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}

/// e^x, with a relative error of up to 1e-7; at least 1e-38, and infinite from
/// 88.4 on. Of NaN any number.
NPIR_ALWAYS_INLINE float exponential(float x) {
  // x = n * log(2) + rest, with |rest| <= log(2) / 2; log(2) in two parts, of
  // which n times the first is exact.
  x = clampOrdered(x, -87.0f, 89.0f);
  const int32_t n = roundToInt(x * 1.44269504f);
  const auto factor = static_cast<float>(n);
  const float rest = x - factor * 0.693359375f - factor * -2.12194440e-4f;
  // Fitted to (e^rest - 1 - rest) / rest^2 by least squares.
  constexpr float coefficients[] = {1,
                                    1,
                                    0x1.fffff8p-2f,
                                    0x1.55548ep-3f,
                                    0x1.555b58p-5f,
                                    0x1.123b9ap-7f,
                                    0x1.687c02p-10f};
  // The bits of 2^n; of 2^128, infinity.
  const int32_t bits = (n + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof(power));
  return evaluatePolynomial(coefficients, rest) * power;
}

/// A function as Unary.def has it.
template <UnaryKind kind>
struct Formula;
#define NPIR_UNARY(KIND, NAME, ...)
#define NPIR_OWN_UNARY(KIND, NAME, ...)                                        \
  template <>                                                                  \
  struct Formula<UnaryKind::KIND> {                                            \
    NPIR_ALWAYS_INLINE static float evaluate([[maybe_unused]] float a,         \
                                             [[maybe_unused]] float b,         \
                                             float x) __VA_ARGS__              \
  };
#include "npir/Kernels/Unary.def"

/// What runs: the formula, where there is nothing faster.
template <UnaryKind kind>
struct Function : Formula<kind> {};

/// x / (1 + e^(-2u)), which is x / 2 * (1 + tanh(u)).
template <>
struct Function<UnaryKind::GeluTanh> {
  NPIR_ALWAYS_INLINE static float evaluate(float, float, float x) {
    constexpr float linear = -1.5957691216057308f; // -2 * sqrt(2 / pi)
    constexpr float cubic = linear * 0.044715f;
    return x / (1.0f + exponential(x * (linear + cubic * (x * x))));
  }
};

template <>
struct Function<UnaryKind::Silu> {
  NPIR_ALWAYS_INLINE static float evaluate(float, float, float x) {
    return x / (1.0f + exponential(-x));
  }
};

/// x * tanh(log(1 + e^x)) is x * m / (m + 2) with m = e^x * (e^x + 2); from 40
/// on, where that may overflow, x.
template <>
struct Function<UnaryKind::Mish> {
  NPIR_ALWAYS_INLINE static float evaluate(float, float, float x) {
    const float e = exponential(x < 40.0f ? x : 40.0f);
    const float m = e * (e + 2.0f);
    // The least `e` is not 0.
    return (x < -100.0f ? x * 0.0f : x) * (m / (m + 2.0f));
  }
};

/// x * P(x^2) / Q(x^2), fitted to the least largest relative error, 2e-8 for
/// |x| <= 3.925. Beyond, erf rounds to 1.
template <>
struct Function<UnaryKind::Erf> {
  NPIR_ALWAYS_INLINE static float evaluate(float, float, float x) {
    constexpr float limit = 3.925f;
    constexpr float numerator[] = {0x1.20dd74p+0f,  0x1.8655a4p-3f,
                                   0x1.b048fep-5f,  0x1.ee788ap-9f,
                                   0x1.2aada0p-12f, 0x1.129cbap-19f};
    constexpr float denominator[] = {1,
                                     0x1.0125cap-1f,
                                     0x1.d3b0eep-4f,
                                     0x1.eaf78ep-7f,
                                     0x1.311874p-10f,
                                     0x1.3f2a9ep-15f};
    const float square = x * x;
    float value = x * evaluatePolynomial(numerator, square) /
                  evaluatePolynomial(denominator, square);
    value = std::min(std::max(value, -1.0f), 1.0f);
    value = x > limit ? 1.0f : value;
    return x < -limit ? -1.0f : value;
  }
};

template <UnaryKind kind>
struct Kernel {
  NPIR_ALWAYS_INLINE static void run(const float *__restrict input,
                                     float *__restrict output, size_t count,
                                     float a, float b) {
    for (size_t i = 0; i < count; ++i)
      output[i] = Function<kind>::evaluate(a, b, input[i]);
  }
};

template <UnaryKind kind>
void runUnary(const float *input, float *output, size_t count, float a, float b,
              InstructionSet set) {
  runVariant<Kernel<kind>>(set, input, output, count, a, b);
}

} // namespace

const std::vector<UnaryF32> &getUnaryKernels() {
  static const std::vector<UnaryF32> kernels = {
#define NPIR_UNARY(KIND, NAME, ...)
#define NPIR_OWN_UNARY(KIND, NAME, ...)                                        \
  {UnaryKind::KIND, runUnary<UnaryKind::KIND>},
#include "npir/Kernels/Unary.def"
  };
  return kernels;
}

void lookupI8(const int8_t *__restrict input, int8_t *__restrict output,
              size_t count, const int8_t *__restrict table) {
  for (size_t i = 0; i < count; ++i)
    output[i] = table[static_cast<uint8_t>(input[i])];
}

} // namespace npir_kernels::fast
