#!/usr/bin/env bash
# From nothing to the main job on real data: sets up what is missing, builds, takes two networks from ONNX to int8
# programs, runs them, and prints tables (also in build/demo/result.json).
#
# usage: tools/scripts/demo.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

set_up OFF
step "build" "read the log; a compiler killed for memory needs fewer jobs: ninja -C build -j1" \
  "$cmake" --build "$build" --target npir-opt npir-run npir-stats npir-translate npx-run npir-python
"$build/venv/bin/python" tools/scripts/demo.py --build "$build"
echo "done in $((SECONDS - script_start)) s"
