# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role promises in its argument specification is what its defaults do."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROLES = sorted(path for path in (Path(__file__).parents[3] / "roles").iterdir() if (path / "meta").is_dir())


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


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_option_stands_in_the_readme(role):
    options = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    readme = (role / "README.md").read_text()
    assert [name for name in options if f"`{name}`" not in readme] == []
