# SPDX-License-Identifier: Apache-2.0
"""What pandas, Polars, DuckDB and NumPy say of a table at first sight, for peers.py: work to be timed beside ours, and
answers to hold against ours."""
import json
import os
import subprocess
import tempfile


def table(rows):
    """Eight float32 columns with 5 % missing, the last two in step with the first, and a category of 16."""
    import numpy as np

    random = np.random.default_rng(42)
    x = random.standard_normal((8, rows), dtype=np.float32) + np.float32(2)
    x[6] = x[0] + x[6] / 4
    x[7] = -x[0] - x[7] / 8
    x[random.random((8, rows), dtype=np.float32) < 0.05] = np.nan
    return x, random.integers(0, 16, rows, dtype=np.int32)


def frames(rows):
    import numpy as np
    import pandas as pd
    import polars as pl

    x, codes = table(rows)
    names = [f"x{j}" for j in range(8)]
    kinds = [f"k{level:02d}" for level in range(16)]
    pandas = pd.DataFrame({n: x[j] for j, n in enumerate(names)})
    pandas["k"] = pd.Categorical.from_codes(codes, kinds)
    polars = pl.DataFrame({n: x[j] for j, n in enumerate(names)} | {"k": np.array(kinds)[codes]})
    return pandas, polars.with_columns(pl.col(names).fill_nan(None), pl.col("k").cast(pl.Categorical)), names


def pearson(frame, names):
    """Over the rows where both have a value; Polars' own corr() takes whole rows."""
    import polars as pl

    pairs = [(a, b) for i, a in enumerate(names) for b in names[i:]]
    return frame.select(pl.corr(a, b).alias(f"{a} {b}") for a, b in pairs)


def peers_of(part, rows, workers):
    import duckdb
    import polars as pl

    pandas, polars, names = frames(rows)
    number = pl.col(names)
    connection = duckdb.connect(config={"threads": workers})
    connection.execute("create table t as select * from pandas")
    figures = ["count({0})", "avg({0})", "stddev_samp({0})", "min({0})", "max({0})"]
    quartiles = ["quantile_cont({0}, [0.25, 0.5, 0.75])"]
    select = lambda what: "select " + ", ".join(w.format(n) for n in names for w in what) + " from t"
    sql = lambda text: lambda: connection.execute(text).fetchall()
    peers = {
        "describe": {
            ("polars", "describe"): lambda: polars.select(names).describe(),
            ("duckdb", "quantile_cont"): sql(select(figures + quartiles)),
            ("pandas", "describe"): lambda: pandas[names].describe(),
        },
        "moments": {
            ("polars", "expressions"): lambda: polars.select(
                number.count().name.suffix(" n"), number.mean().name.suffix(" mean"), number.std().name.suffix(" std"),
                number.min().name.suffix(" min"), number.max().name.suffix(" max")),
            ("duckdb", "aggregates"): sql(select(figures)),
            ("pandas", "agg"): lambda: pandas[names].agg(["count", "mean", "std", "min", "max"]),
        },
        "corr": {
            ("polars", "pairs"): lambda: pearson(polars, names),
            ("duckdb", "pairs"): sql("select " + ", ".join(
                f"corr({a}, {b})" for i, a in enumerate(names) for b in names[i:]) + " from t"),
            ("pandas", "corr"): lambda: pandas[names].corr(),
        },
        "groups": {
            ("polars", "group_by"): lambda: polars.group_by("k").agg(number.mean()),
            ("duckdb", "group_by"): sql("select k, " + ", ".join(f"avg({n})" for n in names) + " from t group by k"),
            ("pandas", "groupby"): lambda: pandas.groupby("k", observed=False)[names].mean(),
        },
    }[part]
    return {key: work for key, work in peers.items() if workers == 1 or key[0] != "pandas"}


def compare_answers(overtake, tolerance, rows=20_000):
    """`overtake do summarize` against pandas, NumPy, Polars and DuckDB; true where all figures are equal."""
    import numpy as np

    pandas, polars, names = frames(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.csv")
        pandas.to_csv(path, index=False)
        done = subprocess.run([overtake, "do", "summarize", path, "--json"], capture_output=True,
                              text=True, check=True)
    ours = json.loads(done.stdout)
    worst, right = ("", 0.0), True

    def same(what, mine, theirs):
        nonlocal worst, right
        mine, theirs = np.asarray(mine, float), np.asarray(theirs, float)
        off = np.abs(mine - theirs) / np.maximum(1, np.abs(theirs))
        right &= bool(np.all(off <= tolerance))
        worst = max(worst, (what, float(np.max(off))), key=lambda pair: pair[1])

    # In float64, where sums keep their digits.
    wide = pandas[names].astype(float)
    described = wide.describe()
    for j, name in enumerate(names):
        column = ours["numeric"][j]
        for figure in described.index:
            same(f"{figure} of {name}, pandas", column[figure], described[name][figure])
        same(f"histogram of {name}, NumPy", column["histogram"], np.histogram(wide[name].dropna(), bins=10)[0])
    same("correlations, pandas", ours["correlation"], wide.corr())
    triangle = np.array(ours["correlation"])[np.triu_indices(len(names))]
    same("correlations, Polars", triangle, pearson(polars, names).row(0))
    groups = wide.assign(k=pandas["k"]).groupby("k", observed=True).mean()
    by = ours["categorical"][0]["groups"]
    if [group["category"] for group in by] != sorted(groups.index):
        right = False
    same("means of groups, pandas", [group["means"] for group in by], groups.sort_index())
    for (name, variant), work in peers_of("moments", rows, 1).items():
        if name == "duckdb":
            means = np.array(work()[0]).reshape(len(names), 5)[:, 1]
            same(f"means, {name} {variant}", [column["mean"] for column in ours["numeric"]], means)
    print(f"summaries of {rows} rows: largest difference {worst[1]:.2g} ({worst[0]}): {'equal' if right else 'DIFFERENT'}")
    return right
