// This file implements the cheapest way to split a graph in two.
#include "npir/Support/MinCut.h"

#include <algorithm>

using namespace mlir::npir;

void MinCut::addEdge(unsigned from, unsigned to, int64_t cost) {
  edgesOf[from].push_back(edges.size());
  edges.push_back({to, cost});
  edgesOf[to].push_back(edges.size());
  edges.push_back({from, 0});
}

/// Distances from the source; false where the sink is out of reach.
bool MinCut::computeLevels() {
  levels.assign(edgesOf.size(), -1);
  levels[kSource] = 0;
  std::vector<unsigned> queue{kSource};
  for (size_t i = 0; i < queue.size(); ++i)
    for (unsigned index : edgesOf[queue[i]])
      if (const Edge &edge = edges[index]; edge.rest && levels[edge.to] < 0) {
        levels[edge.to] = levels[queue[i]] + 1;
        queue.push_back(edge.to);
      }
  return levels[kSink] >= 0;
}

/// Let more flow along one shortest way; 0 where there is none. No recursion:
/// ways may be as long as the network is deep.
int64_t MinCut::augment() {
  llvm::SmallVector<unsigned> way;
  unsigned node = kSource;
  while (node != kSink) {
    auto &tried = next[node];
    while (tried < edgesOf[node].size()) {
      const Edge &edge = edges[edgesOf[node][tried]];
      if (edge.rest && levels[edge.to] == levels[node] + 1)
        break;
      ++tried;
    }
    if (tried < edgesOf[node].size()) {
      way.push_back(edgesOf[node][tried]);
      node = edges[way.back()].to;
      continue;
    }
    if (way.empty())
      return 0;
    node = edges[way.pop_back_val() ^ 1].to;
    ++next[node];
  }
  int64_t flow = kNever;
  for (unsigned index : way)
    flow = std::min(flow, edges[index].rest);
  for (unsigned index : way) {
    edges[index].rest -= flow;
    edges[index ^ 1].rest += flow;
  }
  return flow;
}

llvm::BitVector MinCut::computeSinkSide() {
  while (computeLevels()) {
    next.assign(edgesOf.size(), 0);
    while (augment() > 0) {
    }
  }
  // What could still send something to the sink.
  llvm::BitVector side(edgesOf.size());
  side.set(kSink);
  std::vector<unsigned> queue{kSink};
  for (size_t i = 0; i < queue.size(); ++i)
    for (unsigned index : edgesOf[queue[i]]) {
      unsigned from = edges[index].to;
      if (edges[index ^ 1].rest && !side.test(from)) {
        side.set(from);
        queue.push_back(from);
      }
    }
  return side;
}
