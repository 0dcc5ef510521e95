# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the report of a run over several sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.fleet import fleet_report, fleet_view

DOCUMENTATION = r"""
name: report_of_fleet
short_description: Make the report of a run over several sources
version_added: 0.1.0
description:
  - Makes a row of each source's record, says for which of them the run failed, and adds them up.
author:
  - dbferry contributors (@dbferry)
positional: schema
options:
  _input:
    description: The sources of the run.
    type: list
    elements: dict
    required: true
    suboptions:
      source:
        description: The name in the inventory.
        type: str
        required: true
      migration_id:
        description: The name of the migration.
        type: str
        required: true
      record:
        description: The documents of its record by station; null where they are not known.
        type: dict
      failed:
        description: Whether the run failed for it.
        type: bool
        required: true
      page:
        description: The address of its own page, from where the fleet's lies; null where there is none.
        type: str
  schema:
    description: The JSON Schema of a source's report, which is also the list of what it may hold.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Print what a run came to
  ansible.builtin.debug:
    msg: "{{ (sources | dbferry.aurora_mysql.report_of_fleet(schema)).document.verdict }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The report as C(document), and what its page shows as C(view).
  type: dict
"""


def report_of_fleet(sources: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> dict[str, Any]:
    """See DOCUMENTATION."""
    document = fleet_report(sources, schema)
    return {"document": document, "view": fleet_view(document)}


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"report_of_fleet": report_of_fleet}
