// This file declares random tensors of the kinds that networks have.
#ifndef NPIR_TEST_UNITTESTS_OBSERVERS_RANDOMDATA_H
#define NPIR_TEST_UNITTESTS_OBSERVERS_RANDOMDATA_H

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace mlir::npir {

enum class Shape { Gauss, Relu, Heavy, Softmax, Damaged };
inline constexpr Shape kShapes[] = {Shape::Gauss, Shape::Relu, Shape::Heavy,
                                    Shape::Softmax, Shape::Damaged};

/// `size` values; Damaged has NaN, infinities, denormals and signed zeros.
inline std::vector<float> makeValues(Shape shape, size_t size,
                                     std::mt19937 &random) {
  std::normal_distribution<float> normal;
  constexpr float kInf = std::numeric_limits<float>::infinity();
  std::vector<float> values(size);
  for (float &x : values) {
    float g = normal(random);
    switch (shape) {
    case Shape::Gauss:
      x = g;
      break;
    case Shape::Relu:
      x = std::max(0.0f, g);
      break;
    case Shape::Heavy:
      x = g * g * g * g * g;
      break;
    case Shape::Softmax:
      x = std::exp(-g * g - 3.0f);
      break;
    case Shape::Damaged:
      const float special[] = {std::nanf(""), kInf, -kInf, 1e-40f, -0.0f};
      x = random() % 20 == 0 ? special[random() % 5] : 1e-3f * g;
      break;
    }
  }
  return values;
}

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_OBSERVERS_RANDOMDATA_H
