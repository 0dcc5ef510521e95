# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The greeting with which a MySQL server opens a connection: who is there, asked without logging in."""

import socket
from typing import Optional, Tuple

from .._errors import DbferryError

_PROTOCOL_10 = 10
_ERROR_PACKET = 0xFF
_HEADER = 4

# MariaDB servers say this before their version, for old replicas (MariaDB: "Connection protocol").
_MARIADB_PREFIX = "5.5.5-"

# A greeting is about a hundred bytes; more than this is no greeting.
_LONGEST = 4096


def parse_greeting(packet: bytes) -> str:
    """The server's version out of its first packet (MySQL: "Protocol::HandshakeV10").

    :param packet: payload and header, or what there is of them.
    :raises DbferryError: ``source.not_mysql`` or ``source.refused`` (the server's own words in the message).
    """
    payload = packet[_HEADER:]
    if len(packet) <= _HEADER or packet[3] != 0:
        raise _not_mysql(packet)
    if payload[0] == _ERROR_PACKET and len(payload) > 3:
        number = int.from_bytes(payload[1:3], "little")
        text = payload[3:].decode("utf-8", "replace").lstrip("#")
        raise DbferryError(
            "The server refused the connection with error {0}: {1}".format(number, text),
            "source.refused",
            "Let the server accept connections from this host: its accounts, max_connections, FLUSH HOSTS.",
        )
    version, separator, _rest = payload[1:].partition(b"\0")
    if payload[0] != _PROTOCOL_10 or not separator:
        raise _not_mysql(packet)
    text = version.decode("utf-8", "replace")
    return text[len(_MARIADB_PREFIX) :] if text.startswith(_MARIADB_PREFIX) else text


def read_greeting(host: Optional[str], port: int, unix_socket: Optional[str], timeout: float) -> str:
    """Connect, read the server's version, hang up.

    :param unix_socket: where given, host and port are not used.
    :param timeout: seconds for each step.
    :raises DbferryError: ``source.unreachable``, ``source.not_mysql``, ``source.refused``.
    """
    where = unix_socket or "{0}:{1}".format(host, port)
    try:
        connection = _connect(host, port, unix_socket, timeout)
    except OSError as error:
        raise DbferryError(
            "The server cannot be reached at {0}: {1}.".format(where, error.strerror or error),
            "source.unreachable",
            "Check that it runs, and login_host, login_port or login_unix_socket.",
        ) from error
    try:
        packet = _receive(connection)
    except socket.timeout:
        raise DbferryError(
            "What listens at {0} said nothing for {1:.0f} seconds; a MySQL server speaks first.".format(where, timeout),
            "source.not_mysql",
            "Check login_host and login_port.",
        ) from None
    except OSError as error:
        raise _not_mysql(b"", error) from error
    finally:
        connection.close()
    return parse_greeting(packet)


def _connect(host: Optional[str], port: int, unix_socket: Optional[str], timeout: float) -> socket.socket:
    if not unix_socket:
        address: Tuple[str, int] = (host or "localhost", port)
        return socket.create_connection(address, timeout)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(unix_socket)
    except OSError:
        connection.close()
        raise
    return connection


def _receive(connection: socket.socket) -> bytes:
    packet = b""
    length = _HEADER
    while len(packet) < min(length, _LONGEST):
        block = connection.recv(_LONGEST)
        if not block:
            break
        packet += block
        if len(packet) >= _HEADER:
            length = _HEADER + int.from_bytes(packet[:3], "little")
    return packet


def _not_mysql(packet: bytes, error: Optional[OSError] = None) -> DbferryError:
    said = "it said {0!r}".format(packet[:60]) if packet else "it hung up ({0})".format(error or "no data")
    return DbferryError(
        "What listens there does not speak the MySQL protocol: {0}.".format(said),
        "source.not_mysql",
        "Check login_host and login_port, and that no firewall or proxy closes the connection.",
    )
