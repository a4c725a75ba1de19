// This file implements the command line of npir-stats.
#include "Options.h"

#include "npir/Support/NearestName.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir::npir;
using llvm::StringRef;

namespace npir_stats {

namespace {

struct SortName {
  StringRef name;
  Sort sort;
};
constexpr SortName kSorts[] = {
    {"name", Sort::Name},   {"count", Sort::Count},
    {"max", Sort::Max},     {"std", Sort::Deviation},
    {"zeros", Sort::Zeros}, {"stretch", Sort::Stretch}};

/// The options of each command; a value follows those that end in `=`.
llvm::SmallVector<StringRef> getFlags(StringRef command) {
  if (command == "merge")
    return {"-o="};
  if (command == "show")
    return {"--tensor=", "--sort=", "--histogram", "--ascii", "--json"};
  return {"--tensor=", "--json"};
}

llvm::Error setSort(StringRef value, Sort &sort) {
  for (const SortName &name : kSorts)
    if (name.name == value) {
      sort = name.sort;
      return llvm::Error::success();
    }
  std::string names;
  for (const SortName &name : kSorts)
    names += (names.empty() ? "" : ", ") + name.name.str();
  return llvm::createStringError("--sort: expected one of " + names +
                                 ", got '" + value + "'");
}

llvm::Error setValue(StringRef flag, StringRef value, Options &options) {
  if (flag == "-o=") {
    options.output = value;
  } else if (flag == "--tensor=") {
    llvm::Expected<NamePattern> pattern = NamePattern::parse(value);
    if (!pattern)
      return llvm::createStringError("--tensor: " +
                                     llvm::toString(pattern.takeError()));
    options.tensor = *pattern;
  } else {
    return setSort(value, options.sort);
  }
  return llvm::Error::success();
}

llvm::Error checkFiles(StringRef command, const Options &options) {
  size_t count = options.files.size();
  if (command == "merge" && options.output.empty())
    return llvm::createStringError("merge: expected -o FILE");
  if (command == "merge" ? count == 0 : count != (command == "show" ? 1 : 2))
    return llvm::createStringError(command + ": expected " +
                                   (command == "merge"  ? "files to merge"
                                    : command == "show" ? "one file"
                                                        : "two files") +
                                   ", got " + llvm::Twine(count));
  return llvm::Error::success();
}

} // namespace

llvm::Expected<Options> parseOptions(StringRef command,
                                     llvm::ArrayRef<StringRef> args) {
  Options options;
  llvm::SmallVector<StringRef> flags = getFlags(command);
  for (size_t i = 0; i < args.size(); ++i) {
    StringRef arg = args[i];
    // `-` is the standard output.
    if (!arg.starts_with("-") || arg == "-") {
      options.files.push_back(arg);
      continue;
    }
    auto [name, value] = arg.split('=');
    bool hasValue = arg.contains('=');
    if (llvm::is_contained(flags, name)) {
      if (hasValue)
        return llvm::createStringError(name + ": expected no value, got '" +
                                       value + "'");
      bool &toggle = name == "--json"    ? options.json
                     : name == "--ascii" ? options.ascii
                                         : options.histogram;
      toggle = true;
      continue;
    }
    std::string flag = (name + "=").str();
    if (!llvm::is_contained(flags, flag)) {
      llvm::SmallVector<StringRef> names;
      for (StringRef known : flags)
        names.push_back(known.take_until([](char c) { return c == '='; }));
      return llvm::createStringError(command + ": unknown option '" + name +
                                     "'" + suggestName(name, names));
    }
    if (!hasValue) {
      if (++i == args.size())
        return llvm::createStringError(name + ": expected a value");
      value = args[i];
    }
    if (llvm::Error error = setValue(flag, value, options))
      return std::move(error);
  }
  if (llvm::Error error = checkFiles(command, options))
    return std::move(error);
  return options;
}

} // namespace npir_stats
