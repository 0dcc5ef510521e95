# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restores that fail as Aurora fails: each ends with Aurora's words, the likeliest cause and what to do about it.

The backups are real ones of the lab's source, damaged in one place each; the roles lack one right each.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

CANNOT_DOWNLOAD = "Files from the specified Amazon S3 bucket cannot be downloaded."
NOT_USABLE = "does not include the required permissions for: S3_SNAPSHOT_INGESTION"
NO_RESOURCES = "You can't create the DB cluster because of incompatible resources. The subnet group covers one zone."
NO_QUOTA = "The DB cluster can't be created because of insufficient resource limits. Storage quota exceeded."


class Fault(NamedTuple):
    """What is wrong, and what has to come of it.

    :ivar objects: which backup lies under the prefix, by a name in ``backups``.
    :ivar role: the role's name in ``roles``.
    :ivar words: Aurora's.
    :ivar cause: the first of the ranked causes, and ``remedy`` a part of what is advised against it.
    :ivar options: further options of the module.
    :ivar refused: AWS takes no call, so no cluster is made.
    :ivar second: the second of the causes, where the words say no more.
    """

    objects: str
    role: str
    words: str
    cause: str
    remedy: str
    options: Mapping[str, Any] = MappingProxyType({})
    refused: bool = False
    second: str = ""


FAULTS = {
    "no right to list": Fault("whole", "no-list", CANNOT_DOWNLOAD, "role", "s3:ListBucket", refused=True),
    "no right on the bucket": Fault("whole", "no-location", CANNOT_DOWNLOAD, "role", "GetBucketLocation", refused=True),
    "no right on the prefix": Fault("whole", "no-get", CANNOT_DOWNLOAD, "role", "s3:GetObject", refused=True),
    "no right on the key": Fault(
        *("encrypted", "whole", CANNOT_DOWNLOAD, "kms_key", "kms:Decrypt"),
        options={"backup_facts": {"kms_key_id": "of the bucket"}},
        refused=True,
    ),
    "rights on another bucket": Fault("whole", "other-bucket", CANNOT_DOWNLOAD, "role", "s3:ListBucket", refused=True),
    "rights on another prefix": Fault("whole", "other-prefix", CANNOT_DOWNLOAD, "role", "s3:GetObject", refused=True),
    "a right on another key": Fault(
        *("encrypted", "other-key", CANNOT_DOWNLOAD, "kms_key", "kms:Decrypt"),
        options={"backup_facts": {"kms_key_id": "of the bucket"}},
        refused=True,
    ),
    "no such bucket": Fault(
        *("whole", "whole", "The specified S3 bucket cannot be found", "wrong_region", "own Region"),
        options={"s3_bucket_name": "no-such-bucket-anywhere"},
        refused=True,
    ),
    "trust without RDS": Fault("whole", "no-trust", NOT_USABLE, "role_trust", "rds.amazonaws.com", refused=True),
    "no such role": Fault("whole", "none", NOT_USABLE, "role_trust", "check the ARN", refused=True),
    "empty prefix": Fault("nothing", "whole", "No backup files were found", "empty_prefix", "s3_prefix"),
    "mixed formats": Fault(
        *("mixed", "whole", "This does not look like a tar archive", "mixed_formats", "one format"),
        options={"backup_facts": {"formats": ["xbstream", "directory"]}},
    ),
    "missing part": Fault("gap", "whole", "A part of the backup is missing", "missing_part", "upload again"),
    "wrong order": Fault("swapped", "whole", "invalid checksum", "missing_part", "upload again"),
    "chain with a gap": Fault("chain-gap", "whole", "No incremental backup starts at LSN", "chain", "from_lsn"),
    "truncated stream": Fault("cut-stream", "whole", "mbstream failed", "missing_part", "upload again"),
    "truncated file": Fault("cut-tree", "whole", "Preparing the backup failed", "prepare", "upload again"),
    "wrong extension": Fault(
        *("named-tar", "whole", "This does not look like a tar archive", "mixed_formats", "one format"),
        options={"backup_facts": {"formats": ["xbstream"]}},
        second="wrong_extension",
    ),
    "odd extension": Fault(
        *("named-xb", "whole", "xtrabackup_checkpoints was not found in the backup", "wrong_extension", "digits right"),
        options={"backup_facts": {"formats": ["xbstream"]}},
    ),
    "version pair": Fault(
        *("whole", "whole", "Source engine version 8.0.45 is not compatible", "version_pair", "not older"),
        options={"source_engine_version": "8.0.45"},
    ),
}


@pytest.fixture(scope="session")
def prefixes(aurora, backups, kms_key):
    """Puts a backup, whole or damaged, under a prefix of its own."""
    parts = backups.parts()
    _first, second, third, last = parts
    tree = backups.tree()
    found = {
        "nothing": {},
        "whole": parts,
        "mixed": {**parts, "inc/ibdata1": b"x"},
        "gap": {name: data for name, data in parts.items() if name != second},
        "swapped": {**parts, second: parts[third], third: parts[second]},
        "cut-stream": {**parts, last: half(parts[last])},
        "cut-tree": {**tree, "ibdata1": half(tree["ibdata1"])},
        "chain-gap": {"full/a.xbstream": backups.chain[0], "inc2/a.xbstream": backups.chain[2]},
        "named-tar": backups.parts("tar"),
        "named-xb": backups.parts("xb."),
    }
    there = set()

    def put(name: str) -> str:
        if name not in there:
            if name == "encrypted":
                aurora.put("encrypted/", parts, ServerSideEncryption="aws:kms", SSEKMSKeyId=kms_key)
            else:
                aurora.put(f"{name}/", found[name])
            there.add(name)
        return f"{name}/"

    return put


