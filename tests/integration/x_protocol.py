# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of a client of MySQL's X Protocol as it takes to log in (MySQL, "X Protocol")."""

from __future__ import annotations

import socket
import struct

_AUTHENTICATE_START, _AUTHENTICATE_OK, _NOTICE = 4, 4, 11
_SECONDS = 10


def log_in_by_x_protocol(path: str, user: str, password: str) -> None:
    """Open a session on a server's socket, where it takes the password in clear, and end it.

    :raises AssertionError: the server did not let the user in.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_SECONDS)
        connection.connect(path)
        login = b"\0".join((b"", user.encode(), password.encode()))
        _send(connection, _AUTHENTICATE_START, _field(1, b"PLAIN") + _field(2, login))
        kind, body = _receive(connection)
        while kind == _NOTICE:
            kind, body = _receive(connection)
        assert kind == _AUTHENTICATE_OK, body


def _field(number: int, value: bytes) -> bytes:
    """A field of Protocol Buffers that holds bytes."""
    assert len(value) < 128, "its length would take more than one byte"
    return bytes([number << 3 | 2, len(value)]) + value


def _send(connection: socket.socket, kind: int, body: bytes) -> None:
    connection.sendall(struct.pack("<IB", len(body) + 1, kind) + body)


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    length, kind = struct.unpack("<IB", _exactly(connection, 5))
    return kind, _exactly(connection, length - 1)


def _exactly(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        block = connection.recv(size - len(found))
        assert block, "the server closed the connection"
        found += block
    return found
