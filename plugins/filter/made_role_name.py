# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name the role that a migration makes."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.scope import made_role_name

DOCUMENTATION = r"""
name: made_role_name
short_description: Name the role that a migration makes
version_added: 0.1.0
description:
  - The name of the IAM role that role P(dbferry.aurora_mysql.iam#role) makes where the user names none.
  - IAM takes 64 characters; a longer name is cut, and ends in a digest of the whole.
author:
  - dbferry contributors (@dbferry)
options:
  _input:
    description: The migration's id.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say which role is made
  ansible.builtin.debug:
    msg: "{{ 'orders' | dbferry.aurora_mysql.made_role_name }}"
"""

RETURN = r"""
_value:
  description: The name, such as V(dbferry-orders).
  type: str
"""


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"made_role_name": made_role_name}
