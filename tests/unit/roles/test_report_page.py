# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's templates and vendored files as they lie in the tree; tests/integration/report opens the pages."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import jsonschema
import pytest

ROLE = Path(__file__).parents[3] / "roles" / "report"
PAGES = sorted((ROLE / "templates").glob("*.html.j2"))


OUTPUT = re.compile(r"\{\{(.*?)\}\}(?!\})", re.DOTALL)
# What stands as it is: our own files, JSON that cannot leave its element, and what macros have escaped.
AS_IT_IS = re.compile(
    r"report_style|report_script|report_chart_script|report\.view\.(charts|drawn) \| dbferry\.aurora_mysql\.script_json"
    r"|(parts\.\w+|table|statement)\(.*\)",
    re.DOTALL,
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_value_is_escaped_where_it_is_put_out(path):
    """Whatever a record of the future holds."""
    outputs = [found.strip() for found in OUTPUT.findall(path.read_text())]
    assert outputs or path.name == "page.html.j2"
    assert [each for each in outputs if not each.endswith("| e") and not AS_IT_IS.fullmatch(each)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_asks_for_nothing_outside_itself(path):
    text = path.read_text()
    assert not re.search(r"\bsrc=|<link|@import|url\(|\bstyle=|\bon[a-z]+=", text)


def test_style_and_script_ask_for_nothing_outside_themselves():
    own = (ROLE / "files/report.css").read_text() + (ROLE / "files/report.js").read_text()
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|import\(|\beval\(|innerHTML|new Function", own)
    assert not re.search(r"\beval\(|new Function", (ROLE / "files/chart.umd.min.js").read_text())


def test_the_chart_library_is_the_one_that_is_named_beside_it():
    told = json.loads((ROLE / "files/chart.umd.min.js.json").read_text())
    body = (ROLE / "files/chart.umd.min.js").read_bytes()
    assert told["integrity"] == "sha512-" + base64.b64encode(hashlib.sha512(body).digest()).decode()
    assert f"Chart.js v{told['version']}" in body.decode()[:200]
    assert "MIT License" in (ROLE / "files/chart.umd.min.js.LICENSE.md").read_text()
    wanted = json.loads((ROLE.parents[1] / "tests/setup/requirements/npm.json").read_text())
    assert wanted["dependencies"][told["package"]] == told["version"]


@pytest.mark.parametrize("name", ["report", "fleet"])
def test_the_published_schemas_are_schemas(name):
    schema = json.loads((ROLE / "files" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
