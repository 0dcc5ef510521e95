# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When role ``restore`` waits for an instance no longer, and what it tells of a backup's key."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

VARIABLES = Path(__file__).parents[3] / "roles" / "restore" / "vars" / "main.yml"
# Amazon Aurora user guide, "Viewing DB instance status": those that an instance leaves by itself, and the others.
PASSING = [
    "available",
    "backing-up",
    "backtracking",
    "configuring-enhanced-monitoring",
    "configuring-iam-database-auth",
    "configuring-log-exports",
    "converting-to-vpc",
    "creating",
    "deleting",
    "maintenance",
    "modifying",
    "moving-to-vpc",
    "rebooting",
    "resetting-master-credentials",
    "renaming",
    "starting",
    "storage-config-upgrade",
    "storage-initialization",
    "storage-optimization",
    "upgrading",
]
LASTING = [
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-create",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
    "stopped",
    "stopping",
    "storage-full",
]


def test_an_instance_is_not_waited_for_in_a_status_that_it_does_not_leave_by_itself() -> None:
    failures = yaml.safe_load(VARIABLES.read_text())["restore_instance_failures"]
    assert sorted(failures) == sorted(LASTING)
    assert not set(failures) & set(PASSING)


KEY, OTHER = (f"arn:aws:kms:eu-west-1:123456789012:key/{number}" for number in (1, 2))
DEFAULT = {"restore_found": {"default_key": KEY}, "migration_key_arns": {}}


def rendered(name: str, given: dict[str, object]) -> object:
    """What a variable of the role comes to."""
    variables = yaml.safe_load(VARIABLES.read_text())
    trusted = {key: trust_as_template(value) if isinstance(value, str) else value for key, value in variables.items()}
    return Templar(DataLoader(), variables={**trusted, **given}).template(trusted[name])


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (DEFAULT, KEY),
        ({**DEFAULT, "restore_found": {"skipped": True}}, ""),
        (
            {
                **DEFAULT,
                "migration_key_arns": {"alias/new": OTHER},
                "upload_sse": "aws:kms",
                "upload_kms_key_id": "alias/new",
            },
            OTHER,
        ),
        ({**DEFAULT, "upload_sse": "", "upload_kms_key_id": ""}, KEY),
        ({**DEFAULT, "upload_sse": "AES256"}, ""),
        ({**DEFAULT, "upload_sse": "aws:kms", "upload_kms_key_id": OTHER}, OTHER),
        ({**DEFAULT, "upload_sse": "aws:kms"}, ""),
    ],
)
def test_the_key_of_the_backup_is_the_upload_s_and_else_the_bucket_s(given: dict[str, object], key: str) -> None:
    assert rendered("restore_backup_key", given) == key


@pytest.mark.parametrize(
    ("iam", "backup", "may"),
    [
        # Role iam has not run in the play.
        (None, KEY, None),
        # It made the role: with the right on this key, on another, on none.
        ({"role_arn": "", "kms_key_arn": KEY}, KEY, True),
        ({"role_arn": "", "kms_key_arn": KEY}, "1", True),
        ({"role_arn": "", "kms_key_arn": OTHER}, KEY, False),
        ({"role_arn": "", "kms_key_arn": ""}, KEY, False),
        ({"role_arn": "", "kms_key_arn": ""}, "alias/backups", False),
        ({"role_arn": "", "kms_key_arn": KEY}, "alias/backups", None),
        # Looked up, an alias is as good as the key's ARN.
        ({"role_arn": "", "kms_key_arn": KEY}, "alias/first", True),
        ({"role_arn": "", "kms_key_arn": "alias/first"}, KEY, True),
        ({"role_arn": "", "kms_key_arn": OTHER}, "alias/first", False),
        # A policy's * is any key, whatever it is called.
        ({"role_arn": "", "kms_key_arn": "*"}, KEY, True),
        ({"role_arn": "", "kms_key_arn": "*"}, "alias/backups", True),
        # The user made it: what role iam was told of was looked at.
        ({"role_arn": "arn:aws:iam::123456789012:role/r", "kms_key_arn": KEY}, KEY, True),
        ({"role_arn": "arn:aws:iam::123456789012:role/r", "kms_key_arn": ""}, KEY, None),
        ({"role_arn": "arn:aws:iam::123456789012:role/r", "kms_key_arn": "*"}, KEY, True),
    ],
)
def test_whether_the_role_may_decrypt_is_told_where_it_is_known(
    iam: dict[str, str] | None, backup: str, may: bool | None
) -> None:
    given = {"restore_found": {"default_key": backup}, **({} if iam is None else {"iam_options": iam})}
    given["migration_backup_key_arn"] = ""
    given["migration_key_arns"] = {"alias/first": KEY}
    assert rendered("restore_decryption_known", given) is (may is not None)
    if may is not None:
        assert rendered("restore_role_may_decrypt", given) is may


@pytest.mark.parametrize(("made", "may"), [(KEY, True), (OTHER, False)])
def test_a_role_that_was_told_of_no_key_may_decrypt_with_that_of_the_options(made: str, may: bool) -> None:
    given = {
        "restore_found": {"default_key": KEY},
        "iam_options": {"role_arn": "", "kms_key_arn": ""},
        "migration_backup_key_arn": made,
        "migration_key_arns": {},
    }
    assert rendered("restore_decryption_known", given) is True
    assert rendered("restore_role_may_decrypt", given) is may


ASSESSED = {"id": "source.encrypted_tables"}


@pytest.mark.parametrize(
    ("switches", "assessment", "encrypted"),
    [
        ({"innodb_encrypt_tables": "FORCE"}, None, True),
        ({"default_table_encryption": "on"}, {"passed": [ASSESSED]}, True),
        # Switches tell of tables that are made, and not of those that are there.
        ({"default_table_encryption": "OFF", "innodb_redo_log_encrypt": "OFF"}, None, None),
        ({}, None, None),
        ({"default_table_encryption": "OFF"}, {"findings": [ASSESSED]}, True),
        ({"default_table_encryption": "OFF"}, {"findings": [{"id": "other"}], "passed": [ASSESSED]}, False),
        ({"default_table_encryption": "OFF"}, {"not_checked": [ASSESSED]}, None),
    ],
)
def test_whether_the_source_is_encrypted_is_told_where_it_is_known(
    switches: dict[str, str], assessment: dict[str, object] | None, encrypted: bool | None
) -> None:
    record = {"source": {"variables": switches}, **({} if assessment is None else {"assessment": assessment})}
    given = {"migration_record": record, "omit": "left out"}
    assert rendered("restore_source_encrypted", given) == ("left out" if encrypted is None else encrypted)
