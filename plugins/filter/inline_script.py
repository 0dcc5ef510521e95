# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a script ready to stand in a page."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.embedding import inline_script

DOCUMENTATION = r"""
name: inline_script
short_description: Make a script ready to stand in a page
version_added: 0.1.0
description:
  - Takes away the line that has a browser look for the script's source map.
  - Refuses a script that would end its own element.
author:
  - dbferry contributors (@dbferry)
options:
  _input:
    description: The script's text.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Put a script into a page
  ansible.builtin.copy:
    content: "<script>{{ lookup('ansible.builtin.file', 'page.js') | dbferry.aurora_mysql.inline_script }}</script>"
    dest: /var/www/page.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The script.
  type: str
"""


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"inline_script": inline_script}
