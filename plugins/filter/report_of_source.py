# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the report of one source from its migration record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.source import source_report
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.view import source_view

DOCUMENTATION = r"""
name: report_of_source
short_description: Make the report of one source from its migration record
version_added: 0.1.0
description:
  - Takes what the report may hold, and nothing else, from the documents of the record.
  - Adds how far the migration is, a verdict and the next steps, and what the templates of role
    P(dbferry.aurora_mysql.report#role) put out.
author:
  - dbferry contributors (@dbferry)
positional: migration_id, schema
options:
  _input:
    description: The documents of the record by station, as M(dbferry.aurora_mysql.migration_record_info) returns them.
    type: dict
    required: true
  migration_id:
    description: Whose record it is.
    type: str
    required: true
  schema:
    description: The report's JSON Schema, which is also the list of what it may hold.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Print the verdict
  ansible.builtin.debug:
    msg: "{{ report.document.verdict }}"
  vars:
    report: "{{ migration_record | dbferry.aurora_mysql.report_of_source('shop', schema) }}"
"""

RETURN = r"""
_value:
  description: The report as C(document), and what its page shows as C(view).
  type: dict
"""


def report_of_source(record: Mapping[str, Any], migration_id: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """See DOCUMENTATION."""
    document = source_report(record, str(migration_id), schema)
    return {"document": document, "view": source_view(document)}


class FilterModule:
    """Offers the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"report_of_source": report_of_source}
