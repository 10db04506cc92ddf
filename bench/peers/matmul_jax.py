#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Matrix products of JAX (jax.numpy.matmul under jax.jit, on CPUs) beside ours in one run, alternating.

  matmul_jax.py [--size 16,...,4096x64x4096] [--dtype f32,f64] [--workers 1,all] [--variant serial,openmp]
                [--rounds 3] [--samples 4] [--seconds 0.05] [--out results] [--label NAME]

A round is every size in a random order; at a size bench_matmul, JAX on one core and JAX on all of them take turns, each
in a process of its own with the CPUs that it may use. JAX's processes live for a round and wait while others measure.
The clock covers what a user of JAX waits for with its operands in JAX's arrays: the call, which allocates the result,
until block_until_ready. What the timed calls left is checked against NumPy in double precision, within the tolerance
of core/workload/matmul.h. All rows go into OUT/SYSTEM/UTC-matmul_peers, for `overtake show` and `compare`. Needs a
built overtake, and requirements-jax.txt in a virtual environment: without it JAX's rows are skipped.
"""
import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import random
import re
import select
import subprocess
import sys
import tempfile
import time

import lab
import peers

SIZES = ("16,32,48,64,96,128,256,384,512,1000,1024,2048,4096,4096x64x4096,64x4096x4096,4096x4096x64,10000x16x16,"
         "16x16x100000")
DTYPES = {"f32": (4, 2.0**-24), "f64": (8, 2.0**-53)}  # bytes of an element, unit roundoff
LONGEST = 600  # seconds that JAX may take for the samples of one cell


# ---- in JAX's own process ------------------------------------------------------------------------------------------


def error_of(a, b, c, roundoff):
    """The largest error of c = a b, where 1 is what core/workload/matmul.h allows; nan where c holds one."""
    import numpy as np

    a, b, c = (x.astype(np.float64) for x in (a, b, c))
    expected = a @ b
    norms = np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=0))
    return float(np.max(abs(c - expected) / (2 * a.shape[1]**0.5 * roundoff * norms + roundoff * abs(expected))))


def samples_of(multiply, cell, seed):
    import jax
    import numpy as np

    chance = np.random.default_rng(seed)
    dtype = np.dtype("float" + cell["dtype"][1:])
    host = [chance.uniform(-1, 1, shape).astype(dtype) for shape in ((cell["m"], cell["k"]), (cell["k"], cell["n"]))]
    a, b = (jax.device_put(x) for x in host)
    multiply(a, b).block_until_ready()  # compiles
    start, iterations = time.perf_counter(), 0
    while time.perf_counter() - start < cell["seconds"]:
        multiply(a, b).block_until_ready()
        iterations += 1
    found = []
    for _ in range(cell["samples"]):
        start, cpu = time.perf_counter(), time.process_time()
        for _ in range(iterations):
            c = multiply(a, b).block_until_ready()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        found.append({"seconds": seconds / iterations, "cpu_seconds": cpu / iterations, "iterations": iterations})
    error = error_of(*host, np.asarray(c), DTYPES[cell["dtype"]][1])
    return [sample | {"check_method": "reference", "check_error": error, "check_tolerance": 1} for sample in found]


def serve(seed):
    """Answers each line of stdin, a cell, with a line of samples. Whatever else writes to stdout goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import jax

    jax.config.update("jax_enable_x64", True)
    multiply = jax.jit(jax.numpy.matmul)
    for line in sys.stdin:
        print(json.dumps(samples_of(multiply, json.loads(line), seed)), file=answers, flush=True)


# ---- rounds --------------------------------------------------------------------------------------------------------


class Jax:
    """JAX's process of a round on some CPUs; `answer` gives the samples of a cell, or why there are none."""

    def __init__(self, cpus, seed):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(pathlib.Path(__file__).resolve().parent),
                                                                   os.environ.get("PYTHONPATH", "")]),
                                    "OPENBLAS_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu", "PYTHONDONTWRITEBYTECODE": "1"}
        self.said = tempfile.TemporaryFile("w+")
        # Before JAX is imported: its threads are as many as CPUs then.
        start = f"import os; os.sched_setaffinity(0, {cpus!r}); import matmul_jax; matmul_jax.serve({seed})"
        self.child = subprocess.Popen([sys.executable, "-c", start], env=environment, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=self.said)

    def answer(self, cell):
        try:
            self.child.stdin.write(json.dumps(cell).encode() + b"\n")
            self.child.stdin.flush()
            readable = select.select([self.child.stdout], [], [], LONGEST)[0]
            line = self.child.stdout.readline() if readable else b""
        except BrokenPipeError:
            readable, line = True, b""
        if line:
            return json.loads(line)
        if not readable:
            self.child.kill()
            return [{"status": "failed", "status_reason": f"no answer after {LONGEST} s"}]
        status = self.child.wait()
        self.said.seek(0)
        last = self.said.read().strip().splitlines()[-1:]
        return [{"status": "failed", "status_reason": " ".join([f"JAX's process ended with status {status}", *last])}]

    def end(self):
        try:
            self.child.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def jax_version():
    try:
        return importlib.metadata.version("jax")
    except importlib.metadata.PackageNotFoundError:
        return None


