# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say how many there are of something."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._counted import counted

DOCUMENTATION = r"""
name: counted
short_description: Say how many there are of something
version_added: 0.1.0
description:
  - A number with its word, in the singular where there is one.
author:
  - dbferry contributors (@dbferry)
positional: one, many
options:
  _input:
    description: The number.
    type: int
    required: true
  one:
    description: What there is one of, with the verb where it differs.
    type: str
    required: true
  many:
    description: The same of several. Without it, O(one) with an s.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Say how many tables there are
  ansible.builtin.debug:
    msg: "{{ tables | length | dbferry.aurora_mysql.counted('table is there', 'tables are there') }}"
"""

RETURN = r"""
_value:
  description: The number and the word, such as C(2,000 tables).
  type: str
"""


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"counted": counted}
