# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins to real servers, and to what is none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError

from ..mysql_servers import mysql_server
from ..servers import ROOT_PASSWORD, DatabaseServer, free_port, make_tls_files, mariadb_server
from ..statement_log import statements_during

MODES = ["disabled", "preferred", "required", "verify_ca", "verify_identity"]


@pytest.fixture(scope="module")
def offering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with mariadb_server(tmp_path_factory.mktemp("tls"), tls=True) as server:
        yield server


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with mariadb_server(tmp_path_factory.mktemp("clear")) as server:
        yield server


@pytest.mark.parametrize("mode", MODES)
def test_tls_where_the_server_offers_it(offering: DatabaseServer, mode: str) -> None:
    with connect(offering.login(ssl_mode=mode, ca_cert=str(offering.tls.ca))) as connection:
        assert connection.encrypted is (mode != "disabled")
        cipher = connection.rows("SHOW SESSION STATUS LIKE 'Ssl_cipher'")[0]["Value"]
        assert bool(cipher) is connection.encrypted


@pytest.mark.parametrize("mode", MODES)
def test_tls_where_the_server_has_none(clear: DatabaseServer, tmp_path: Path, mode: str) -> None:
    login = clear.login(ssl_mode=mode, ca_cert=str(make_tls_files(tmp_path).ca))
    if mode in ("disabled", "preferred"):
        with connect(login) as connection:
            assert not connection.encrypted
    else:
        with pytest.raises(MysqlError) as caught:
            connect(login)
        assert caught.value.error_id == "mysql.tls_failed"


@pytest.mark.parametrize("mode", ["verify_ca", "verify_identity"])
def test_certificate_of_another_authority_is_refused(offering: DatabaseServer, tmp_path: Path, mode: str) -> None:
    with pytest.raises(MysqlError) as caught:
        connect(offering.login(ssl_mode=mode, ca_cert=str(make_tls_files(tmp_path).ca)))
    assert caught.value.error_id == "mysql.tls_not_verified"


def test_wrong_password_names_the_account_as_the_server_sees_it(clear: DatabaseServer) -> None:
    with pytest.raises(MysqlError) as caught:
        connect(clear.login(password="not it"))
    assert caught.value.error_id == "mysql.access_denied"
    assert "'root'@'localhost'" in str(caught.value) and "not it" not in str(caught.value)


def test_nothing_and_nobody_there(clear: DatabaseServer) -> None:
    for changed, error_id in (
        ({"login_port": free_port()}, "mysql.unreachable"),
        ({"login_host": "no-such-host.invalid"}, "mysql.unknown_host"),
        ({"login_unix_socket": "/nonexistent/socket"}, "mysql.unreachable"),
        ({"ssl_mode": "verify_ca"}, "mysql.tls_files"),
        ({"config_file": "/nonexistent/my.cnf"}, "mysql.config_file"),
    ):
        with pytest.raises(MysqlError) as caught:
            connect({**clear.login(), **changed})
        assert caught.value.error_id == error_id and caught.value.remedy


@pytest.mark.parametrize(
    ("greeting", "error_id"), [(b"", "mysql.timeout"), (b"SSH-2.0-OpenSSH_9.2\r\n" * 4, "mysql.not_mysql")]
)
def test_another_service_on_the_port(greeting: bytes, error_id: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        if greeting:
            threading.Thread(target=_greet, args=(listener, greeting), daemon=True).start()
        port = listener.getsockname()[1]
        with pytest.raises(MysqlError) as caught:
            connect({"login_host": "127.0.0.1", "login_port": port, "login_user": "x", "connect_timeout": 2})
    assert caught.value.error_id == error_id


def _greet(listener: socket.socket, greeting: bytes) -> None:
    peer, _address = listener.accept()
    with peer:
        peer.sendall(greeting)
        peer.recv(1)


def test_option_file_gives_what_the_task_does_not(clear: DatabaseServer, tmp_path: Path) -> None:
    file = tmp_path / "my.cnf"
    file.write_text(
        f"!includedir /etc\n[mysqld]\nport=1\n[client]\nuser=root\npassword='{ROOT_PASSWORD}' # it\n"
        f"port={clear.port}\nhost=127.0.0.1\n"
    )
    with connect({"config_file": str(file)}) as connection:
        assert connection.value("SELECT CURRENT_USER()") == "root@localhost"


def test_session_reads_the_same_everywhere(clear: DatabaseServer) -> None:
    with connect(clear.login()) as connection:
        assert connection.rows("SELECT @@sql_mode AS m, @@time_zone AS z, @@autocommit AS a, @@sql_log_bin AS b") == [
            {"m": "", "z": "+00:00", "a": 1, "b": 1}
        ]


@pytest.mark.parametrize("kind", ["mariadb", "5.6", "9.7"])
def test_one_statement_opens_a_session(kind: str, tmp_path: Path) -> None:
    """Whatever the server has set, and with a limit of time where it knows one."""
    own = ["--autocommit=0", "--sql-mode=ANSI_QUOTES", "--character-set-server=latin1"]
    own += ["--collation-server=latin1_swedish_ci", "--init-connect=SET NAMES latin1"]
    own += [] if kind == "9.7" else ["--skip-character-set-client-handshake"]
    limit = {"mariadb": ("@@max_statement_time", 7), "5.6": ("7", 7), "9.7": ("@@max_execution_time", 7000)}[kind]
    started = mariadb_server(tmp_path, server_args=own) if kind == "mariadb" else mysql_server(tmp_path, kind, "m", own)
    told = []

    def ask() -> None:
        with connect(server.login(), statement_timeout=7) as connection:
            told.extend(
                connection.rows(
                    "SELECT @@sql_mode AS m, @@time_zone AS z, @@autocommit AS a, @@character_set_client AS c,"
                    f" @@character_set_results AS r, {limit[0]} AS t"
                )
            )

    with started as server, connect(server.login()) as administrator:
        assert len(statements_during(administrator, ask)) == 2
    assert told == [{"m": "", "z": "+00:00", "a": 1, "c": "utf8mb4", "r": "utf8mb4", "t": limit[1]}]
