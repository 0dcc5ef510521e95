# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role objects from a MariaDB to a MySQL 9.7 with Aurora 3's master user: new passwords, and the dump in the record."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from tests.conftest import Generation

from ..accounts.masters import MASTER, MASTER_PASSWORD, make_master
from ..mysql_servers import SERVERS, mysql_server
from ..servers import DatabaseServer, MotoServer, mariadb_server, moto_server

BUCKET = "records"
VAULT_PASSWORD = "the vault of the tests"
SECRET = "secret-of-the-login-7391"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  vars: {ansible_pipelining: true, ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  roles:
    - dbferry.aurora_mysql.objects
"""
SOURCE = """
CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE TABLE shop.t (a INT PRIMARY KEY, b VARCHAR(20));
CREATE USER app@'%' IDENTIFIED BY 'old of app';
CREATE DEFINER=app@'%' PROCEDURE shop.p(IN n INT) BEGIN SELECT 'ä', n; END;
CREATE DEFINER=app@'%' FUNCTION shop.f(n INT) RETURNS INT DETERMINISTIC RETURN n + 1;
CREATE DEFINER=app@'%' VIEW shop.v AS SELECT a FROM shop.t;
CREATE DEFINER=app@'%' TRIGGER shop.trg BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.b = UPPER(NEW.b);
GRANT SELECT, INSERT ON shop.* TO app@'%';
GRANT EXECUTE ON PROCEDURE shop.p TO app@'%';
CREATE USER report@'10.%' IDENTIFIED BY 'old of report'
"""
TABLES = ["CREATE DATABASE shop CHARACTER SET utf8mb4", "CREATE TABLE shop.t (a INT PRIMARY KEY, b VARCHAR(20))"]


class Migration:
    """A migration whose cluster is there, and the role that brings to it what a restore leaves behind."""

    def __init__(
        self, source: DatabaseServer, target: DatabaseServer, moto: MotoServer, home: Path, generation: Generation
    ) -> None:
        self.source, self.target, self.home, self.generation = source, target, home, generation
        self.s3 = moto.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        restored = {"schema_version": 2, "station": "restore", "cluster_identifier": "shop", "master_username": MASTER}
        restored.update(endpoint=target.host, port=target.port, master_user_secret_arn="")
        self.s3.put_object(Bucket=BUCKET, Key="shop/record/restore.json", Body=json.dumps(restored))
        aws = moto.aws_options()
        self.variables = {
            "migration_id": "shop",
            "migration_bucket": BUCKET,
            "migration_region": aws["region"],
            "migration_aws_endpoint_url": aws["endpoint_url"],
            "migration_aws_access_key": aws["access_key"],
            "migration_aws_secret_key": aws["secret_key"],
            "migration_source_login_host": source.host,
            "migration_source_login_port": source.port,
            "migration_source_login_user": "mover",
            "migration_source_login_password": SECRET,
            "migration_target_login_host": target.host,
            "migration_target_login_port": target.port,
            "migration_target_login_user": MASTER,
            "migration_target_login_password": MASTER_PASSWORD,
            "objects_time_zone": False,
        }
        (home / "play.yml").write_text(PLAYBOOK)
        self.secret = home / "secret"
        self.secret.write_text(VAULT_PASSWORD)

    def run(self, vault: bool = True, status: int = 0, **variables: Any) -> str:
        (self.home / "variables.json").write_text(json.dumps({**self.variables, **variables}))
        command = [str(self.generation.playbook), "-i", "db1,", str(self.home / "play.yml"), "-vv"]
        command += ["-e", f"@{self.home / 'variables.json'}"]
        command += ["--vault-password-file", str(self.secret)] if vault else []
        done = subprocess.run(
            command, env=self.generation.environment(), capture_output=True, text=True, check=False, cwd=self.home
        )
        output = done.stdout + done.stderr
        assert done.returncode == status, output
        assert SECRET not in output and MASTER_PASSWORD not in output
        assert self.hash_of_app() not in output
        return output

    def hash_of_app(self) -> str:
        with connect(self.source.login()) as root:
            return str(root.value("SELECT authentication_string FROM mysql.user WHERE User = 'app'"))

    def file(self, name: str) -> bytes | None:
        try:
            return bytes(self.s3.get_object(Bucket=BUCKET, Key=f"shop/record/{name}")["Body"].read())
        except self.s3.exceptions.NoSuchKey:
            return None

    def opened(self, vaulted: bytes) -> bytes:
        """What ansible-vault makes of a text."""
        program = self.generation.bin / "ansible-vault"
        command = [program, "decrypt", "--vault-password-file", self.secret, "--output", "-"]
        done = subprocess.run(
            command, env=self.generation.environment(), input=vaulted, capture_output=True, check=True, cwd=self.home
        )
        return done.stdout


@pytest.fixture
def migration(tmp_path: Path, generation: Generation) -> Iterator[Migration]:
    with (
        mariadb_server(tmp_path, "source") as source,
        mysql_server(tmp_path, "9.7", "target") as target,
        moto_server(tmp_path) as moto,
    ):
        with connect(source.login(), multi_statements=True) as root:
            for statement in SOURCE.strip().split(";\n"):
                root.execute(statement)
            root.execute(f"CREATE USER mover@'%' IDENTIFIED BY '{SECRET}'")
            root.execute("GRANT ALL ON *.* TO mover@'%'")
        with connect(target.login()) as root:
            for statement in TABLES:
                root.execute(statement)
            make_master(root, "Aurora 3")
        yield Migration(source, target, moto, tmp_path, generation)


def test_everything_arrives_or_is_kept_and_a_second_run_changes_nothing(migration: Migration, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    options = {
        "objects_unsupported_plugin": "new_password",
        "objects_new_passwords_file": str(kept / "passwords.vault"),
        "objects_dump_sql": "true",
        "objects_dump_directory": str(kept),
    }
    told = migration.run(**options)
    vaulted = migration.file("new_passwords.vault")
    assert vaulted is not None and vaulted.startswith(b"$ANSIBLE_VAULT;")
    passwords = json.loads(migration.opened(vaulted))["passwords"]
    assert sorted(passwords) == ["app@%", "report@10.%"]
    assert not any(password in told for password in passwords.values())
    with connect(migration.target.login("app", passwords["app@%"])) as app:
        assert app.rows("CALL shop.p(7)") == [{"ä": "ä", "n": 7}]

    document = json.loads(migration.file("dump.json") or b"")
    assert [one["user"] for one in document["accounts"]["accounts"]] == ["app", "report"]
    assert {one["name"] for one in document["stored_objects"]["objects"]} == {"p", "f", "v", "trg"}
    assert migration.hash_of_app() not in json.dumps(document)
    hashes = json.loads(migration.opened("\n".join(document["hashes"]).encode()))
    assert bytes.fromhex(hashes["app@%"]["ways"][0]).decode() == migration.hash_of_app()

    for path in kept.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert (
            path.read_bytes().strip()
            == (migration.file(path.name) or migration.file("new_passwords.vault") or b"").strip()
        )
    assert len(list(kept.iterdir())) == 3

    before = {name: migration.file(name) for name in ("dump.json", "dump.sql.vault", "new_passwords.vault")}
    assert "changed=0" in migration.run(**options)
    assert {name: migration.file(name) for name in before} == before


def test_the_script_makes_all_of_it_on_a_server_that_has_none(migration: Migration, tmp_path: Path) -> None:
    migration.run(objects_unsupported_plugin="lock", objects_dump_sql=True)
    script = migration.opened(migration.file("dump.sql.vault") or b"")
    with mysql_server(tmp_path, "9.7", "third") as third:
        with connect(third.login()) as root:
            for statement in TABLES:
                root.execute(statement)
            make_master(root, "Aurora 3")
        client = [SERVERS / "mysql-9.7" / "bin" / "mysql", "--no-defaults", "--host=127.0.0.1", f"--port={third.port}"]
        password = tmp_path / "client.cnf"
        password.write_text(f'[client]\nuser={MASTER}\npassword="{MASTER_PASSWORD}"\n')
        client[1] = f"--defaults-file={password}"
        done = subprocess.run(client, input=script, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        with connect(third.login()) as one, connect(migration.target.login()) as other:
            for question in (
                "SHOW GRANTS FOR app@'%'",
                "SHOW CREATE PROCEDURE shop.p",
                "SHOW CREATE FUNCTION shop.f",
                "SHOW CREATE VIEW shop.v",
                "SELECT User, Host, account_locked FROM mysql.user ORDER BY 1, 2",
            ):
                assert one.rows(question) == other.rows(question)
            assert one.value("SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'") == 1


def test_without_a_vault_secret_no_hash_is_kept(migration: Migration) -> None:
    migration.run(vault=False)
    document = json.loads(migration.file("dump.json") or b"")
    assert document["hashes"] is None
    assert migration.hash_of_app() not in json.dumps(document)
    told = migration.run(vault=False, status=2, objects_dump_sql=True)
    assert "[vault.no_secret]" in told
    assert migration.file("dump.sql.vault") is None
