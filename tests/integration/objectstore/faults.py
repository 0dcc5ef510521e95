# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP proxy before moto's S3 that breaks what a test tells it to, and does what moto leaves out.

S3 refuses a body whose checksum is not the one in its header or trailer; moto takes it. The proxy refuses it, after a
fault has had its chance to change a byte, so that a changed byte meets here what it meets at S3. moto also finds no way
to a key with a newline; the proxy gives it such keys under another name, and turns the name back in answers.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import http.server
import random
import socket
import ssl
import struct
import threading
import time
import urllib.parse
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Callable, NamedTuple, Optional

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.renewal import hand_over

try:
    from awscrt import checksums as awscrt_checksums
except ImportError:
    awscrt_checksums = None

# so long at most, should nobody let it
_STALLED_SECONDS = 60

NEWLINE, STAND_IN = "%0A", "%E2%90%A4"
CHECKSUMS: dict[str, tuple[int, Callable[[bytes], int]]] = {"x-amz-checksum-crc32": (4, zlib.crc32)}
if awscrt_checksums is not None:
    CHECKSUMS["x-amz-checksum-crc32c"] = (4, awscrt_checksums.crc32c)
    CHECKSUMS["x-amz-checksum-crc64nvme"] = (8, awscrt_checksums.crc64nvme)


class Request(NamedTuple):
    """A request as the proxy sees it."""

    number: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    size: int
    """Bytes of the object or part, without what their encoding adds."""

    @property
    def sends_data(self) -> bool:
        """Whether it carries an object's bytes (PutObject, UploadPart)."""
        return self.method == "PUT"

    @property
    def checksum(self) -> str:
        """The header or trailer whose checksum vouches for its data; the proxy refuses data that it does not fit."""
        return self.headers.get("x-amz-trailer") or next((name for name in CHECKSUMS if name in self.headers), "")


class Refuse(NamedTuple):
    """Answer with an error of S3's instead of asking moto."""

    status: int
    code: str


class Wait(NamedTuple):
    """Ask moto after so many seconds."""

    seconds: float


RESET = "reset the connection before moto is asked"
LOSE_ANSWER = "ask moto, and reset the connection instead of answering"
CORRUPT = "change one byte of the body"
Fault = Optional[object]


Decide = Callable[[Request], Fault]
Matches = Callable[[Request], bool]


def is_data(request: Request) -> bool:
    """Whether it carries an object's bytes."""
    return request.sends_data


def changes_something(request: Request) -> bool:
    """Whether it carries bytes, or begins or completes an upload."""
    return request.method in ("PUT", "POST")


def anything(_request: Request) -> bool:
    """Every request."""
    return True


def first_time(fault: Fault, matches: Matches) -> Decide:
    """A fault for the first request of each kind that matches; what is tried again passes."""
    seen: set[tuple[str, str, str]] = set()

    def decide(request: Request) -> Fault:
        kind = (request.method, request.path, str(sorted(request.query.items())))
        if not matches(request) or kind in seen:
            return None
        seen.add(kind)
        return fault

    return decide


def sometimes() -> Decide:
    """Five requests of a hundred fail, half of them by a reset, half by SlowDown."""
    chance = random.Random(5)
    lock = threading.Lock()

    def decide(_request: Request) -> Fault:
        with lock:
            luck = chance.random()
        return RESET if luck < 0.025 else Refuse(503, "SlowDown") if luck < 0.05 else None

    return decide


def stalled(matches: Matches, until: threading.Event) -> Decide:
    """What matches is refused by SlowDown once, and then not answered before somebody lets it."""
    refuse = first_time(Refuse(503, "SlowDown"), matches)

    def decide(request: Request) -> Fault:
        fault = refuse(request)
        if fault is None and matches(request):
            until.wait(_STALLED_SECONDS)
        return fault

    return decide


def renewed(socket: Path) -> tuple[Decide, dict[str, str]]:
    """A token that is over when data is sent, whereupon fresh ones are handed over; and the options with the first."""
    over = "2999-01-01T00:00:00Z"
    asked = threading.Event()

    def expire(request: Request) -> Fault:
        if "=FIRST/" in request.headers["authorization"] and request.sends_data:
            if not asked.is_set():
                asked.set()
                fresh = {"access_key": "SECOND", "secret_key": "s", "session_token": "t2", "expiration": over}
                hand_over(str(socket), fresh)
            return Refuse(400, "ExpiredToken")
        return None

    options = {"access_key": "FIRST", "secret_key": "s", "session_token": "t1"}
    return expire, {**options, "credentials_socket": str(socket), "credentials_expiration": over}


