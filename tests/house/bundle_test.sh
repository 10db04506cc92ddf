#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bundle_test.sh BUILD: what scripts/bundle packs of this build needs nothing but an x86-64 Linux with glibc 2.36, as far
# as symbols tell, and runs where of this system's libraries only glibc's are left.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $1" >&2
  [ ! -e "$work/out" ] || cat "$work/out" >&2
  exit 1
}
says() { grep -qF -- "$1" "$work/out" || fail "it does not say '$1'"; }
libraries() { find "$there/bin" "$there/lib" -type f; }

(cd "$work" && "$root/scripts/bundle" --built "$1" --out bundle.tar.gz)
[ "$(stat -c %s "$work/bundle.tar.gz")" -le $((40 * 1024 * 1024)) ] || fail "more than 40 MiB"

sandbox=$work/sandbox
there=$sandbox/overtake-x86_64
mkdir "$sandbox"
tar -C "$sandbox" -xzf "$work/bundle.tar.gz"
for file in overtake README.md LICENSE licences/libcurl4 scripts/gpu-check bin/bench_matmul bin/test_registry lib/libcurl.so.4; do
  [ -e "$there/$file" ] || fail "$file is not in it"
done

# A program built on a newer system may need that one's glibc: nothing else is asked of it there.
newest=$(libraries | xargs objdump -T | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
allowed=$(printf 'GLIBC_2.36\nGLIBC_%s\n' "$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)" | sort -V | tail -n 1)
[ "$(printf '%s\n' "$newest" "$allowed" | sort -V | tail -n 1)" = "$allowed" ] || fail "it needs $newest"
grep -qF "glibc ${newest#GLIBC_} or later" "$there/README.md" || fail "its README does not say $newest"

glibc='^(ld-linux-x86-64|libc|libm|libmvec|libdl|libpthread|librt|libresolv|libutil|libanl)\.so\.'
libraries | xargs objdump -p | awk '$1 == "NEEDED" { print $2 }' | sort -u | grep -vE "$glibc" >"$work/needed"
while read -r library; do
  [ -e "$there/lib/$library" ] || fail "$library is needed and not in it"
done <"$work/needed"
[ "$(wc -l <"$work/needed")" -gt 20 ] || fail "libcurl alone needs more than: $(cat "$work/needed")"
! find "$there/lib" -type f -printf '%f\n' | grep -E "$glibc" || fail "glibc's own libraries (above) are in it"

# hidden COMMAND...: with nothing of this system but glibc, /proc, /sys and /dev/null.
loader=$(realpath /lib64/ld-linux-x86-64.so.2)
folder=$(dirname "$loader")
mkdir -p "$sandbox"/{proc,sys,dev,tmp,lib64} "$sandbox$folder"
touch "$sandbox/dev/null"
cp "$loader" "$sandbox/lib64/ld-linux-x86-64.so.2"
for library in libc.so.6 libm.so.6 libmvec.so.1 libdl.so.2 libpthread.so.0 librt.so.1 libresolv.so.2 libutil.so.1 libanl.so.1; do
  cp -L "$folder/$library" "$sandbox$folder/"
done
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
# shellcheck disable=SC2016  # expanded inside
in_sandbox='mount --rbind /proc "$0/proc" && mount --rbind /sys "$0/sys" && mount --bind /dev/null "$0/dev/null" &&
  exec env -i "$(command -v chroot)" "$0" "$@"'
hidden() {
  local expected=$1 status=0
  shift
  PATH=$PATH:/usr/sbin:/sbin unshare --mount "${as_root[@]}" bash -c "$in_sandbox" "$sandbox" "$@" >"$work/out" 2>&1 || status=$?
  [ "$expected" = any ] || [ "$status" = "$expected" ] || fail "status $status of $*"
}
if ! unshare --mount "${as_root[@]}" bash -c 'mount --bind /proc "$0"' "$sandbox/proc" 2>"$work/out"; then
  echo "skipped: no mount namespace can be made here, so the system's libraries cannot be hidden: $(cat "$work/out")"
  exit 77
fi

program=/overtake-x86_64/overtake
hidden 0 $program doctor
says "  openblas "
says "host_processor_model_name"
# On a busy machine a ceiling can be measured too low, and the row says so: what counts here is that it was computed.
hidden any $program run matmul --size 64 --variant serial,openblas --dtype f32 --scope kernel --workers 1 --processes 1 \
  --repetitions 1 --label carried
for variant in serial openblas; do
  grep -qE ",matmul,$variant,.*,(ok|implausible)," "$sandbox"/results/carried/*/bench_matmul.csv || fail "no row of $variant"
done
hidden 0 /overtake-x86_64/bin/test_gpu --gtest_filter='ProbeKernels.*'
says "[  PASSED  ] 4 tests."
hidden 0 /overtake-x86_64/bin/test_registry --gtest_filter='ReadCsvVariants.ReadARealTable'
says "[  PASSED  ] 1 test."

# Were anything of this system in reach, it would serve in the place of what is taken away.
mv "$there"/lib/libfmt.so.* "$there/"
hidden 127 $program doctor
says "libfmt.so"
echo "the bundle needs $newest and runs without this system's libraries"
