# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role promises in its argument specification is what its defaults do; and what plays promise for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

COLLECTION = Path(__file__).parents[3]
ROLES = sorted(path for path in (COLLECTION / "roles").iterdir() if (path / "meta").is_dir())


def load(path):
    return yaml.safe_load(path.read_text()) if path.exists() else {}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_specification_and_defaults_name_the_same_options_with_the_same_defaults(role):
    options = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = load(role / "defaults" / "main.yml")
    required = {name for name, option in options.items() if option.get("required")}
    assert set(options) - required == set(defaults)
    assert {name: option.get("default") for name, option in options.items() if name not in required} == defaults


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_option_is_named_after_the_role_typed_and_described(role):
    for entry_point in load(role / "meta" / "argument_specs.yml")["argument_specs"].values():
        for name, option in entry_point["options"].items():
            assert name.startswith(f"{role.name}_"), name
            assert option.get("type"), name
            assert option.get("description"), name


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_what_is_named_like_a_secret_is_kept_out_of_the_log(role):
    options = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    # A switch is no secret, whatever it switches.
    secrets = [
        name
        for name, option in options.items()
        if name.endswith(("_password", "_secret_key", "_session_token")) and option["type"] != "bool"
    ]
    assert [name for name in secrets if not options[name].get("no_log")] == []


def test_role_assess_asks_for_the_names_that_role_restore_gives_to_instances():
    restore, assess = (load(COLLECTION / "roles" / role / "vars" / "main.yml") for role in ("restore", "assess"))
    for theirs, ours in (
        ("restore_instance_stem", "assess_instance_stem"),
        ("restore_alike_names", "assess_instance_names"),
        ("restore_reader_names", "assess_reader_names"),
    ):
        told = restore[theirs].replace("restore_instance_stem", "assess_instance_stem")
        told = told.replace("restore_options.readers", "assess_readers").strip()
        told = told.replace("restore_options.instances", "restore_instances | default(1, true) | int")
        assert " ".join(assess[ours].split()) == " ".join(told.split())


OPTIONS = {
    name: option.get("default", "")
    for role in ROLES
    for name, option in load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"].items()
}
DERIVED = [name for name, default in OPTIONS.items() if isinstance(default, str) and "{{" in default]


@pytest.mark.parametrize("name", DERIVED)
def test_a_default_that_is_derived_takes_a_blank_field_for_nothing(name):
    host = {"inventory_hostname": "Shop_db.1"}

    def rendered(options):
        trusted = {key: trust_as_template(value) if isinstance(value, str) else value for key, value in options.items()}
        return Templar(DataLoader(), variables={**trusted, **host}).template(trust_as_template(OPTIONS[name]))

    assert rendered(dict.fromkeys(OPTIONS, "")) == rendered(OPTIONS)


def test_plays_keep_the_arguments_of_modules_out_of_files():
    plays = [
        (path.name, play)
        for path in sorted((ROLES[0].parents[1] / "playbooks").glob("*.yml"))
        for play in load(path)
        if "hosts" in play
    ]
    assert plays
    assert [(name, play["name"]) for name, play in plays if not play.get("vars", {}).get("ansible_pipelining")] == []


def parts_of(tasks):
    """Tasks and blocks of a file, those inside of blocks among them."""
    for task in tasks:
        yield task
        for inner in ("block", "rescue", "always"):
            yield from parts_of(task.get(inner, []))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_roles_keep_the_credentials_that_they_hand_to_modules_out_of_files(role):
    """In a play of the user's own, too."""
    handing = [
        (path.name, part)
        for path in sorted((role / "tasks").glob("*.yml"))
        for part in parts_of(load(path))
        if "group/dbferry.aurora_mysql.aws" in part.get("module_defaults", {})
    ]
    assert handing or role.name == "xtrabackup"
    assert [(name, part["name"]) for name, part in handing if not part.get("vars", {}).get("ansible_pipelining")] == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_option_stands_in_the_readme(role):
    options = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    readme = (role / "README.md").read_text()
    assert [name for name in options if f"`{name}`" not in readme] == []


@pytest.mark.parametrize(
    ("given", "staging"),
    [
        ({}, True),
        ({"backup_staging": ""}, True),
        ({"backup_staging": False}, False),
        ({"backup_staging": "false"}, "false"),
    ],
)
def test_assess_takes_a_false_for_a_false(given, staging):
    """A filter that takes a blank field for nothing would take a false for nothing, too."""
    (judge,) = (task for task in load(COLLECTION / "roles/assess/tasks/judge.yml") if "register" in task)
    template = judge["dbferry.aurora_mysql.mysql_assessment_info"]["staging"]
    assert Templar(DataLoader(), variables=given).template(trust_as_template(template)) == staging


def modules_of(tasks):
    """The modules of a file's tasks with their arguments, those in blocks among them."""
    for task in tasks:
        yield from ((name, value) for name, value in task.items() if name.startswith("dbferry."))
        yield from modules_of(task.get("block", []))


@pytest.mark.parametrize(
    ("path", "module"), [("backup/tasks/take.yml", "xtrabackup"), ("upload/tasks/stream.yml", "xtrabackup_s3")]
)
@pytest.mark.parametrize(
    ("given", "password"),
    [({}, "of all"), ({"backup_login_password": ""}, "of all"), ({"backup_login_password": "own"}, "own")],
)
def test_a_backup_without_a_password_of_its_own_takes_the_source_s(path, module, given, password):
    """Options that are no_log stay out of the roles' facts, and with these out of what they make of a blank field."""
    (arguments,) = (
        value for name, value in modules_of(load(COLLECTION / "roles" / path)) if name.endswith(f".{module}")
    )
    defaults = load(COLLECTION / "roles/backup/defaults/main.yml")
    variables = {"backup_login_password": trust_as_template(defaults["backup_login_password"]), **given}
    templar = Templar(DataLoader(), variables={**variables, "migration_source_login_password": "of all", "omit": "!"})
    assert templar.template(trust_as_template(arguments["login_password"])) == password


def test_no_default_that_is_true_takes_the_place_of_a_false():
    files = [path for folder in ("roles", "playbooks") for path in (COLLECTION / folder).rglob("*.yml")]
    assert [path for path in files if re.search(r"default\(true, true\)", path.read_text(encoding="utf-8"))] == []
