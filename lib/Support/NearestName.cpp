// This file implements the search for the name that was probably meant.
#include "npir/Support/NearestName.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

namespace mlir::npir {

std::optional<llvm::StringRef>
nearestName(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates) {
  std::optional<llvm::StringRef> best;
  unsigned bestDistance = 0;
  for (llvm::StringRef candidate : candidates) {
    unsigned limit = std::max(name.size(), candidate.size()) / 2;
    if (best)
      limit = std::min(limit, bestDistance - 1);
    // The distance between equal-length prefixes is no lower bound, but the
    // difference in length is: it saves most of the quadratic work.
    size_t longer = std::max(name.size(), candidate.size());
    if (longer - std::min(name.size(), candidate.size()) > limit)
      continue;
    unsigned distance = name.edit_distance_insensitive(candidate);
    if (distance > limit)
      continue;
    best = candidate;
    bestDistance = distance;
    if (distance == 0)
      break;
  }
  return best;
}

std::string suggestName(llvm::StringRef name,
                        llvm::ArrayRef<llvm::StringRef> candidates) {
  if (candidates.empty())
    return "";
  if (std::optional<llvm::StringRef> near = nearestName(name, candidates))
    return (", did you mean '" + *near + "'?").str();
  if (candidates.size() == 1)
    return (", expected " + candidates.front()).str();
  return ", expected one of " + llvm::join(candidates, ", ");
}

} // namespace mlir::npir
