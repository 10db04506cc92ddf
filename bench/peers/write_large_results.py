#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a results CSV of any size, to time `overtake compare` on: rows as long as a benchmark program writes them.

Example: write_large_results.py base.csv --cells 66667 --processes 3 --samples 5 --seed 1
"""
import argparse
import math
import random

HEADER = (
    "schema_version,run_id,system_id,utc,git_revision,workload,variant,strategy,library,dtype,scope,shape,params,"
    "workers_asked,workers,hosts,gpus,process,sample,iterations,seconds,cpu_seconds,flops,bytes,bound,"
    "ceiling_fraction,check_method,check_error,check_tolerance,metrics,status,status_reason"
)
WAYS = [("serial", "serial", "", "1"), ("openmp", "threads", "", "all"), ("openblas", "threads", "OpenBLAS", "all"),
        ("processes", "processes", "", "all")]
SIZE_NOISE, PROCESS_NOISE = 0.02, 0.01  # standard deviations of the logarithm of a time


def cell(index):
    """The columns that make cell number `index` what it is, and its time in seconds."""
    variant, strategy, library, workers = WAYS[index % len(WAYS)]
    number = index // len(WAYS)
    m, n, k = 64 + number % 128, 64 + number // 128 % 128, 64 + number // 128**2
    shape = f"m={m};n={n};k={k}"
    return variant, strategy, library, shape, workers, 2 * m * n * k, 4 * (m * k + k * n + m * n)


def write(path, cells, processes, samples, seed):
    noise = random.Random(seed)
    fixed = "1,20261121T094825Z-large,a-machine,2026-11-21T09:48:30Z,a2df60eeaddf,matmul"
    with open(path, "w", encoding="utf-8") as out:
        out.write(HEADER + "\n")
        for process in range(processes):
            # As a run writes them: the cells of a process interleaved, each sample after those of the others.
            for first in range(0, cells, 1000):
                group = [cell(index) for index in range(first, min(first + 1000, cells))]
                levels = [noise.gauss(0, PROCESS_NOISE) for _ in group]
                for sample in range(samples):
                    for (variant, strategy, library, shape, workers, flops, bytes_), level in zip(group, levels):
                        seconds = flops / 90e9 * math.exp(level + noise.gauss(0, SIZE_NOISE))
                        out.write(
                            f"{fixed},{variant},{strategy},{library},f32,kernel,{shape},,{workers},2,1,0,{process},"
                            f"{sample},57,{seconds!r},{seconds * 1.1!r},{flops},{bytes_},fma,{0.8 + 0.1 * noise.random()!r},"
                            f"freivalds+rows,{1e-5 * noise.random()!r},0.00262306702721739,"
                            "peak_memory_bytes=95096832;kernel=Zen;version=0.3.21,ok,\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    parser.add_argument("--cells", type=int, default=66667)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--samples", type=int, default=5, help="in each process")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write(arguments.path, arguments.cells, arguments.processes, arguments.samples, arguments.seed)


if __name__ == "__main__":
    main()
