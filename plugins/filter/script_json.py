# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write data as JSON that may stand in a page."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.embedding import script_json

DOCUMENTATION = r"""
name: script_json
short_description: Write data as JSON that may stand in a page
version_added: 0.1.0
description:
  - No value in it can end the C(script) element of type C(application/json) that it stands in, or begin a comment
    there.
author:
  - dbferry contributors (@dbferry)
options:
  _input:
    description: Plain data.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Put data into a page
  ansible.builtin.copy:
    content: '<script type="application/json">{{ data | dbferry.aurora_mysql.script_json }}</script>'
    dest: /var/www/data.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The JSON on one line.
  type: str
"""


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"script_json": script_json}
