// This file declares how the inner loops get one arithmetic of denormals,
// whatever the caller's thread is set to.
#ifndef NPIR_LIB_OBSERVERS_FLUSHDENORMALS_H
#define NPIR_LIB_OBSERVERS_FLUSHDENORMALS_H

#include <cstdint>
#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#endif

namespace mlir::npir {

/// While it lives, this thread takes denormals as zeros. So sums are the same
/// in every thread, and squares of tiny values cost nothing extra.
class FlushDenormals {
public:
  FlushDenormals() : before(get()) { set(before | kFlush); }
  ~FlushDenormals() { set(before); }
  FlushDenormals(const FlushDenormals &) = delete;
  FlushDenormals &operator=(const FlushDenormals &) = delete;

private:
#if defined(__x86_64__) || defined(__i386__)
  /// Flush to zero, and denormals are zeros.
  static constexpr uint64_t kFlush = 0x8040;
  static uint64_t get() { return _mm_getcsr(); }
  static void set(uint64_t state) { _mm_setcsr(unsigned(state)); }
#elif defined(__aarch64__)
  static constexpr uint64_t kFlush = uint64_t(1) << 24;
  static uint64_t get() {
    uint64_t state;
    asm volatile("mrs %0, fpcr" : "=r"(state));
    return state;
  }
  static void set(uint64_t state) {
    asm volatile("msr fpcr, %0" : : "r"(state) : "memory");
  }
#else
  static constexpr uint64_t kFlush = 0;
  static uint64_t get() { return 0; }
  static void set(uint64_t) {}
#endif

  uint64_t before;
};

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_FLUSHDENORMALS_H
