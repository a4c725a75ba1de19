#!/usr/bin/env bash
# Builds XNNPACK 20241108 (the version whose arithmetic NPIR reproduces) into a private prefix, without touching the
# system: sources and the pthreadpool/cpuinfo packages come from Debian's `trixie` suite through a private apt root.
#
# usage: setup_xnnpack.sh PREFIX
set -euo pipefail

prefix=${1:?usage: setup_xnnpack.sh PREFIX}
stamp=xnnpack-20241108-2
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
[ "$(cat "$prefix/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0

rm -rf "$prefix"/{apt,download,src,build,include,lib,usr,.stamp}
mkdir -p "$prefix"/{apt/sources,apt/lists/partial,apt/cache/archives/partial,download,src,include,lib,usr}

# The machine's own mirror, so that a proxy or a local mirror keeps working.
mirror=$(grep -rhoE '^(URIs:|deb +(\[[^]]*\] +)?)[[:space:]]*[a-z+]+://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
  grep -oE '[a-z+]+://[^ ]+' | grep -E '/debian/?$' | head -n 1 || true)
mirror=${mirror:-http://deb.debian.org/debian}
cat > "$prefix/apt/sources/trixie.sources" <<SOURCES
Types: deb deb-src
URIs: $mirror
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
apt=(-q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$prefix/apt/sources"
  -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$prefix/apt/lists" -o Dir::Cache="$prefix/apt/cache"
  -o APT::Sandbox::User=root)
# A mirror that drops one connection must not cost the whole set-up.
retry() { "$@" || { sleep 2; "$@"; } || { sleep 10; "$@"; }; }

retry apt-get "${apt[@]}" update
cd "$prefix/download"
retry apt-get "${apt[@]}" source --download-only --tar-only xnnpack
retry apt-get "${apt[@]}" download libcpuinfo-dev libcpuinfo0 libpthreadpool-dev libpthreadpool0
for deb in *.deb; do dpkg -x "$deb" "$prefix"; done
tar -xf xnnpack_*.orig.tar.* -C "$prefix/src"
src=$prefix/src
[ -f "$src/CMakeLists.txt" ] || src=$(dirname "$(find "$prefix/src" -maxdepth 2 -name CMakeLists.txt | head -n 1)")

launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
libs=$(dirname "$(find "$prefix/usr/lib" -name 'libpthreadpool.so' | head -n 1)")
/usr/bin/cmake -S "$src" -B "$prefix/build" -G Ninja -DCMAKE_BUILD_TYPE=Release "${launcher[@]}" \
  -DCMAKE_C_COMPILER=/usr/bin/gcc -DCMAKE_CXX_COMPILER=/usr/bin/g++ \
  -DXNNPACK_BUILD_TESTS=OFF -DXNNPACK_BUILD_BENCHMARKS=OFF -DXNNPACK_BUILD_ALL_MICROKERNELS=OFF \
  -DXNNPACK_USE_SYSTEM_LIBS=ON -DXNNPACK_ENABLE_KLEIDIAI=OFF -DXNNPACK_LIBRARY_TYPE=static \
  -DXNNPACK_ENABLE_DWCONV_MULTIPASS=ON -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
  -DPython_EXECUTABLE=/usr/bin/python3 -DPython3_EXECUTABLE=/usr/bin/python3 \
  -DCMAKE_C_FLAGS="-I$prefix/usr/include" -DCMAKE_CXX_FLAGS="-I$prefix/usr/include" \
  -DCMAKE_LIBRARY_PATH="$libs" -DCMAKE_INCLUDE_PATH="$prefix/usr/include" \
  -DCPUINFO_SOURCE_DIR="$prefix/usr" -DPTHREADPOOL_SOURCE_DIR="$prefix/usr" -DFXDIV_SOURCE_DIR=/usr
/usr/bin/cmake --build "$prefix/build" --target XNNPACK microkernels-prod
cp "$prefix/build/libXNNPACK.a" "$prefix/build/libmicrokernels-prod.a" "$prefix/lib/"
cp -P "$libs"/libpthreadpool.so* "$libs"/libcpuinfo.so* "$prefix/lib/"
cp "$src/include/xnnpack.h" "$prefix/usr/include/"*.h "$prefix/include/"
cp "$src/LICENSE" "$prefix/lib/LICENSE.xnnpack"
rm -rf "$prefix"/{apt,download,src,build,usr}
echo "$stamp" > "$prefix/.stamp"
