#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tables of cpu/matmul/README.md, made from runs of `overtake run matmul` (and of matmul_jax.py).

  matmul_tables.py write [--check] [README]   every table between its marks, from the runs that its first mark names
  matmul_tables.py NAME RUN...                one table; RUN is a run's folder, such as results/SYSTEM/UTC-custom

Marks: `<!-- matmul_tables.py NAME RUN... -->` and `<!-- end of table -->`; RUN is relative to the project. --check
writes nothing and ends with status 1 where a table would change. Needs nothing but Python.
"""
import argparse
import collections
import csv
import math
import pathlib
import random
import re
import statistics
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARIES = {"openblas": "OpenBLAS", "onednn": "oneDNN", "mkl": "MKL", "jax": "JAX"}
LADDER = ["serial_naive", "serial_tiled", "serial_vectorized", "serial_packed", "serial"]
WORKERS = {"1": "serial", "all": "openmp"}  # our variant for so many workers
MARKS = re.compile(r"(<!-- matmul_tables\.py (.+?) -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)

# Samples of one cell.
Cell = collections.namedtuple("Cell", "seconds workers flops bytes bound share")


class Runs:
    """cells[dtype, workers asked for, (m, n, k)][variant]; fma[dtype, workers asked for]: FLOP/s of each sample;
    kernels[library]: what ran of it."""

    def __init__(self, folders):
        self.cells, self.fma = collections.defaultdict(dict), collections.defaultdict(list)
        self.kernels = collections.defaultdict(set)
        files = [path for folder in folders for path in sorted(pathlib.Path(folder).glob("*matmul*.csv"))]
        if not files:
            sys.exit(f"matmul_tables.py: {' '.join(map(str, folders))}: no bench_matmul.csv or matmul_peers.csv there")
        for path in files:
            with open(path, newline="") as file:
                for row in csv.DictReader(file):
                    self.add(row)

    def add(self, row):
        # `onednn has no f64 form` is how the library is; anything else is a table without its yardstick.
        if row["status"] == "skipped" and row["variant"] in LIBRARIES and not row["status_reason"].endswith(" form"):
            sys.exit(f"matmul_tables.py: {row['run_id']} lacks {row['variant']}: {row['status_reason']}")
        if row["status"] != "ok" or row["scope"] != "kernel":
            return
        if row["workload"] == "ceiling" and row["variant"] == "fma":
            self.fma[row["dtype"], row["workers_asked"]].append(float(row["flops"]) / float(row["seconds"]))
        if row["workload"] != "matmul" or row["params"]:
            return
        shape = tuple(int(pair.split("=")[1]) for pair in row["shape"].split(";"))
        variants = self.cells[row["dtype"], row["workers_asked"], shape]
        cell = variants.setdefault(row["variant"], Cell([], int(row["workers"]), float(row["flops"]),
                                                        float(row["bytes"]), row["bound"], []))
        cell.seconds.append(float(row["seconds"]))
        if row["ceiling_fraction"]:
            cell.share.append(float(row["ceiling_fraction"]))
        if row["variant"] in LIBRARIES:
            observed = dict(pair.split("=") for pair in row["metrics"].split(";") if pair)
            self.kernels[LIBRARIES[row["variant"]]].add(
                f"{observed.get('version', row['library'])}, kernel {observed.get('kernel', 'unknown')}")

    def shapes(self, dtype, wanted):
        found = {shape for at, _, shape in self.cells if at == dtype and wanted(shape)}
        return sorted(found, key=lambda shape: (len(set(shape)) > 1, min(shape) == 1, shape))

    def get(self, dtype, workers, shape, variant):
        return self.cells.get((dtype, workers, shape), {}).get(variant)


# ---- figures -------------------------------------------------------------------------------------------------------


def is_thin(shape):
    return min(shape) == 1


def is_prime(shape):
    return all(x > 1 and all(x % d for d in range(2, math.isqrt(x) + 1)) for x in shape)


def text_of(shape):
    return str(shape[0]) if len(set(shape)) == 1 else " x ".join(map(str, shape))


def median(cell):
    return statistics.median(cell.seconds)


def best_library(variants):
    """The variant of the fastest library, None where there was none."""
    return min((v for v in variants if v in LIBRARIES), key=lambda v: median(variants[v]), default=None)


def is_slower(theirs, ours):
    """Below 0.98 as ratio of medians, and the 95 % interval of that (bootstrap of the samples) below 1."""
    if median(theirs) / median(ours) >= 0.98:
        return False
    chance = random.Random(42)
    ratios = sorted(statistics.median(chance.choices(theirs.seconds, k=len(theirs.seconds))) /
                    statistics.median(chance.choices(ours.seconds, k=len(ours.seconds))) for _ in range(1000))
    return ratios[974] < 1


def ratio_text(theirs, ours):
    text = f"{median(theirs) / median(ours):.2f}"
    return f"**{text}**" if is_slower(theirs, ours) else text


def mean_of(ratios):
    return f"{math.exp(statistics.fmean(map(math.log, ratios))):.2f}" if ratios else "–"


def time_text(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            break
    return f"{seconds / size:.3g} {unit}"


def table(head, rows, texts=1):
    """`texts`: columns from the left that are no numbers, as those of libraries."""
    if not rows:
        sys.exit("matmul_tables.py: the runs hold no cells for this table")
    sides = ["---" if at < texts or name.startswith("best library") else "---:" for at, name in enumerate(head)]
    lines = [head, sides, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# ---- tables --------------------------------------------------------------------------------------------------------


def libraries_of(runs, dtype, shapes):
    """Beside the best library: shares of the FMA rate, and the library's time over ours."""
    head, rows = ["m x n x k"], []
    ratios = {workers: {} for workers in WORKERS}
    for workers, variant in WORKERS.items():
        cores = "1 core" if workers == "1" else "all cores"
        head += [f"`{variant}`", f"best library, {cores}", "ratio"]
    for shape in shapes:
        row = [text_of(shape)]
        for workers, variant in WORKERS.items():
            variants = runs.cells.get((dtype, workers, shape), {})
            ours, name = variants.get(variant), best_library(variants)
            if not ours or not name:
                row += ["–"] * 3
                continue
            rate = statistics.median(runs.fma[dtype, workers]) / 100
            theirs = variants[name]
            ratios[workers][shape] = median(theirs) / median(ours)
            row += [f"{ours.flops / median(ours) / rate:.0f} %",
                    f"{LIBRARIES[name]} {ours.flops / median(theirs) / rate:.0f} %", ratio_text(theirs, ours)]
        rows.append(row)
    return table(head, rows), ratios


