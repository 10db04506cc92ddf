# SPDX-License-Identifier: Apache-2.0
"""Downloads a list (a URL a line) into a folder with aiohttp and as many workers as should be in flight: the yardstick
of asyncio. Usage: download_aiohttp.py LIST FOLDER IN_FLIGHT"""
import asyncio
import os
import sys

import aiohttp


async def fetch_all(urls, folder, in_flight):
    pending = iter(urls)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight), timeout=timeout) as session:

        async def work():
            for url in pending:
                async with session.get(url) as response:
                    response.raise_for_status()
                    with open(os.path.join(folder, url.rsplit("/", 1)[1].split("?")[0]), "wb") as out:
                        async for chunk in response.content.iter_any():
                            out.write(chunk)

        await asyncio.gather(*(work() for _ in range(in_flight)))


def main():
    with open(sys.argv[1], encoding="utf-8") as listed:
        urls = [line.split()[0] for line in listed]
    os.makedirs(sys.argv[2], exist_ok=True)
    asyncio.run(fetch_all(urls, sys.argv[2], int(sys.argv[3])))


if __name__ == "__main__":
    main()
