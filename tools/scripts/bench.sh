#!/usr/bin/env bash
# Measures NPIR's own kernels; writes build/bench/kernels.json with the command and the commit.
#
# usage: tools/scripts/bench.sh [option of Google Benchmark, such as --benchmark_filter=layer_norm]...
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

set_up ON
step "build the benchmarks" "read the log; a compiler killed for memory needs fewer jobs: ninja -C build -j1" \
  "$cmake" --build "$build" --target KernelsBenchmark
mkdir -p "$build/bench"
"$build/test/benchmark/KernelsBenchmark" "$@" --benchmark_out="$build/bench/kernels.json" --benchmark_out_format=json \
  --benchmark_context=commit="$(git rev-parse HEAD)" --benchmark_context=command="tools/scripts/bench.sh $*"
echo "written: build/bench/kernels.json"
