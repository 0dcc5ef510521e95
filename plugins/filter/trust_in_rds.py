# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read what a role's trust policy means for RDS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.trust import read_trust

DOCUMENTATION = r"""
name: trust_in_rds
short_description: Read what a role's trust policy means for RDS
version_added: 0.1.0
description:
  - Tells whether the trust policy of a role lets RDS assume the role for a cluster.
author:
  - dbferry contributors (@dbferry)
positional: account_id, cluster_arn
options:
  _input:
    description: The trust policy.
    type: dict
    required: true
  account_id:
    description: The account that RDS acts for.
    type: str
    required: true
  cluster_arn:
    description: The ARN of the cluster that RDS acts for; empty where it is not known.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Check that RDS may assume the role
  ansible.builtin.assert:
    that: (trust_policy | dbferry.aurora_mysql.trust_in_rds('123456789012', cluster_arn)).admits
"""

RETURN = r"""
_value:
  description:
    - V(trusting), whether a statement lets RDS assume the role at all; V(admits), whether the policy does so for this
      cluster; V(limited), whether all statements that do are limited to accounts or clusters; V(only), the accounts and
      clusters that these limits name.
    - A condition on anything else than account and cluster is taken as one that holds.
  type: dict
"""


def _trust_in_rds(document: Mapping[str, Any], account_id: str, cluster_arn: str) -> dict[str, Any]:
    trust = read_trust(document, account_id, cluster_arn)
    return {**trust._asdict(), "only": list(trust.only)}


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"trust_in_rds": _trust_in_rds}
