#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The labs `map` and `waiting` and a matrix product in two halves, as Python's users run them, beside ours in one run.

  lab.py [--rounds 3] [--samples 3] [--seconds 5] [--only loop,joblib_loky] [--without-ours] [--out results] [--label NAME]

A round is `overtake lab map`, `overtake lab waiting`, bench_matmul and every way of lab_ways.py, all in processes of
their own, so that the threads and servers of one disturb no other, and in a random order from the second round on. All
rows go into OUT/SYSTEM/UTC-lab_peers, for `overtake show` and `compare`. What is not installed is a skipped row with
its reason. Needs a built overtake; requirements-lab.txt has what it looks for besides. Nothing else needs this.
"""
import argparse
import csv
import datetime
import importlib.util
import json
import os
import pathlib
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time

import peers
from lab_ways import CASES, REQUESTS, SIZE, WAYS, workers_of
from lab_work import answered, computed, half, next_number

LONGEST = 120  # seconds that a way may take in a round
MATMUL = [f"matmul/{variant}/f32/end_to_end/m:{SIZE}/n:{SIZE}/k:{SIZE}/workers:{workers}"
          for variant, workers in (("serial", 1), ("openmp", 2), ("processes", 2))]


# ---- in a way's own process ----------------------------------------------------------------------------------------


def steps_a_second():
    steps, best = 100_000, float("inf")
    for seed in range(5):
        start = time.perf_counter()
        computed(steps, seed)
        best = min(best, time.perf_counter() - start)
    return steps / best


def map_numbers(run, way, case, most):
    """One sample of the time of an item."""
    count = min(way.items[case == "alone"], most)
    numbers = way.prepared(list(range(1, count + 1)))

    def sample():
        start = time.perf_counter()
        values = run(next_number, numbers, int(case == "alone"))
        seconds = time.perf_counter() - start
        off = abs(sum(map(int, values)) - count * (count + 3) // 2)
        return {"seconds": seconds / count, "iterations": count, "check_method": "sum", "check_error": off,
                "check_tolerance": 0}

    return sample


def map_requests(run, case, length):
    steps = 1 if case == "waiting" else int(length * steps_a_second())
    requests = [(length if case == "waiting" else 0, steps, seed) for seed in range(REQUESTS)]
    expected = [answered((0, steps, seed)) for seed in range(REQUESTS)]

    def sample():
        start = time.perf_counter()
        values = run(answered, requests, 1)
        seconds = time.perf_counter() - start
        wrong = REQUESTS - sum(a == b for a, b in zip(values, expected))
        return {"seconds": seconds, "iterations": 1, "check_method": "answers", "check_error": wrong,
                "check_tolerance": 0, "metrics": f"request_seconds={length!r}"}

    return sample


def multiply(run, way):
    """The bound is that of core/workload/matmul.h; 1 is the largest error that it allows."""
    import numpy as np

    chance = np.random.default_rng(42)
    a, b = (chance.uniform(-1, 1, (SIZE, SIZE)).astype(np.float32) for _ in range(2))
    c = np.empty_like(a)
    expected = a.astype(float) @ b.astype(float)
    bound = 2 * SIZE**0.5 * 2.0**-24 * np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=0))
    middle = SIZE // 2 if way.strategy != "serial" else SIZE
    parts = [slice(0, middle), slice(middle, SIZE)][:SIZE // middle]
    shared = way.strategy in ("serial", "threads")

    def sample():
        c.fill(np.nan)
        start = time.perf_counter()
        values = run(half, [(a[rows], b, c[rows] if shared else None) for rows in parts], 1)
        answer = c if shared else np.concatenate(values)
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "iterations": 1, "flops": 2 * SIZE**3, "bytes": 3 * 4 * SIZE**2,
                "check_method": "float64", "check_error": float(np.max(abs(answer - expected) / bound)),
                "check_tolerance": 1}

    return sample


def start_afresh(way):
    """From nothing until two new processes have answered."""
    start = time.perf_counter()
    with way.opened(2) as run:
        values = list(run(next_number, [1, 2], 1))
        seconds = time.perf_counter() - start
    gone = time.perf_counter() - start
    return {"seconds": seconds, "iterations": 1, "check_method": "results", "check_error": abs(sum(values) - 5),
            "check_tolerance": 0, "metrics": f"until_gone_seconds={gone!r}"}


def run_case(way, case, settings):
    if case == "fresh":
        if way.starts > 1:
            start_afresh(way)
        return [start_afresh(way) for _ in range(min(way.starts, settings["samples"]))]
    with way.opened(workers_of(way, case, settings["cores"])) as run:
        if case == "halves":
            sample = multiply(run, way)
        elif case in ("batched", "alone"):
            sample = map_numbers(run, way, case, settings["items"])
        else:
            sample = map_requests(run, case, settings["length"])
        sample()
        return [sample() for _ in range(settings["samples"])]


def run_way(name, settings, path):
    """Writes a line for each sample, and for each case that failed."""
    with open(path, "w") as out:
        for case in settings["cases"]:
            try:
                found = run_case(WAYS[name], case, settings)
            except Exception as error:  # whatever a library throws is its result
                found = [{"status": "failed", "status_reason": f"{type(error).__name__}: {error}"}]
            for sample in found:
                out.write(json.dumps({"case": case, **sample}) + "\n")
            out.flush()


# ---- rounds --------------------------------------------------------------------------------------------------------


def missing(way, case):
    """Why the case cannot run here; empty where it can."""
    for package in (way.package, CASES[case].needs):
        if package and importlib.util.find_spec(package) is None:
            return f"{package} is not installed: bench/peers/README.md says how"
    return ""


def samples_of(name, cases, settings):
    """The lines that the way's own process wrote; `failed` for the cases that it did not get to."""
    environment = os.environ | {"PYTHONPATH": str(pathlib.Path(__file__).resolve().parent), "OPENBLAS_NUM_THREADS": "1",
                                "RAY_USAGE_STATS_ENABLED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        path, text = os.path.join(folder, "rows"), json.dumps(settings | {"cases": cases})
        child = subprocess.Popen([sys.executable, "-c", f"import lab; lab.run_way({name!r}, {text}, {path!r})"],
                                 env=environment, start_new_session=True, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True)
        try:
            said = child.communicate(timeout=LONGEST)[1].strip().splitlines()[-1:]
            reason = " ".join([f"the process ended with status {child.returncode}", *said])
        except BaseException as error:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            reason = f"no answer after {LONGEST} s"
        lines = pathlib.Path(path).read_text().splitlines() if os.path.exists(path) else []
    found = [json.loads(line) for line in lines]
    seen = {sample["case"] for sample in found}
    return found + [{"case": case, "status": "failed", "status_reason": reason} for case in cases if case not in seen]


def rows_of_way(name, number, blank, settings):
    way, rows = WAYS[name], []
    cases = [case for case in CASES if case in way.cases.split()]
    absent = {case: missing(way, case) for case in cases}
    found = [{"case": case, "status": "skipped", "status_reason": reason}
             for case, reason in absent.items() if reason and number == 0]
    here = [case for case in cases if not absent[case]]
    counts = dict.fromkeys(cases, 0)
    for sample in found + (samples_of(name, here, settings) if here else []):
        case = CASES[sample["case"]]
        workers = workers_of(way, sample["case"], settings["cores"])
        library = peers.library(way.package) if way.package and not absent[sample["case"]] else ""
        row = blank | {
            "utc": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "workload": case.workload, "variant": f"python_{name}", "strategy": way.strategy,
            "library": library or f"Python {platform.python_version()}", "dtype": case.dtype, "scope": case.scope,
            "shape": case.shape, "params": case.params, "workers_asked": workers, "process": number, "status": "ok"}
        row |= {key: value for key, value in sample.items() if key != "case"}
        if row["status"] == "ok":
            row |= {"workers": workers, "hosts": 1, "gpus": 0, "sample": counts[sample["case"]]}
            counts[sample["case"]] += 1
            if not row["check_error"] <= row["check_tolerance"]:
                row |= {"status": "wrong", "status_reason": f"off by {row['check_error']}", "seconds": ""}
        rows.append(row)
    return rows


def lab_of_ours(arguments, name, seconds):
    """The rows and the system.json of one `overtake lab`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [peers.program(arguments.build, "overtake"), "lab", name, "--seconds", str(seconds), "--out", folder]
        done = subprocess.run(command + (["--label", arguments.label] if arguments.label else []),
                              capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            sys.exit(f"lab.py: overtake lab {name}: {done.stderr}")
        csv_file = next(pathlib.Path(folder).rglob(f"lab_{name}.csv"))
        with open(csv_file, newline="") as file:
            return list(csv.DictReader(file)), json.loads((csv_file.parent / "system.json").read_text())


def rows_of_ours(arguments, number, blank, length):
    rows = lab_of_ours(arguments, "map", arguments.seconds)[0] + lab_of_ours(arguments, "waiting", arguments.seconds)[0]
    waited = [dict(pair.split("=") for pair in row["metrics"].split(";")).get("request_seconds") for row in rows]
    if any(value and abs(float(value) - length) > 1e-9 for value in waited):
        sys.exit(f"lab.py: requests of Python's wait {length} s and ours {set(waited)}: see `length` below")
    rows += peers.ours(arguments.build, "bench_matmul", MATMUL, [f"--benchmark_repetitions={arguments.samples}"])
    own = {key: blank[key] for key in ("run_id", "system_id")}
    return [row | own | {"process": number} for row in rows]


def make_folder(arguments, suite):
    """A folder with system.json, a row with what all have in common, and the system. The shortest lab gives all."""
    rows, system = lab_of_ours(arguments, "sharing", 0.01)
    run_id = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ-") + suite
    folder = pathlib.Path(arguments.out) / system["system_id"] / run_id
    folder.mkdir(parents=True)
    system |= {"suite": suite, "arguments": sys.argv[1:]}
    write_whole(folder / "system.json", json.dumps(system, indent=2) + "\n")
    kept = ("schema_version", "system_id", "git_revision")
    blank = {key: value if key in kept else "" for key, value in rows[0].items()} | {"run_id": run_id}
    return folder, blank, system


def write_whole(path, text):
    part = path.with_suffix(".part")
    part.write_text(text)
    part.rename(path)


def finish(arguments, folder, name):
    """The CSV under its own name, and what `overtake show` says of it."""
    (folder / f"{name}.csv.part").rename(folder / f"{name}.csv")
    shown = subprocess.run([peers.program(arguments.build, "overtake"), "show", str(folder)], capture_output=True,
                           text=True, check=True).stdout
    write_whole(folder / "summary.md", shown)
    print(f"{shown}Results: {folder}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(peers.ROOT / "build" / "release"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=3, help="of each case in a round")
    parser.add_argument("--seconds", type=float, default=5, help="that a lab of ours measures in a round; a request "
                        "waits and a computation takes a 9600th of it")
    parser.add_argument("--items", type=int, default=10**9, help="of a map at most")
    parser.add_argument("--only", default=",".join(WAYS), help="ways of lab_ways.py")
    parser.add_argument("--without-ours", action="store_true")
    parser.add_argument("--out", default="results")
    parser.add_argument("--label", default="")
    arguments = parser.parse_args()
    names = arguments.only.split(",")
    if unknown := set(names) - set(WAYS):
        parser.error(f"--only {','.join(sorted(unknown))}: there are {', '.join(WAYS)}")
    folder, blank, system = make_folder(arguments, "lab_peers")
    # Eight cases, nine rounds and three more to warm up share a lab's time; a hundred requests share a case's.
    settings = {"samples": arguments.samples, "items": arguments.items, "cores": system["physical_cores_allowed"],
                "length": min(0.598, max(1e-5, arguments.seconds / (8 * 12 * REQUESTS)))}
    part, bad = folder / "lab_peers.csv.part", 0
    order = names if arguments.without_ours else ["ours", *names]
    for number in range(arguments.rounds):
        for name in order:
            if name == "ours":
                rows = rows_of_ours(arguments, number, blank, settings["length"])
            else:
                rows = rows_of_way(name, number, blank, settings)
            if rows:
                peers.write_rows(part, rows)
            for row in rows:
                if row["status"] not in ("ok", "skipped"):
                    bad += 1
                    print(f"lab.py: {row['workload']} {row['variant']} {row['params']}: {row['status']}: "
                          f"{row['status_reason']}", file=sys.stderr)
        random.Random(number).shuffle(order)
    finish(arguments, folder, "lab_peers")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
