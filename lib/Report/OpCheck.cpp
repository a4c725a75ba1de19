// This file implements the report of single ops.
#include "npir/Report/OpCheck.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace mlir::npir;
namespace json = llvm::json;

bool OpCheck::isExact() const {
  return exactSamples == samples &&
         llvm::all_of(entries, [](const OpCheckEntry &entry) {
           return !entry.isInteger || (entry.isChecked && !entry.differing);
         });
}

json::Value OpCheck::toJSON() const {
  json::Array list;
  for (const OpCheckEntry &entry : entries) {
    json::Object object{{"id", entry.id},
                        {"op", entry.op},
                        {"integer", entry.isInteger},
                        {"checked", entry.isChecked}};
    if (entry.isChecked) {
      object["count"] = static_cast<int64_t>(entry.statistics.getCount());
      object["differing"] = static_cast<int64_t>(entry.differing);
      object["max_error"] = decibelToJSON(entry.statistics.getMaxError());
      object["sqnr_db"] = decibelToJSON(entry.statistics.getSQNR());
      object["sums"] = entry.statistics.toJSON();
    }
    list.push_back(std::move(object));
  }
  return json::Object{{"version", kVersion},
                      {"model", model},
                      {"ops_of", ops},
                      {"samples", samples},
                      {"exact_samples", exactSamples},
                      {"op_exact", isExact()},
                      {"ops", std::move(list)}};
}

void OpCheck::print(llvm::raw_ostream &os) const {
  size_t integer = 0, exact = 0, checked = 0, width = 6;
  for (const OpCheckEntry &entry : entries) {
    checked += entry.isChecked;
    integer += entry.isInteger;
    exact += entry.isInteger && entry.isChecked && !entry.differing;
    width = std::max(width, entry.id.size());
  }
  os << "the ops of " << ops << " on the tensors of " << model << ", "
     << samples << " samples\n"
     << llvm::left_justify("tensor", width)
     << "    bits off    max error     SQNR dB  op\n";
  for (const OpCheckEntry &entry : entries) {
    if (entry.isChecked && !entry.differing)
      continue;
    os << llvm::left_justify(entry.id, width);
    if (entry.isChecked)
      os << llvm::format("  %10llu  %11.4g  %10.2f",
                         static_cast<unsigned long long>(entry.differing),
                         entry.statistics.getMaxError(),
                         entry.statistics.getSQNR());
    else
      os << "   not checked: the model lacks its tensors";
    os << "  " << entry.op << (entry.isInteger ? "" : " (f32)") << "\n";
  }
  if (integer == 0) {
    os << "no op computes in integers, so no bits are claimed: " << checked
       << " of " << entries.size()
       << " ops were checked in f32, where the order of evaluation may "
          "differ\n";
    return;
  }
  os << exact << " of " << integer << " integer ops agree in every bit, on "
     << exactSamples << " of " << samples << " samples; "
     << entries.size() - integer << " ops compute in f32; "
     << entries.size() - checked << " were not checked\n";
}
