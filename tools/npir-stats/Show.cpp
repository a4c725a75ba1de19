// This file prints what a statistics file holds.
#include "Options.h"
#include "Table.h"

#include "npir/Observers/StatisticsSummary.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir::npir;
using llvm::StringRef;
namespace json = llvm::json;

namespace npir_stats {

namespace {

/// Rows of a histogram, and the cells of its longest bar.
constexpr size_t kParts = 20, kBarCells = 50;

struct Entry {
  StringRef id;
  const TensorStatistics *statistics;
  TensorSummary summary;
};

/// What is sorted by, largest first.
double getKey(const TensorSummary &summary, Sort sort) {
  switch (sort) {
  case Sort::Name:
    return 0.0;
  case Sort::Count:
    return double(summary.count);
  case Sort::Max:
    return std::max(std::fabs(summary.min.value_or(0.0f)),
                    std::fabs(summary.max.value_or(0.0f)));
  case Sort::Deviation:
    return summary.deviation.value_or(-1.0);
  case Sort::Zeros:
    return summary.zeroShare.value_or(-1.0);
  case Sort::Stretch:
    return summary.stretch.value_or(-1.0);
  }
  llvm_unreachable("unknown order");
}

std::vector<Entry> collect(const StatisticsFile &file, const Options &options) {
  std::vector<Entry> entries;
  for (const auto &[id, statistics] : file.tensors)
    if (options.shows(id))
      entries.push_back({id, &statistics, TensorSummary::get(statistics)});
  llvm::stable_sort(entries, [&](const Entry &lhs, const Entry &rhs) {
    return getKey(lhs.summary, options.sort) >
           getKey(rhs.summary, options.sort);
  });
  return entries;
}

void printHead(llvm::raw_ostream &os, const StatisticsFile &file) {
  os << "model " << file.modelHash << ", " << file.sampleCount() << " samples ("
     << toText(file.samples) << ") in batches of " << file.batchSize;
  if (file.rowSample > 1)
    os << ", histograms of 1 row in " << file.rowSample;
  if (file.keepsBatchHistograms)
    os << ", with the histogram of each batch";
  os << '\n';
  for (const std::string &engine : file.engines)
    os << "engine " << engine << '\n';
  if (file.hasMixedEngines())
    os << "(of different engines: no single run gives the same)\n";
}

/// A bar of eighths of cells, or of whole ones.
std::string makeBar(double part, bool ascii) {
  // Something is more than nothing.
  if (ascii)
    return std::string(
        part > 0.0 ? std::max<size_t>(1, std::lround(part * kBarCells)) : 0,
        '#');
  size_t eighths =
      part > 0.0 ? std::max<size_t>(1, std::lround(part * kBarCells * 8)) : 0;
  std::string bar;
  for (; eighths >= 8; eighths -= 8)
    bar += "\u2588";
  static const char *const parts[] = {"",       "\u258f", "\u258e", "\u258d",
                                      "\u258c", "\u258b", "\u258a", "\u2589"};
  return bar + parts[eighths];
}

void printHistogram(llvm::raw_ostream &os, const Entry &entry, bool ascii) {
  std::vector<double> shares = getShares(*entry.statistics, kParts);
  os << '\n' << entry.id;
  if (shares.empty()) {
    os << ": no histogram\n";
    return;
  }
  os << ": mean " << toText(entry.summary.mean) << ", zeros "
     << toPercent(entry.summary.zeroShare) << ", 99.8% in ["
     << toText(entry.summary.middle->lo) << ", "
     << toText(entry.summary.middle->hi) << "]\n";
  double most = *std::max_element(shares.begin(), shares.end());
  double least = entry.statistics->minVal;
  double width = (entry.statistics->maxVal - least) / double(kParts);
  for (auto [i, share] : llvm::enumerate(shares)) {
    std::string bar = makeBar(share / most, ascii);
    os << llvm::format("%12.4g ", least + double(i) * width)
       << llvm::format("%8.4f%%", share * 100) << (bar.empty() ? "" : " ")
       << bar << '\n';
  }
  os << llvm::format("%12.4g\n", double(entry.statistics->maxVal));
}

void printJSON(llvm::raw_ostream &stream, const StatisticsFile &file,
               const std::vector<Entry> &entries, const Options &options) {
  json::OStream os(stream, /*IndentSize=*/2);
  os.object([&] {
    os.attribute("model", file.modelHash);
    os.attribute("batch_size", file.batchSize);
    os.attribute("row_sample", file.rowSample);
    os.attributeArray("engines", [&] {
      for (const std::string &engine : file.engines)
        os.value(engine);
    });
    os.attributeArray("samples", [&] {
      for (SampleRange range : file.samples)
        os.value(json::Array({range.begin, range.end}));
    });
    os.attributeArray("tensors", [&] {
      for (const Entry &entry : entries) {
        const TensorSummary &summary = entry.summary;
        os.object([&] {
          os.attribute("id", entry.id);
          os.attribute("count", summary.count);
          os.attribute("non_finite", summary.nonFinite);
          printNumber(os, "min", summary.min);
          printNumber(os, "max", summary.max);
          printNumber(os, "mean", summary.mean);
          printNumber(os, "std", summary.deviation);
          printNumber(os, "zeros", summary.zeroShare);
          std::optional<RealRange> middle = summary.middle;
          printNumber(os, "p0.1",
                      middle ? std::optional(middle->lo) : std::nullopt);
          printNumber(os, "p99.9",
                      middle ? std::optional(middle->hi) : std::nullopt);
          printNumber(os, "stretch", summary.stretch);
          if (options.histogram)
            os.attributeArray("histogram", [&] {
              for (double share : getShares(*entry.statistics, kParts))
                os.value(share);
            });
        });
      }
    });
  });
  stream << '\n';
}

} // namespace

llvm::Error show(const Options &options) {
  llvm::Expected<StatisticsFile> file =
      StatisticsFile::load(options.files.front());
  if (!file)
    return file.takeError();
  std::vector<Entry> entries = collect(*file, options);
  if (entries.empty() && options.tensor)
    return llvm::createStringError(options.files.front() + ": no tensor of " +
                                   llvm::Twine(file->tensors.size()) +
                                   " matches '" + options.tensor->getText() +
                                   "'");
  llvm::raw_ostream &os = llvm::outs();
  if (options.json) {
    printJSON(os, *file, entries, options);
    return llvm::Error::success();
  }
  printHead(os, *file);
  os << '\n';
  Table table;
  table.add({"tensor", "count", "min", "max", "mean", "std", "zeros", "stretch",
             "non-finite"});
  for (const Entry &entry : entries) {
    const TensorSummary &summary = entry.summary;
    table.add({entry.id.str(), std::to_string(summary.count),
               toText(summary.min), toText(summary.max), toText(summary.mean),
               toText(summary.deviation), toPercent(summary.zeroShare),
               toText(summary.stretch), std::to_string(summary.nonFinite)});
  }
  table.print(os);
  if (options.histogram)
    for (const Entry &entry : entries)
      printHistogram(os, entry, options.ascii);
  return llvm::Error::success();
}

} // namespace npir_stats
