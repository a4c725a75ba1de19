#!/usr/bin/env bash
# Measures NPIR; writes numbers with the command and the commit.
#
# usage: tools/scripts/bench.sh [kernels] [option of Google Benchmark, such as --benchmark_filter=layer_norm]...
#          NPIR's own kernels: build/bench/kernels.json
#        tools/scripts/bench.sh recorder [option of Google Benchmark]...
#          the recording of single tensors: build/bench/recorder.json
#        tools/scripts/bench.sh passes [--smoke] [--instructions] [--only=PART]...
#          the passes that run no network: build/benchmark/passes.json
#        tools/scripts/bench.sh calibration [--smoke] [--threads=N] [--only=PART]...
#          calibration of MobileNetV2, ResNet-50 and ViT-S/16: build/benchmark/calibration.json (docs/Benchmarks.md)
#        tools/scripts/bench.sh accuracy [--smoke] [--threads=N] [--only=NETWORK]... [--seed=SEED]...
#          what 8 bits cost, against onnxruntime's static quantization: build/benchmark/accuracy.json (docs/QuantizedONNX.md)
#        tools/scripts/bench.sh schemes [--smoke] [--threads=N] [--only=NETWORK]...
#          SQNR, size and speed of dynamic activations, 4 bits, weights alone: build/benchmark/schemes.json (docs/Benchmarks.md)
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

what=kernels
case ${1:-} in
  kernels | recorder | passes | calibration | accuracy | schemes) what=$1 && shift ;;
  -* | '') ;;
  *) echo "error: expected kernels, recorder, passes, calibration, accuracy or schemes, got '$1'" >&2 && exit 1 ;;
esac
set_up ON
advice="read the log; a compiler killed for memory needs fewer jobs: ninja -C build -j1"

if [ $what = kernels ] || [ $what = recorder ]; then
  target=${what^}Benchmark
  step "build the benchmarks" "$advice" "$cmake" --build "$build" --target "$target"
  mkdir -p "$build/bench"
  "$build/test/benchmark/$target" "$@" --benchmark_out="$build/bench/$what.json" --benchmark_out_format=json \
    --benchmark_context=commit="$(git rev-parse HEAD)" --benchmark_context=command="tools/scripts/bench.sh $what $*"
  echo "written: build/bench/$what.json"
  exit
fi

if [ $what = passes ]; then
  step "build" "$advice" "$cmake" --build "$build" --target npir-opt npir-run npir-translate npir-python
  exec "$build/venv/bin/python" tools/scripts/bench_passes.py --build "$build" "$@"
fi

case " $what $* " in
  *" accuracy "*" --smoke "* | *" schemes "*" --smoke "*) names=onnxruntime ;; # its networks are here
  *) names="torch onnxruntime" ;;
esac
for name in $names; do
  if need_venv "$build/venv-$name" "tools/scripts/requirements-$name.txt"; then
    step "Python packages: $name" "check that pip reaches a package index" \
      venv "$build/venv-$name" "tools/scripts/requirements-$name.txt"
  fi
done
step "build" "$advice" "$cmake" --build "$build" --target npir-opt npir-run npir-translate npir-python ObserversBenchmark
"$build/venv/bin/python" "tools/scripts/bench_$what.py" --build "$build" "$@"
