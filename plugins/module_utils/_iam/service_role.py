# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What the role that RDS reads a backup with has to be allowed. Pure."""

from __future__ import annotations

from typing import Any


def rights_of_service_role(bucket_arn: str, prefix: str, key_arn: str) -> list[dict[str, Any]]:
    """What the role cannot do without, in the form of module ``iam_rights_info``'s option ``rights``.

    "Physical migration from MySQL by using Percona XtraBackup and Amazon S3" (Aurora user guide) names the actions.

    :param prefix: of the keys that RDS is told to read.
    :param key_arn: the KMS key that encrypts them; empty where none does.
    """
    found: list[dict[str, Any]] = [
        {"actions": ["s3:GetBucketLocation"], "resources": [bucket_arn]},
        {"actions": ["s3:ListBucket"], "resources": [bucket_arn], "context": {"s3:prefix": prefix}},
        {"actions": ["s3:GetObject", "s3:GetObjectVersion"], "resources": [f"{bucket_arn}/{prefix}*"]},
    ]
    if key_arn:
        found.append({"actions": ["kms:Decrypt"], "resources": [key_arn]})
    return found
