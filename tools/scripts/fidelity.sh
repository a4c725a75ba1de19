#!/usr/bin/env bash
# Compares imported networks with onnxruntime: seven networks, by three exporters; writes numbers with the command and
# the commit.
#
# usage: tools/scripts/fidelity.sh [--tiny] [--only=NETWORK]...
#          build/fidelity/fidelity.json; the exit code is 1 where an import fails or a bound is not met
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

set_up ON
for name in torch onnxruntime; do
  if need_venv "$build/venv-$name" "tools/scripts/requirements-$name.txt"; then
    step "Python packages: $name" "check that pip reaches a package index" \
      venv "$build/venv-$name" "tools/scripts/requirements-$name.txt"
  fi
done
step "build" "read the log; a compiler killed for memory needs fewer jobs: ninja -C build -j1" \
  "$cmake" --build "$build" --target npir-python
PYTHONPATH=$build/python "$build/venv/bin/python" tools/scripts/fidelity/measure.py --build "$build" "$@"
