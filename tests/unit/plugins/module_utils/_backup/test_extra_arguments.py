# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options are passed on to the tool, and which are refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.extra_arguments import check_extra_arguments
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("--databases=shop", "partial"),
        ("--databases-exclude=shop", "partial"),
        ("--tables=^shop", "partial"),
        ("--tables-file=/f", "partial"),
        ("--include=^shop", "partial"),
        ("--compact", "partial"),
        ("--encrypt=AES256", "encrypted"),
        ("--encrypt_key=secret-key", "encrypted"),
        ("--Transition-Key=secret-key", "encrypted"),
        ("--compress", "AWS says nowhere"),
        ("--compress-threads=4", "AWS says nowhere"),
        ("--target-dir=/elsewhere", "set by this collection"),
        ("--stream=tar", "set by this collection"),
        ("--password=secret-key", "set by this collection"),
        ("--loose-user=root", "set by this collection"),
        ("--skip-strict", "set by this collection"),
        ("--defaults-file=/f", "set by this collection"),
        ("--incremental-basedir=/f", "set by this collection"),
        ("--prepare", "something else"),
        ("--copy-back", "something else"),
        # MySQL's parser completes an abbreviation.
        ("--datab=shop", "partial"),
        ("--enc=AES256", "encrypted"),
        ("--passw=secret-key", "set by this collection"),
        ("--compr", "AWS says nowhere"),
    ],
)
def test_an_option_that_is_refused_by_name(argument: str, why: str) -> None:
    with pytest.raises(DbferryError, match=rf"backup\.option_forbidden.*{why}") as caught:
        check_extra_arguments([argument])
    assert "secret-key" not in str(caught.value)


@pytest.mark.parametrize("argument", ["-psecret-key", "secret-key", "--", "", "--no lock", "-u"])
def test_what_is_no_long_option_is_refused(argument: str) -> None:
    with pytest.raises(DbferryError, match=r"backup\.option_forbidden.*long name"):
        check_extra_arguments([argument])


@pytest.mark.parametrize(
    "argument",
    [
        "--no-lock",
        "--history",
        "--ftwrl-wait-threshold=60",
        "--kill-long-query-type=all",
        "--safe-slave-backup-timeout=60",
        "--tables-compatibility-check",
        "--incremental-force-scan",
        "--tmpdir=/var/tmp",
        "--use-memory=1G",
        "--ssl-mode=REQUIRED",
        "--backup-lock-timeout=60",
        "--galera-info",
        "--defaults-group=mysqld2",
        "--read-buffer-size=64M",
        "--log-copy-interval=100",
    ],
)
def test_what_is_passed_on(argument: str) -> None:
    assert check_extra_arguments([argument]) == [argument]


@given(
    st.sampled_from(["databases", "tables-file", "encrypt-key", "password", "target-dir"]),
    st.sampled_from(["", "loose-", "skip-", "disable_"]),
    st.text(max_size=8),
    st.data(),
)
def test_no_way_of_writing_it_gets_past(name: str, modifier: str, value: str, data: st.DataObject) -> None:
    mixed = "".join(data.draw(st.sampled_from([letter, letter.upper()])) for letter in name)
    argument = "--" + modifier + data.draw(st.sampled_from([mixed, mixed.replace("-", "_")])) + "=" + value
    with pytest.raises(DbferryError, match=r"backup\.option_forbidden"):
        check_extra_arguments([argument])
