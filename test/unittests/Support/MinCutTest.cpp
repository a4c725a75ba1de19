// This file tests minimum cuts against all cuts of small graphs.
#include "npir/Support/MinCut.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir::npir;

namespace {
struct Edge {
  unsigned from, to;
  int64_t cost;
};
} // namespace

/// Of all cuts of `nodes` nodes, bit i of `sinkSide` that of node i.
static int64_t getCost(llvm::ArrayRef<Edge> edges, unsigned sinkSide) {
  int64_t cost = 0;
  for (const Edge &edge : edges)
    if (!(sinkSide >> edge.from & 1) && (sinkSide >> edge.to & 1))
      cost += edge.cost;
  return cost;
}

TEST(MinCutTest, PassesALongWayOnceForAllItsBranches) {
  constexpr unsigned length = 50000, branches = 50000;
  MinCut cut;
  unsigned last = MinCut::kSource;
  for (unsigned i = 0; i < length; ++i) {
    unsigned node = cut.addNode();
    cut.addEdge(last, node, MinCut::kNever);
    last = node;
  }
  for (unsigned i = 0; i < branches; ++i) {
    unsigned node = cut.addNode();
    cut.addEdge(last, node, 1);
    cut.addEdge(node, MinCut::kSink, 2);
  }
  // The sink and the nodes behind the cheaper edges.
  EXPECT_EQ(cut.computeSinkSide().count(), branches + 1);
}

TEST(MinCutTest, IsTheCheapestWithTheFewestNodesAtTheSink) {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 2000; ++round) {
    unsigned nodes = 2 + random() % 7;
    MinCut cut;
    for (unsigned i = 2; i < nodes; ++i)
      cut.addNode();
    std::vector<Edge> edges;
    for (unsigned i = random() % 16; i > 0; --i) {
      unsigned from = random() % nodes, to = random() % nodes;
      // One way in eight must not be cut; not one from end to end.
      bool isInner = from > MinCut::kSink && to > MinCut::kSink;
      edges.push_back(
          {from, to,
           isInner && random() % 8 == 0 ? 1000000 : int64_t(random() % 5)});
      cut.addEdge(from, to, edges.back().cost);
    }
    int64_t best = MinCut::kNever;
    unsigned fewest = nodes;
    for (unsigned sides = 0; sides < 1u << nodes; ++sides) {
      if ((sides & 1) || !(sides & 2))
        continue;
      int64_t cost = getCost(edges, sides);
      unsigned count = llvm::popcount(sides);
      if (std::tie(cost, count) < std::tie(best, fewest))
        std::tie(best, fewest) = std::tie(cost, count);
    }
    llvm::BitVector side = cut.computeSinkSide();
    unsigned found = 0;
    for (unsigned node : side.set_bits())
      found |= 1u << node;
    ASSERT_TRUE(side.test(MinCut::kSink) && !side.test(MinCut::kSource));
    EXPECT_EQ(getCost(edges, found), best) << "round " << round;
    EXPECT_EQ(side.count(), fewest) << "round " << round;
  }
}

TEST(MinCutTest, LongWays) {
  MinCut cut;
  unsigned last = MinCut::kSource;
  for (unsigned i = 0; i < 200000; ++i) {
    unsigned node = cut.addNode();
    cut.addEdge(last, node, i == 150000 ? 1 : 2);
    last = node;
  }
  cut.addEdge(last, MinCut::kSink, 2);
  EXPECT_EQ(cut.computeSinkSide().count(), 50001u);
}
