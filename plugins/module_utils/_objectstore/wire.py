# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""HTTP/1.1 over connections that stay open: what is needed to speak to S3, and little Python a request.

``http.client`` reads an answer's head with the parser of e-mails and sends a body in pieces of 8 KiB; for small objects
that costs more than the kernel, the checksum and the signature together.
"""

import base64
import os
import socket
import ssl
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple, cast
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

from .errors import ObjectStoreError
from .sigv4 import UNSIGNED_PAYLOAD

_CONNECT_SECONDS = 15
_READ_SECONDS = 60
_RECEIVE = 65536
_MAX_HEAD = 65536
# A body of at most so many bytes is copied behind the request's head, so that TLS makes one record of both.
_JOINED = 32768
# The timeout of a socket is one for a whole call of sendall: handed over piece by piece, it is one for standing still.
_PIECE = 262144


class BrokenAnswer(ConnectionError):
    """The other side closed the connection, or what it sent is not HTTP."""


class Answer(NamedTuple):
    """What came back; the headers' names are in lower case."""

    status: int
    headers: Dict[str, str]
    body: bytes


class Payload(NamedTuple):
    """A request's body.

    :ivar length: bytes of it.
    :ivar blocks: makes an iterable over it; called once an attempt.
    :ivar signed_as: what stands in the request's signature for its hash.
    """

    length: int
    blocks: Callable[[], Iterable[Any]]
    signed_as: str = UNSIGNED_PAYLOAD


class Route(NamedTuple):
    """How a server is reached.

    :ivar tls: the context of an encrypted connection; None for a plain one.
    :ivar proxy: the URL of an HTTP proxy on the way; None for none.
    """

    host: str
    port: int
    tls: Optional[ssl.SSLContext]
    proxy: Optional[str]

    @property
    def absolute(self) -> str:
        """What stands before a request's path: a proxy for plain HTTP is told the whole address."""
        return "http://{0}:{1}".format(self.host, self.port) if self.proxy and self.tls is None else ""

    @property
    def headers(self) -> Dict[str, str]:
        """What a request says to a proxy that reads it."""
        return _proxy_authorization(self.proxy) if self.proxy and self.tls is None else {}


def find_proxy(scheme: str, host: str, given: Optional[str] = None) -> Optional[str]:
    """The proxy for an address: the given one, else that of the environment (``HTTPS_PROXY``, ``NO_PROXY``)."""
    if given:
        return given
    proxies = getproxies_environment()
    if proxy_bypass_environment(host, proxies):
        return None
    return proxies.get(scheme) or proxies.get("all")


