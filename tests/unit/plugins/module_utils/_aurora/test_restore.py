# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watch over a restore: when a cluster that answers do not show is taken for deleted."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.beginning import RestoreError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.causes import RestoreFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.clusters import Clusters
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.ownership import restore_tags
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.restore import Patience, Restore
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.waiter import Pace, Surroundings

OURS = restore_tags("bucket", "orders/backup/", "orders", "backup-1", "print-1")
REQUEST = {"DBClusterIdentifier": "orders"}
UNSEEN = "unseen"


class Watch:
    """The watch over a cluster of which AWS shows these statuses in turn; time passes in pauses only."""

    def __init__(self, *statuses):
        self.now = 0.0
        client = boto3.client("rds", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")
        self._stub = Stubber(client)
        tags = [{"Key": key, "Value": value} for key, value in OURS.items()]
        for looks, status in enumerate(statuses):
            if status == UNSEEN:
                self._stub.add_client_error("describe_db_clusters", "DBClusterNotFoundFault", "not found")
                continue
            cluster = {"DBClusterIdentifier": "orders", "Status": status, "TagList": tags}
            self._stub.add_response("describe_db_clusters", {"DBClusters": [cluster]})
            # The first look decides what is to be done, and asks for no events.
            if looks:
                self._stub.add_response("describe_events", {"Events": []})
        around = Surroundings(lambda: self.now, self._sleep, lambda: False, lambda: 0.5)
        self._restore = Restore(
            Clusters(client), REQUEST, OURS, RestoreFacts(), around, lambda *_: None, lambda *_: None
        )

    def _sleep(self, seconds):
        self.now += seconds

    def run(self, interval):
        with self._stub:
            return self._restore.run(False, Patience(Pace(3600, interval), 0, Pace(60, 5)))


@pytest.mark.parametrize("interval", [1, 30])
def test_a_cluster_that_is_not_shown_for_a_minute_was_deleted(interval):
    watch = Watch("creating", "migrating", *[UNSEEN] * 100)
    with pytest.raises(RestoreError, match="was deleted while it was being restored") as caught:
        watch.run(interval)
    assert caught.value.error_id == "restore.vanished"
    assert 60 <= watch.now <= 60 + 2 * interval


@pytest.mark.parametrize(("interval", "answers"), [(1, 50), (120, 2)])
def test_a_cluster_that_is_shown_again_was_not_deleted(interval, answers):
    watch = Watch("creating", "migrating", *[UNSEEN] * answers, "migrating", *[UNSEEN] * answers, "available")
    assert watch.run(interval).cluster["Status"] == "available"
