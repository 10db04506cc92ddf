# SPDX-License-Identifier: Apache-2.0
"""How Python's users run one function for many items, for lab.py: each way gives a map(function, items, chunk) while it
is open, chunk 0 being as many at a time as the library, or else a user, thinks right."""
import asyncio
import concurrent.futures
import contextlib
import dataclasses
import multiprocessing
import os
import queue
import threading
import typing

from lab_work import answered, answered_soon, half, next_number, next_soon

MANY, SOME, FEW = 100_000, 10_000, 2_000  # items of a map: those of ours, and fewer where one takes long
REQUESTS, WAITING_THREADS, IN_FLIGHT = 100, 25, 1000  # as in lab/waiting.cpp and lab/map.cpp
SIZE = 1024  # of the square matrices


def chunk_of(items, chunk, workers):
    return chunk or max(1, len(items) // (16 * workers))


@contextlib.contextmanager
def loop(workers):
    yield lambda function, items, chunk: [function(item) for item in items]


@contextlib.contextmanager
def threads_and_queue(workers):
    def run(function, items, chunk):
        todo, values = queue.SimpleQueue(), [None] * len(items)
        for pair in enumerate(items):
            todo.put(pair)

        def work():
            with contextlib.suppress(queue.Empty):
                while True:
                    index, item = todo.get_nowait()
                    values[index] = function(item)

        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return values

    yield run


def mp_pool(method):
    @contextlib.contextmanager
    def opened(workers):
        with multiprocessing.get_context(method).Pool(workers) as pool:
            yield lambda function, items, chunk: pool.map(function, items, chunksize=chunk or None)

    return opened


@contextlib.contextmanager
def futures_threads(workers):
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        yield lambda function, items, chunk: list(pool.map(function, items))


def forked_executor(workers):
    return concurrent.futures.ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork"))


@contextlib.contextmanager
def futures_processes(workers):
    with forked_executor(workers) as pool:
        yield lambda function, items, chunk: list(
            pool.map(function, items, chunksize=chunk_of(items, chunk, workers)))


def joblib_with(backend):
    @contextlib.contextmanager
    def opened(workers):
        import joblib

        with joblib.Parallel(n_jobs=workers, backend=backend) as parallel:
            def run(function, items, chunk):
                parallel.batch_size = chunk or "auto"
                return parallel(joblib.delayed(function)(item) for item in items)

            yield run
        if backend == "loky":  # its processes would be kept for the next one
            joblib.externals.loky.get_reusable_executor().shutdown(wait=True, kill_workers=True)

    return opened


@contextlib.contextmanager
def asyncio_gather(workers):
    soon = {next_number: next_soon, answered: answered_soon}

    async def gathered(function, items):
        values = []
        for first in range(0, len(items), workers):
            values += await asyncio.gather(*map(soon[function], items[first:first + workers]))
        return values

    yield lambda function, items, chunk: asyncio.run(gathered(function, items))


@contextlib.contextmanager
def numba_prange(workers):
    import numba
    import numpy as np

    numba.set_num_threads(workers)

    @numba.njit(parallel=True)
    def next_numbers(numbers):
        out = np.empty_like(numbers)
        for i in numba.prange(numbers.size):
            out[i] = numbers[i] + 1
        return out

    @numba.njit(parallel=True)
    def product(a, b, out, parts):
        rows = len(a) // parts
        for i in numba.prange(parts):
            np.dot(a[i * rows:(i + 1) * rows], b, out[i * rows:(i + 1) * rows])

    def run(function, items, chunk):
        if function is next_number:
            return next_numbers(items)
        return product(items[0][0].base, items[0][1], items[0][2].base, len(items))

    yield run


def dask_with(scheduler):
    @contextlib.contextmanager
    def opened(workers):
        import dask
        import dask.bag

        with contextlib.ExitStack() as stack:
            settings = {"scheduler": scheduler, "num_workers": workers}
            if scheduler == "processes":
                settings["pool"] = stack.enter_context(forked_executor(workers))

            def run(function, items, chunk):
                if chunk:
                    return dask.compute(*[dask.delayed(function, pure=False)(item) for item in items], **settings)
                return dask.bag.from_sequence(items, npartitions=16 * workers).map(function).compute(**settings)

            yield run

    return opened


@contextlib.contextmanager
def ray_tasks(workers):
    import ray

    tasks = {}  # each is sent to the workers once

    def run(function, items, chunk):
        if function not in tasks:
            tasks[function] = ray.remote(function)
        if function is half:
            shared = ray.put(items[0][1])
            items = [(a, shared, out) for a, _, out in items]
        return ray.get([tasks[function].remote(item) for item in items])

    try:
        ray.init(num_cpus=workers, include_dashboard=False, logging_level="error", log_to_driver=False,
                 object_store_memory=200_000_000)
        yield run
    finally:  # of a start that failed too: it leaves processes
        ray.shutdown()


@contextlib.contextmanager
def modin_series(workers):
    os.environ.update(MODIN_ENGINE="ray", MODIN_CPUS=str(workers))
    with ray_tasks(workers):
        yield lambda function, items, chunk: items.map(function).to_numpy()


def as_series(numbers):
    import modin.pandas

    return modin.pandas.Series(numbers)


def as_array(numbers):
    import numpy

    return numpy.array(numbers)


@dataclasses.dataclass(frozen=True)
class Case:
    workload: str
    params: str = ""
    shape: str = ""
    scope: str = "kernel"
    dtype: str = "none"
    needs: str = ""


CASES = {
    "fresh": Case("lab_map", "pool=fresh", scope="cold_start"),
    "batched": Case("lab_map", "chunk=auto"),
    "alone": Case("lab_map", "chunk=1"),
    "halves": Case("matmul", "", f"m={SIZE};n={SIZE};k={SIZE}", "end_to_end", "f32", "numpy"),
    "computing": Case("lab_waiting", "work=computing", f"requests={REQUESTS}"),
    "waiting": Case("lab_waiting", "work=waiting", f"requests={REQUESTS}"),
}


@dataclasses.dataclass(frozen=True)
class Way:
    opened: typing.Callable
    strategy: str
    cases: str
    package: str = ""  # none: Python's own
    items: tuple = (MANY, SOME)  # batched, alone
    prepared: typing.Callable = lambda numbers: numbers  # items as its users hold them, not timed
    starts: int = 99  # samples of `fresh` in a round at most


WORK = "halves computing waiting"
WAYS = {
    "loop": Way(loop, "serial", f"batched {WORK}"),
    "threading": Way(threads_and_queue, "threads", f"alone {WORK}"),
    "futures_threads": Way(futures_threads, "threads", f"alone {WORK}"),
    "asyncio": Way(asyncio_gather, "async", "batched computing waiting"),
    "mp_pool": Way(mp_pool("fork"), "processes", f"fresh batched alone {WORK}"),
    "mp_pool_spawn": Way(mp_pool("spawn"), "processes", "fresh"),
    "futures_processes": Way(futures_processes, "processes", f"fresh batched alone {WORK}"),
    "joblib_threading": Way(joblib_with("threading"), "threads", f"alone {WORK}", "joblib", (MANY, FEW)),
    "joblib_loky": Way(joblib_with("loky"), "processes", f"fresh batched alone {WORK}", "joblib", (SOME, FEW)),
    "numba": Way(numba_prange, "threads", "batched halves", "numba", prepared=as_array),
    "dask_threads": Way(dask_with("threads"), "threads", f"batched alone {WORK}", "dask", (MANY, FEW)),
    "dask_processes": Way(dask_with("processes"), "processes", f"batched alone {WORK}", "dask", (MANY, FEW)),
    "ray": Way(ray_tasks, "processes", f"fresh alone {WORK}", "ray", (FEW, FEW), starts=1),
    "modin": Way(modin_series, "processes", "batched", "modin", prepared=as_series),
}


def workers_of(way, case, cores):
    if way.strategy == "serial":
        return 1
    if way.strategy == "async":
        return REQUESTS if case == "waiting" or case == "computing" else IN_FLIGHT
    if case == "waiting" and way.strategy == "threads":
        return WAITING_THREADS
    return cores if case in ("waiting", "computing") else 2
