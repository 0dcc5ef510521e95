# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each playbook alone, on a controller that has never seen the run, with the strings of an AWX survey."""

from __future__ import annotations

import pytest

from .playbook import PlaybookRunner

# What a survey hands over: strings, and empty ones for the fields that were left blank.
SURVEY = {
    # a cluster's name cannot begin with a digit
    "migration_id": "1_Alone",
    "migration_cluster_identifier": "",
    "migration_allow_mariadb": "true",
    "migration_source_login_host": "127.0.0.1",
    "migration_progress_interval": "5",
    "backup_parallel": "2",
    "backup_throttle": "",
    "upload_parallel": "",
    "upload_purge": "false",
    "restore_instances": "1",
    "restore_deletion_protection": "",
    "restore_port": "",
    "objects_definer": "",
    "objects_accounts_exclude": "",
    "verify_parallel": "",
    "verify_fail_on_difference": "true",
}


@pytest.fixture
def controller(generation, lab, tmp_path_factory):
    """Makes a runner on a controller with nothing on it."""

    def make() -> PlaybookRunner:
        home = tmp_path_factory.mktemp("controller")
        return PlaybookRunner(generation.environment(), generation.playbook, lab.inventory, home)

    return make


def test_each_station_takes_up_what_the_last_one_wrote_down(controller, lab):
    for station in ("backup", "restore", "objects", "verify", "report"):
        controller()(station, "--limit", "source2", **SURVEY).succeeded()
    assert lab.document("1_Alone", "verification")["equal"] is True
    assert lab.document("1_Alone", "restore")["cluster_identifier"] == "db-1-alone"
    for station in ("backup", "restore", "objects", "verify", "report"):
        outcome = controller()(station, "--limit", "source2", **SURVEY).succeeded()
        assert outcome.recap("source2")["changed"] == 0, station


@pytest.mark.parametrize(
    ("station", "message"),
    [
        ("restore", "dbferry.aurora_mysql.backup"),
        ("objects", "dbferry.aurora_mysql.restore"),
        ("verify", "dbferry.aurora_mysql.restore"),
    ],
)
def test_a_station_that_comes_too_early_names_the_one_that_is_missing(playbook, station, message):
    outcome = playbook(station, "--limit", "source", migration_id="too-early")
    outcome.failed_with(message)
    assert outcome.recap("source")["changed"] == 0


def test_a_value_that_means_nothing_is_refused_by_name(playbook):
    playbook("backup", "--limit", "source", migration_id="odd", backup_parallel="several").failed_with(
        "backup_parallel"
    )