class Connection:
    """One connection to a server, opened when it is first needed and again after every failure.

    :param route: where to.
    :raises OSError: from each method: nothing is known about what became of the request.
    """

    def __init__(self, route: Route) -> None:
        self._route = route
        self._socket: Optional[socket.socket] = None
        # Sockets are not shared with a forked child.
        self._owner = 0
        # Whether the last request found the connection open.
        self.reused = False

    def exchange(self, method: str, head: bytes, payload: Optional[Payload]) -> Answer:
        """Send a request and read its answer.

        :param head: the request's first line and headers, and the empty line behind them.
        """
        self.reused = self._socket is not None and self._owner == os.getpid()
        if not self.reused:
            self._socket = _connect(self._route)
            self._owner = os.getpid()
        connection = cast(socket.socket, self._socket)
        try:
            try:
                self._send(connection, head, payload)
            except (BrokenPipeError, ConnectionResetError):
                # A server that refuses a body answers and closes without reading it all.
                answer, _keep = _read_answer(connection, method)
                self.close()
                return answer
            answer, keep = _read_answer(connection, method)
        except BaseException:
            self.close()
            raise
        if not keep:
            self.close()
        return answer

    def close(self) -> None:
        """End the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, connection: socket.socket, head: bytes, payload: Optional[Payload]) -> None:
        if payload is None or not payload.length:
            connection.sendall(head)
            return
        if payload.length <= _JOINED:
            connection.sendall(b"".join([head] + list(payload.blocks())))
            return
        connection.sendall(head)
        for block in payload.blocks():
            with memoryview(block).cast("B") as whole:
                for begin in range(0, len(whole), _PIECE):
                    connection.sendall(whole[begin : begin + _PIECE])


def _connect(route: Route) -> socket.socket:
    if route.proxy is None:
        connection = socket.create_connection((route.host, route.port), _CONNECT_SECONDS)
    else:
        connection = _connect_to_proxy(route, route.proxy)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(_READ_SECONDS)
        if route.tls is not None:
            return route.tls.wrap_socket(connection, server_hostname=route.host)
    except BaseException:
        connection.close()
        raise
    return connection


def _proxy_authorization(url: str) -> Dict[str, str]:
    proxy = urlsplit(url if "://" in url else "http://" + url)
    if not proxy.username:
        return {}
    words = "{0}:{1}".format(unquote(proxy.username), unquote(proxy.password or ""))
    return {"proxy-authorization": "Basic " + base64.b64encode(words.encode("utf-8")).decode("ascii")}


def _connect_to_proxy(route: Route, url: str) -> socket.socket:
    proxy = urlsplit(url if "://" in url else "http://" + url)
    if proxy.scheme != "http" or not proxy.hostname:
        raise ObjectStoreError(
            "The proxy {0}://{1} cannot be used.".format(proxy.scheme, proxy.hostname),
            error_id="objectstore.proxy",
            remedy="Give the URL of an HTTP proxy, http://HOST:PORT, by proxy_url or HTTPS_PROXY; TLS to S3 passes "
            "through it unread.",
        )
    connection = socket.create_connection((proxy.hostname, proxy.port or 80), _CONNECT_SECONDS)
    if route.tls is None:
        return connection
    try:
        place = "{0}:{1}".format(route.host, route.port)
        lines = ["CONNECT {0} HTTP/1.1".format(place), "Host: {0}".format(place)]
        lines += ["{0}: {1}".format(*header) for header in _proxy_authorization(url).items()]
        connection.sendall("\r\n".join(lines + ["", ""]).encode("latin-1"))
        status = _read_answer(connection, "CONNECT")[0].status
        if status != 200:
            raise ObjectStoreError(
                "The proxy {0} answered {1} to CONNECT {2}.".format(proxy.hostname, status, place),
                error_id="objectstore.proxy",
                remedy="Let the proxy through to this address, or correct proxy_url or HTTPS_PROXY.",
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _read_answer(connection: socket.socket, method: str) -> Tuple[Answer, bool]:
    """The answer, and whether the connection can be used again."""
    status = 100
    rest = b""
    while 100 <= status < 200:
        head, rest = _read_head(connection, rest)
        lines = head.decode("latin-1").split("\r\n")
        first = lines[0].split(" ", 2)
        if not first[0].startswith("HTTP/1.") or len(first) < 2 or not first[1].isdigit():
            raise BrokenAnswer("not an HTTP answer: {0!r}".format(lines[0][:80]))
        status = int(first[1])
    headers: Dict[str, str] = {}
    for line in lines[1:]:
        name, _colon, value = line.partition(":")
        headers[name.lower()] = value.strip()
    keep = first[0] != "HTTP/1.0" and headers.get("connection", "").lower() != "close"
    if method == "HEAD" or status in (204, 304) or (method == "CONNECT" and status == 200):
        return Answer(status, headers, b""), keep
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return Answer(status, headers, _read_chunks(_Reader(connection, rest))), keep
    if "content-length" in headers:
        try:
            length = int(headers["content-length"])
        except ValueError as error:
            raise BrokenAnswer("a length that is no number") from error
        if length <= len(rest):
            return Answer(status, headers, rest[:length]), keep
        return Answer(status, headers, _Reader(connection, rest).take(length)), keep
    return Answer(status, headers, _Reader(connection, rest).take_all()), False


def _read_head(connection: socket.socket, rest: bytes) -> Tuple[bytes, bytes]:
    while True:
        end = rest.find(b"\r\n\r\n")
        if end >= 0:
            return rest[:end], rest[end + 4 :]
        if len(rest) > _MAX_HEAD:
            raise BrokenAnswer("the answer's head does not end")
        data = connection.recv(_RECEIVE)
        if not data:
            raise BrokenAnswer("the connection was closed before an answer came")
        rest += data


class _Reader:
    """Reads the body that follows ``rest``."""

    def __init__(self, connection: socket.socket, rest: bytes) -> None:
        self._connection = connection
        self._rest = rest

    def take(self, count: int) -> bytes:
        pieces: List[bytes] = [self._rest]
        have = len(self._rest)
        while have < count:
            data = self._connection.recv(_RECEIVE)
            if not data:
                raise BrokenAnswer("the connection was closed inside an answer")
            pieces.append(data)
            have += len(data)
        whole = b"".join(pieces)
        self._rest = whole[count:]
        return whole[:count]

    def take_line(self) -> bytes:
        while b"\r\n" not in self._rest:
            if len(self._rest) > _MAX_HEAD:
                raise BrokenAnswer("a chunk's line does not end")
            self._rest = self.take(len(self._rest) + 1) + self._rest
        line, _end, self._rest = self._rest.partition(b"\r\n")
        return line

    def take_all(self) -> bytes:
        pieces: List[bytes] = [self._rest]
        while True:
            data = self._connection.recv(_RECEIVE)
            if not data:
                return b"".join(pieces)
            pieces.append(data)


def _read_chunks(reader: _Reader) -> bytes:
    pieces: List[bytes] = []
    while True:
        try:
            size = int(reader.take_line().split(b";")[0], 16)
        except ValueError as error:
            raise BrokenAnswer("a chunk without a size") from error
        if not size:
            while reader.take_line():
                pass
            return b"".join(pieces)
        pieces.append(reader.take(size))
        reader.take(2)
