#!/usr/bin/env bash
# Runs clang-tidy over the sources whose text changed since the last clean run, or all of them
# where a header or a check changed, and with --all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=build
done_dir=$build/tidy
mkdir -p "$done_dir"
[ "${1:-}" = --all ] && rm -rf "${done_dir:?}"/*
# Headers and checks count for every file.
headers=$(cat .clang-tidy $(git ls-files '*.h' '*.def' '*.td' '*.fbs') | sha256sum)
todo=()
while IFS= read -r file; do
  key=$(printf '%s' "$headers$(sha256sum "$file")" | sha256sum | cut -c 1-32)
  [ -e "$done_dir/$key" ] || todo+=("$file:$key")
done < <(git ls-files 'lib/*.cpp' 'tools/*.cpp' 'python/*.cpp')
echo "clang-tidy: ${#todo[@]} files to check"
[ ${#todo[@]} -gt 0 ] || exit 0
check() {
  file=${1%:*} key=${1##*:}
  clang-tidy-22 -p "$0" --quiet --extra-arg=-Wno-unknown-warning-option "$file" 2> /dev/null && touch "$0/tidy/$key"
}
export -f check
printf '%s\n' "${todo[@]}" | xargs -P "$(nproc)" -I{} bash -c 'check {}' "$build"
