#!/usr/bin/env bash
# Runs the onnx package's backend node tests through NPIR; writes what came of each with the command and the commit.
#
# usage: tools/scripts/conformance.sh [--smoke] [--only=GLOB] [--list]
#          build/conformance/onnx-node.json; exit code 1 where less than 98 % of the tests of covered ops pass
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1:-} in
  -h | --help) exec "$python" tools/scripts/conformance.py --help ;;
esac
set_up ON
step "build" "read the log; a compiler killed for memory needs fewer jobs: ninja -C build -j1" \
  "$cmake" --build "$build" --target npir-python
"$build/venv/bin/python" tools/scripts/conformance.py --build "$build" "$@"
