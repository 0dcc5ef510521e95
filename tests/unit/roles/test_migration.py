# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What role migration makes of its options, of the record and of the source's answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from hypothesis import given
from hypothesis import strategies as st

ROLE = Path(__file__).parents[3] / "roles" / "migration"
VARS = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
LOGIN = ("host", "user", "ssl_mode", "ca_cert")
SERVER = {"host": "db1", "port": 3306, "server_uuid": "", "version": "8.0.36", "data_bytes": 5}
ALPHA, BETA = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "0d586fde-7c73-11e8-a890-525400486aa0"


def trusted(value):
    if isinstance(value, dict):
        return {key: trusted(each) for key, each in value.items()}
    return trust_as_template(value) if isinstance(value, str) else value


def rendered(name, **variables):
    """What a variable of the role comes to."""
    return Templar(DataLoader(), variables={**trusted(VARS), **variables}).template(trusted(VARS[name]))


@pytest.mark.parametrize(
    ("noted", "now", "another"),
    [
        ({"server_uuid": ALPHA}, {"server_uuid": ALPHA, "host": "db1.example.com", "port": 3307}, False),
        ({"server_uuid": ALPHA}, {"server_uuid": BETA}, True),
        ({}, {}, False),
        # The record keeps what templates have made of a number.
        ({"port": "3306"}, {}, False),
        ({}, {"host": "db2"}, True),
        ({}, {"port": 3307}, True),
        # MySQL 5.5 has none, and 5.6 has one.
        ({}, {"server_uuid": ALPHA}, False),
        ({"server_uuid": ALPHA}, {"host": "db2"}, True),
    ],
)
def test_a_record_with_a_backup_belongs_to_one_server(noted, now, another):
    record = {"source": {**SERVER, **noted}, "backup": {}}
    told = {"migration_source_now": {**SERVER, **now}}
    assert rendered("migration_source_is_another", migration_record=record, **told) is another
    for without in ("source", "backup"):
        rest = {name: document for name, document in record.items() if name != without}
        assert rendered("migration_source_is_another", migration_record=rest, **told) is False


@pytest.mark.parametrize(
    ("now", "differs"),
    [({}, False), ({"data_bytes": 6}, False), ({"version": "8.0.37"}, True), ({"host": "db2"}, True)],
)
def test_the_source_is_written_down_anew_where_more_than_an_estimate_has_changed(now, differs):
    noted = {**SERVER, "schema_version": 2, "station": "source", "written_at": "2026-01-01T00:00:00Z"}
    told = {"migration_source_now": {**SERVER, **now}, "migration_record": {"source": noted}}
    assert rendered("migration_source_differs", **told) is differs


@pytest.mark.parametrize(
    ("flavour", "version", "refusals"),
    [
        ("mysql", "5.7.44", []),
        ("mysql", "8.0.36", []),
        ("mysql", "5.6.51", ["source.version_physical"]),
        ("mysql", "8.1.0", ["source.version_physical"]),
        ("mysql", "8.4.3", ["source.version_physical"]),
        ("percona", "8.0.36", ["source.not_mysql_flavour"]),
        ("percona", "8.4.3", ["source.not_mysql_flavour", "source.version_physical"]),
        ("mariadb", "10.11.14", ["source.not_mysql_flavour", "source.version_physical"]),
    ],
)
@pytest.mark.parametrize("lab", [False, True])
def test_only_servers_whose_backups_aurora_restores_are_backed_up(flavour, version, refusals, lab):
    tasks = yaml.safe_load((ROLE / "tasks" / "source.yml").read_text())
    checks = [task["ansible.builtin.assert"] for task in tasks if "ansible.builtin.assert" in task]
    server = {"flavour": flavour, "version": f"{version}-log", "version_number": version}
    options = {"allow_mariadb": lab}
    templar = Templar(
        DataLoader(),
        variables={**trusted(VARS), "migration_source_now": server, "migration_options": options},
    )
    refused = [
        templar.template(trust_as_template(check["fail_msg"]))
        for check in checks
        if not templar.template(trust_as_template("{{ " + check["that"] + " }}"))
    ]
    if flavour == "mariadb" and lab:
        refusals = []
    assert [message[1 : message.index("]")] for message in refused] == refusals
    assert all(f"{version}-log" in message and "What to do:" in message for message in refused)
    assert all(("upgrade" in message) is (version == "5.6.51") for message in refused if "version_physical" in message)


