# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP proxy with a long line behind it: ``python delay.py PORT UPSTREAM_PORT SECONDS``, all on loopback.

Each byte arrives half of SECONDS later, in both directions, and as many may be under way as want to be. A process of
its own, so that what is measured does not share its interpreter.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Optional

BLOCK = 256 * 1024


async def serve(port: int, upstream: int, seconds: float) -> None:
    """Serve until the process is ended."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", upstream)
        await asyncio.gather(_carry(reader, far_writer, seconds / 2), _carry(far_reader, writer, seconds / 2))

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    line: asyncio.Queue[tuple[float, Optional[bytes]]] = asyncio.Queue()

    async def send() -> None:
        while True:
            due, block = await line.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if block is None:
                writer.close()
                return
            with contextlib.suppress(ConnectionError):
                writer.write(block)
                await writer.drain()

    sender = asyncio.create_task(send())
    with contextlib.suppress(ConnectionError):
        while block := await reader.read(BLOCK):
            line.put_nowait((loop.time() + delay, block))
    line.put_nowait((loop.time() + delay, None))
    await sender


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
