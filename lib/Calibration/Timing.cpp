// This file implements the report of what a calibration cost.
#include "Timing.h"

#include "npir/Support/AtomicFile.h"
#include "npir/Support/ProcessMemory.h"

#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::npir;

llvm::Error Timing::save(llvm::StringRef path) const {
  auto bytes = [](uint64_t number) { return static_cast<int64_t>(number); };
  llvm::json::Object object{{"samples", samples},
                            {"batch", batch},
                            {"run_batch", plan.runBatch},
                            {"threads", threads},
                            {"load_s", load},
                            {"check_s", check},
                            {"plain_s", plain},
                            {"run_s", run},
                            {"record_s", record},
                            {"write_s", write},
                            {"ratio", plain > 0 ? run / plain : 0.0},
                            {"held_bytes", bytes(plan.held)},
                            {"held_at_most_bytes", bytes(plan.heldAtMost)},
                            {"predicted_bytes", bytes(plan.getPeak())},
                            {"peak_bytes", bytes(getPeakResidentBytes())}};
  return writeJSONAtomically(path, [&](llvm::raw_ostream &os) {
    os << llvm::json::Value(std::move(object)) << "\n";
  });
}
