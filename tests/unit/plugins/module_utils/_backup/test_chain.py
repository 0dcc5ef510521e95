# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether backups make one chain: generated chains in any order, and each way to break them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.chain import Link, order_chain
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.checkpoints import (
    NO_BINLOG,
    BackupInfo,
    Checkpoints,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.description import describe_link, link_of
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError


def link(name: str, from_lsn: int, to_lsn: int, last_lsn: int = 0, **changes: Any) -> Link:
    kind = "incremental" if from_lsn else "full-backuped"
    info = BackupInfo(
        uuid=f"uuid-of-{name}",
        tool_command="--backup",
        tool_version="8.0.35",
        server_version="8.0.36",
        binlog=NO_BINLOG,
        partial=False,
        incremental=from_lsn > 0,
        compressed=False,
        encrypted=False,
        start_time="",
        end_time="",
        tool_name="xtrabackup",
    )
    return changed(Link(name, Checkpoints(kind, from_lsn, to_lsn, last_lsn or to_lsn), info, "server-1"), **changes)


def changed(made: Link, **changes: Any) -> Link:
    for member, value in changes.items():
        if member in Link._fields:
            made = made._replace(**{member: value})
        elif member in BackupInfo._fields:
            made = made._replace(info=made.info._replace(**{member: value}))
        else:
            made = made._replace(checkpoints=made.checkpoints._replace(**{member: value}))
    return made


@st.composite
def chains(draw: st.DrawFn) -> list[Link]:
    """A chain in order: increments of any length, among them such that hold redo log only."""
    lsn = draw(st.integers(1, 10**15))
    last = lsn + draw(st.integers(0, 1000))
    chain = [link("full", 0, lsn, last)]
    for number, (step, log) in enumerate(
        draw(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 1000)), max_size=8))
    ):
        # The log always goes on, and a checkpoint never passes it.
        last = max(last, lsn + step) + log
        chain.append(link(f"dir{number}/inc", lsn, lsn + step, last))
        lsn += step
    return chain


@given(chains(), st.randoms())
def test_a_chain_is_found_in_any_order(chain: list[Link], chance: random.Random) -> None:
    shuffled = list(chain)
    chance.shuffle(shuffled)
    assert order_chain(shuffled) == chain


@given(chains(), st.data())
def test_a_missing_increment_is_noticed(chain: list[Link], data: st.DataObject) -> None:
    gone = data.draw(st.integers(1, max(1, len(chain) - 2)))
    assume(len(chain) > 2)
    missing = chain[gone].checkpoints
    assume(missing.to_lsn > missing.from_lsn)
    with pytest.raises(DbferryError, match=r"chain\.gap"):
        order_chain(chain[:gone] + chain[gone + 1 :])


@given(chains(), st.data())
def test_a_second_increment_of_the_same_base_is_a_fork(chain: list[Link], data: st.DataObject) -> None:
    long = [entry for entry in chain[1:] if entry.checkpoints.to_lsn > entry.checkpoints.from_lsn]
    assume(long)
    lsns = data.draw(st.sampled_from(long)).checkpoints
    twin = link("other/inc", lsns.from_lsn, lsns.to_lsn + data.draw(st.integers(0, 3)), lsns.last_lsn + 3)
    with pytest.raises(DbferryError, match=r"chain\.fork.*other/inc") as caught:
        order_chain([*chain, twin])
    assert len(caught.value.details["backups"]) == 2


@given(chains())
def test_without_or_with_two_full_backups_there_is_no_chain(chain: list[Link]) -> None:
    with pytest.raises(DbferryError, match=r"chain\.several_full.*full and again"):
        order_chain([*chain, link("again", 0, 77)])
    assume(len(chain) > 1)
    with pytest.raises(DbferryError, match=r"chain\.no_full"):
        order_chain(chain[1:])


@given(chains(), st.data())
@pytest.mark.parametrize(
    ("changes", "error_id"),
    [
        ({"backup_type": "full-prepared"}, "prepared"),
        ({"backup_type": "log-applied"}, "prepared"),
        ({"backup_type": "nonsense"}, "incomplete"),
        ({"last_lsn": 0}, "incomplete"),
        ({"partial": True}, "partial"),
        ({"encrypted": True}, "encrypted"),
        ({"compressed": True}, "compressed"),
    ],
)
def test_one_that_aurora_does_not_read_spoils_the_chain(
    changes: dict[str, Any], error_id: str, chain: list[Link], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    spoilt = changed(chain[place], **changes)
    with pytest.raises(DbferryError, match=rf"chain\.{error_id}\] {spoilt.name} .*What to do"):
        order_chain([*chain[:place], spoilt, *chain[place + 1 :]])


@given(chains(), st.data())
@pytest.mark.parametrize(
    ("changes", "error_id"),
    [
        ({"server_uuid": "server-2"}, "other_server"),
        ({"server_version": "8.4.0"}, "other_server"),
        ({"form": "xbstream"}, "mixed_formats"),
    ],
)
def test_all_are_alike(changes: dict[str, Any], error_id: str, chain: list[Link], data: st.DataObject) -> None:
    assume(len(chain) > 1)
    place = data.draw(st.integers(0, len(chain) - 1))
    strange = changed(chain[place], **changes)
    with pytest.raises(DbferryError, match=rf"chain\.{error_id}.*{strange.name}"):
        order_chain([*chain[:place], strange, *chain[place + 1 :]])


def test_a_backup_without_the_servers_uuid_may_stand_beside_one_with_it() -> None:
    chain = [link("full", 0, 5), link("inc", 5, 9, server_uuid=""), link("inc2", 9, 12, server_version="8.0.37")]
    assert order_chain(chain) == chain


@given(chains())
def test_what_the_record_keeps_of_a_backup_tells_of_the_same_server(chain: list[Link]) -> None:
    for each in chain:
        again = link_of(describe_link(each, "then", "later"), each.form)
        assert (again.server_uuid, again.checkpoints, again.name) == (each.server_uuid, each.checkpoints, each.name)


def test_a_copy_of_a_backup_is_named() -> None:
    twin = link("copy", 5, 9, uuid="uuid-of-inc")
    with pytest.raises(DbferryError, match=r"chain\.duplicate.*inc and copy"):
        order_chain([link("full", 0, 5), link("inc", 5, 9), twin])


def test_compressed_backups_pass_when_allowed() -> None:
    chain = [link("full", 0, 5, compressed=True)]
    assert order_chain(chain, allow_compress=True) == chain


def test_nothing_at_all() -> None:
    with pytest.raises(DbferryError, match=r"chain\.empty"):
        order_chain([])


def test_many_names_are_not_all_listed() -> None:
    with pytest.raises(DbferryError, match=r"i0 and i1 and i2 and i3 and i4 and 95 more"):
        order_chain([link(f"i{number}", number + 1, number + 2) for number in range(100)])
