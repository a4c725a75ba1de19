// This file implements the reading of YAML text by yaml-cpp. It is the only
// file compiled with exceptions, and no exception leaves it.
#include "YamlTree.h"
#include <exception>
#include <map>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace mlir::npir {

namespace {

YamlMark toMark(const YAML::Mark &mark) {
  if (mark.is_null())
    return {};
  return {unsigned(mark.line) + 1, unsigned(mark.column) + 1};
}

/// What is wrong beyond YAML's grammar.
struct TreeError : std::exception {
  TreeError(YamlMark mark, std::string text)
      : mark(mark), text(std::move(text)) {}
  const char *what() const noexcept override { return text.c_str(); }

  YamlMark mark;
  std::string text;
};

/// Builds the tree from the parser's events. yaml-cpp's own nodes would do
/// too, but they lose the places of null values and of repeated keys.
class TreeBuilder final : public YAML::EventHandler {
public:
  YamlNodePtr root = std::make_shared<YamlNode>();

  void OnDocumentStart(const YAML::Mark &) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override {
    add(make(YamlNode::Kind::Null, mark), anchor);
  }

  void OnScalar(const YAML::Mark &mark, const std::string &,
                YAML::anchor_t anchor, const std::string &value) override {
    auto node = make(YamlNode::Kind::Scalar, mark);
    node->scalar = value;
    add(node, anchor);
  }

  void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override {
    auto it = anchors.find(anchor);
    if (it == anchors.end())
      throw TreeError(toMark(mark), "an alias stands inside its own anchor");
    add(it->second, YAML::NullAnchor);
  }

  void OnSequenceStart(const YAML::Mark &mark, const std::string &,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open.push_back({make(YamlNode::Kind::Sequence, mark), anchor});
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark &mark, const std::string &,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open.push_back({make(YamlNode::Kind::Map, mark), anchor});
  }
  void OnMapEnd() override { close(); }

private:
  /// A sequence or map whose end is to come.
  struct Open {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor;
    /// A map's key whose value is to come.
    bool hasKey = false;
  };

  static std::shared_ptr<YamlNode> make(YamlNode::Kind kind,
                                        const YAML::Mark &mark) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->mark = toMark(mark);
    return node;
  }

  void close() {
    Open done = std::move(open.back());
    open.pop_back();
    add(done.node, done.anchor);
  }

  void add(YamlNodePtr node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor)
      anchors[anchor] = node;
    if (open.empty()) {
      root = node;
      return;
    }
    Open &parent = open.back();
    if (parent.node->kind == YamlNode::Kind::Sequence) {
      parent.node->items.push_back(node);
      return;
    }
    if (parent.hasKey) {
      parent.node->entries.back().value = node;
    } else {
      if (!node->isScalar())
        throw TreeError(node->mark, "expected a name as key");
      parent.node->entries.push_back({node->scalar, node->mark, nullptr});
    }
    parent.hasKey = !parent.hasKey;
  }

  std::vector<Open> open;
  std::map<YAML::anchor_t, YamlNodePtr> anchors;
};

llvm::Error makeError(llvm::StringRef name, YamlMark mark,
                      llvm::StringRef text) {
  return llvm::createStringError(name + ":" + llvm::Twine(mark.line) + ":" +
                                 llvm::Twine(mark.column) + ": " + text);
}

} // namespace

const YamlNode *YamlNode::find(llvm::StringRef key) const {
  for (const YamlEntry &entry : entries)
    if (entry.key == key)
      return entry.value.get();
  return nullptr;
}

static llvm::Expected<YamlNodePtr> parseDocument(const std::string &text,
                                                 llvm::StringRef name) {
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder))
      return builder.root;
    TreeBuilder rest;
    if (parser.HandleNextDocument(rest))
      return makeError(name, rest.root->mark,
                       "expected one YAML document, got a second");
    return builder.root;
  } catch (const YAML::Exception &error) {
    return makeError(name, toMark(error.mark), "not valid YAML: " + error.msg);
  } catch (const TreeError &error) {
    return makeError(name, error.mark, error.text);
  } catch (const std::exception &error) {
    return makeError(name, {}, std::string("cannot read: ") + error.what());
  }
}

/// `text` with a colon behind every `...` that has an indented line to itself:
/// in YAML's grammar such a line is no entry of a map.
static std::string withElidedKeys(llvm::StringRef text) {
  std::string result;
  for (llvm::StringRef rest = text; !rest.empty();) {
    auto [line, after] = rest.split('\n');
    bool isElided = line.starts_with(" ") && line.trim() == "...";
    result += isElided ? line.rtrim().str() + ":" : line.str();
    if (rest.size() > line.size())
      result += '\n';
    rest = after;
  }
  return result;
}

llvm::Expected<YamlNodePtr> parseYaml(llvm::StringRef text,
                                      llvm::StringRef name) {
  llvm::Expected<YamlNodePtr> root = parseDocument(text.str(), name);
  if (root)
    return root;
  llvm::Expected<YamlNodePtr> again = parseDocument(withElidedKeys(text), name);
  if (!again) {
    llvm::consumeError(again.takeError());
    return root;
  }
  llvm::consumeError(root.takeError());
  return again;
}

} // namespace mlir::npir
