#!/usr/bin/env bash
# Runs clang-tidy over the sources whose text or whose flags changed since the last clean run; all of them with --all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=build
done_dir=$build/tidy
mkdir -p "$done_dir"
[ "${1:-}" = --all ] && rm -rf "${done_dir:?}"/*
# Headers count for every file.
headers=$(cat .clang-tidy $(git ls-files '*.h' '*.td') | sha256sum)
todo=()
while IFS= read -r file; do
  key=$(printf '%s' "$headers$(sha256sum "$file")" | sha256sum | cut -c 1-32)
  [ -e "$done_dir/$key" ] || todo+=("$file:$key")
done < <(git ls-files 'lib/**/*.cpp' 'tools/**/*.cpp' 'lib/*.cpp')
echo "clang-tidy: ${#todo[@]} files to check"
check() {
  file=${1%:*} key=${1##*:}
  clang-tidy-22 -p "$0" --quiet --extra-arg=-Wno-unknown-warning-option "$file" 2> /dev/null && touch "$0/tidy/$key"
}
export -f check
printf '%s\n' "${todo[@]:-}" | grep . | xargs -r -P "$(nproc)" -I{} bash -c 'check {}' "$build"
