#!/usr/bin/env bash
# Checks that the interpreter and the runtime agree in every bit on networks of real size: whole, and op by op.
#
# usage: tools/scripts/check_networks.sh [--smoke] [--threads=N] [--only=NETWORK]... [--config=PRESET]...
#          build/benchmark/networks.json; the exit code is 1 where a bit differs. --smoke takes the bundled networks of
#          8x8 digits alone
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

set_up ON
case " $* " in
  *" --smoke "*) ;; # its networks are here
  *)
    if need_venv "$build/venv-torch" tools/scripts/requirements-torch.txt; then
      step "Python packages: torch" "check that pip reaches a package index" \
        venv "$build/venv-torch" tools/scripts/requirements-torch.txt
    fi
    ;;
esac
step "build" "read the log; a compiler killed for memory needs fewer jobs: ninja -C build -j1" \
  "$cmake" --build "$build" --target npir-opt npir-run npir-translate npir-python
"$build/venv/bin/python" tools/scripts/check_networks.py --build "$build" "$@"
