# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the source expression of an inline script or style."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.embedding import csp_source

DOCUMENTATION = r"""
name: csp_source
short_description: Make the source expression of an inline script or style
version_added: 0.1.0
description:
  - A page whose C(Content-Security-Policy) names it runs or applies exactly this text, and no other.
author:
  - dbferry contributors (@dbferry)
options:
  _input:
    description: The text of the element, to the last blank.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Print the expression for a script
  ansible.builtin.debug:
    msg: "script-src {{ lookup('ansible.builtin.file', 'page.js', rstrip=false) | dbferry.aurora_mysql.csp_source }}"
"""

RETURN = r"""
_value:
  description: The expression, C('sha256-...') with its quotes.
  type: str
"""


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"csp_source": csp_source}
