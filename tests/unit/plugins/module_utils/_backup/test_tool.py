# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tools, versions, and which tool fits which server."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.tool import (
    Tool,
    compatibility_arguments,
    fit_problem,
    package_for,
    parse_server,
    parse_version_output,
    series_for,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError

RECORDED = Path(__file__).parent / "recorded"

# The line itself is the tool's; the lines around it are those that stand there on hosts with an option file.
XTRABACKUP_LINES = [
    ("xtrabackup version 2.3.10 based on MySQL server 5.6.24 Linux (x86_64) (revision id: 9c6e4ef)", "2.3.10", "2.3"),
    (
        "xtrabackup: recognized server arguments: --datadir=/var/lib/mysql \n"
        "/data/xtrabackup/2.3/usr/local/xtrabackup/bin/xtrabackup version 2.3.10 based on MySQL server 5.6.24 "
        "Linux (x86_64) (revision id: 9c6e4ef)",
        "2.3.10",
        "2.3",
    ),
    ("innobackupex version 2.4.9 Linux (x86_64) (revision id: a467167cdd4)", "2.4.9", "2.4"),
    (
        "xtrabackup: recognized server arguments:\n"
        "xtrabackup version 2.4.29 based on MySQL server 5.7.44 Linux (x86_64) (revision id: 2e6c0951)",
        "2.4.29",
        "2.4",
    ),
    (
        "2023-04-26T11:43:08.664949+08:00 0 [Note] [MY-011825] [Xtrabackup] recognized server arguments: "
        "--datadir=/var/lib/mysql \n"
        "xtrabackup version 8.0.32-26 based on MySQL server 8.0.32 Linux (x86_64) (revision id: 34cf2908)",
        "8.0.32-26",
        "8.0",
    ),
    (
        "xtrabackup version 8.4.0-1 based on MySQL server 8.4.0 Linux (x86_64) (revision id: da6e1abd)",
        "8.4.0-1",
        "8.4",
    ),
    ("InnoDB Backup Utility v1.5.1-xtrabackup; Copyright 2003, 2009 Innobase Oy", "1.5.1-xtrabackup", "1.5"),
    ("xtrabackup_55 version 2.1.9 for Percona Server 5.5.35 Linux (x86_64) (revision id: 744)", "2.1.9", "2.1"),
]


def tool(version: str, flavour: str = "xtrabackup") -> Tool:
    numbers = tuple(int(part) for part in version.split("-", maxsplit=1)[0].split("."))
    assert len(numbers) == 3
    return Tool("/usr/bin/tool", version, numbers, f"{numbers[0]}.{numbers[1]}", flavour)


def problem(server: str, candidate: Tool, allow_mariadb: bool = False) -> str:
    found = fit_problem(parse_server(server), candidate, allow_mariadb)
    return found.error_id if found else ""


@pytest.mark.parametrize(("text", "version", "series"), XTRABACKUP_LINES)
def test_xtrabackup_says_its_version(text: str, version: str, series: str) -> None:
    found = parse_version_output("/opt/bin/x", text)
    assert (found.executable, found.version, found.series, found.flavour) == (
        "/opt/bin/x",
        version,
        series,
        "xtrabackup",
    )


@pytest.mark.parametrize("name", ["mariabackup_version.txt", "mariabackup_innobackupex_version.txt"])
def test_mariabackup_says_its_version(name: str) -> None:
    found = parse_version_output("mariabackup", (RECORDED / name).read_text())
    assert (found.numbers, found.series, found.flavour) == ((10, 11, 19), "10.11", "mariabackup")


@pytest.mark.parametrize("text", ["", "bash: xtrabackup: command not found", "mysqld  Ver 8.0.36 for Linux on x86_64"])
def test_something_else_is_no_backup_tool(text: str) -> None:
    with pytest.raises(DbferryError) as caught:
        parse_version_output("x", text)
    assert caught.value.error_id == "tool.version_unknown"


@given(st.text())
def test_any_output_is_a_tool_or_a_clear_error(text: str) -> None:
    try:
        assert parse_version_output("x", text).series
    except DbferryError as error:
        assert error.error_id == "tool.version_unknown"  # noqa: PT017 (both outcomes are right)


@pytest.mark.parametrize(
    ("version", "numbers", "flavour"),
    [
        ("8.0.36", (8, 0, 36), "mysql"),
        ("5.7.44-log", (5, 7, 44), "mysql"),
        ("8.0.36-28", (8, 0, 36), "mysql"),
        ("10.11.19-MariaDB-0+deb12u1-log", (10, 11, 19), "mariadb"),
        ("5.5.68-MariaDB", (5, 5, 68), "mariadb"),
        ("8.4", (8, 4, 0), "mysql"),
    ],
)
def test_server_versions(version: str, numbers: tuple[int, int, int], flavour: str) -> None:
    server = parse_server(version)
    assert (server.numbers, server.flavour) == (numbers, flavour)


def test_a_given_flavour_wins() -> None:
    assert parse_server("8.0.36-28", "percona").flavour == "percona"


