// This file implements the patterns by which a config names layers.
#include "npir/Config/NamePattern.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/Regex.h"
#include <optional>
#include <string>

namespace mlir::npir {

/// Exactly one of the three is used. Glob and regex refer to `text`, so an
/// object never moves.
struct NamePattern::Impl {
  std::string text;
  std::optional<llvm::GlobPattern> glob;
  std::optional<llvm::Regex> regex;
  std::string words;
};

NamePattern::NamePattern(std::shared_ptr<const Impl> impl)
    : impl(std::move(impl)) {}

llvm::Expected<NamePattern> NamePattern::parse(llvm::StringRef text) {
  if (text.empty())
    return llvm::createStringError("the pattern is empty");
  auto impl = std::make_shared<Impl>();
  impl->text = text.str();
  // Exporters begin names with a slash, so that one alone makes no regex.
  if (text.size() > 2 && text.front() == '/' && text.back() == '/') {
    impl->regex.emplace(llvm::StringRef(impl->text).drop_front().drop_back());
    std::string reason;
    if (!impl->regex->isValid(reason))
      return llvm::createStringError(reason);
    return NamePattern(std::move(impl));
  }
  // The limit bounds the work for nested braces, which multiply.
  llvm::Expected<llvm::GlobPattern> glob =
      llvm::GlobPattern::create(impl->text, /*MaxSubPatterns=*/1024);
  if (!glob)
    return glob.takeError();
  impl->glob = std::move(*glob);
  return NamePattern(std::move(impl));
}

/// Makes the separators of module paths and identifiers one, and puts one at
/// each end, so that a search finds whole words.
static std::string normalize(llvm::StringRef name) {
  std::string result = "_";
  for (char c : name)
    result += c == '.' || c == '/' || c == '-' ? '_' : c;
  return result + "_";
}

NamePattern NamePattern::forWords(llvm::StringRef words) {
  auto impl = std::make_shared<Impl>();
  impl->text = words.str();
  impl->words = normalize(words);
  return NamePattern(std::move(impl));
}

bool NamePattern::matches(llvm::StringRef layerName) const {
  if (impl->glob)
    return impl->glob->match(layerName);
  if (impl->regex)
    return impl->regex->match(layerName);
  return llvm::StringRef(normalize(layerName)).contains(impl->words);
}

llvm::StringRef NamePattern::getText() const { return impl->text; }

} // namespace mlir::npir
