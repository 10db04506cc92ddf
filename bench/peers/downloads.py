#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `overtake do download` beside curl, wget2, aria2c, pycurl and aiohttp: whole commands, in turn, so that drift
hits all alike. What is not installed is named and left out. Every run begins with an empty folder and is checked: the
number of files and their bytes.

Examples:
  bench/peers/downloads.py small --repetitions 9          10,000 files of 10 kB from nginx
  bench/peers/downloads.py latency --in-flight 10,100     100 files at 598 ms from overtake's own origin
  bench/peers/downloads.py large --in-flight 1,10         20 files of 100 MB from nginx
"""
import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Debian's own, which has Debian's python3-pycurl and python3-aiohttp, and not one that a version manager put before it.
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
SLICES = {"latency": (100, 100_000), "small": (10_000, 10_000), "large": (20, 100_000_000)}
STRATEGIES = ("sequential", "threads", "processes", "async")


def overtake_command(program, strategy):
    return lambda lists, out, n: [program, "do", "download", lists["overtake"], out, "--strategy", strategy, "--in-flight",
                                  str(n), "--allow-private", "127.0.0.1"]


def contestants(program):
    all_of_them = {f"overtake {name}": overtake_command(program, name) for name in STRATEGIES}
    all_of_them["curl -Z"] = lambda lists, out, n: [
        "curl", "-sS", "-f", "-Z", "--parallel-immediate", "--parallel-max", str(n), "--create-dirs", "--output-dir", out,
        "-K", lists["curl"]]
    all_of_them["wget2"] = lambda lists, out, n: [
        "wget2", "-q", "--no-config", "--no-robots", "--max-threads", str(n), "-P", out, "-i", lists["plain"]]
    all_of_them["aria2c"] = lambda lists, out, n: [
        "aria2c", "-q", "--no-conf", "-j", str(n), "-x1", "-s1", "--file-allocation=none", "-d", out, "-i", lists["plain"]]
    all_of_them["pycurl"] = lambda lists, out, n: [
        PYTHON, os.path.join(HERE, "download_pycurl.py"), lists["plain"], out, str(n)]
    all_of_them["aiohttp"] = lambda lists, out, n: [
        PYTHON, os.path.join(HERE, "download_aiohttp.py"), lists["plain"], out, str(n)]
    return all_of_them


def is_there(name):
    if name in ("pycurl", "aiohttp"):
        return subprocess.run([PYTHON, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0
    return name.startswith("overtake") or shutil.which(name.split()[0]) is not None


class Server:
    """nginx with the files on the same tmpfs, or overtake's origin, which can wait."""

    def __init__(self, kind, program, folder, files, size, latency_ms):
        self.names = [f"{i:06d}.bin" for i in range(files)]
        if kind == "nginx":
            self.start_nginx(folder, size)
        else:
            self.process = subprocess.Popen([program, "do", "origin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            base = json.loads(self.process.stdout.readline())["http"]
            query = f"?delay={latency_ms}" if latency_ms else ""
            self.urls = [f"{base}/f/{size}/{name}{query}" for name in self.names]

    def start_nginx(self, folder, size):
        www = os.path.join(folder, "www")
        os.makedirs(www)
        block = random.Random(42).randbytes(size)
        for name in self.names:
            with open(os.path.join(www, name), "wb") as out:
                out.write(block)
        port = 22000 + os.getpid() % 5000
        conf = os.path.join(folder, "nginx.conf")
        user = "user root;" if os.geteuid() == 0 else ""
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f"{user} daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid nginx.pid; error_log error.log;"
                      f"events {{ worker_connections 16000; }} http {{ access_log off; sendfile on; keepalive_requests 1000000;"
                      f"client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;"
                      f"server {{ listen 127.0.0.1:{port} backlog=16384; root www; }} }}")
        self.process = subprocess.Popen(["nginx", "-p", folder, "-c", conf])
        time.sleep(0.5)
        self.urls = [f"http://127.0.0.1:{port}/{name}" for name in self.names]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def write_lists(folder, server):
    lists = {name: os.path.join(folder, name + ".list") for name in ("plain", "overtake", "curl")}
    for name in ("plain", "overtake"):
        with open(lists[name], "w", encoding="utf-8") as out:
            out.writelines(url + "\n" for url in server.urls)
    with open(lists["curl"], "w", encoding="utf-8") as out:
        for url, name in zip(server.urls, server.names):
            out.write(f'url = "{url}"\noutput = "{name}"\n')
    return lists


def run_once(command, out, files, size):
    """Seconds and CPU seconds of the command and its children, after a check of what it left."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    seconds = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = [entry.stat().st_size for entry in os.scandir(out) if not entry.name.startswith(".")]
    if done.returncode != 0 or len(found) != files or set(found) != {size}:
        raise RuntimeError(f"{' '.join(command[:4])} ...: status {done.returncode}, {len(found)} files: "
                           f"{done.stderr.decode(errors='replace')[-300:]}")
    return seconds, cpu


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slice", choices=SLICES)
    parser.add_argument("--in-flight", default="10", help="numbers, separated by commas")
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--latency-ms", type=float, default=598, help="of the slice latency")
    parser.add_argument("--only", default="", help="contestants, separated by commas")
    parser.add_argument("--folder", default="/dev/shm", help="where files are served from and written to")
    parser.add_argument("--program", default=os.path.join(HERE, "../../build/release/bin/overtake"))
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    files, size = SLICES[arguments.slice]
    wanted = [name for name in arguments.only.split(",") if name]
    chosen = {}
    for name, command in contestants(arguments.program).items():
        if wanted and name not in wanted:
            continue
        if is_there(name):
            chosen[name] = command
        else:
            print(f"{name}: not installed, left out", file=sys.stderr)
    folder = tempfile.mkdtemp(prefix="overtake-peers-", dir=arguments.folder)
    server = Server("origin" if arguments.slice == "latency" else "nginx", arguments.program, folder, files, size,
                    arguments.latency_ms)
    samples = {}
    try:
        lists = write_lists(folder, server)
        for repetition in range(arguments.repetitions):
            order = [(name, int(n)) for name in chosen for n in arguments.in_flight.split(",")]
            random.Random(repetition).shuffle(order)
            for name, n in order:
                if name == "overtake sequential" and n != int(arguments.in_flight.split(",")[0]):
                    continue
                out = os.path.join(folder, "out")
                samples.setdefault((name, n), []).append(run_once(chosen[name](lists, out, n), out, files, size))
    finally:
        server.stop()
        shutil.rmtree(folder)
    print("contestant,in_flight,samples,median_seconds,min_seconds,max_seconds,files_per_second,median_cpu_us_per_file")
    for (name, n), values in sorted(samples.items(), key=lambda item: statistics.median(v[0] for v in item[1])):
        seconds = [value[0] for value in values]
        cpu = statistics.median(value[1] for value in values)
        median = statistics.median(seconds)
        print(f"{name},{n},{len(values)},{median:.4f},{min(seconds):.4f},{max(seconds):.4f},{files / median:.0f},"
              f"{cpu / files * 1e6:.1f}")


if __name__ == "__main__":
    main()
