#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/gpu-check with programs of the test's own: which steps run, what they leave, and that no step takes another's
# output with it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{path,tmp,bundle/bin,bundle/scripts}
cp "$root/scripts/gpu-check" "$work/bundle/scripts/"

fail() {
  echo "FAILED: $1" >&2
  cat "$work/said" >&2
  exit 1
}
# fake PROGRAM BODY
fake() {
  printf '#!/bin/bash\n%s\n' "$2" >"$work/bundle/bin/$1"
  chmod +x "$work/bundle/bin/$1"
}
# Of this system only what a bare one has: no nvidia-smi, no compute-sanitizer.
for program in bash basename cat cp cut date dirname env grep head mkdir mktemp mv printf rm sed sleep tail tar tee timeout gzip; do
  ln -sf "$(command -v $program)" "$work/path/"
done

# check STATUS [VARIABLE=VALUE...]: what it leaves is unpacked in $work/left.
check() {
  local expected=$1 status=0
  shift
  rm -rf "$work/out" "$work/left"
  env -i PATH="$work/path" TMPDIR="$work/tmp" CUDA_HOME=/nowhere "$@" /bin/bash "$work/bundle/scripts/gpu-check" "$work/out" \
    >"$work/said" 2>&1 || status=$?
  [ "$status" = "$expected" ] || fail "status $status where $expected was expected"
  mkdir "$work/left"
  tar -C "$work/left" -xzf "$work/out/gpu-check.tar.gz" || fail "no archive"
}
says() { grep -qE -- "$1" "$work/said" || fail "it does not say '$1'"; }
left() { grep -qF -- "$2" "$work"/left/gpu-check/$1 || fail "'$2' is not in $1"; }

missing='echo "ceiling/gpu_fma  skipped: no GPU today"'
benchmark='mkdir -p results/box/run && echo "$*" >>results/box/run/bench.csv && echo "{}" >results/box/run/system.json'
with_gpu="case \"\$*\" in *--list) echo ceiling/gpu_fma ;; doctor) echo all is well ;; *) $benchmark ;; esac"
fake overtake "case \"\$*\" in *--list) $missing ;; *) echo all is well ;; esac"
fake test_gpu 'echo "[  PASSED  ]"'
fake test_registry 'echo "registry $*"'

check 1
says '^nvidia-smi +skipped +0 s  nvidia-smi is not here$'
says '^doctor +passed'
says '^kernels +passed'
for step in gpu-tests memcheck racecheck ceilings matmul transfers break-even; do says "^$step +skipped +0 s  no GPU today\$"; done
says 'nothing of a GPU was checked: no GPU today'
left doctor.log "all is well"
left summary.txt "no GPU today"

fake overtake "$with_gpu"
check 0
says '^memcheck +skipped +0 s  compute-sanitizer is not installed here$'
for step in doctor kernels gpu-tests ceilings matmul transfers break-even; do says "^$step +passed"; done
left 'results/*/*/bench.csv' '--size 4096,8192'
left 'results/*/*/system.json' '{}'

printf '#!/bin/bash\necho "$*"\n' >"$work/path/compute-sanitizer"
chmod +x "$work/path/compute-sanitizer"
check 0
says '^racecheck +passed'
left memcheck.log '--tool memcheck --error-exitcode 9'
left racecheck.log 'bin/test_registry --gtest_filter='

fake test_registry 'echo "one answer is wrong"; exit 1'
fake test_gpu 'kill -SEGV $$'
check 1
says '^kernels +failed +[0-9]+ s  status 139'
says '^gpu-tests +failed +[0-9]+ s  status 1: one answer is wrong$'
says '^break-even +passed'
says '2 of the steps failed'
left gpu-tests.log "one answer is wrong"
left 'results/*/*/bench.csv' 'run matmul'

# A step that never ends takes the time of those behind it, and nothing of those before.
fake test_gpu 'echo begun; sleep 1000'
check 1 GPU_CHECK_SECONDS=15
says '^kernels +timed out'
says '^matmul +skipped +0 s  no time was left'
left doctor.log "all is well"
left kernels.log begun

# Killed in the middle: what was done by then is packed.
fake test_gpu "read -r _ _ _ parent _ </proc/\$PPID/stat; kill -9 \$parent"
check 137
left doctor.log "all is well"

refused() {
  local status=0
  "$work/bundle/scripts/gpu-check" "$@" >"$work/said" 2>&1 || status=$?
  [ $status = 2 ] || fail "status $status where 2 was expected: gpu-check $*"
}
refused
says 'usage:'
refused "$work/out"
says 'is there already: name another folder'
refused "$work/one" "$work/two"
echo "gpu-check keeps what each step leaves"