def _no_fault(_request: Request) -> Fault:
    return None


class FaultProxy:
    """A running proxy; ``fault`` decides about each request, ``requests`` remembers them."""

    def __init__(self, server: http.server.ThreadingHTTPServer, scheme: str) -> None:
        self.endpoint_url = f"{scheme}://127.0.0.1:{server.server_port}"
        self.fault: Callable[[Request], Fault] = _no_fault
        self.requests: list[Request] = []
        self.refused_bodies = 0
        self._lock = threading.Lock()

    def note(self, method: str, target: str, headers: dict[str, str], size: int) -> Request:
        """Remember a request."""
        parts = urllib.parse.urlsplit(target)
        path = urllib.parse.unquote(target.partition("?")[0])
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        with self._lock:
            request = Request(len(self.requests), method, path, query, headers, size)
            self.requests.append(request)
        return request

    def sent(self) -> list[Request]:
        """The requests that carried an object's bytes."""
        return [request for request in self.requests if request.sends_data]


@contextlib.contextmanager
def fault_proxy(upstream_url: str, tls: ssl.SSLContext | None = None) -> Iterator[FaultProxy]:
    """A proxy on a free port of loopback before the server at ``upstream_url``, by HTTPS where ``tls`` is given."""
    upstream = urllib.parse.urlsplit(upstream_url).netloc

    class Handler(_Handler):
        pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    Handler.upstream = upstream
    Handler.proxy = FaultProxy(server, "http" if tls is None else "https")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Handler.proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: str
    proxy: FaultProxy

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
        """Stay quiet: tests read ``FaultProxy.requests``."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        size = int(headers.get("x-amz-decoded-content-length", len(body)))
        fault = self.proxy.fault(self.proxy.note(self.command, self.path, headers, size))
        if isinstance(fault, Refuse):
            self._refuse(fault)
            return
        if isinstance(fault, Wait):
            time.sleep(fault.seconds)
        if fault == RESET:
            self._reset()
            return
        if fault == CORRUPT:
            # The first byte of the data; a chunk begins with a line of its own.
            place = body.index(b"\r\n") + 2 if _is_chunked(headers) else 0
            body = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        if self.command == "PUT" and not _checksum_fits(headers, body):
            self.proxy.refused_bodies += 1
            self._refuse(Refuse(400, "BadDigest"))
            return
        status, answer_headers, answer = self._ask(body)
        if fault == LOSE_ANSWER:
            self._reset()
            return
        self.send_response(status)
        for name, value in answer_headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        # A proxy that is asked for plain HTTP is told the whole address.
        parts = urllib.parse.urlsplit(self.path)
        target = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
        connection.request(self.command, target.replace(NEWLINE, STAND_IN), body, headers)
        answer = connection.getresponse()
        data = answer.read().replace(STAND_IN.encode(), NEWLINE.encode())
        skipped = (
            ("transfer-encoding", "connection")
            if self.command == "HEAD"
            else (
                "transfer-encoding",
                "connection",
                "content-length",
            )
        )
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in skipped]
        connection.close()
        return answer.status, kept, data

    def _refuse(self, refusal: Refuse) -> None:
        words = f"<Error><Code>{refusal.code}</Code><Message>{refusal.code} by the tests</Message></Error>".encode()
        self.send_response(refusal.status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(words)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _is_chunked(headers: dict[str, str]) -> bool:
    return headers.get("content-encoding") == "aws-chunked"


def _checksum_fits(headers: dict[str, str], body: bytes) -> bool:
    told = headers
    if _is_chunked(headers):
        body, told = _decoded(body)
        if len(body) != int(headers["x-amz-decoded-content-length"]) or headers["x-amz-trailer"] not in told:
            return False
    for name, (width, compute) in CHECKSUMS.items():
        if name in told:
            return base64.b64decode(told[name]) == compute(body).to_bytes(width, "big")
    return True


def _decoded(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The data and the trailer of a body in S3's encoding aws-chunked."""
    pieces, place = [], 0
    while True:
        end = body.index(b"\r\n", place)
        length, place = int(body[place:end], 16), end + 2
        if not length:
            break
        pieces.append(body[place : place + length])
        place += length + 2
    lines = body[place:].decode("ascii").split("\r\n")
    return b"".join(pieces), dict(line.split(":", 1) for line in lines if line)
