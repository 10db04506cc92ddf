#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the statistics of `overtake compare` against SciPy, statsmodels and NumPy on generated cases.

Writes two results CSVs with a cell a case, runs `overtake compare A B --json` on them and computes every p, ratio,
interval, corrected p and geometric mean again. Prints the worst relative deviations; status 1 beyond the tolerance.
Needs requirements.txt. Example:

  check_statistics.py --overtake build/release/bin/overtake
"""
import argparse
import functools
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests

EXACT_UP_TO = 50  # units a side
CONFIDENCE = 0.95
CASES_A_WORKLOAD = 50
COLUMNS = ("schema_version run_id system_id workload variant strategy dtype scope shape params workers_asked process "
           "sample seconds check_method status").split()


# ---- cases: each side is a list of processes, each a list of seconds ----

def processes(random, count, most_samples, center):
    level = center * np.exp(random.normal(0, 0.01, count))
    return [list(one * np.exp(random.normal(0, 0.02, random.integers(1, most_samples + 1)))) for one in level]


def tied(side, center):
    """Rounded to some 2 % of the center, to a power of two: medians of them are exact, whoever computes them."""
    step = 2.0 ** (math.floor(math.log2(center)) - 6)
    return [[float(round(value / step) * step) for value in samples] for samples in side]


def one_process(random, samples, center):
    return [list(center * np.exp(random.normal(0, 0.02, samples)))]


def case(random, index):
    """Unequal numbers of units everywhere; every second case has ties."""
    center = 10.0 ** random.uniform(-8, 2)
    other = center * math.exp(random.normal(0, 0.03))
    kind = index % 5
    if kind == 0:  # several processes a side
        sides = [processes(random, random.integers(2, 13), 7, c) for c in (center, other)]
    elif kind == 1:  # one process a side, exact
        sides = [one_process(random, random.integers(1, EXACT_UP_TO + 1), c) for c in (center, other)]
    elif kind == 2:  # one process a side, beyond the exact distribution on one side at least
        sides = [one_process(random, EXACT_UP_TO + random.integers(1, 80), center),
                 one_process(random, random.integers(1, EXACT_UP_TO + 80), other)]
    elif kind == 3:  # one process against several
        sides = [one_process(random, random.integers(1, 20), center), processes(random, random.integers(2, 20), 4, other)]
    else:  # at the edge of the exact distribution
        sides = [one_process(random, random.integers(49, 52), c) for c in (center, other)]
    if index % 2 == 1:
        sides = [tied(side, center) for side in sides]
    if index % 100 == 99:  # nothing but ties
        sides = [[[center] * len(samples) for samples in side] for side in sides]
    if index % 2 == 0:
        sides.reverse()
    return sides


def write_csv(path, sides):
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join(COLUMNS) + "\n")
        for index, side in enumerate(sides):
            for process, samples in enumerate(side):
                for sample, seconds in enumerate(samples):
                    out.write(f"1,run,a-machine,w{index // CASES_A_WORKLOAD},v,serial,f64,kernel,n={index},,1,{process},"
                              f"{sample},{float(seconds)!r},reference,ok\n")


# ---- the same figures from others ----

def units_of(base, other):
    """Process medians where a side has several processes, otherwise the samples."""
    if len(base) > 1 or len(other) > 1:
        return [np.array([np.median(samples) for samples in side]) for side in (base, other)]
    return np.array(base[0]), np.array(other[0])


@functools.cache
def cumulative_counts(n, m):
    """Of Mann and Whitney's U: the coefficients of the Gaussian binomial [n + m choose n], summed; integers."""
    counts = [1] + [0] * (n * m)
    for i in range(1, n + 1):
        for u in range(n * m, m + i - 1, -1):  # times 1 - q^(m + i)
            counts[u] -= counts[u - m - i]
        for u in range(i, n * m + 1):  # divided by 1 - q^i
            counts[u] += counts[u - i]
    sums = np.cumsum(np.array(counts, dtype=object))
    assert sums[-1] == math.comb(n + m, n)
    return sums


def is_exact(base, other):
    return max(len(base), len(other)) <= EXACT_UP_TO


def p_of(base, other):
    if is_exact(base, other):
        return stats.mannwhitneyu(base, other, method="exact").pvalue
    with np.errstate(invalid="ignore"):
        p = stats.mannwhitneyu(base, other, method="asymptotic", use_continuity=True).pvalue
    return 1.0 if np.isnan(p) else p  # all values equal


