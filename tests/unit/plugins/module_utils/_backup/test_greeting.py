# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The greeting of a server, byte by byte as MySQL and MariaDB send it, and as others do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.greeting import parse_greeting
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError


def packet(payload: bytes, sequence: int = 0) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([sequence]) + payload


def handshake(version: bytes) -> bytes:
    return packet(b"\x0a" + version + b"\0\x08\0\0\0aaaaaaaa\0\xff\xff\x21\x02\0")


@pytest.mark.parametrize(
    ("sent", "version"),
    [
        (b"8.0.36", "8.0.36"),
        (b"5.7.44-log", "5.7.44-log"),
        (b"5.5.5-10.11.19-MariaDB-0+deb12u1-log", "10.11.19-MariaDB-0+deb12u1-log"),
        (b"11.4.2-MariaDB", "11.4.2-MariaDB"),
    ],
)
def test_versions(sent: bytes, version: str) -> None:
    assert parse_greeting(handshake(sent)) == version


@pytest.mark.parametrize(
    ("number", "text"), [(1130, "Host 'h' is not allowed to connect"), (1040, "Too many connections")]
)
def test_a_server_that_refuses_is_quoted(number: int, text: str) -> None:
    with pytest.raises(DbferryError) as caught:
        parse_greeting(packet(b"\xff" + number.to_bytes(2, "little") + text.encode()))
    assert caught.value.error_id == "source.refused"
    assert f"error {number}: {text}" in caught.value.message


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-OpenSSH\r\n", b"\x05\0\0\0\x09x.y"]
)
def test_others(data: bytes) -> None:
    with pytest.raises(DbferryError) as caught:
        parse_greeting(data)
    assert caught.value.error_id == "source.not_mysql"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_version_or_a_clear_error(data: bytes) -> None:
    try:
        parse_greeting(data)
    except DbferryError as error:
        assert error.error_id in ("source.not_mysql", "source.refused")  # noqa: PT017 (all three outcomes are right)
