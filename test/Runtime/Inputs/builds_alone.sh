#!/usr/bin/env bash
# Builds lib/Runtime by itself, with LLVM and MLIR out of CMake's reach, and looks for them in what it made of what.
#
# usage: builds_alone.sh SOURCE_ROOT SCRATCH_FOLDER
set -euo pipefail
source=$1 scratch=$2
fail() { echo "error: $*" >&2; exit 1; }

# The build that runs this test knows where XNNPACK and CMake are.
cache=$(pwd)
while [ ! -e "$cache/CMakeCache.txt" ]; do
  [ "$cache" != / ] || fail "no CMakeCache.txt above $(pwd)"
  cache=$(dirname "$cache")
done
entry() { sed -n "s/^$1:[A-Z]*=//p" "$cache/CMakeCache.txt"; }

rm -rf "$scratch"
"$(entry CMAKE_COMMAND)" -G Ninja -S "$source/lib/Runtime" -B "$scratch" \
  -DNPIR_XNNPACK_DIR="$(entry NPIR_XNNPACK_DIR)" \
  --no-warn-unused-cli -DCMAKE_DISABLE_FIND_PACKAGE_LLVM=ON -DCMAKE_DISABLE_FIND_PACKAGE_MLIR=ON > "$scratch.log" ||
  { cat "$scratch.log"; fail "lib/Runtime does not configure alone"; }
"$(entry CMAKE_COMMAND)" --build "$scratch" > "$scratch.log" || { cat "$scratch.log"; fail "lib/Runtime does not build alone"; }
"$scratch/bin/npx-run" --help | grep -q '^usage: npx-run' || fail "npx-run does not start"

# Every file that the compiler read.
ninja=$(entry CMAKE_MAKE_PROGRAM)
files=$("$ninja" -C "$scratch" -t deps | grep '^    ' | sort -u)
grep -q 'include/npir/Runtime/Executor.h' <<< "$files" || fail "the compiler's dependencies were not recorded"
! grep -E '/(mlir|llvm)[-/]' <<< "$files" || fail "these headers of LLVM were read"
! grep -rnE '#[[:space:]]*include[[:space:]]*[<"](mlir|llvm)/' "$source"/{lib,include/npir}/Runtime "$source/tools/npx-run" \
  "$source"/{lib,include/npir}/Serialization/Program || fail "these includes are of LLVM"

mapfile -t binaries < <(find "$scratch" -name '*.a' -o -name npx-run -type f)
[ "${#binaries[@]}" -ge 4 ] || fail "expected the libraries and npx-run, found ${binaries[*]}"
for binary in "${binaries[@]}"; do
  symbols=$(nm -C "$binary")
  grep -q npir_ <<< "$symbols" || fail "$binary has no symbols"
  ! grep -E '\b(mlir|llvm)::' <<< "$symbols" || fail "$binary has these symbols of LLVM"
done
! ldd "$scratch/bin/npx-run" | grep -E 'LLVM|MLIR' || fail "npx-run loads LLVM"
rm -rf "$scratch" "$scratch.log"
