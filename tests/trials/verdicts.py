#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the verdicts come right on this machine: measures the same cells twice, and once more with one of them slowed by
10 % through the test hook OVERTAKE_TEST_SLOWDOWN, again and again. Run by hand: what it says depends on the machine's calm,
so no test may. Needs `overtake` in PATH and Python's standard library.

Right is: of two runs of the same no row reads slower or faster; of the slowed one the slowed row alone reads slower.

Example: tests/trials/verdicts.py --trials 10
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CELLS = ["matmul", "--workers", "1", "--scope", "kernel", "--dtype", "f32,f64", "--size", "24,32,48",
         "--variant", "serial_naive,serial,openblas"]
SLOWED = "matmul/serial/f64/kernel/m:48/n:48/k:48/workers:1"


def run(folder, name, slowed=None):
    environment = dict(os.environ)
    if slowed:
        environment["OVERTAKE_TEST_SLOWDOWN"] = slowed
    out = folder / name
    done = subprocess.run(["overtake", "run", "--quick", *CELLS, "--label", "here", "--out", str(out)], env=environment,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"overtake run ended with {done.returncode}: {done.stderr[-500:]}")
    return next((out / "here").iterdir())


def verdicts(base, other):
    done = subprocess.run(["overtake", "compare", str(base), str(other), "--json"], stdout=subprocess.PIPE, text=True)
    rows = json.loads(done.stdout)["rows"]
    named = {}
    for row in rows:
        shape = "/".join(f"{key}:{value}" for key, value in row["shape"].items())
        name = f"{row['workload']}/{row['variant']}/{row['dtype']}/{row['scope']}/{shape}/workers:{row['workers_asked']}"
        named[name] = (row["verdict"], row.get("ratio", {}).get("estimate"), row.get("noise_floor"))
    return named


def changed(named):
    return {name: row for name, row in named.items() if row[0] in ("slower", "faster")}


def trial(folder):
    base = run(folder, "base")
    again = changed(verdicts(base, run(folder, "again")))
    slowed_rows = verdicts(base, run(folder, "slowed", SLOWED + "*1.1"))
    found = changed(slowed_rows)
    right = not again and list(found) == [SLOWED] and found[SLOWED][0] == "slower"
    return right, len(slowed_rows), again, found, slowed_rows[SLOWED]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10)
    count = parser.parse_args().trials
    right = 0
    for number in range(1, count + 1):
        with tempfile.TemporaryDirectory() as folder:
            is_right, rows, again, found, slowed = trial(Path(folder))
        right += is_right
        verdict, ratio, floor = slowed
        print(f"trial {number}: {'right' if is_right else 'WRONG'}; {rows} rows; slowed one: {verdict}, {ratio:.3f} times, "
              f"noise floor {floor}", flush=True)
        if not is_right:
            print(f"  the same twice: {again or 'nothing changed'}\n  slowed: {found or 'nothing found'}", flush=True)
    print(f"{right} of {count} trials came out right")
    sys.exit(0 if right == count else 1)


if __name__ == "__main__":
    main()
