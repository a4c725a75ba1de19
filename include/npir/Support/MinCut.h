// This file declares the cheapest way to split a graph in two.
#ifndef NPIR_SUPPORT_MINCUT_H
#define NPIR_SUPPORT_MINCUT_H

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <limits>
#include <vector>

namespace mlir::npir {

/// A directed graph whose nodes fall on a source's side or a sink's, such that
/// the edges from the one to the other cost least (Dinic's maximum flow).
class MinCut {
public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max() / 4;
  static constexpr unsigned kSource = 0, kSink = 1;

  unsigned addNode() {
    edgesOf.emplace_back();
    return edgesOf.size() - 1;
  }
  /// Cutting the edge, `from` with the source and `to` with the sink, costs
  /// `cost`; with `kNever` it is not done.
  void addEdge(unsigned from, unsigned to, int64_t cost);

  /// The nodes with the sink. Of equally cheap cuts the one with the fewest.
  llvm::BitVector computeSinkSide();

private:
  struct Edge {
    unsigned to;
    int64_t rest; // what more can flow; of edge i, edge i^1 leads back
  };
  bool computeLevels();
  void pushFlow();

  std::vector<Edge> edges;
  std::vector<llvm::SmallVector<unsigned, 4>> edgesOf{2};
  std::vector<int> levels;
  std::vector<unsigned> next; // edge of a node to try
};

} // namespace mlir::npir

#endif // NPIR_SUPPORT_MINCUT_H
