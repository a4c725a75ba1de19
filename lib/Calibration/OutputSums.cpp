// This file implements the error of a network's outputs and its uncertainty.
#include "npir/Calibration/OutputSums.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::npir;

void OutputSums::add(size_t output, size_t samples, ArrayRef<float> reference,
                     ArrayRef<float> actual) {
  if (outputs.size() <= output)
    outputs.resize(output + 1);
  Output &sums = outputs[output];
  size_t first = sums.samples.size();
  sums.samples.resize(first + samples);
  size_t size = samples != 0 && reference.size() % samples == 0
                    ? reference.size() / samples
                    : reference.size();
  for (auto [i, x, y] : llvm::enumerate(reference, actual)) {
    Sums &sample = sums.samples[first + i / size];
    sample.signal += double(x) * x;
    sample.noise += (double(x) - y) * (double(x) - y);
  }
  for (const Sums &sample : ArrayRef(sums.samples).drop_front(first)) {
    sums.all.signal += sample.signal;
    sums.all.noise += sample.noise;
  }
}

double OutputSums::getSQNRWithout(size_t left) const {
  double ratio = 0.0, count = 0.0;
  for (const Output &output : outputs) {
    Sums sums = output.all;
    if (left < output.samples.size()) {
      sums.signal -= output.samples[left].signal;
      sums.noise -= output.samples[left].noise;
    }
    if (sums.signal <= 0.0)
      continue;
    ratio += std::max(sums.noise, 0.0) / sums.signal;
    count += 1.0;
  }
  return -10.0 * std::log10(count == 0.0 ? 0.0 : ratio / count);
}

double OutputSums::getSQNR() const {
  double sqnr = getSQNRWithout(std::numeric_limits<size_t>::max());
  return std::isnan(sqnr) ? -std::numeric_limits<double>::infinity() : sqnr;
}

double OutputSums::getDeviation(const OutputSums &rhs) const {
  size_t samples = 0;
  for (const Output &output : outputs)
    samples = std::max(samples, output.samples.size());
  if (samples < 2)
    return 0.0;
  std::vector<double> gaps;
  double mean = 0.0;
  for (size_t left = 0; left < samples; ++left) {
    gaps.push_back(getSQNRWithout(left) - rhs.getSQNRWithout(left));
    mean += gaps.back() / double(samples);
  }
  double sum = 0.0;
  for (double gap : gaps)
    sum += (gap - mean) * (gap - mean);
  double deviation = std::sqrt(sum * double(samples - 1) / double(samples));
  return std::isfinite(deviation) ? deviation : 0.0;
}
