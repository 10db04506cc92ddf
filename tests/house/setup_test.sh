#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/setup with a dpkg-query, apt-get and sudo of the test's own: what it asks for, and what it says when it cannot.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"

fail() {
  echo "FAILED: $1" >&2
  cat "$work/out" >&2
  exit 1
}

# fake NAME BODY: a program that notes its call, then does BODY.
fake() {
  printf '#!/bin/bash\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$work" "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}

# Only these, so that what the test takes away is away.
for program in bash basename cat chmod dirname env grep printf sed; do ln -sf "$(command -v $program)" "$work/bin/"; done

# setup STATUS [ARGUMENT...]
setup() {
  local expected=$1 status=0
  shift
  : >"$work/calls"
  env -i PATH="$work/bin" CUDA_HOME=/nowhere /bin/bash "$root/scripts/setup" "$@" >"$work/out" 2>&1 || status=$?
  [ "$status" = "$expected" ] || fail "status $status where $expected was expected"
}
says() { grep -qF -- "$1" "$work/out" || fail "it does not say '$1'"; }
called() { grep -qF -- "$1" "$work/calls" || fail "'$1' was not called: $(cat "$work/calls")"; }
not_called() { ! grep -qF -- "$1" "$work/calls" || fail "'$1' was called"; }

fake dpkg-query 'echo -n installed'
fake apt-get 'exit 0'
fake apt-cache 'exit 1'
fake id 'echo 0'
setup 0 --dev
says "packages are installed"
not_called apt-get

fake dpkg-query '[ "${@: -1}" = libfmt-dev ] || echo -n installed'
setup 0
says "missing: libfmt-dev"
called "apt-get update"
called "apt-get install -qy --no-install-recommends libfmt-dev"

fake apt-get '[ "$1" = update ]'
setup 1
says "apt-get could not install them"

fake apt-get 'exit 0'
fake id 'echo 1000'
setup 1
says "there is no sudo"
fake sudo '"$@"'
setup 0
called "sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends libfmt-dev"

# A release that has clang 18 and no 19.
fake dpkg-query 'case "${@: -1}" in *clang*) exit 1 ;; *) echo -n installed ;; esac'
fake apt-cache '[ "$2" = clang-tidy-18 ]'
setup 0 --dev
called "apt-get install -qy --no-install-recommends clang-18 clang-tidy-18 clang-format-18 libclang-rt-18-dev"
says "missing: clang-18"

# Not Debian.
rm "$work/bin/dpkg-query" "$work/bin/apt-get"
setup 1
says "not found: g++ cmake ninja pkg-config git"
for program in g++ cmake ninja pkg-config git; do fake $program 'exit 0'; done
setup 0
says "libhwy-dev"

# A toolkit of the machine is enough; without one the vendor's wheels become one. In a copy, which knows no toolkit but
# the one that it is told of.
mkdir -p "$work/copy/scripts"
for script in lib.sh setup; do sed 's|/usr/local/cuda|/nowhere|g' "$root/scripts/$script" >"$work/copy/scripts/$script"; done
chmod +x "$work/copy/scripts/setup"
root=$work/copy
compiler=$root/build/cuda-13.0
for program in ln mkdir mv rm; do ln -sf "$(command -v $program)" "$work/bin/"; done
fake dpkg-query '[ "${@: -1}" = python3-venv ] || echo -n installed'
fake apt-get 'exit 0'
fake id 'echo 0'
fake nvcc 'echo "Cuda compilation tools, release 12.9, V12.9.1"'
setup 0 --cuda
called "apt-get install -qy --no-install-recommends python3-venv"
says "nvcc is here: $work/bin/nvcc"
not_called "-m venv"
rm "$work/bin/nvcc"
# pip, as the venv would have it: 0 wheels, or the compiler and its library.
pip='for last; do folder=$target; target=$last; [ "$folder" != --target ] || break; done'
fake pip "exit 1"
fake python3 'mkdir -p "$3/bin" && ln -s "'"$work"'/bin/pip" "$3/bin/pip"'
setup 1 --dev --cuda
says "pip could not get the wheels"
[ ! -e "$compiler" ] || fail "what pip did not complete is taken for a toolkit"
fake pip "$pip"'
for folder in bin lib; do mkdir -p "$target/nvidia/cu13/$folder"; done
printf "#!/bin/bash\necho release 13.0, V13\n" >"$target/nvidia/cu13/bin/nvcc" && chmod +x "$target/nvidia/cu13/bin/nvcc"'
setup 0 --cuda
called "nvidia-cuda-nvcc==13.0.88 nvidia-nvvm==13.0.88"
says "rm -r build/cuda-13.0 removes it"
says "optional: CUDA: build/cuda-13.0/bin/nvcc (13.0)"
[ -L "$compiler/lib64/libcudart.so" ] || fail "CMake would find no library of CUDA"
[ ! -e "$compiler.part" ] || fail "the wheels' folder is left"
setup 0 --cuda
not_called pip

setup 2 --everything
says "unknown argument '--everything'"
echo "setup does what it says"