def means_of(dtype, ratios):
    """Geometric means over the shapes that the issue of this comparison groups."""
    groups = {"up to 128 and thin": lambda s: len(set(s)) > 1 or s[0] <= 128,
              "from 128": lambda s: len(set(s)) == 1 and s[0] >= 128,
              "from 256": lambda s: len(set(s)) == 1 and s[0] >= 256}
    return [[f"{dtype}, {name}", *(mean_of([r for s, r in found.items() if wanted(s)]) for found in ratios.values())]
            for name, wanted in groups.items()]


def samples_text(runs, wanted):
    """`12 samples`, or which cells have another number."""
    counts = collections.defaultdict(list)
    for (dtype, workers, shape), variants in runs.cells.items():
        for variant, cell in variants.items():
            if wanted(shape):
                counts[len(cell.seconds)].append(f"{variant} {dtype} {text_of(shape)} (workers {workers})")
    usual = max(counts, key=lambda count: len(counts[count]))
    odd = [f"{count} of {name}" for count in sorted(counts) if count != usual for name in counts[count]]
    named = ", ".join(odd) if len(odd) <= 6 else f"{min(counts)} to {max(counts)} of {len(odd)} cells"
    return f"Medians of {usual} samples" + (f"; {named}" if odd else "") + "."


def paragraph(*sentences):
    return textwrap.fill(" ".join(sentences), width=120) + "\n"


def libraries(runs):
    def wanted(shape):
        return not is_thin(shape) and not is_prime(shape)

    text, means = "", []
    for dtype in ("f32", "f64"):
        if shapes := runs.shapes(dtype, wanted):
            body, ratios = libraries_of(runs, dtype, shapes)
            text += f"{dtype}:\n\n{body}\n"
            means += means_of(dtype, ratios)
    text += "Geometric means of the ratios:\n\n" + table(["shapes", "1 core", "all cores"], means)
    peaks = ", ".join(f"{dtype} {statistics.median(rates) / 1e9:.1f} (workers {workers})"
                      for (dtype, workers), rates in sorted(runs.fma.items()))
    ran = "; ".join(f"{name} {' and '.join(sorted(kernels))}" for name, kernels in sorted(runs.kernels.items()))
    return f"{text}\n" + paragraph(samples_text(runs, wanted), f"FMA rate in GFLOP/s: {peaks}.", f"{ran}.")


def ladder(runs):
    """Time of each step, and the gain over the step before."""
    rows = []
    for dtype in ("f32", "f64"):
        for shape in runs.shapes(dtype, lambda shape: True):
            steps = [runs.get(dtype, "1", shape, variant) for variant in LADDER]
            if not all(steps):
                continue
            times = [median(step) for step in steps]
            gains = [f", {a / b:.2f}x" for a, b in zip(times, times[1:])]
            rows.append([text_of(shape), dtype, *(time_text(t) + gain for t, gain in zip(times, ["", *gains]))])
    return table(["m x n x k", "dtype", *(f"`{variant}`" for variant in LADDER)], rows, texts=2)


