// This file prints what differs between two statistics files.
#include "Options.h"
#include "Table.h"

#include "npir/Observers/StatisticsSummary.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir::npir;
using llvm::StringRef;
namespace json = llvm::json;

namespace npir_stats {

namespace {

struct Change {
  StringRef id;
  TensorSummary before, after;
  /// Between the distributions, and how much longer the range is: 0.1 for a
  /// tenth. Absent where one side has none.
  std::optional<double> distance, growth;

  /// What is sorted by: a distribution that moved, then a range.
  std::pair<double, double> size() const {
    return {distance.value_or(0.0), std::fabs(growth.value_or(0.0))};
  }
};

/// Of the range, widened to hold zero, as observers use it.
std::optional<double> getGrowth(const TensorSummary &before,
                                const TensorSummary &after) {
  auto length = [](const TensorSummary &summary) {
    return double(std::max(0.0f, *summary.max)) -
           double(std::min(0.0f, *summary.min));
  };
  if (!before.min || !after.min || length(before) == 0.0)
    return std::nullopt;
  return length(after) / length(before) - 1.0;
}

std::vector<Change> collect(const StatisticsFile &before,
                            const StatisticsFile &after,
                            const Options &options) {
  std::vector<Change> changes;
  for (const auto &[id, old] : before.tensors) {
    auto found = after.tensors.find(id);
    if (found == after.tensors.end() || !options.shows(id))
      continue;
    Change change;
    change.id = id;
    change.before = TensorSummary::get(old);
    change.after = TensorSummary::get(found->second);
    change.distance = getDistance(old, found->second);
    change.growth = getGrowth(change.before, change.after);
    changes.push_back(change);
  }
  llvm::stable_sort(changes, [](const Change &lhs, const Change &rhs) {
    return lhs.size() > rhs.size();
  });
  return changes;
}

/// Tensors that only the first of two files has.
std::vector<StringRef> findOnly(const StatisticsFile &file,
                                const StatisticsFile &other,
                                const Options &options) {
  std::vector<StringRef> ids;
  for (const auto &entry : file.tensors)
    if (!other.tensors.count(entry.first) && options.shows(entry.first))
      ids.push_back(entry.first);
  return ids;
}

std::optional<double> upperOf(const TensorSummary &summary) {
  return summary.middle ? std::optional(summary.middle->hi) : std::nullopt;
}

void printSide(json::OStream &os, StringRef key, const TensorSummary &summary) {
  os.attributeObject(key, [&] {
    os.attribute("count", summary.count);
    printNumber(os, "min", summary.min);
    printNumber(os, "max", summary.max);
    printNumber(os, "mean", summary.mean);
    printNumber(os, "std", summary.deviation);
    printNumber(os, "p99.9", upperOf(summary));
  });
}

void printJSON(llvm::raw_ostream &stream, const std::vector<Change> &changes,
               llvm::ArrayRef<StringRef> onlyBefore,
               llvm::ArrayRef<StringRef> onlyAfter) {
  json::OStream os(stream, /*IndentSize=*/2);
  os.object([&] {
    os.attributeArray("tensors", [&] {
      for (const Change &change : changes)
        os.object([&] {
          os.attribute("id", change.id);
          printNumber(os, "distance", change.distance);
          printNumber(os, "range_growth", change.growth);
          printSide(os, "before", change.before);
          printSide(os, "after", change.after);
        });
    });
    os.attribute("only_before", json::Array(onlyBefore));
    os.attribute("only_after", json::Array(onlyAfter));
  });
  stream << '\n';
}

std::string toText(std::optional<double> before, std::optional<double> after) {
  std::string from = npir_stats::toText(before), to = npir_stats::toText(after);
  return from == to ? from : from + " > " + to;
}

} // namespace

llvm::Error diff(const Options &options) {
  StringRef beforeName = options.files[0], afterName = options.files[1];
  llvm::Expected<StatisticsFile> before = StatisticsFile::load(beforeName);
  if (!before)
    return before.takeError();
  llvm::Expected<StatisticsFile> after = StatisticsFile::load(afterName);
  if (!after)
    return after.takeError();
  if (before->modelHash != after->modelHash)
    return llvm::createStringError(
        "cannot compare " + afterName + " with " + beforeName +
        ": they belong to different models, expected model hash " +
        before->modelHash + ", got " + after->modelHash);

  std::vector<Change> changes = collect(*before, *after, options);
  std::vector<StringRef> onlyBefore = findOnly(*before, *after, options);
  std::vector<StringRef> onlyAfter = findOnly(*after, *before, options);
  if (changes.empty() && onlyBefore.empty() && onlyAfter.empty() &&
      options.tensor)
    return llvm::createStringError("no tensor of either file matches '" +
                                   options.tensor->getText() + "'");
  llvm::raw_ostream &os = llvm::outs();
  if (options.json) {
    printJSON(os, changes, onlyBefore, onlyAfter);
    return llvm::Error::success();
  }
  os << beforeName << ": " << before->sampleCount() << " samples ("
     << toText(before->samples) << ")\n"
     << afterName << ": " << after->sampleCount() << " samples ("
     << toText(after->samples) << ")\n\n";
  Table table;
  table.add({"tensor", "distance", "range", "min", "max", "p99.9", "mean"});
  for (const Change &change : changes) {
    const TensorSummary &from = change.before, &to = change.after;
    std::string growth = toPercent(change.growth);
    if (change.growth && *change.growth >= 0.0)
      growth = "+" + growth;
    table.add({change.id.str(), toText(change.distance), growth,
               toText(from.min, to.min), toText(from.max, to.max),
               toText(upperOf(from), upperOf(to)), toText(from.mean, to.mean)});
  }
  table.print(os);
  for (StringRef id : onlyBefore)
    os << "only in " << beforeName << ": " << id << '\n';
  for (StringRef id : onlyAfter)
    os << "only in " << afterName << ": " << id << '\n';
  return llvm::Error::success();
}

} // namespace npir_stats
