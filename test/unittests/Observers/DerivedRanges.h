// This file declares what tests of derived ranges have in common.
#ifndef NPIR_TEST_UNITTESTS_OBSERVERS_DERIVEDRANGES_H
#define NPIR_TEST_UNITTESTS_OBSERVERS_DERIVEDRANGES_H

#include "npir/Observers/Observer.h"
#include <thread>

namespace mlir::npir {

using Kind = ObserverParams::Kind;

inline constexpr QuantFormat kWeight{{8, true, true}, QuantScheme::Symmetric};
inline constexpr QuantFormat kAffine{{8, false, false}, QuantScheme::Affine};

inline ObserverParams makeParams(Kind kind) {
  ObserverParams params;
  params.kind = kind;
  return params;
}

/// Tasks in turn on some threads, the last first.
inline void twoThreads(size_t tasks, llvm::function_ref<void(size_t)> body) {
  std::thread other([&] {
    for (size_t task = 1; task < tasks; task += 2)
      body(task);
  });
  for (size_t task = (tasks + 1) / 2; task-- > 0;)
    body(2 * task);
  other.join();
}

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_OBSERVERS_DERIVEDRANGES_H
