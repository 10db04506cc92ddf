# SPDX-License-Identifier: Apache-2.0
"""The functions that lab_ways.py maps, where other processes find them by name. Each of them imports this, so this
imports next to nothing."""
import time


def next_number(number):
    return number + 1


def computed(steps, seed):
    x = seed + 1
    for _ in range(steps):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


def answered(request):
    seconds, steps, seed = request
    if seconds:
        time.sleep(seconds)
    return computed(steps, seed)


def half(task):
    import numpy

    a, b, out = task
    if not isinstance(b, numpy.ndarray):  # Ray's reference to what both halves share
        import ray

        b = ray.get(b)
    return numpy.dot(a, b, out=out)


async def next_soon(number):
    return number + 1


async def answered_soon(request):
    seconds, steps, seed = request
    if seconds:
        import asyncio

        await asyncio.sleep(seconds)
    return computed(steps, seed)
