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

/// Let flow what can along the shortest ways. All that comes to a node is shared
/// out among its edges before going back, so that a long way with many branches
/// at its end is gone once. No recursion: ways may be as long as the network is
/// deep.
void MinCut::pushFlow() {
  struct Visit {
    unsigned node;
    int64_t left, pushed;
  };
  std::vector<Visit> way{{kSource, kNever, 0}};
  while (true) {
    auto &[node, left, pushed] = way.back();
    if (node == kSink)
      std::swap(left, pushed);
    bool isStuck = left == 0 || next[node] == edgesOf[node].size();
    if (!isStuck) {
      const Edge &edge = edges[edgesOf[node][next[node]]];
      if (edge.rest && levels[edge.to] == levels[node] + 1)
        way.push_back({edge.to, std::min(left, edge.rest), 0});
      else
        ++next[node];
      continue;
    }
    int64_t flow = pushed;
    way.pop_back();
    if (way.empty())
      return;
    Visit &before = way.back();
    unsigned index = edgesOf[before.node][next[before.node]];
    edges[index].rest -= flow;
    edges[index ^ 1].rest += flow;
    before.left -= flow;
    before.pushed += flow;
    // What is left could not flow on there.
    if (before.left != 0)
      ++next[before.node];
  }
}

llvm::BitVector MinCut::computeSinkSide() {
  while (computeLevels()) {
    next.assign(edgesOf.size(), 0);
    pushFlow();
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
