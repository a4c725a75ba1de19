// This file tests the search for the name that was probably meant.
#include "npir/Support/NearestName.h"
#include "gtest/gtest.h"

using namespace mlir::npir;
using llvm::StringRef;

namespace {

const StringRef kKeys[] = {"bits", "signed", "scheme", "granularity"};

TEST(NearestName, FindsTransposedAndMissingLetters) {
  EXPECT_EQ(nearestName("bist", kKeys), StringRef("bits"));
  EXPECT_EQ(nearestName("granularty", kKeys), StringRef("granularity"));
  EXPECT_EQ(nearestName("shceme", kKeys), StringRef("scheme"));
}

TEST(NearestName, IgnoresLetterCase) {
  EXPECT_EQ(nearestName("BITS", kKeys), StringRef("bits"));
}

TEST(NearestName, GivesNothingForAStrangeName) {
  EXPECT_EQ(nearestName("elephant", kKeys), std::nullopt);
  EXPECT_EQ(nearestName("", kKeys), std::nullopt);
  EXPECT_EQ(nearestName("bits", {}), std::nullopt);
}

TEST(NearestName, FirstOfEquallyNearWins) {
  EXPECT_EQ(nearestName("conv3", {"conv1", "conv2"}), StringRef("conv1"));
}

TEST(NearestName, NearestWinsOverFirst) {
  EXPECT_EQ(nearestName("mlp_fc2x", {"mlp_act", "mlp_fc1", "mlp_fc2"}),
            StringRef("mlp_fc2"));
}

TEST(SuggestName, EndsADiagnostic) {
  EXPECT_EQ(suggestName("bist", kKeys), ", did you mean 'bits'?");
  EXPECT_EQ(suggestName("elephant", kKeys),
            ", expected one of bits, signed, scheme, granularity");
  EXPECT_EQ(suggestName("elephant", {"bits"}), ", expected bits");
  EXPECT_EQ(suggestName("elephant", {}), "");
}

} // namespace
