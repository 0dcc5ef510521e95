# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option file, read back by MySQL's own parser: my_print_defaults, which every tool's option reading is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.option_file import (
    Login,
    open_unnamed,
    quote,
    render,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError

PARSER = shutil.which("my_print_defaults")
needs_parser = pytest.mark.skipif(PARSER is None, reason="my_print_defaults is not installed (Debian: mariadb-client)")

values = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), min_size=1, max_size=200)


def read_back(content: bytes, *groups: str) -> bytes:
    """What MySQL's parser makes of the file, opened as the tool opens it."""
    assert PARSER is not None
    with open_unnamed(content, "/tmp") as stream:
        return subprocess.run(
            [PARSER, f"--defaults-file=/dev/fd/{stream.fileno()}", *groups],
            pass_fds=[stream.fileno()],
            capture_output=True,
            check=True,
        ).stdout


@needs_parser
@settings(max_examples=150)
@given(password=values)
@example(password='it\'s "quoted" # no comment \\n \\\\ end\\')
@example(password=" spaces at both ends ")
@example(password="line\nfeed\tand\rreturn")
@example(password="[client]\npassword=other")
@example(password="pässwörd 密码 🔑")
@example(password="!include /etc/passwd")
def test_the_parser_reads_what_was_meant(password: str) -> None:
    content = render(Login(user="u", password=password), "/data", None)
    assert read_back(content, "client") == b"--user=u\n--password=" + password.encode() + b"\n"


@needs_parser
@settings(max_examples=50)
@given(user=values, socket=values, datadir=values)
def test_so_it_does_with_every_value(user: str, socket: str, datadir: str) -> None:
    content = render(Login(user=user, unix_socket=socket), datadir, None)
    told = read_back(content, "mysqld", "xtrabackup")
    assert told == f"--datadir={datadir}\n--user={user}\n--socket={socket}\n--host=localhost\n".encode()


@needs_parser
@pytest.mark.parametrize("group", ["client", "xtrabackup", "mariabackup"])
def test_ours_comes_after_the_servers_own_file(tmp_path: Path, group: str) -> None:
    config = tmp_path / "my server.cnf"
    config.write_text(f"[{group}]\nuser=theirs\nport=1\n[mysqld]\ndatadir=/theirs\n")
    config.chmod(0o644)
    content = render(Login(user="ours", host="h", port=2), "/ours", str(config))
    assert read_back(content, group).splitlines()[-3:] == [b"--user=ours", b"--host=h", b"--port=2"]
    assert read_back(content, "mysqld").splitlines()[-1] == b"--datadir=/ours"


def test_without_login_values_the_servers_file_decides() -> None:
    assert render(Login(), "/data", "/etc/my.cnf") == b'!include /etc/my.cnf\n[mysqld]\ndatadir="/data"\n'


def test_the_socket_file_goes_before_the_host() -> None:
    content = render(Login(host="db.example.com", unix_socket="/run/s"), "/data", None)
    assert b"db.example.com" not in content


@pytest.mark.parametrize("value", ["nul\0", "x" * 5000])
def test_what_no_option_file_can_hold(value: str) -> None:
    with pytest.raises(DbferryError) as caught:
        quote("login_password", value)
    assert caught.value.error_id == "login.unrepresentable"
    assert value not in str(caught.value)


def test_a_path_cannot_smuggle_lines_in() -> None:
    with pytest.raises(DbferryError, match=r"login\.unrepresentable"):
        render(Login(), "/data", "/etc/my.cnf\n[client]\npassword=x")


def test_the_file_has_no_name_and_is_private(tmp_path: Path) -> None:
    with open_unnamed(b"secret", str(tmp_path)) as stream:
        assert list(tmp_path.iterdir()) == []
        status = os.fstat(stream.fileno())
        assert status.st_nlink == 0
        assert status.st_mode & 0o777 == 0o600
        for _time in range(2):
            with open(f"/dev/fd/{stream.fileno()}", "rb") as again:
                assert again.read() == b"secret"
