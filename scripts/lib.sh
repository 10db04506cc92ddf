# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by setup, run, test and lint: how they speak, and which clang they use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() { printf '== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit "${2:-1}"
}

# The clang releases that are known to take this code as C++20, the one that formats it first.
readonly clang_versions="19 20 18"

# The first of those releases that has PROGRAM-VERSION here.
clang_version_of() {
  local version
  for version in $clang_versions; do
    if command -v "$1-$version" >/dev/null; then
      echo "$version"
      return
    fi
  done
  die "$1-${clang_versions%% *} is missing: run ./scripts/setup --dev"
}

# configure PRESET [CMAKE_ARGUMENT...]: quiet unless it fails, but for what it found and for warnings.
configure() {
  step "configure $1"
  local log="build/$1/configure.log"
  mkdir -p "build/$1"
  if ! cmake --preset "$@" >"$log" 2>&1; then
    cat "$log" >&2
    die "configuring the preset $1 failed"
  fi
  grep -E '^-- CUDA:|Warning' "$log" || true
}

# build PRESET [--target TARGET...]
build() {
  step "build $*"
  cmake --build --preset "$1" -j "$(nproc)" "${@:2}"
}
