# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's page, rendered by ansible from records of every stage."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROLE = Path(__file__).parents[3] / "roles" / "report"
WRITTEN = {"schema_version": 1, "written_at": "2026-01-01T10:00:00Z"}
HOSTILE = "<script>alert('x')</script>\"&{{ 6 * 7 }}"
SOURCE = {
    **WRITTEN,
    "host": "db1",
    "port": 3306,
    "version": "8.0.36",
    "version_comment": HOSTILE,
    "schemas": [HOSTILE],
    "data_bytes": 5_000_000_000,
    "tables": 7,
    "variables": {},
}
RESTORE = {
    **WRITTEN,
    "cluster_identifier": "db1",
    "engine_version": "8.0.mysql_aurora.3.08.0",
    "endpoint": "db1.cluster-x.eu-west-1.rds.amazonaws.com",
    "reader_endpoint": "",
    "port": 3306,
    "instances": ["db1-1"],
    "events": [{"date": "2026-01-01", "message": HOSTILE}],
    "elapsed_seconds": 3725.0,
}
OBJECTS = {
    **WRITTEN,
    "accounts": {
        "summary": {"created": 3},
        "left_behind": [
            {"account": HOSTILE, "what": "account", "reason": "its plugin is not there", "remedy": HOSTILE}
        ],
    },
    "routines": {
        "summary": {},
        "left_behind": [{"kind": "function", "schema": "", "name": "udf", "reason": "no libraries", "remedy": ""}],
    },
    "time_zone": {"source": "SYSTEM", "target": "Europe/Paris"},
}


def verification(equal, written_at="2026-01-01T11:00:00Z", **summary):
    difference = {
        "kind": "data.content",
        "object": HOSTILE,
        "source": HOSTILE,
        "target": HOSTILE,
        "severity": "error",
        "note": HOSTILE,
    }
    return {
        "schema_version": 1,
        "written_at": written_at,
        "equal": equal,
        "summary": {
            "schemas": 1,
            "tables": 7,
            "objects": 30,
            "data": "checksum",
            "rows_source": 0,
            "rows_target": 0,
            "errors": int(not equal),
            "expected": 0,
            **summary,
        },
        "tables": [
            {"schema": HOSTILE, "table": "t", "rows_source": 0, "rows_target": 0, "equal": equal, "bytes": 1024},
            {"schema": "s", "table": "u", "rows_source": None, "rows_target": None, "equal": None, "bytes": 0},
        ],
        "differences": [] if equal else [difference],
        "elapsed_seconds": 1.25,
    }


RECORDS = {
    "not begun": {},
    "under way": {"source": SOURCE, "restore": RESTORE},
    "equal": {"source": SOURCE, "restore": RESTORE, "objects": OBJECTS, "verification": verification(True)},
    "different": {"restore": RESTORE, "verification": verification(False)},
    "source moved on": {"restore": RESTORE, "verification": verification(False, source_written_since_backup=True)},
    "outdated": {"restore": RESTORE, "verification": verification(True, "2026-01-01T09:00:00Z")},
}
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  vars:
    migration_options: {id: db1, bucket: b, controller: localhost}
    report_options: {dir: ""}
    migration_target_login_password: never-in-a-page
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - ansible.builtin.include_vars: "{{ role }}/vars/main.yml"
    - ansible.builtin.set_fact:
        made: >-
          {{ made | default({})
             | combine({item.0 ~ item.1: lookup('ansible.builtin.template', role ~ '/templates/' ~ item.1)}) }}
      loop: "{{ records | product(['report.html.j2', 'summary.txt.j2']) | list }}"
      loop_control: {label: "{{ item.1 }}"}
      vars:
        # As results of modules are: text that is never taken for a template.
        migration_record: "{{ lookup('ansible.builtin.file', item.0) | from_json }}"
    - ansible.builtin.copy:
        content: "{{ made | to_json }}"
        dest: "{{ made_file }}"
        mode: "0600"
"""


class Page(HTMLParser):
    """Collects a page's elements and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.attributes, self.text = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def rendered(generation, tmp_path_factory):
    """Page and summary by the name of the record."""
    home = tmp_path_factory.mktemp("report")
    for number, record in enumerate(RECORDS.values()):
        (home / f"{number}.json").write_text(json.dumps(record))
    (home / "play.yml").write_text(PLAYBOOK)
    records = [str(home / f"{number}.json") for number in range(len(RECORDS))]
    options = {"role": str(ROLE), "records": records, "made_file": str(home / "made")}
    done = subprocess.run(
        [
            str(generation.playbook),
            "-i",
            "localhost,",
            "-c",
            "local",
            str(home / "play.yml"),
            "-e",
            json.dumps(options),
        ],
        env=generation.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    made = json.loads((home / "made").read_text())
    return {
        name: {"page": made[path + "report.html.j2"], "summary": made[path + "summary.txt.j2"]}
        for name, path in zip(RECORDS, records)
    }


VERDICTS = {
    "not begun": "Nothing has been done yet.",
    "under way": "The migration is under way.",
    "equal": "Source and cluster are equal.",
    "different": "Source and cluster differ.",
    "source moved on": "Source and cluster differ, and the source has been written to since the backup.",
    "outdated": "The comparison is older than the restore or than what was brought after it.",
}


@pytest.mark.parametrize("name", RECORDS)
def test_the_verdict_comes_first(rendered, name):
    page = Page(rendered[name]["page"])
    assert page.text.index(VERDICTS[name]) < page.text.index("Stations")
    assert rendered[name]["summary"].startswith(VERDICTS[name])


@pytest.mark.parametrize("name", RECORDS)
def test_a_page_is_whole_and_needs_no_network(rendered, name):
    page = Page(rendered[name]["page"])
    assert page.open == []
    assert page.tags.count("h1") == page.tags.count("main") == 1
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href", "style"} & {attribute for attribute, _value in page.attributes}
    assert ("lang", "en") in page.attributes


def test_names_from_a_database_are_shown_and_never_obeyed(rendered):
    page = Page(rendered["different"]["page"])
    assert page.text.count(HOSTILE) >= 5
    assert "42" not in page.text.split("Differences")[-1]
    assert "script" not in page.tags
    assert HOSTILE in rendered["equal"]["summary"]


def test_every_value_is_escaped_where_it_is_put_out():
    """Whatever a record of the future holds."""
    template = (ROLE / "templates" / "report.html.j2").read_text()
    outputs = [found.strip() for found in re.findall(r"\{\{(.*?)\}\}", template, re.DOTALL)]
    assert outputs
    assert [one for one in outputs if not one.endswith("| e") and not one.startswith("fact(")] == []


def test_no_secret_of_the_play_is_in_a_page(rendered):
    assert not [name for name, made in rendered.items() if "never-in-a-page" in made["page"] + made["summary"]]


def test_what_did_not_travel_is_named_with_its_reason(rendered):
    text = Page(rendered["equal"]["page"]).text
    assert "its plugin is not there" in text
    assert "udf" in text
    assert "Did not travel: function udf: no libraries" in rendered["equal"]["summary"]


def test_rows_that_were_not_read_are_not_called_equal(rendered):
    text = Page(rendered["equal"]["page"]).text
    assert "not read" in text.split("s.u")[1]


def test_the_next_station_is_named(rendered):
    assert "dbferry.aurora_mysql.backup" in rendered["not begun"]["summary"]
    assert "Point the applications to db1.cluster-x.eu-west-1.rds.amazonaws.com:3306" in rendered["equal"]["summary"]
    assert "Point the applications" not in rendered["different"]["summary"]
