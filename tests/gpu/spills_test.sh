#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: spills_test.sh COMPILE_COMMANDS SOURCE...
# Compiles the device code of each SOURCE as the build does, and reads in ptxas' report (-v) whether a kernel keeps
# registers in local memory ("spills"), has a stack frame, or has its wgmma instructions serialized. Thrust's own kernels
# are not ours to tune.
set -euo pipefail
commands=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

status=0
for source in "$@"; do
  command=$(grep -oE '"command": "[^"]*/'"$source"' -o [^"]*"' "$commands" | sed -E 's/^"command": "//; s/"$//') || true
  if [ -z "$command" ]; then
    echo "FAILED: $source is not compiled by this build ($commands)" >&2
    exit 1
  fi
  # -cubin: device code alone, of one architecture, and no PTX beside it.
  command=$(sed -E 's/ -c / -cubin /; s/ -o [^ ]+$//; s/code=\[compute_[0-9a-z]+,(sm_[0-9a-z]+)\]/code=[\1]/g' <<<"$command")
  $command -Xptxas -v -o "$work/out.cubin" >"$work/all" 2>&1 || { cat "$work/all" && exit 1; }
  awk '/Compiling entry function/ { ours = !/thrust/ } !/Compiling entry function/ && !/ptxas info/ && !/stack frame/ { ours = 1 } ours' \
    "$work/all" >"$work/report"
  kernels=$(grep -c 'Compiling entry function' "$work/report" || true)
  # A report without kernels would prove nothing.
  if [ "$kernels" -eq 0 ] || ! grep -q 'bytes stack frame' "$work/report"; then
    echo "FAILED: no kernel in ptxas' report on $source" >&2 && cat "$work/report" && exit 1
  fi
  if grep -E '[1-9][0-9]* bytes (stack frame|spill)|serialized|warning' "$work/report"; then
    echo "FAILED: $source" >&2
    grep -E 'entry function|stack frame|registers' "$work/report"
    status=1
  else
    echo "$source: $kernels kernels, no spills, at most $(grep -oE "Used [0-9]+" "$work/report" | grep -oE "[0-9]+" | sort -n | tail -1) registers"
  fi
done
exit $status
