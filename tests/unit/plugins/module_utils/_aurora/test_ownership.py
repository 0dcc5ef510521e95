# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a cluster is, and what follows from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora import ownership
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.ownership import Action

OURS = ownership.restore_tags("bucket", "orders/backup/", "orders", "backup-1", "print-1")
NEXT = ownership.restore_tags("bucket", "orders/backup/", "orders", "backup-2", "print-2")
STRANGER = ownership.restore_tags("bucket", "other/backup/", "other", "backup-9", "print-9")


def cluster(status, tags, **more):
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"DBClusterIdentifier": "orders", "Status": status, "TagList": listed, **more}


def test_a_free_name_is_taken():
    assert ownership.decide(None, OURS, False).action is Action.CREATE


@pytest.mark.parametrize(
    ("status", "replace_failed", "action"),
    [
        ("available", False, Action.UNCHANGED),
        ("available", True, Action.UNCHANGED),
        ("stopped", False, Action.UNCHANGED),
        ("creating", True, Action.WAIT),
        ("migrating", False, Action.WAIT),
        ("polishing", False, Action.WAIT),
        ("deleting", False, Action.RECREATE),
        ("migration-failed", False, Action.REFUSE),
        ("migration-failed", True, Action.REPLACE),
    ],
)
def test_our_own(status, replace_failed, action):
    assert ownership.decide(cluster(status, OURS), OURS, replace_failed).action is action


@pytest.mark.parametrize("status", ["available", "migrating", "deleting", "migration-failed"])
@pytest.mark.parametrize("tags", [STRANGER, {}, {"dbferry:source": OURS["dbferry:source"]}])
def test_a_stranger_is_refused_whatever_its_status(status, tags):
    decision = ownership.decide(cluster(status, tags), OURS, True)
    assert (decision.action, decision.foreign) == (Action.REFUSE, True)
    assert "dbferry:migration-id" in decision.reason


def test_a_failed_one_makes_room_for_the_next_backup():
    assert ownership.decide(cluster("migration-failed", OURS), NEXT, True).action is Action.REPLACE


def test_a_failed_one_under_deletion_protection_stays():
    decision = ownership.decide(cluster("migration-failed", OURS, DeletionProtection=True), OURS, True)
    assert decision.action is Action.REFUSE
    assert "protected" in decision.reason


@pytest.mark.parametrize("status", ["inaccessible-encryption-credentials", "incompatible-parameters"])
@pytest.mark.parametrize("replace_failed", [False, True])
def test_a_cluster_that_may_hold_data_is_never_replaced(status, replace_failed):
    decision = ownership.decide(cluster(status, OURS), OURS, replace_failed)
    assert decision.action is Action.REFUSE
    assert "may hold data" in decision.remedy


@pytest.mark.parametrize("status", ["available", "migrating"])
def test_another_backup_of_ours_is_refused(status):
    decision = ownership.decide(cluster(status, OURS), NEXT, True)
    assert decision.action is Action.REFUSE
    assert "backup-1" in decision.reason
    assert "backup-2" in decision.reason


def test_without_a_migration_id_the_place_of_the_backup_decides():
    expected = ownership.restore_tags("bucket", "orders/backup/", None, None, None)
    assert ownership.decide(cluster("available", OURS), expected, False).action is Action.UNCHANGED
    assert ownership.decide(cluster("available", STRANGER), expected, False).action is Action.REFUSE


def test_removal():
    assert ownership.decide_removal(None, OURS).action is Action.UNCHANGED
    assert ownership.decide_removal(cluster("available", OURS), OURS).action is Action.DELETE
    assert ownership.decide_removal(cluster("available", OURS), {}).action is Action.DELETE
    assert ownership.decide_removal(cluster("deleting", OURS), OURS).action is Action.AWAIT_DELETION


@pytest.mark.parametrize(
    ("described", "expected", "word"),
    [
        (cluster("available", {}), {}, "not a restore of this collection"),
        (cluster("available", STRANGER), OURS, "dbferry:migration-id"),
        (cluster("available", OURS, DeletionProtection=True), OURS, "protected"),
        (cluster("available", OURS, DBClusterMembers=[{"DBInstanceIdentifier": "orders-1"}]), OURS, "orders-1"),
    ],
)
def test_what_may_not_be_removed(described, expected, word):
    decision = ownership.decide_removal(described, expected)
    assert decision.action is Action.REFUSE
    assert word in decision.reason


@given(st.text(min_size=1), st.text(min_size=1))
def test_tags_are_ones_that_rds_takes_and_tell_prefixes_apart(one, other):
    tags = [ownership.restore_tags("bucket", prefix, None, None, None)["dbferry:source"] for prefix in (one, other)]
    for value in tags:
        assert len(value) <= 256
        assert all(character.isalnum() or character in " _.:/=+-@" for character in value)
    assert (tags[0] == tags[1]) == (one == other)
