# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a record, a report takes what its schema names, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._record.documents import STATIONS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report import stations
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.allowed import keep_allowed
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.source import source_report

FILES = Path(__file__).resolve().parents[5] / "roles/report/files"
SCHEMA = json.loads((FILES / "report.schema.json").read_text())
RECORD = SCHEMA["properties"]["record"]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
# Names that the schema knows in among any others, or hardly anything would be kept.
NAMES = st.sampled_from(sorted({name for each in SCHEMA["$defs"].values() for name in each.get("properties", {})}))
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(), inner), max_leaves=20
)
RECORDS = st.dictionaries(st.sampled_from(sorted(RECORD["properties"])), st.dictionaries(NAMES, ANYTHING))


@given(RECORDS)
def test_whatever_a_record_holds_the_report_is_as_its_schema_says(record):
    jsonschema.validate(source_report(record, "shop", SCHEMA), SCHEMA)


@given(RECORDS)
def test_what_is_kept_is_kept_again(record):
    once = keep_allowed(record, RECORD, SCHEMA)
    assert keep_allowed(once, RECORD, SCHEMA) == once


def test_every_document_of_the_record_is_known():
    assert set(STATIONS) | {"assessment"} == set(RECORD["properties"])
    assert {station.name for station in stations.STATIONS} | {"assessment"} == set(RECORD["properties"])


@pytest.mark.parametrize(
    ("schema", "value", "kept"),
    [
        ({"type": "integer"}, "42", 42),
        ({"type": "integer"}, "4 2", None),
        ({"type": "integer"}, True, None),
        ({"type": "integer"}, 3.0, 3),
        ({"type": "number"}, float("nan"), None),
        ({"type": "string", "maxLength": 4}, "abcdef", "abc…"),
        ({"type": "string"}, "a\x00b\x1bc", "a b c"),
        ({"type": "string", "pattern": "^(https://.*)?$"}, "javascript:alert(1)", None),
        ({"type": "string"}, {"password": "x"}, None),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 2}, [1, "x", 2, 3], [1, 2]),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": "x", "b": "y"}, {"a": "x"}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1, "b": "secret"}, {"a": 1}),
        ({"enum": ["open"]}, ["open"], None),
    ],
)
def test_a_value_is_kept_as_far_as_the_schema_knows_it(schema, value, kept):
    assert keep_allowed(value, schema) == kept
