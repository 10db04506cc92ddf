#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scikit-learn, pandas, Polars, PyArrow, DuckDB and Numba make of the same work: their answers, and their times
beside ours in one run, alternating.

  peers.py answers FILE...                     `overtake do preprocess` against scikit-learn, on real tables
  peers.py read_csv [--rounds 9] [--workers 1] --out peers.csv
  peers.py preprocess [--rows 10000000] [--rounds 9] [--workers 1] --out peers.csv
  peers.py summarize [--rows 10000000] [--rounds 9] [--workers 1] [--parts describe,moments,corr,groups] --out peers.csv
                                               and, before any time, that ours and theirs say the same of one table

Times go into rows of the project's CSV schema, with the peer's name and version under `library`; ours are read from the
rows that the benchmark programs write. Needs requirements.txt in a virtual environment; nothing else needs this.
"""
import argparse
import csv
import datetime
import importlib.metadata
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import summaries

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLAIN_COLUMNS, PLAIN_BYTES_A_ROW, QUOTED_BYTES_A_ROW = 10, 88, 163
TOLERANCE = 1e-5


def program(build, name):
    path = pathlib.Path(build) / "bin" / name
    if not path.exists():
        sys.exit(f"peers.py: {path} is missing: build it first, or name the folder with --build")
    return str(path)


def library(name):
    return f"{name} {importlib.metadata.version(name)}"


# ---- answers -------------------------------------------------------------------------------------------------------


def sklearn_features(frame, numeric, categorical):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    import numpy as np

    # Missing categories become all zeros here: a category that no row is fitted to.
    levels = [sorted(frame[c].dropna().unique(), key=lambda s: s.encode()) for c in categorical]
    parts = [
        ("numbers", make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()), numeric),
        ("categories", OneHotEncoder(categories=levels, handle_unknown="ignore", sparse_output=False), categorical),
    ]
    frame = frame.copy()
    for column in categorical:
        frame[column] = frame[column].astype(object).where(frame[column].notna(), "\0missing")
    return ColumnTransformer(parts).fit_transform(frame).astype(np.float32)


def compare_answers(path, build):
    import numpy as np
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "features.npy")
        done = subprocess.run([program(build, "overtake"), "do", "preprocess", path, "--out", out],
                              capture_output=True, text=True, check=True)
        ours = np.load(out)
        names = json.loads(pathlib.Path(folder, "features.names.json").read_text())
    left_out = json.loads(done.stdout).get("leave_out", [])
    words = ["", "NA", "N/A", "NaN", "nan", "null", "None", "n/a", "NULL", "none", "na"]
    text = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=words).drop(columns=left_out)
    numeric, categorical = [], []
    for column in text.columns:
        try:
            text[column] = text[column].astype("float32")
            numeric.append(column)
        except ValueError:
            categorical.append(column)
    theirs = sklearn_features(text, numeric, categorical)
    if ours.shape != theirs.shape:
        print(f"{path}: shapes differ: {ours.shape}, scikit-learn {theirs.shape}")
        return False
    off = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
    worst = np.unravel_index(np.argmax(off), off.shape)
    right = bool(np.all(off <= TOLERANCE))
    print(f"{path}: {ours.shape[0]} rows, {ours.shape[1]} features ({len(numeric)} numeric columns, {len(categorical)} "
          f"categorical, {len(left_out)} left out): largest difference {off[worst]:.2g} in {names[worst[1]]!r}: "
          f"{'equal' if right else 'DIFFERENT'}")
    return right


# ---- reading -------------------------------------------------------------------------------------------------------


def write_texts(folder, plain_rows=1_000_000, quoted_rows=300_000):
    import numpy as np

    random = np.random.default_rng(42)
    number = lambda v, s: f"-{v:.6f}" if s else f"{v:.7f}"
    plain = os.path.join(folder, "plain.csv")
    with open(plain, "w") as out:
        out.write("x0,x1,x2,x3,x4,x5,x6,x7,count,kind\n")
        for _ in range(plain_rows // 10000):
            v, s = random.uniform(1, 9.9, (10000, 8)), random.integers(0, 2, (10000, 8))
            c, k = random.integers(100, 1000, 10000), random.integers(0, 16, 10000)
            out.writelines(",".join(map(number, v[i], s[i])) + f",{c[i]},k{k[i]:02d}\n" for i in range(10000))
    quoted = os.path.join(folder, "quoted.csv")
    with open(quoted, "w") as out:
        out.write("id,price,weight,place,comment,title,kind\n")
        for _ in range(quoted_rows // 10000):
            v, s, n = random.uniform(1, 9.9, (10000, 2)), random.integers(0, 2, (10000, 2)), random.integers(0, 100, (10000, 4))
            d = random.integers(1000000, 10000000, 10000)
            out.writelines(
                f'{d[i]},{number(v[i, 0], s[i, 0])},{number(v[i, 1], s[i, 1])},"{n[i, 0]:02d} Harbour Street, 2nd floor, '
                f'Bergen","Said ""yes"" to offer {n[i, 1]:02d},\nthen ""no"", then nothing","The ""{n[i, 2]:02d}"" of '
                f'Spring, part two",group {n[i, 3]:02d}\n' for i in range(10000))
    return {"plain": plain, "quoted": quoted}


def csv_peers(path, workers):
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow
    import pyarrow.csv as arrow

    pyarrow.set_cpu_count(workers)
    connection = duckdb.connect(config={"threads": workers})
    options = arrow.ParseOptions(newlines_in_values=True)
    words = [c for c, t in pl.read_csv(path, n_rows=100).schema.items() if t == pl.String]
    peers = {
        ("polars", "read_csv"): lambda: pl.read_csv(path),
        ("polars", "categorical"): lambda: pl.read_csv(path, schema_overrides={c: pl.Categorical for c in words}),
        ("pyarrow", "dictionary"): lambda: arrow.read_csv(
            path, parse_options=options, convert_options=arrow.ConvertOptions(auto_dict_encode=True)),
        ("duckdb", "table"): lambda: connection.execute(
            f"create or replace table t as select * from read_csv('{path}')"),
    }
    if workers == 1:
        peers["pandas", "read_csv"] = lambda: pd.read_csv(path)
    return peers


# ---- preprocessing -------------------------------------------------------------------------------------------------


def tuned_numba(workers):
    import numba
    import numpy as np

    numba.set_num_threads(workers)
    tile = 512

    @numba.njit(fastmath={"contract", "nsz", "arcp"}, parallel=True, error_model="numpy")
    def fit(x, chunks, mean, deviation):
        columns, rows = x.shape
        for j in range(columns):
            column = x[j]
            sums, squares, counts = np.zeros(chunks), np.zeros(chunks), np.zeros(chunks)
            shift = np.float32(0)
            for i in range(rows):
                if column[i] == column[i]:
                    shift = column[i]
                    break
            for k in numba.prange(chunks):
                part = column[rows * k // chunks:rows * (k + 1) // chunks]
                s, q, n = np.zeros(tile, np.float32), np.zeros(tile, np.float32), np.zeros(tile, np.float32)
                done = 0
                while done < part.size:
                    # Few rows in float32 before they are added in float64.
                    s[:] = 0
                    q[:] = 0
                    n[:] = 0
                    for _ in range(64):
                        piece = part[done:done + tile]
                        for i in range(piece.size):
                            v = piece[i]
                            present = v == v
                            d = v - shift if present else np.float32(0)
                            s[i] += d
                            q[i] += d * d
                            n[i] += np.float32(1) if present else np.float32(0)
                        done += tile
                        if done >= part.size:
                            break
                    for i in range(tile):
                        sums[k] += s[i]
                        squares[k] += q[i]
                        counts[k] += n[i]
            n = counts.sum()
            m = sums.sum() / n
            mean[j] = shift + m
            # Missing values become the mean, and count in the deviation.
            deviation[j] = np.sqrt((squares.sum() - n * m * m) / rows)

    @numba.njit(fastmath={"contract", "nsz", "arcp"}, parallel=True, error_model="numpy")
    def apply(x, codes, mean, factor, out):
        columns, rows = x.shape
        for k in numba.prange((rows + tile - 1) // tile):
            first = k * tile
            y = out[first:first + tile]
            c = codes[first:first + tile]
            for i in range(c.size):
                row = y[i]
                for j in range(columns):
                    v = x[j, first + i]
                    row[j] = (v - mean[j]) * factor[j] if v == v else np.float32(0)
                hot = row[columns:]
                for level in range(hot.size):
                    hot[level] = np.float32(1) if c[i] == level else np.float32(0)

    def run(x, codes, out):
        mean, deviation = np.empty(len(x)), np.empty(len(x))
        fit(x, workers, mean, deviation)
        apply(x, codes, mean.astype(np.float32), (1 / deviation).astype(np.float32), out)

    return run


def preprocess_peers(rows, workers):
    import numpy as np
    import polars as pl
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    random = np.random.default_rng(42)
    x = (random.standard_normal((8, rows), dtype=np.float32) + 2)
    x[random.random((8, rows), dtype=np.float32) < 0.05] = np.nan
    codes = random.integers(0, 16, rows, dtype=np.int32)
    row_major = np.ascontiguousarray(np.vstack([x, codes.astype(np.float32)]).T)
    names = [f"x{j}" for j in range(8)]
    frame = pl.DataFrame({n: x[j] for j, n in enumerate(names)} | {"k": codes}).with_columns(pl.col(names).fill_nan(None))
    out = np.empty((rows, 24), np.float32)
    numba_run = tuned_numba(workers)
    transformer = ColumnTransformer(
        [("numbers", make_pipeline(SimpleImputer(), StandardScaler()), list(range(8))),
         ("categories", OneHotEncoder(sparse_output=False, dtype=np.float32), [8])])
    filled = [pl.col(n).fill_null(pl.col(n).mean()) for n in names]
    steps = [(f - f.mean()) / f.std(ddof=0) for f in filled]
    hot = [(pl.col("k") == level).cast(pl.Float32).alias(f"k{level}") for level in range(16)]
    numba_run(x[:, :4096], codes[:4096], out[:4096])  # compiles
    numba_run(x, codes, out)
    expected = transformer.fit_transform(row_major[:100_000])
    check = np.empty((100_000, 24), np.float32)
    numba_run(np.ascontiguousarray(x[:, :100_000]), codes[:100_000], check)
    if not np.allclose(expected, check, rtol=1e-4, atol=1e-4):
        sys.exit("peers.py: Numba's answer differs from scikit-learn's")
    peers = {
        ("polars", "expressions"): lambda: frame.select(*steps, *hot),
        ("numba", "tuned"): lambda: numba_run(x, codes, out),
    }
    if workers == 1:
        peers["scikit-learn", "column_transformer"] = lambda: transformer.fit_transform(row_major)
    return peers


# ---- times ---------------------------------------------------------------------------------------------------------


def ours(build, name, cells, arguments, allowed=(0,)):
    """Runs a benchmark program once; its rows that are no ceilings. Ends this one where the status is not allowed."""
    with tempfile.TemporaryDirectory() as folder:
        listed = os.path.join(folder, "cells")
        pathlib.Path(listed).write_text("".join(c + "\n" for c in cells))
        done = subprocess.run([program(build, name), f"--cells={listed}", f"--out={folder}", "--benchmark_repetitions=1",
                               "--benchmark_min_time=0", *arguments], capture_output=True, text=True, check=False)
        if done.returncode not in allowed:
            sys.exit(f"peers.py: {name}: {done.stderr}")
        with open(next(pathlib.Path(folder).rglob(f"{name}.csv")), newline="") as file:
            return [row for row in csv.DictReader(file) if row["workload"] != "ceiling"]


def alternate(peers, run_ours, rounds):
    """Rows of ours, with those of the peers made like them."""
    rows, times = [], {}
    for work in peers.values():
        work()
    for sample in range(rounds):
        mine = run_ours()
        for row in mine:
            rows.append(row | {"sample": sample})
            times.setdefault(("overtake", row["variant"], row["dtype"]), []).append(float(row["seconds"]))
        for (name, variant), work in peers.items():
            start, cpu = time.perf_counter(), time.process_time()
            work()
            seconds = time.perf_counter() - start
            utc = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            rows.append(mine[0] | {
                "utc": utc, "variant": f"{name}_{variant}".replace("-", "_"), "library": library(name), "sample": sample,
                "iterations": 1, "seconds": repr(seconds), "cpu_seconds": repr(time.process_time() - cpu), "dtype": "none",
                "ceiling_fraction": "", "check_method": "", "check_error": "", "check_tolerance": "", "metrics": "",
                "bound": ""})
            times.setdefault((name, variant, ""), []).append(seconds)
    return rows, times


def report(title, times, megabytes=None):
    print(title)
    for key, seconds in sorted(times.items(), key=lambda item: statistics.median(item[1])):
        median = statistics.median(seconds)
        rate = f"{megabytes / median:8.0f} MB/s" if megabytes else ""
        print(f"  {' '.join(k for k in key if k):34} {median * 1e3:9.1f} ms {rate}  ({min(seconds) * 1e3:.1f} to "
              f"{max(seconds) * 1e3:.1f}, {len(seconds)} samples)")


def write_rows(path, rows):
    exists = os.path.exists(path)
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        if not exists:
            writer.writeheader()
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["answers", "read_csv", "preprocess", "summarize"])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--parts", default="describe,moments,corr,groups")
    parser.add_argument("--out", default="peers.csv")
    arguments = parser.parse_intermixed_args()
    if arguments.what == "answers":
        sys.exit(0 if all([compare_answers(path, arguments.build) for path in arguments.files]) else 1)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:arguments.workers])
    os.environ["POLARS_MAX_THREADS"] = str(arguments.workers)
    variant = "serial" if arguments.workers == 1 else "openmp"
    w = arguments.workers
    if arguments.what == "preprocess":
        cell = f"preprocess/{variant}/f32/kernel/rows:{arguments.rows}/cols:9/categorical:1/levels:16/workers:{w}"
        rows, times = alternate(preprocess_peers(arguments.rows, w),
                                lambda: ours(arguments.build, "bench_preprocess", [cell], []), arguments.rounds)
        report(f"impute mean, standardise, one-hot: {arguments.rows} rows, 8 numeric columns, 16 categories, {w} worker(s)",
               times)
        write_rows(arguments.out, rows)
        return
    if arguments.what == "summarize":
        if not summaries.compare_answers(program(arguments.build, "overtake"), TOLERANCE):
            sys.exit(1)
        for part in arguments.parts.split(","):
            cell = (f"summarize/{variant}/f32/kernel/rows:{arguments.rows}/cols:9/categorical:1/levels:16/part={part}"
                    f"/workers:{w}")
            rows, times = alternate(summaries.peers_of(part, arguments.rows, w),
                                    lambda cell=cell: ours(arguments.build, "bench_summarize", [cell], []), arguments.rounds)
            report(f"{part}: {arguments.rows} rows, 8 numeric columns, 16 categories, {w} worker(s)", times)
            write_rows(arguments.out, rows)
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        for name, path in write_texts(folder).items():
            size = os.path.getsize(path)
            lines = 1_000_000 if name == "plain" else 300_000
            shape = f"rows:{lines}" if name == "plain" else f"rows:{lines}/text=quoted"
            cells = [f"read_csv/{variant}/{dtype}/kernel/{shape}/workers:{w}" for dtype in ("f64", "f32")]
            rows, times = alternate(csv_peers(path, w), lambda cells=cells: ours(arguments.build, "bench_read_csv", cells, []),
                                    arguments.rounds)
            report(f"{name}: {lines} rows, {size / 1e6:.1f} MB, {w} worker(s)", times, size / 1e6)
            write_rows(arguments.out, rows)


if __name__ == "__main__":
    main()
