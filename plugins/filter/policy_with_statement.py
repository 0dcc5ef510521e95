# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put one statement into a policy, or take it out."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._bucket.settings import with_statement

DOCUMENTATION = r"""
name: policy_with_statement
short_description: Put one statement into a policy, or take it out
version_added: 0.1.0
description:
  - A policy of a bucket is written as a whole. This gives it with one statement, found by its Sid, as it is to be. All
    other statements stay as they are.
author:
  - dbferry contributors (@dbferry)
positional: sid, statement
options:
  _input:
    description: The policy; empty where the bucket has none.
    type: dict
    required: true
  sid:
    description: The Sid of the statement.
    type: str
    required: true
  statement:
    description: The statement; null where it is to go.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the policy without a statement
  ansible.builtin.debug:
    msg: "{{ policy | dbferry.aurora_mysql.policy_with_statement('RefuseRequestsWithoutTls', none) }}"
"""

RETURN = r"""
_value:
  description: The policy; empty where no statement is left.
  type: dict
"""


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"policy_with_statement": with_statement}
