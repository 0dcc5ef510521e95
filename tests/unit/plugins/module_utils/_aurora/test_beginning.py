# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The call that begins a restore: what is asked again, for how long, and what is said where it is left."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.beginning import Beginning, RestoreError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.causes import RestoreFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.clusters import Clusters
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.ownership import restore_tags
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.waiter import (
    Surroundings,
    WaitInterruptedError,
    WaitTimeoutError,
)

CALL, LOOK = "restore_db_cluster_from_s3", "describe_db_clusters"
REQUEST = {
    "DBClusterIdentifier": "orders",
    "Engine": "aurora-mysql",
    "MasterUsername": "admin",
    "SourceEngine": "mysql",
    "SourceEngineVersion": "8.0.36",
    "S3BucketName": "bucket",
    "S3IngestionRoleArn": "arn:aws:iam::123456789012:role/r",
}
OURS = restore_tags("bucket", "orders/backup/", "orders", "backup-1", "print-1")
NOT_YET = (CALL, "InvalidParameterValue", "Files from the specified Amazon S3 bucket cannot be downloaded.")
THROTTLED = (CALL, "Throttling", "Rate exceeded")
LOST = (CALL, "InternalFailure", "An internal error has occurred.")
TAKEN = (CALL, "DBClusterAlreadyExistsFault", "DB Cluster already exists")
REFUSED = (CALL, "AccessDenied", "User x is not authorized to perform: iam:PassRole")
MADE = (CALL, "creating", OURS)
FOUND = (LOOK, "creating", OURS)
STRANGER = (LOOK, "available", {})
THROTTLED_LOOK = (LOOK, "Throttling", "Rate exceeded")
UNSEEN = (LOOK, "DBClusterNotFoundFault", "DBCluster orders not found.")
SECONDS = 120


def described(status, tags):
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"DBClusterIdentifier": "orders", "Status": status, "TagList": listed}


class Story:
    """A restore that begins while AWS gives these answers in turn; time passes in pauses only."""

    def __init__(self, *answers, stop_at=None):
        self.now = 0.0
        self._stop_at = stop_at
        client = boto3.client("rds", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")
        self._stub = Stubber(client)
        for operation, word, more in answers:
            if isinstance(more, str):
                self._stub.add_client_error(operation, word, more)
            elif operation == CALL:
                self._stub.add_response(operation, {"DBCluster": described(word, more)})
            else:
                self._stub.add_response(operation, {"DBClusters": [described(word, more)]})
        around = Surroundings(
            clock=lambda: self.now,
            sleep=self._sleep,
            stopped=lambda: stop_at is not None and self.now >= stop_at,
            chance=lambda: 0.5,
        )
        self._beginning = Beginning(Clusters(client), REQUEST, OURS, RestoreFacts(), around, lambda *_: None)

    def _sleep(self, seconds):
        # Somebody who stops a wait wakes it.
        self.now = min(self.now + seconds, max(self._stop_at or 1e9, self.now))

    def begin(self, seconds=SECONDS):
        with self._stub:
            cluster = self._beginning.begin(seconds)
        self._stub.assert_no_pending_responses()
        return cluster

    def fail(self, kind, seconds=SECONDS):
        with self._stub, pytest.raises(kind) as caught:
            self._beginning.begin(seconds)
        return caught.value


def test_a_role_that_settles_is_waited_for():
    story = Story(NOT_YET, NOT_YET, NOT_YET, MADE)
    assert story.begin()["Status"] == "creating"
    assert story.now > 0


def test_time_that_goes_before_the_first_refusal_is_not_iam_s():
    # Throttling alone takes longer than IAM is given.
    story = Story(*[THROTTLED] * 14, NOT_YET, NOT_YET, MADE)
    assert story.begin()["Status"] == "creating"
    assert story.now > SECONDS


def test_a_role_that_does_not_settle_is_told_with_causes():
    error = Story(*[NOT_YET] * 40).fail(RestoreError)
    assert error.error_id == "restore.source_unreadable"
    assert error.details["causes"][0]["id"] == "role"
    assert "no cluster was made" in error.remedy


def test_an_aws_that_stays_busy_after_a_refusal_is_not_a_role_that_cannot_read():
    error = Story(NOT_YET, *[THROTTLED] * 60).fail(WaitTimeoutError)
    assert "Rate exceeded" in error.message
    assert "run the same task again" in error.remedy


def test_a_call_whose_answer_was_lost_finds_its_own_cluster():
    assert Story(LOST, TAKEN, FOUND).begin()["Status"] == "creating"


def test_a_cluster_that_a_lagging_reader_does_not_show_yet_is_waited_for():
    assert Story(LOST, TAKEN, UNSEEN, THROTTLED_LOOK, UNSEEN, FOUND).begin()["Status"] == "creating"


@pytest.mark.parametrize("unseen", [0, 2])
def test_a_stranger_that_came_first_is_left_alone(unseen):
    error = Story(TAKEN, *[UNSEEN] * unseen, STRANGER).fail(RestoreError)
    assert error.error_id == "restore.name_taken"


def test_a_name_that_is_taken_by_what_nobody_sees_is_refused_after_a_minute():
    story = Story(TAKEN, *[UNSEEN] * 40)
    error = story.fail(RestoreError)
    assert error.error_id == "restore.name_taken"
    assert "does not show" in error.message
    assert 60 <= story.now < 90


def test_a_caller_without_rights_is_told_at_once():
    story = Story(REFUSED)
    assert story.fail(RestoreError).error_id == "restore.refused"
    assert story.now == 0


def test_an_aws_that_stays_busy_does_not_say_that_the_name_is_taken():
    error = Story(TAKEN, UNSEEN, *[THROTTLED_LOOK] * 60).fail(WaitTimeoutError)
    assert error.remedy.startswith("Whether AWS has taken the call is not known")


@pytest.mark.parametrize(
    ("answers", "remedy"),
    [
        ([NOT_YET], "No cluster was made"),
        ([THROTTLED], "Whether AWS has taken the call is not known"),
        ([TAKEN, *[UNSEEN] * 40], "Whether AWS has taken the call is not known"),
    ],
)
def test_a_stop_says_what_is_made_and_how_to_go_on(answers, remedy):
    error = Story(*answers * 40, stop_at=20).fail(WaitInterruptedError)
    assert error.remedy.startswith(remedy)
    assert "run the same task again" in error.remedy
