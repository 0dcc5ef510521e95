# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a restore took that another run began."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.duration import seconds_since_made
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.events import parse_event

MADE = datetime(2026, 1, 2, 3, 0, 0, tzinfo=timezone.utc)
NOW = MADE + timedelta(hours=5)
CREATED = (0, "DB cluster created", "creation")
MIGRATED = (1200, "Migrated from mysql 8.0.36 to aurora-mysql 8.0.mysql_aurora.3.10.0", "notification")


def event(seconds, message, category):
    return parse_event({"Date": MADE + timedelta(seconds=seconds), "Message": message, "EventCategories": [category]})


@pytest.mark.parametrize("status", ["creating", "preparing-data-migration", "migrating"])
def test_a_restore_that_was_found_going_on_ended_now(status):
    found = {"Status": status, "ClusterCreateTime": MADE}
    assert seconds_since_made(found, [event(*CREATED)], NOW) == 5 * 3600


@pytest.mark.parametrize("status", ["available", "stopped", "backing-up", "modifying"])
@pytest.mark.parametrize(
    "later",
    [
        (),
        ((9000, "The DB cluster stopped.", "notification"), (9600, "The DB cluster started.", "notification")),
        ((9000, "DB cluster stopped.", "notification"), (9600, "DB cluster is being started.", "notification")),
        ((9000, "Reset master credentials", "configuration change"), (9600, "Completed failover", "failover")),
        ((9000, "Database cluster engine version upgrade started.", "maintenance"),),
    ],
)
def test_a_restore_that_had_ended_ended_with_its_last_event(status, later):
    found = {"Status": status, "ClusterCreateTime": MADE}
    events = [event(*one) for one in (CREATED, MIGRATED, *later)]
    assert seconds_since_made(found, events, NOW) == 1200


@pytest.mark.parametrize(
    "found", [{"Status": "available", "ClusterCreateTime": MADE}, {"Status": "migrating"}, {"Status": "available"}]
)
def test_what_nothing_tells_is_not_known(found):
    assert seconds_since_made(found, [], NOW) is None