@pytest.mark.parametrize(
    ("options", "restored", "login"),
    [
        ({}, {"endpoint": "shop.example.com", "port": 3307}, ("shop.example.com", 3307)),
        ({"target_login_host": "other"}, {}, ("other", 3306)),
        (
            {"target_login_host": "other", "target_login_port": 3308},
            {"endpoint": "shop", "port": 3307},
            ("other", 3308),
        ),
    ],
)
def test_the_target_may_be_named_without_a_port_and_without_a_restore(options, restored, login):
    given = {f"target_login_{name}": "" for name in LOGIN}
    record = {"restore": restored} if restored else {}
    variables = {"migration_options": {**given, "target_login_port": 0, **options}, "migration_record": record}
    target = rendered("migration_target_login", **variables)
    assert (target["login_host"], target["login_port"]) == login


DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
# CreateDBCluster, "DBClusterIdentifier"; RDS stores it in lower case.
IDENTIFIER = re.compile(r"(?=.{1,63}\Z)[a-z](-?[a-z0-9])*\Z", re.DOTALL)


def refuses_identifier(identifier):
    """What role migration says of a cluster identifier; "" where it takes it."""
    tasks = yaml.safe_load((ROLE / "tasks" / "take_up.yml").read_text())
    (check,) = (task for task in tasks if task["name"] == "Check that RDS takes the cluster's name as it is")
    options = {"id": "shop", "cluster_identifier": identifier}
    templar = Templar(DataLoader(), variables={"migration_options": options})
    clauses = check["ansible.builtin.assert"]["that"]
    if all(templar.template(trust_as_template("{{ " + clause + " }}")) for clause in clauses):
        return ""
    return templar.template(trust_as_template(check["ansible.builtin.assert"]["fail_msg"]))


@pytest.mark.parametrize("identifier", ["s", "shop", "shop-1", "a1-b2-c3", "s" * 63])
def test_a_cluster_identifier_that_rds_keeps_is_taken(identifier):
    assert IDENTIFIER.match(identifier)
    assert refuses_identifier(identifier) == ""


@pytest.mark.parametrize(
    "identifier", ["Shop", "shop--1", "shop-", "-shop", "9shop", "shop_1", "shop.1", "s" * 64, "shop\n"]
)
def test_a_cluster_identifier_that_rds_would_change_or_refuse_is_refused(identifier):
    message = refuses_identifier(identifier)
    assert message.startswith("[migration.cluster_identifier]")
    assert identifier in message
    assert "What to do:" in message


@pytest.mark.parametrize(
    ("inventory_hostname", "identifier"),
    [
        ("Shop_db.1", "shop-db-1"),
        ("10.0.0.7", "db-10-0-0-7"),
        ("_shop_", "shop"),
        ("--9", "db-9"),
        ("s" * 66, "s" * 63),
        ("s" * 62 + ".example.com", "s" * 62),
        ("9" * 70, "db-" + "9" * 60),
        ("\u30c7", "db"),
    ],
)
def test_the_cluster_identifier_that_is_derived_is_one_that_rds_keeps(inventory_hostname, identifier):
    derived = derived_identifier(inventory_hostname)
    assert derived == identifier
    assert refuses_identifier(derived) == ""


@given(st.text(min_size=1, max_size=140))
def test_whatever_an_inventory_name_is_rds_keeps_what_is_derived_from_it(inventory_hostname):
    assert IDENTIFIER.match(derived_identifier(inventory_hostname))


def derived_identifier(inventory_hostname):
    """The default of the cluster's name on a host."""
    names = ("migration_id", "migration_cluster_identifier")
    variables = {name: trusted(DEFAULTS[name]) for name in names}
    templar = Templar(DataLoader(), variables={**variables, "inventory_hostname": inventory_hostname})
    return templar.template(variables["migration_cluster_identifier"])
