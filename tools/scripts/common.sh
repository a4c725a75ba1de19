# This file holds what demo.sh and test.sh share: set-up and build. It is sourced, from the root of the checkout.
#
# The system is touched only by installing Debian packages. All else lies in build/.

set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
# A Python environment of the caller's must not leak into ours.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build
logs=$build/logs
python=/usr/bin/python3
cmake=/usr/bin/cmake
mkdir -p "$logs"
cd "$root"
script_start=$SECONDS

packages=(g++ cmake ninja-build ccache mold libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools clang-format-22
  clang-tidy-22 libyaml-cpp-dev libhwy-dev libflatbuffers-dev flatbuffers-compiler libgtest-dev libbenchmark-dev libfxdiv-dev
  libfp16-dev libpsimd-dev pybind11-dev python3-dev python3-venv git xz-utils dpkg ca-certificates)

# step NAME "what to do if it fails" COMMAND...: runs a command with its output in build/logs/NAME.log.
step() {
  local name=$1 advice=$2 start=$SECONDS
  shift 2
  printf '%-34s ' "$name ..."
  # In the background, since a command that is tested by `if` runs without `set -e`.
  (set -e; "$@") > "$logs/${name// /-}.log" 2>&1 < /dev/null &
  if wait $!; then
    printf '%4d s\n' $((SECONDS - start))
    return 0
  fi
  printf 'FAILED after %d s\n\n' $((SECONDS - start))
  tail -n 25 "$logs/${name// /-}.log" | sed 's/^/    /'
  printf '\nthe whole log: build/logs/%s.log\nwhat to do: %s\n' "${name// /-}" "$advice"
  exit 1
}

retry() { "$@" || { sleep 3; "$@"; } || { sleep 15; "$@"; }; }

missing_packages() {
  dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null |
    awk '$2 == "installed" { print $1 }' | sort > "$logs/installed.txt" || true # dpkg-query fails for a new name
  printf '%s\n' "${packages[@]}" | sort | comm -23 - "$logs/installed.txt"
}

install_packages() {
  local sudo=() missing
  mapfile -t missing < <(missing_packages)
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  retry "${sudo[@]}" apt-get -q update
  retry "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"
}

# venv DIR REQUIREMENTS: a virtual environment with pinned packages.
venv() {
  local dir=$1 requirements=$2
  rm -rf "$dir"
  "$python" -m venv "$dir"
  retry "$dir/bin/python" -m pip install --disable-pip-version-check -q -r "$requirements"
  cp "$requirements" "$dir/requirements.txt"
}

need_venv() { ! cmp -s "$1/requirements.txt" "$2" || [ ! -x "$1/bin/python" ]; }

configure() {
  "$cmake" -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DPython3_EXECUTABLE="$python" \
    -DCMAKE_C_COMPILER=/usr/bin/gcc -DCMAKE_CXX_COMPILER=/usr/bin/g++ -DNPIR_INCLUDE_TESTS="$1" \
    -DNPIR_INCLUDE_BENCHMARKS="$1"
}

# set_up TESTS(ON|OFF): installs what is missing and configures.
set_up() {
  if [ -n "$(missing_packages)" ]; then
    echo "installing Debian packages: $(missing_packages | tr '\n' ' ')"
    step "Debian packages" "check the network and /etc/apt/sources.list (Debian 12 or newer, with its security suite); \
without root, install the packages above by hand" install_packages
  fi
  # The stamp changes with the way XNNPACK is built.
  if ! grep -qsx "stamp=$(cat "$build/deps/xnnpack/.stamp" 2> /dev/null)" tools/scripts/setup_xnnpack.sh; then
    step "XNNPACK (about 2 minutes)" "check the network: the sources come from Debian's trixie suite" \
      tools/scripts/setup_xnnpack.sh "$build/deps/xnnpack"
  fi
  if need_venv "$build/venv" tools/scripts/requirements.txt; then
    step "Python packages" "check that pip reaches a package index" venv "$build/venv" tools/scripts/requirements.txt
  fi
  # Tests once configured stay configured, so that demo.sh and test.sh do not undo each other's work.
  local tests=$1
  grep -qs 'NPIR_INCLUDE_TESTS:BOOL=ON' "$build/CMakeCache.txt" && tests=ON
  step "configure" "read the log; delete build/CMakeCache.txt after a change of compilers" configure "$tests"
}
