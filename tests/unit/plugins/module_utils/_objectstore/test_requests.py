# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections and requests against a server that answers what a test tells it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.credentials import Keys, ProvidedCredentials
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore import client as client_module
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore import wire
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.client import (
    Abandoned,
    Place,
    Refused,
    S3Client,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.wire import (
    BrokenAnswer,
    Connection,
    Payload,
    Route,
    find_proxy,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
STALL = b""


def error(status: int, code: str, more: str = "") -> bytes:
    body = f"<Error><Code>{code}</Code><Message>said so</Message></Error>".encode()
    return f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Server:
    """Answers each request with the next of the given answers, and keeps the requests."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers = answers
        self.requests: list[bytes] = []
        self.connections = 0
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = stream.readline()
                    if not line:
                        return
                    head += line
                lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = stream.read(int(lengths[0].split(b":")[1])) if lengths else b""
                self.requests.append(head + body)
                answer = self.answers.pop(0)
                if answer == STALL:
                    self._closing.wait(30)
                    return
                connection.sendall(answer)
                if b"Connection: close" in answer:
                    return

    def close(self) -> None:
        self._closing.set()
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*answers: bytes) -> Server:
        servers.append(Server(list(answers)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def route(server: Server, **changes: Any) -> Route:
    return Route("127.0.0.1", server.port, None, None)._replace(**changes)


def get(connection: Connection) -> bytes:
    return connection.exchange("GET", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", None).body


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nt: 1\r\n\r\n",
            b"abc0123456789",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000, b"x" * 200_000),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 204 No Content\r\nContent-x: 1\r\n\r\n", b""),
    ],
    ids=["length", "continue", "chunked", "large", "to-the-end", "http-1.0", "no-content"],
)
def test_every_form_of_an_answer_is_read_and_the_next_request_goes_well(
    serve: Callable[..., Server], answer: bytes, body: bytes
) -> None:
    connection = Connection(route(serve(answer, OK)))
    assert get(connection) == body
    assert get(connection) == b"ok"


def test_a_connection_is_used_again(serve: Callable[..., Server]) -> None:
    server = serve(OK, OK, OK)
    connection = Connection(route(server))
    assert [get(connection) for _request in range(3)] == [b"ok"] * 3
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
    ],
    ids=["not-http", "cut-off", "no-number", "no-chunk"],
)
def test_an_answer_that_is_none_is_an_error_of_the_connection(serve: Callable[..., Server], answer: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        get(Connection(route(serve(answer))))


@pytest.mark.parametrize("length", [3, 100_000])
def test_a_body_is_sent_whole_block_by_block(serve: Callable[..., Server], length: int) -> None:
    server = serve(OK)
    blocks = [b"a" * (length // 3), b"b" * (length - length // 3)]
    head = f"PUT / HTTP/1.1\r\ncontent-length: {length}\r\n\r\n".encode()
    Connection(route(server)).exchange("PUT", head, Payload(length, lambda: blocks))
    assert server.requests == [head + b"".join(blocks)]


def test_a_proxy_is_asked_to_connect_and_is_told_who_asks(serve: Callable[..., Server]) -> None:
    proxy = serve(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
    way = Route("s3.example", 443, __import__("ssl").create_default_context(), f"http://u:p%40@127.0.0.1:{proxy.port}")
    with pytest.raises(DbferryError, match=r"407 to CONNECT s3\.example:443") as caught:
        get(Connection(way))
    assert caught.value.error_id == "objectstore.proxy"
    assert "p@" not in str(caught.value)
    assert proxy.requests[0].splitlines()[0] == b"CONNECT s3.example:443 HTTP/1.1"
    assert b"basic dTpwQA==" in proxy.requests[0].lower().replace(b"dtpwqa==", b"dTpwQA==")


def test_the_environment_names_the_proxy_and_who_is_reached_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", "s3.eu-west-1.amazonaws.com")
    assert find_proxy("https", "s3.eu-west-2.amazonaws.com") == "http://p:1"
    assert find_proxy("https", "s3.eu-west-1.amazonaws.com") is None
    assert find_proxy("https", "s3.eu-west-1.amazonaws.com", "http://q:2") == "http://q:2"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_MAX_BACKOFF_SECONDS", 0.01)


def client(server: Server, credentials: Any = None, **options: Any) -> S3Client:
    static = ProvidedCredentials(lambda _refused: ("A", "s", None, None))
    place = Place(route(server), f"127.0.0.1:{server.port}", "/bucket", "eu-west-1", "s3")
    return S3Client(place, credentials or static, **options)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "answer",
    [
        error(503, "SlowDown"),
        error(500, "InternalError"),
        error(400, "RequestTimeout"),
        error(200, "InternalError"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n \n \r\n3e\r\n"
        b"<?xml version='1.0'?><Error><Code>InternalError</Code></Error>\r\n0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nshort",
    ],
    ids=[
        "slow-down",
        "internal-error",
        "request-timeout",
        "error-with-status-200",
        "after-white-space",
        "gateway",
        "cut-off",
    ],
)
def test_what_passes_is_tried_again_with_the_same_body(serve: Callable[..., Server], answer: bytes) -> None:
    server = serve(answer, answer, OK)
    s3 = client(server)
    assert s3.request("sending", "PUT", "k", payload=Payload(3, lambda: [b"abc"])).body == b"ok"
    assert s3.retries == 2
    assert all(request.endswith(b"abc") for request in server.requests)


@pytest.fixture
def impatient_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first connection is given up soon; the next has all the time that a busy machine may need."""
    patience = wire._READ_SECONDS

    def connect(route: Route) -> socket.socket:
        connection = real(route)
        monkeypatch.setattr(wire, "_READ_SECONDS", patience)
        return connection

    real = wire._connect
    monkeypatch.setattr(wire, "_READ_SECONDS", 0.2)
    monkeypatch.setattr(wire, "_connect", connect)


@pytest.mark.usefixtures("quick", "impatient_once")
def test_a_connection_that_stalls_is_given_up_and_the_request_sent_again(serve: Callable[..., Server]) -> None:
    server = serve(STALL, OK)
    assert client(server).request("sending", "PUT", "k", payload=Payload(3, lambda: [b"abc"])).body == b"ok"
    assert server.connections == 2


class SlowLine(socket.socket):
    """A connection over a line of an even speed, on a clock of its own, so that a busy machine is no slower line.

    ``socket.sendall`` (Python Library Reference): the timeout is that of the whole call, however much was sent of it.
    """

    SPEED = 8192
    clock = 0.0

    def sendall(self, data: Any, flags: int = 0) -> None:
        seconds = len(data) / self.SPEED
        limit = self.gettimeout()
        assert limit is not None
        if seconds > limit:
            raise TimeoutError("timed out")
        self.clock += seconds
        super().sendall(data, flags)


def test_a_slow_line_that_never_stands_still_is_no_stall(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[SlowLine] = []

    def connect(route: Route) -> SlowLine:
        line = SlowLine(fileno=real(route).detach())
        line.settimeout(wire._READ_SECONDS)
        lines.append(line)
        return line

    real = wire._connect
    monkeypatch.setattr(wire, "_connect", connect)
    server = serve(OK)
    connection = Connection(route(server))
    body = bytes(range(256)) * (1 << 14)
    head = f"PUT /k HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    answer = connection.exchange("PUT", head, Payload(len(body), lambda: [body]))
    assert answer.body == b"ok"
    assert server.requests == [head + body]
    # The body takes several times as long as a connection may stand still.
    assert lines[0].clock > 5 * wire._READ_SECONDS
    connection.close()


@pytest.mark.usefixtures("quick", "impatient_once")
def test_a_body_that_nobody_reads_is_given_up_and_sent_again(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(OK)
    deaf = socket.create_server(("127.0.0.1", 0))
    places = [deaf.getsockname()[1], server.port]
    connect = wire._connect
    monkeypatch.setattr(wire, "_connect", lambda route: connect(route._replace(port=places.pop(0))))
    body = bytes(1 << 24)
    assert client(server).request("sending", "PUT", "k", payload=Payload(len(body), lambda: [body])).body == b"ok"
    assert places == []
    deaf.close()


@pytest.mark.usefixtures("quick")
def test_retries_end_and_the_last_answer_is_told(serve: Callable[..., Server]) -> None:
    with pytest.raises(DbferryError, match="While sending, AWS said SlowDown: said so") as caught:
        client(serve(*[error(503, "SlowDown")] * 8)).request("sending", "PUT", "k")
    assert caught.value.error_id == "aws.SlowDown"


def test_what_lasts_is_told_at_once_and_an_expected_refusal_is_the_callers(serve: Callable[..., Server]) -> None:
    with pytest.raises(DbferryError) as caught:
        client(serve(error(403, "AccessDenied"))).request("sending", "PUT", "k")
    assert (caught.value.error_id, bool(caught.value.remedy)) == ("aws.AccessDenied", True)
    with pytest.raises(Refused) as refused:
        client(serve(error(404, "NoSuchUpload"))).request("aborting", "DELETE", "k", expected=["NoSuchUpload"])
    assert refused.value.code == "NoSuchUpload"


def test_a_head_that_is_refused_without_words_is_asked_again_with_words(serve: Callable[..., Server]) -> None:
    server = serve(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", error(403, "InvalidAccessKeyId"))
    with pytest.raises(DbferryError) as caught:
        client(server).request("asking", "HEAD", "k")
    assert caught.value.error_id == "aws.InvalidAccessKeyId"


def test_credentials_that_expired_are_renewed_once_and_used(serve: Callable[..., Server]) -> None:
    fresh = [("OLD", "s", "old", None), ("NEW", "s", "new", None)]
    asked: list[Any] = []

    def provider(refused: Any) -> Any:
        asked.append(refused)
        return fresh[1] if any(asked) else fresh[0]

    server = serve(error(400, "ExpiredToken"), OK)
    client(server, ProvidedCredentials(provider)).request("sending", "PUT", "k")
    assert asked[1] == Keys("OLD", "s", "old")
    assert b"x-amz-security-token: old" in server.requests[0]
    assert b"x-amz-security-token: new" in server.requests[1]


def test_credentials_that_expired_without_others_are_told(serve: Callable[..., Server]) -> None:
    with pytest.raises(DbferryError) as caught:
        client(serve(error(400, "ExpiredToken"))).request("sending", "PUT", "k")
    assert caught.value.error_id == "aws.ExpiredToken"
    assert "Renew the credentials" in caught.value.remedy


def test_a_clock_that_is_wrong_is_corrected_by_s3s(serve: Callable[..., Server]) -> None:
    date = "Date: Fri, 24 May 2013 00:00:00 GMT\r\n"
    server = serve(error(403, "RequestTimeTooSkewed", date), OK)
    client(server).request("sending", "PUT", "k")
    assert b"x-amz-date: 20130524T0000" in server.requests[1]


@pytest.mark.usefixtures("quick")
def test_nobody_who_waits_means_no_further_attempt(serve: Callable[..., Server]) -> None:
    server = serve(error(503, "SlowDown"))
    with pytest.raises(Abandoned):
        client(server, wanted=lambda: False).request("sending", "PUT", "k")
    assert len(server.requests) == 1


def test_a_key_travels_encoded_behind_the_bucket(serve: Callable[..., Server]) -> None:
    server = serve(OK)
    client(server).request("sending", "GET", "a b/é\n+~%", [("x", "1&2"), ("a", "")])
    assert server.requests[0].splitlines()[0] == b"GET /bucket/a%20b/%C3%A9%0A%2B~%25?a=&x=1%262 HTTP/1.1"
