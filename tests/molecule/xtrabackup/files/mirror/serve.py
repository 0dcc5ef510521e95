# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serves a folder over HTTP on a free port of the loopback address, in the background."""

from __future__ import annotations

import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def serve(folder: Path) -> str:
    """Return the address of *folder* once it is served, by a process that outlives this one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    if os.fork() == 0:
        os.setsid()
        log = os.open("/var/log/mirror.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for descriptor in (0, 1, 2):
            os.dup2(log, descriptor)
        server.serve_forever()
    return f"http://127.0.0.1:{server.server_port}"
