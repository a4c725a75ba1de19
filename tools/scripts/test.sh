#!/usr/bin/env bash
# Sets up what is missing, builds everything, and runs every test.
#
# usage: tools/scripts/test.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

set_up ON
if need_venv "$build/venv-onnxruntime" tools/scripts/requirements-onnxruntime.txt; then
  step "onnxruntime" "check that pip reaches a package index" \
    venv "$build/venv-onnxruntime" tools/scripts/requirements-onnxruntime.txt
fi
step "build all" "read the log; a compiler killed for memory needs fewer jobs: ninja -C build -j1" \
  "$cmake" --build "$build"
step "layers" "an include goes up: docs/Architecture.md says what may know what" \
  "$python" tools/scripts/check_layers.py
step "format" "run tools/scripts/format.sh" tools/scripts/format.sh --check
step "clang-tidy" "mend what it names" tools/scripts/tidy.sh

echo "running the tests"
ctest --test-dir "$build" --output-on-failure --no-tests=error
echo "done in $((SECONDS - script_start)) s"
