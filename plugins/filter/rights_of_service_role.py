# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List what the role that RDS reads a backup with needs."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.service_role import rights_of_service_role

DOCUMENTATION = r"""
name: rights_of_service_role
short_description: List what the role that RDS reads a backup with needs
version_added: 0.1.0
description:
  - The rights without which RDS cannot read a backup with a role, in the form of
    O(dbferry.aurora_mysql.iam_rights_info#module:rights).
author:
  - dbferry contributors (@dbferry)
positional: prefix, key_arn
options:
  _input:
    description: The ARN of the bucket.
    type: str
    required: true
  prefix:
    description: The prefix of the backup's keys.
    type: str
    required: true
  key_arn:
    description: The ARN of the KMS key that encrypts the backup; empty where none does.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Ask IAM whether a role reaches the backup
  dbferry.aurora_mysql.iam_rights_info:
    principal_arn: arn:aws:iam::123456789012:role/aurora-reads
    rights: "{{ 'arn:aws:s3:::example' | dbferry.aurora_mysql.rights_of_service_role('orders/backup/', '') }}"
"""

RETURN = r"""
_value:
  description: Actions, resources and context of each right.
  type: list
  elements: dict
"""


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"rights_of_service_role": rights_of_service_role}
