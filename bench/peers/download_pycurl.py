# SPDX-License-Identifier: Apache-2.0
"""Downloads a list (a URL a line) into a folder with pycurl's multi handle, as its documentation shows it: the yardstick
of an event loop over libcurl in Python. Usage: download_pycurl.py LIST FOLDER IN_FLIGHT"""
import os
import sys

import pycurl


def main():
    with open(sys.argv[1], encoding="utf-8") as listed:
        urls = [line.split()[0] for line in listed]
    folder, in_flight = sys.argv[2], int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_MAXCONNECTS, in_flight)
    free = []
    for _ in range(min(in_flight, len(urls))):
        handle = pycurl.Curl()
        handle.setopt(pycurl.NOSIGNAL, 1)
        handle.setopt(pycurl.FOLLOWLOCATION, 1)
        free.append(handle)
    failed, at, running = 0, 0, 0
    while at < len(urls) or running:
        while at < len(urls) and free:
            handle = free.pop()
            handle.file = open(os.path.join(folder, urls[at].rsplit("/", 1)[1].split("?")[0]), "wb")
            handle.setopt(pycurl.URL, urls[at])
            handle.setopt(pycurl.WRITEDATA, handle.file)
            multi.add_handle(handle)
            at, running = at + 1, running + 1
        while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
            pass
        while True:
            queued, good, bad = multi.info_read()
            failed += len(bad)
            for handle in good + [entry[0] for entry in bad]:
                if handle in good and handle.getinfo(pycurl.RESPONSE_CODE) != 200:
                    failed += 1
                handle.file.close()
                multi.remove_handle(handle)
                free.append(handle)
                running -= 1
            if queued == 0:
                break
        if not free or at == len(urls):
            multi.select(1.0)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