def ranks_left_out(base, other):
    """Of the sorted differences, at each end of the interval; None where there is none."""
    n, m = len(base), len(other)
    tail = (1 - CONFIDENCE) / 2
    if is_exact(base, other):
        share = cumulative_counts(n, m) / math.comb(n + m, n)
        out = int(np.sum(share.astype(float) <= tail)) - 1
        return None if out < 0 else out
    _, ties = np.unique(np.concatenate([base, other]), return_counts=True)
    correction = np.sum(ties**3 - ties) / ((n + m) * (n + m - 1))
    deviation = math.sqrt(n * m / 12 * (n + m + 1 - correction))
    out = n * m / 2 - 0.5 + stats.norm.ppf(tail) * deviation
    return None if out < 0 else int(min(out, (n * m - 1) / 2))


def ratio_of(base, other):
    differences = np.sort(np.subtract.outer(np.log(other), np.log(base)).ravel())
    out = ranks_left_out(base, other)
    interval = (None, None) if out is None else tuple(np.exp([differences[out], differences[-1 - out]]))
    return float(np.exp(np.median(differences))), *interval


# ---- held together ----

class Deviations:
    def __init__(self):
        self.worst, self.count, self.where = {}, {}, {}

    def add(self, name, ours, theirs, where):
        self.count[name] = self.count.get(name, 0) + 1
        if ours is None or theirs is None:
            deviation = 0.0 if ours is None and theirs is None else math.inf
        else:
            deviation = abs(ours - theirs) / abs(theirs) if theirs else abs(ours)
        if not deviation <= self.worst.get(name, -1.0):  # a NaN is the worst
            self.worst[name], self.where[name] = deviation, where


def hold(report, cases):
    found = Deviations()
    rows = {int(row["shape"]["n"]): row for row in report["rows"]}
    assert sorted(rows) == list(range(len(cases))), "a case is missing in the report"
    p, estimates = [], []
    for index, (base, other) in enumerate(cases):
        ours, units = rows[index]["ratio"], units_of(base, other)
        assert (ours["base_units"], ours["other_units"]) == (len(units[0]), len(units[1])), f"units of case {index}"
        p.append(p_of(*units))
        estimate, low, high = ratio_of(*units)
        estimates.append(estimate)
        kind = "exact" if is_exact(*units) else "normal"
        found.add(f"p, {kind}", ours["p"], p[-1], index)
        found.add("Hodges-Lehmann ratio", ours["estimate"], estimate, index)
        found.add(f"interval, {kind}", ours["low"], low, index)
        found.add(f"interval, {kind}", ours["high"], high, index)
    for index, corrected in enumerate(multipletests(p, method="holm")[1]):
        found.add("Holm's corrected p", rows[index]["corrected_p"], corrected, index)
    means = {mean["workload"]: mean["estimate"] for mean in report["geometric_means"]}
    for first in range(0, len(cases), CASES_A_WORKLOAD):
        workload = f"w{first // CASES_A_WORKLOAD}"
        found.add("geometric mean", means[workload], stats.gmean(estimates[first:first + CASES_A_WORKLOAD]), workload)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--overtake", default="build/release/bin/overtake", help="the program (default: %(default)s)")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--tolerance", type=float, default=1e-9, help="largest relative deviation that counts as equal")
    arguments = parser.parse_args()
    random = np.random.default_rng(arguments.seed)
    cases = [case(random, index) for index in range(arguments.cases)]
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / name for name in ("base.csv", "other.csv")]
        for side, path in enumerate(paths):
            write_csv(path, [sides[side] for sides in cases])
        done = subprocess.run([arguments.overtake, "compare", *map(str, paths), "--json"], capture_output=True, check=False)
    if not done.stdout:
        sys.exit(f"overtake compare: status {done.returncode}: {done.stderr.decode()}")
    found = hold(json.loads(done.stdout), cases)
    print(f"{len(cases)} cases, seed {arguments.seed}; numpy {np.__version__}, scipy {scipy.__version__}, "
          f"statsmodels {statsmodels.__version__}")
    print(f"{'figure':24}  {'compared':>8}  worst relative deviation")
    for name, worst in sorted(found.worst.items()):
        print(f"{name:24}  {found.count[name]:8}  {worst:.2e} (case {found.where[name]})")
    agree = all(worst <= arguments.tolerance for worst in found.worst.values())
    print(f"{'all agree' if agree else 'NOT all agree'} to {arguments.tolerance:g}")
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
