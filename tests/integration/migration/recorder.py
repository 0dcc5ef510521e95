# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands between the collection and AWS, passes everything on, and notes who asked for what."""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "expect", "content-length"}
# Longer bodies are objects' contents, which say nothing of rights.
_BODY_KEPT = 1 << 20


class Seen(NamedTuple):
    """A request.

    :ivar service: as its signature names it, such as ``s3``.
    :ivar query: the parameters of its URL and, of a form, of its body.
    :ivar headers: with names in lower case.
    """

    service: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    status: int


class Recorder:
    """What has been seen so far.

    :ivar endpoint_url: where to send requests.
    """

    def __init__(self) -> None:
        self.endpoint_url = ""
        self._lock = threading.Lock()
        self._seen: list[Seen] = []

    def note(self, seen: Seen) -> None:
        """Note a request."""
        with self._lock:
            self._seen.append(seen)

    def take(self) -> list[Seen]:
        """What was seen since the last call."""
        with self._lock:
            found, self._seen = self._seen, []
        return found


@contextlib.contextmanager
def recording(upstream: str) -> Iterator[Recorder]:
    """A recorder in front of the service at ``upstream``, on a free port of loopback."""
    recorder = Recorder()
    address = urllib.parse.urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        """Passes one connection's requests on."""

        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
            """Stay quiet."""

        def _pass_on(self) -> None:
            body = self._body()
            connection = http.client.HTTPConnection(address, timeout=300)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            connection.request(
                self.command, self.path, body=body, headers={**headers, "Content-Length": str(len(body))}
            )
            answer = connection.getresponse()
            content = answer.read()
            self._note(body, answer.status)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            blocks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                blocks.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(blocks)

        def _note(self, body: bytes, status: int) -> None:
            found = _SCOPE.search(self.headers.get("Authorization", ""))
            url = urllib.parse.urlsplit(self.path)
            query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
            if "x-www-form-urlencoded" in self.headers.get("Content-Type", ""):
                query.update(urllib.parse.parse_qsl(body.decode()))
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept = body if len(body) <= _BODY_KEPT else b""
            path = urllib.parse.unquote(url.path)
            recorder.note(Seen(found.group(1) if found else "", self.command, path, query, headers, kept, status))

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815  the base class looks for them

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder.endpoint_url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
