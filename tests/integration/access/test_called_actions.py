# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request that the playbooks really send to AWS is one that the caller's policy allows, station by station."""

from __future__ import annotations

import pytest

from tests.integration.credentials.gate import iam as evaluation
from tests.integration.migration.lab import Lab
from tests.integration.migration.playbook import PlaybookRunner

from .lab_aws import ACCOUNT, REGION
from .needed import needed
from .recorder import recording

BUCKET = "bucket-of-the-recorded"
# Playbooks in the order of a migration, and the stations whose rights each may use.
PLAYBOOKS = {
    "backup": ["bucket", "backup"],
    "restore": ["iam", "restore"],
    "objects": ["objects"],
    "verify": ["verify"],
    "report": ["report"],
    "cleanup": ["cleanup"],
}
OPTIONS = {
    "bucket_create": True,
    # The lab's S3 has no TLS.
    "bucket_require_tls": False,
    "bucket_expire_backup_days": 30,
    "cleanup_stations": ["cluster", "iam", "backup", "record", "bucket", "staged"],
    "cleanup_cluster": True,
    "cleanup_final_snapshot": "source-last",
    "cleanup_poll_interval": 1,
}
MIGRATION = {
    "migration_id": "source",
    "bucket": BUCKET,
    "cluster_identifier": "source",
    "role_arn": f"arn:aws:iam::{ACCOUNT}:role/dbferry-source",
    "policy_arn": f"arn:aws:iam::{ACCOUNT}:policy/dbferry-source",
}


@pytest.fixture(scope="module")
def called(generation, tmp_path_factory):
    """Playbook to what IAM was asked about it, of a whole migration."""
    lab = Lab(tmp_path_factory.mktemp("lab") / "state")
    home = tmp_path_factory.mktemp("controller")
    found = {}
    try:
        lab.up("--sources", "1", "--fast")
        runner = PlaybookRunner(generation.environment(), generation.playbook, lab.inventory, home)
        with recording(lab.endpoints["aws"]["endpoint_url"]) as recorder:
            variables = {**OPTIONS, "migration_bucket": BUCKET, "migration_aws_endpoint_url": recorder.endpoint_url}
            for playbook in PLAYBOOKS:
                runner(playbook, report_dir=str(home), **variables).succeeded()
                if playbook == "restore":
                    # Later runs look at what is there.
                    runner(playbook, "--tags", "iam", report_dir=str(home), **variables).succeeded()
                found[playbook] = {each for seen in recorder.take() for each in needed(seen)}
    finally:
        lab.down()
    return found


def caller_policy(run_module, stations):
    return run_module(
        "iam_caller_policy_info",
        account_id=ACCOUNT,
        partition="aws",
        region=REGION,
        stations=stations,
        migrations=[MIGRATION],
    )


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_policy_allows_everything_that_was_called(called, run_module, playbook):
    documents = [each["document"] for each in caller_policy(run_module, PLAYBOOKS[playbook])["policies"]]
    refused = [
        each
        for each in sorted(called[playbook])
        if not evaluation.is_allowed(
            documents, evaluation.Request(each.action, each.resource, context=dict(each.context))
        )
    ]
    assert called[playbook]
    assert refused == []


def test_the_check_beforehand_insists_on_nothing_that_is_not_needed(called, run_module):
    rights = caller_policy(run_module, PLAYBOOKS["restore"])["rights"]
    insisted = {action for right in rights for action in right["actions"]}
    # Nobody lists the bucket, but without that right S3 does not say that a page of the record is not there yet.
    assert insisted - {each.action for each in called["restore"]} == {"s3:ListBucket"}
