# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts whose plug-in the target lacks get a new password, which is kept under Ansible Vault and nowhere else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import MysqlError, connect
from tests.conftest import Generation

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server
from .masters import MASTER, MASTER_PASSWORD, make_master

PYTHON = "ansible_python_interpreter={{ ansible_playbook_python }}"
VAULT_PASSWORD = "the vault of the tests"
SOURCE_PASSWORDS = {"app": "old of app", "o'ddö": "old of odd"}


class Place:
    """Two servers, and a play that brings the accounts of one to the other."""

    def __init__(self, source: DatabaseServer, target: DatabaseServer, home: Path, generation: Generation) -> None:
        self.source, self.target, self.home, self.generation = source, target, home, generation
        self.kept = home / "kept" / "passwords.vault"
        self.secret = home / "secret"
        self.secret.write_text(VAULT_PASSWORD)
        accounts = "dbferry.aurora_mysql.mysql_accounts"
        keep = {"path": str(self.kept)}
        bring = {
            **target.login(MASTER, MASTER_PASSWORD),
            "export": "{{ taken.export }}",
            "unsupported_plugin": "new_password",
            "new_password_key": "{{ key.key }}",
        }
        tasks = [
            {
                "dbferry.aurora_mysql.mysql_accounts_info": {**source.login(), "export": True},
                "register": "taken",
                "no_log": True,
            },
            {"dbferry.aurora_mysql.mysql_new_passwords": keep, "register": "key"},
            {accounts: bring, "register": "planned", "check_mode": True},
            {
                "dbferry.aurora_mysql.mysql_new_passwords": {
                    **keep,
                    "vaulted": "{{ key.vaulted }}",
                    "accounts": "{{ planned.new_passwords }}",
                },
                "register": "kept",
            },
            {accounts: bring, "register": "brought"},
            {
                "ansible.builtin.debug": {
                    "msg": "CHANGED {{ [kept.changed, brought.changed] }} {{ brought.new_passwords }}"
                }
            },
        ]
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": tasks,
        }
        self.play = home / "play.yml"
        self.play.write_text(yaml.safe_dump([play], allow_unicode=True))

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [
            str(self.generation.playbook),
            "-i",
            "localhost,",
            "-c",
            "local",
            "-vvv",
            "-e",
            PYTHON,
            *options,
            str(self.play),
        ]
        return subprocess.run(
            command, env=self.generation.environment(), capture_output=True, text=True, check=False, cwd=self.home
        )

    def with_secret(self) -> str:
        done = self.run("--vault-password-file", str(self.secret))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def kept_now(self) -> dict[str, Any]:
        """What ansible-vault shows of the file."""
        command = [self.generation.bin / "ansible-vault", "view", "--vault-password-file", self.secret, self.kept]
        done = subprocess.run(
            command, env=self.generation.environment(), capture_output=True, text=True, check=True, cwd=self.home
        )
        return dict(json.loads(done.stdout))


@pytest.fixture
def place(tmp_path: Path, generation: Generation) -> Iterator[Place]:
    with mariadb_server(tmp_path, "source") as source, mysql_server(tmp_path, "9.7", "target") as target:
        with connect(source.login()) as root:
            for user, password in SOURCE_PASSWORDS.items():
                root.execute("CREATE USER %s@'%%' IDENTIFIED BY %s", (user, password))
                root.execute("GRANT SELECT ON shop.* TO %s@'%%'", (user,))
        with connect(target.login()) as root:
            make_master(root, "Aurora 3")
        yield Place(source, target, tmp_path, generation)


def test_new_passwords_are_kept_before_they_are_given_and_log_in(place: Place) -> None:
    looked = place.run("--vault-password-file", str(place.secret), "--check")
    assert "CHANGED [True, True]" in looked.stdout.replace("true", "True"), looked.stdout + looked.stderr
    assert not place.kept.exists()
    with connect(place.target.login()) as root:
        assert root.value("SELECT COUNT(*) FROM mysql.user WHERE User = 'app'") == 0
    told = place.with_secret()
    whole = place.kept_now()
    kept = whole["passwords"]
    assert whole["key"] not in told
    assert sorted(kept) == ["app@%", "o'ddö@%"]
    assert len(set(kept.values())) == 2
    assert place.kept.stat().st_mode & 0o777 == 0o600
    assert place.kept.read_text().startswith("$ANSIBLE_VAULT;")
    assert [each.name for each in place.kept.parent.iterdir()] == [place.kept.name]
    for label, password in kept.items():
        assert password not in told
        with connect(place.target.login(label.removesuffix("@%"), password)) as connection:
            assert connection.value("SELECT CURRENT_USER()") == label
    with pytest.raises(MysqlError) as caught:
        connect(place.target.login("app", SOURCE_PASSWORDS["app"]))
    assert caught.value.error_id == "mysql.access_denied"

    before = place.kept.read_bytes()
    assert "CHANGED [False, False] []" in place.with_secret().replace("false", "False")
    assert place.kept.read_bytes() == before


def test_without_a_vault_secret_nothing_is_done(place: Place) -> None:
    done = place.run()
    assert done.returncode != 0
    assert "[vault.no_secret]" in done.stdout + done.stderr
    assert not place.kept.exists()
    with connect(place.target.login()) as root:
        assert root.value("SELECT COUNT(*) FROM mysql.user WHERE User = 'app'") == 0


def test_another_vault_secret_spoils_nothing(place: Place) -> None:
    place.with_secret()
    before = place.kept.read_bytes()
    place.secret.write_text("another one")
    done = place.run("--vault-password-file", str(place.secret))
    assert done.returncode != 0
    assert "[vault.unreadable]" in done.stdout + done.stderr
    assert place.kept.read_bytes() == before