def rate_text(cell):
    """GB/s where bandwidth bounds the shape, GFLOP/s elsewhere; share of the ceiling."""
    bandwidth = cell.bound not in ("", "fma")
    work, unit = (cell.bytes, "GB/s") if bandwidth else (cell.flops, "GFLOP/s")
    rate = f"{work / median(cell) / 1e9:.1f} {unit}"
    return f"{rate}, {statistics.median(cell.share) * 100:.0f} % of {cell.bound}" if cell.share else rate


def vectors(runs):
    rows = []
    for dtype in ("f32", "f64"):
        for shape in runs.shapes(dtype, lambda shape: is_thin(shape) or is_prime(shape)):
            row = [text_of(shape), dtype]
            for workers, variant in WORKERS.items():
                variants = runs.cells.get((dtype, workers, shape), {})
                ours, name = variants.get(variant), best_library(variants)
                row += [rate_text(ours) if ours else "–",
                        f"{LIBRARIES[name]} {ratio_text(variants[name], ours)}" if ours and name else "–"]
            rows.append(row)
    return table(["m x n x k", "dtype", "`serial`", "best library, ratio", "`openmp`", "best library, ratio"], rows,
                 texts=2)


def cores(runs):
    """What the cores add for n >= 1024, and processes beside threads."""
    rows = []
    for dtype in ("f32", "f64"):
        for shape in runs.shapes(dtype, lambda shape: len(set(shape)) == 1 and shape[0] >= 1024):
            serial = runs.get(dtype, "1", shape, "serial")
            openmp, processes, copied = (runs.get(dtype, "all", shape, variant)
                                         for variant in ("openmp", "processes", "processes_copied"))
            if not serial or not openmp:
                continue
            rows.append([text_of(shape), dtype, time_text(median(serial)), time_text(median(openmp)),
                         f"{median(serial) / median(openmp) / openmp.workers:.3f}",
                         *(f"{median(openmp) / median(cell):.3f}" if cell else "–" for cell in (processes, copied))])
    return table(["n", "dtype", "`serial`", "`openmp`", "serial / (openmp x cores)", "openmp / `processes`",
                  "openmp / `processes_copied`"], rows, texts=2)


def jax(runs):
    """JAX's time over ours."""
    head, rows, ratios = ["m x n x k"], [], collections.defaultdict(list)
    keys = [(dtype, workers) for dtype in ("f32", "f64") for workers in WORKERS]
    head += [f"{dtype}, {'1 core' if workers == '1' else 'all cores'}" for dtype, workers in keys]
    for shape in sorted({s for dtype, _ in keys for s in runs.shapes(dtype, lambda s: True)},
                        key=lambda s: (len(set(s)) > 1, s)):
        if not any(runs.get(*key, shape, "jax") for key in keys):
            continue
        row = [text_of(shape)]
        for key in keys:
            ours, theirs = (runs.get(*key, shape, variant) for variant in (WORKERS[key[1]], "jax"))
            row.append(ratio_text(theirs, ours) if ours and theirs else "–")
            if ours and theirs and len(set(shape)) == 1 and shape[0] >= 128:
                ratios[key].append(median(theirs) / median(ours))
        rows.append(row)
    means = [["geometric mean, n >= 128", *(mean_of(ratios[key]) for key in keys)]] if rows else []
    return table(head, rows + means) + "\n" + paragraph(samples_text(runs, lambda shape: True))


TABLES = {function.__name__: function for function in (libraries, ladder, vectors, cores, jax)}


# ---- the command ---------------------------------------------------------------------------------------------------


def made(name, folders):
    if name not in TABLES:
        sys.exit(f"matmul_tables.py: {name}: there are {', '.join(TABLES)}")
    return TABLES[name](Runs(folders))


def write(path, check):
    """The tables of `path`, whose marks say from which runs. Returns the status."""
    before = path.read_text()
    count = before.count("<!-- matmul_tables.py ")
    if count == 0 or count != len(MARKS.findall(before)):
        sys.exit(f"matmul_tables.py: {path}: a mark without its end, or none at all: see --help")

    def table_again(match):
        name, *folders = match[2].split()
        return f"{match[1]}\n{made(name, [ROOT / folder for folder in folders])}\n{match[4]}"

    after = MARKS.sub(table_again, before)
    if check:
        return int(after != before)
    part = path.with_suffix(".part")
    part.write_text(after)
    part.rename(path)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", *TABLES])
    parser.add_argument("where", nargs="*", help="a README, or runs")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_intermixed_args()
    if arguments.what == "write":
        readmes = arguments.where or [ROOT / "cpu" / "matmul" / "README.md"]
        changed = [str(path) for path in map(pathlib.Path, readmes) if write(path, arguments.check)]
        if changed:
            sys.exit(f"matmul_tables.py: not what the runs say: {', '.join(changed)}")
    elif not arguments.where:
        parser.error(f"{arguments.what}: name the folders of its runs")
    else:
        print(made(arguments.what, arguments.where), end="")


if __name__ == "__main__":
    main()