def test_no_version_is_an_error() -> None:
    with pytest.raises(DbferryError, match=r"server\.version_unknown"):
        parse_server("unknown")


@pytest.mark.parametrize(
    ("server", "tool_version", "expected"),
    [
        ("5.5.62", "2.3.10", ""),
        ("5.6.51", "2.4.29", ""),
        ("5.7.44", "2.4.29", ""),
        ("5.7.44", "2.3.10", "tool.wrong_series"),
        ("5.7.44", "8.0.35-30", "tool.wrong_series"),
        ("5.6.51", "2.2.13", "tool.too_old"),
        ("8.0.36", "2.2.13", "tool.too_old"),
        ("8.0.36", "2.4.29", "tool.wrong_series"),
        ("8.0.36", "8.4.0-1", "tool.wrong_series"),
        ("8.0.36", "8.0.33-28", "tool.older_than_server"),
        ("8.0.34", "8.0.33-28", "tool.older_than_server"),
        ("8.0.36", "8.0.34-29", ""),
        ("8.0.46", "8.0.35-33", ""),
        ("8.0.33", "8.0.33-28", ""),
        ("8.0.28", "8.0.34-29", ""),
        ("8.0.28", "8.0.35-33", ""),
        ("8.4.3", "8.4.0-1", ""),
        ("8.4.3", "8.0.35-33", "tool.wrong_series"),
        ("9.1.0", "8.4.0-1", "server.unsupported"),
        ("8.2.0", "8.0.35-33", "server.unsupported"),
        ("10.11.19-MariaDB", "2.4.29", "tool.mariadb_not_allowed"),
    ],
)
def test_pairs(server: str, tool_version: str, expected: str) -> None:
    assert problem(server, tool(tool_version)) == expected


@pytest.mark.parametrize(
    ("server", "candidate", "expected"),
    [
        ("10.11.19-MariaDB", tool("10.11.19", "mariabackup"), ""),
        ("10.11.4-MariaDB", tool("10.11.19", "mariabackup"), ""),
        ("11.4.2-MariaDB", tool("10.11.19", "mariabackup"), "tool.wrong_series"),
        ("10.11.19-MariaDB", tool("2.4.29"), "tool.wrong_flavour"),
        ("8.0.36", tool("10.11.19", "mariabackup"), "tool.wrong_flavour"),
        ("8.0.36", tool("8.0.35-33"), ""),
    ],
)
def test_pairs_where_mariadb_is_allowed(server: str, candidate: Tool, expected: str) -> None:
    assert problem(server, candidate, allow_mariadb=True) == expected


def test_mariabackup_is_refused_without_permission() -> None:
    assert problem("10.11.19-MariaDB", tool("10.11.19", "mariabackup")) == "tool.mariadb_not_allowed"
    assert problem("8.0.36", tool("10.11.19", "mariabackup")) == "tool.mariadb_not_allowed"


def test_a_refusal_names_both_sides_and_the_package() -> None:
    found = fit_problem(parse_server("8.0.36"), tool("2.4.29"))
    assert found is not None
    text = str(found)
    assert "/usr/bin/tool is xtrabackup 2.4.29" in text
    assert "mysql 8.0.36" in text
    assert "percona-xtrabackup-80 (repository pxb-80)" in text


@given(
    st.tuples(st.integers(1, 12), st.integers(0, 12), st.integers(0, 60)),
    st.tuples(st.integers(1, 12), st.integers(0, 12), st.integers(0, 60)),
)
def test_what_fits_is_of_a_series_that_the_server_lists(
    server_numbers: tuple[int, int, int], tool_numbers: tuple[int, int, int]
) -> None:
    server = parse_server("{}.{}.{}".format(*server_numbers), "mysql")
    candidate = tool("{}.{}.{}".format(*tool_numbers))
    if fit_problem(server, candidate) is None:
        assert candidate.series in series_for(server)
        assert tool_numbers >= (2, 3, 0)


@pytest.mark.parametrize(
    ("server", "series", "package", "repository"),
    [
        ("5.6.51", "2.4", "percona-xtrabackup-24", "pxb-24"),
        ("5.7.44", "2.4", "percona-xtrabackup-24", "pxb-24"),
        ("8.0.36", "8.0", "percona-xtrabackup-80", "pxb-80"),
        ("8.4.3", "8.4", "percona-xtrabackup-84", "pxb-84-lts"),
    ],
)
def test_what_to_install(server: str, series: str, package: str, repository: str) -> None:
    best = series_for(parse_server(server))[0]
    assert best == series
    assert package_for(best) == (package, repository)


@pytest.mark.parametrize(
    ("server", "tool_version", "needed"),
    [("8.0.28", "8.0.35-33", True), ("8.0.33", "8.0.34-29", False), ("8.0.34", "8.0.35-33", False)],
)
def test_newest_tool_takes_old_servers_with_ddl_locked(server: str, tool_version: str, needed: bool) -> None:
    arguments = compatibility_arguments(parse_server(server), tool(tool_version))
    assert ("--lock-ddl=ON" in arguments) is needed
