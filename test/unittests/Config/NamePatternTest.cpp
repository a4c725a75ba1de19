// This file tests the patterns by which a config names layers.
#include "npir/Config/NamePattern.h"
#include "gtest/gtest.h"
#include <optional>

using namespace mlir::npir;

namespace {

bool matches(llvm::StringRef pattern, llvm::StringRef name) {
  return llvm::cantFail(NamePattern::parse(pattern)).matches(name);
}

std::string errorOf(llvm::StringRef pattern) {
  llvm::Expected<NamePattern> result = NamePattern::parse(pattern);
  return result ? "" : llvm::toString(result.takeError());
}

TEST(NamePattern, GlobMatchesTheWholeName) {
  EXPECT_TRUE(matches("conv1", "conv1"));
  EXPECT_FALSE(matches("conv1", "conv10"));
  EXPECT_FALSE(matches("onv1", "conv1"));
  EXPECT_TRUE(matches("features.*", "features.0/conv"));
  EXPECT_TRUE(matches("conv?", "conv2"));
  EXPECT_TRUE(matches("conv[1-3]", "conv3"));
  EXPECT_FALSE(matches("conv[1-3]", "conv4"));
  EXPECT_TRUE(matches("{conv,fc}1", "fc1"));
  EXPECT_TRUE(matches("a\\*b", "a*b"));
  EXPECT_FALSE(matches("a\\*b", "axb"));
}

TEST(NamePattern, RegexMatchesAnywhere) {
  EXPECT_TRUE(matches("/conv[0-9]+/", "features.conv12.x"));
  EXPECT_FALSE(matches("/^conv/", "features.conv12"));
  EXPECT_TRUE(matches("/(qkv|proj)$/", "attn.proj"));
}

TEST(NamePattern, WordsMatchBetweenBoundaries) {
  NamePattern words = NamePattern::forWords("attn_qkv");
  for (const char *name : {"attn_qkv", "blocks.0.attn.qkv", "b/attn-qkv/w",
                           "blocks_0_attn_qkv_output"})
    EXPECT_TRUE(words.matches(name)) << name;
  for (const char *name : {"attn.qkv2", "xattn.qkv", "attn", "qkv", ""})
    EXPECT_FALSE(words.matches(name)) << name;
}

TEST(NamePattern, NamesThatBeginWithASlash) {
  NamePattern block = llvm::cantFail(NamePattern::parse("/features/1/*"));
  EXPECT_TRUE(block.matches("/features/1/conv/Conv"));
  EXPECT_FALSE(block.matches("/features/10/conv/Conv"));
  EXPECT_TRUE(llvm::cantFail(NamePattern::parse("/head")).matches("/head"));
  EXPECT_TRUE(llvm::cantFail(NamePattern::parse("/")).matches("/"));
}

TEST(NamePattern, CopiesAreIndependentOfTheSource) {
  std::optional<NamePattern> copy;
  {
    std::string text = "conv*";
    NamePattern original = llvm::cantFail(NamePattern::parse(text));
    copy = original;
  }
  EXPECT_TRUE(copy->matches("conv7"));
  EXPECT_EQ(copy->getText(), "conv*");
}

TEST(NamePattern, Errors) {
  EXPECT_EQ(errorOf(""), "the pattern is empty");
  EXPECT_EQ(errorOf("/a(b/"), "parentheses not balanced");
  EXPECT_EQ(errorOf("conv[1"), "invalid glob pattern, unmatched '['");
}

} // namespace