def rows_of(found, blank, cell, workers_asked, workers, number):
    """Rows of the results' CSV for what `Jax.answer` gave."""
    m, n, k = (cell[name] for name in "mnk")
    version = jax_version()
    rows = []
    for index, sample in enumerate(found):
        row = blank | {
            "utc": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "workload": "matmul",
            "variant": "jax", "strategy": "threads", "library": f"jax {version}" if version else "JAX",
            "dtype": cell["dtype"], "scope": "kernel", "shape": f"m={m};n={n};k={k}", "workers_asked": workers_asked,
            "process": number, "flops": 2 * m * n * k,
            "bytes": (m * k + k * n + m * n) * DTYPES[cell["dtype"]][0], "status": "ok"} | sample
        if row["status"] == "ok":
            row |= {"workers": workers, "hosts": 1, "gpus": 0, "sample": index}
            if not row["check_error"] <= row["check_tolerance"]:
                row |= {"status": "wrong", "status_reason": f"off by {row['check_error']} tolerances"}
        rows.append(row)
    return rows


def cells_of_ours(arguments, size):
    """Our variants on as many cores; of `serial` and `openmp` only what is meant for so many."""
    meant = {"serial": ["1"], "openmp": ["all"]}
    m, n, k = size
    return [f"matmul/{variant}/{dtype}/kernel/m:{m}/n:{n}/k:{k}/workers:{workers}" for variant in arguments.variant
            for dtype in arguments.dtype for workers in arguments.workers if workers in meant.get(variant, [workers])]


def rows_of_ours(arguments, size, number, own):
    # Status 1 is a row that says what is wrong with it.
    rows = peers.ours(arguments.build, "bench_matmul", cells_of_ours(arguments, size), [
        f"--benchmark_repetitions={arguments.samples}", f"--benchmark_min_time={arguments.seconds}",
        "--benchmark_enable_random_interleaving=true"], allowed=(0, 1))
    return [row | own | {"process": number} for row in rows]


def rows_of_jax(children, workers, size, number, blank, arguments, cpus):
    rows = []
    for dtype in arguments.dtype:
        cell = dict(zip("mnk", size)) | {"dtype": dtype, "samples": arguments.samples, "seconds": arguments.seconds}
        if children:
            found = children[workers].answer(cell)
        else:
            found = [{"status": "skipped", "status_reason": "jax is not installed: bench/peers/README.md says how"}]
        rows += rows_of(found, blank, cell, workers, len(cpus[workers]), number)
    return rows


def one_round(number, arguments, blank, cpus, write):
    installed = jax_version() is not None
    if not installed and number > 0:
        return
    own = {key: blank[key] for key in ("run_id", "system_id")}
    children = {workers: Jax(cpus[workers], number) for workers in arguments.workers} if installed else {}
    chance = random.Random(number)
    try:
        for size in chance.sample(arguments.size, len(arguments.size)):
            turns = ["ours", *arguments.workers]
            for turn in chance.sample(turns, len(turns)):
                if turn == "ours":
                    write(rows_of_ours(arguments, size, number, own))
                else:
                    write(rows_of_jax(children, turn, size, number, blank, arguments, cpus))
    finally:
        for child in children.values():
            child.end()


# ---- the command ---------------------------------------------------------------------------------------------------


def size_of(text):
    """`1024` or `4096x64x4096` -> (m, n, k)"""
    extents = [int(x) for x in text.split("x")] if re.fullmatch(r"[1-9]\d*(x[1-9]\d*x[1-9]\d*)?", text) else []
    if not extents:
        raise argparse.ArgumentTypeError(f"{text}: a size is N or MxNxK, as in 1024 or 4096x64x4096")
    return tuple(extents) if len(extents) == 3 else (extents[0],) * 3


def list_of(kind):
    def parse(text):
        return [kind(word) for word in text.split(",")]

    return parse


def one_of(*allowed):
    def parse(word):
        if word not in allowed:
            raise argparse.ArgumentTypeError(f"{word}: there are {', '.join(allowed)}")
        return word

    return parse


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(peers.ROOT / "build" / "release"))
    parser.add_argument("--size", type=list_of(size_of), default=SIZES)
    parser.add_argument("--dtype", type=list_of(one_of(*DTYPES)), default="f32,f64")
    parser.add_argument("--workers", type=list_of(one_of("1", "all")), default="1,all")
    parser.add_argument("--variant", type=list_of(str), default="serial,openmp", help="ours, beside JAX")
    parser.add_argument("--rounds", type=int, default=3, help="each with fresh processes")
    parser.add_argument("--samples", type=int, default=4, help="of each cell in a round")
    parser.add_argument("--seconds", type=float, default=0.05, help="that a sample takes at least")
    parser.add_argument("--out", default="results")
    parser.add_argument("--label", default="")
    return parser.parse_args()


def cpus_in(text):
    """`0-2,5` -> [0, 1, 2, 5]"""
    ranges = [[int(x) for x in part.split("-")] for part in text.split(",")]
    return [cpu for ends in ranges for cpu in range(ends[0], ends[-1] + 1)]


def main():
    arguments = parse_arguments()
    folder, blank, system = lab.make_folder(arguments, "matmul_peers")
    cores = cpus_in(system["affinity_one_cpu_per_core"])
    part, bad = folder / "matmul_peers.csv.part", []

    def write(rows):
        if rows:
            peers.write_rows(part, rows)
        for row in rows:
            if row["status"] not in ("ok", "skipped"):
                bad.append(row)
                print(f"matmul_jax.py: {row['variant']} {row['dtype']} {row['shape']}: {row['status']}: "
                      f"{row['status_reason']}", file=sys.stderr)

    for number in range(arguments.rounds):
        one_round(number, arguments, blank, {"1": cores[:1], "all": cores}, write)
    lab.finish(arguments, folder, "matmul_peers")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