def half(data: bytes) -> bytes:
    """The first half."""
    return data[: len(data) // 2]


@pytest.mark.parametrize("what", FAULTS)
def test_a_restore_that_fails_explains_itself(restorer, prefixes, aurora, what):
    fault = FAULTS[what]
    name = f"fault-{what.replace(' ', '-')}"
    result = restorer.fail(name, prefixes(fault.objects), fault.role, **fault.options)
    expected = "restore.source_unreadable" if fault.refused else "restore.migration_failed"
    assert result["error_id"] == expected, result["msg"]
    assert aurora.status(name) == ("" if fault.refused else "migration-failed")
    assert fault.words in result["msg"]
    causes = result["details"]["causes"]
    assert causes[0]["id"] == fault.cause, causes
    assert fault.second in ("", causes[1]["id"] if causes[1:] else ""), causes
    assert fault.remedy in causes[0]["remedy"]
    assert causes[0]["cause"] in result["msg"]
    if fault.refused:
        assert "no cluster was made" in result["remedy"]
    else:
        assert fault.words in result["details"]["events"][-1]["message"]
        assert "replace_failed" in result["remedy"]


@pytest.mark.parametrize(("event", "cause"), [(NO_RESOURCES, "incompatible_resources"), (NO_QUOTA, "resource_limits")])
def test_what_aurora_tells_by_an_event_of_its_own(restorer, prefixes, aurora, event, cause):
    with aurora.faults(fails_with=event):
        result = restorer.fail(f"event-{cause}".replace("_", "-"), prefixes("whole"), "whole")
    assert result["error_id"] == "restore.migration_failed"
    assert f"Aurora says: {event}" in result["msg"]
    assert result["details"]["causes"][0]["id"] == cause


def test_a_role_that_goes_away_after_the_call(restorer, prefixes, aurora):
    with aurora.faults(hangs_in="creating"):
        process = restorer.start("fault-role-gone", prefixes("whole"), "leaving")
        while aurora.status("fault-role-gone") != "creating":
            assert process.poll() is None, process.communicate()
        aurora.stop_trusting("leaving")
    result = restorer.finish(process)
    assert result["error_id"] == "restore.migration_failed"
    assert "Aurora says: Amazon RDS has been unable to create credentials" in result["msg"]
    assert result["details"]["causes"][0]["id"] == "role_trust"


@pytest.mark.parametrize("replace_failed", [False, True])
def test_a_name_that_is_taken(restorer, prefixes, aurora, replace_failed):
    name = f"taken-{replace_failed}".lower()
    aurora.rds.create_db_cluster(
        DBClusterIdentifier=name, Engine="aurora-mysql", MasterUsername="other", MasterUserPassword="other-word"
    )
    result = restorer.fail(name, prefixes("whole"), "whole", replace_failed=replace_failed)
    assert result["error_id"] == "restore.name_taken"
    assert "Choose another cluster identifier" in result["remedy"]
    assert aurora.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["MasterUsername"] == "other"


def test_the_cure_of_a_failure_is_enough(restorer, prefixes):
    before = restorer.fail("cured", prefixes("gap"), "whole")
    assert before["error_id"] == "restore.migration_failed"
    restorer.backups_under("gap/")
    after = restorer.restore("cured", "gap/", "whole", replace_failed=True)
    assert (after["action"], after["cluster"]["status"]) == ("replace", "available")


def test_a_right_on_the_key_is_enough(restorer, prefixes):
    assert restorer.restore("decrypted", prefixes("encrypted"), "with-key")["cluster"]["status"] == "available"


def test_iam_that_needs_ten_seconds(restorer, prefixes, aurora, tmp_path):
    progress = tmp_path / "progress"
    options = {"iam_propagation_timeout": 120, "progress_file": str(progress)}
    prefix, phases = prefixes("whole"), set()
    with aurora.faults(reads_nothing=True):
        aurora.make_role("fresh")
        process = restorer.start("settles", prefix, "fresh", **options)
        while process.poll() is None:
            if progress.exists():
                phases.add(json.loads(progress.read_text())["phase"])
            time.sleep(0.05)
        result = restorer.finish(process)
    assert result["cluster"]["status"] == "available", result
    assert "waiting for IAM" in phases


def test_throttling_of_a_fifth_of_the_calls(restorer, prefixes, aurora):
    before = len(aurora.throttled())
    with aurora.faults(throttled_share=0.2, reads_nothing=True):
        results = [restorer.start(f"throttled-{number}", prefixes("whole"), "whole") for number in range(3)]
        assert [restorer.finish(one).get("action") for one in results] == ["create"] * 3
    # The test's own calls are not among them: it makes none within the block.
    assert len(aurora.throttled()) > before


def test_a_restore_that_hangs_is_left_and_taken_up(restorer, prefixes, aurora, tmp_path):
    progress = tmp_path / "progress"
    with aurora.faults(hangs_in="migrating", reads_nothing=True):
        result = restorer.fail("hangs", prefixes("whole"), "whole", wait_timeout=4)
        process = restorer.start("hangs", prefixes("whole"), "whole", progress_file=str(progress))
        while not (progress.exists() and json.loads(progress.read_text())["phase"] == "migrating"):
            assert process.poll() is None, process.communicate()
    assert result["error_id"] == "restore.timeout"
    assert "Its last status was migrating" in result["msg"]
    assert "goes on restoring by itself" in result["remedy"]
    again = restorer.finish(process)
    assert (again["changed"], again["action"], again["cluster"]["status"]) == (False, "wait", "available")
