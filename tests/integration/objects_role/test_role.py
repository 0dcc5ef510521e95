# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role objects from a MariaDB to a MySQL 9.7 with Aurora 3's master user: new passwords, and the dump in the record."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from tests.conftest import Generation

from ..accounts.masters import MASTER, MASTER_PASSWORD, make_master
from ..moto_zones import moto_with_zones
from ..mysql_servers import SERVERS, mysql_server
from ..routines.zone_tables import TOOLS as ZONE_TOOLS
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
CREATE DEFINER=app@'%' EVENT shop.nightly ON SCHEDULE EVERY 1 DAY STARTS '2036-01-01' DO DELETE FROM t;
CREATE DEFINER=app@'%' TRIGGER shop.trg BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.b = UPPER(NEW.b);
GRANT SELECT, INSERT ON shop.* TO app@'%';
GRANT EXECUTE ON PROCEDURE shop.p TO app@'%';
CREATE USER report@'10.%' IDENTIFIED BY 'old of report';
GRANT SELECT ON shop.v TO report@'10.%';
CREATE USER 'größe'@'%' IDENTIFIED BY 'old of größe';
GRANT SELECT (a) ON shop.v TO 'größe'@'%'
"""
LOCAL_EVENT = [
    "SET SESSION time_zone = 'SYSTEM'",
    "CREATE DEFINER=app@'%' EVENT shop.local ON SCHEDULE EVERY 1 DAY STARTS '2036-01-01 03:00:00' DO DELETE FROM t",
]
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
        # Other runs on this machine have their files in the common one.
        self.temporary = home / "tmp"
        self.temporary.mkdir()
        self.secret = home / "secret"
        self.secret.write_text(VAULT_PASSWORD)

    def run(
        self, vault: bool = True, status: int = 0, role: str = "objects", check: bool = False, **variables: Any
    ) -> str:
        (self.home / "play.yml").write_text(PLAYBOOK.replace("aurora_mysql.objects", f"aurora_mysql.{role}"))
        (self.home / "variables.json").write_text(json.dumps({**self.variables, **variables}))
        command = [str(self.generation.playbook), "-i", "db1,", str(self.home / "play.yml"), "-vv"]
        command += ["-e", f"@{self.home / 'variables.json'}"]
        command += ["--vault-password-file", str(self.secret)] if vault else []
        command += ["--check"] if check else []
        environment = {**self.generation.environment(), "TMPDIR": str(self.temporary)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=self.home)
        output = done.stdout + done.stderr
        assert done.returncode == status, output
        assert SECRET not in output and MASTER_PASSWORD not in output
        assert self.hash_of_app() not in output
        # Hashes and bodies travel in these.
        assert '"export"' not in output and '"script"' not in output
        return output

    def hash_of_app(self) -> str:
        with connect(self.source.login()) as root:
            return str(root.value("SELECT authentication_string FROM mysql.user WHERE User = 'app'"))

    def file(self, name: str) -> bytes | None:
        try:
            return bytes(self.s3.get_object(Bucket=BUCKET, Key=f"shop/record/{name}")["Body"].read())
        except self.s3.exceptions.NoSuchKey:
            return None

    def definers(self) -> set[str]:
        """Whose the stored objects on the target are."""
        with connect(self.target.login()) as root:
            found = root.rows(
                "SELECT DEFINER AS definer FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'"
                " UNION SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop'"
                " UNION SELECT DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'"
                " UNION SELECT DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'"
            )
        return {row["definer"] for row in found}

    def opened(self, vaulted: bytes) -> bytes:
        """What ansible-vault makes of a text."""
        program = self.generation.bin / "ansible-vault"
        command = [program, "decrypt", "--vault-password-file", self.secret, "--output", "-"]
        done = subprocess.run(
            command, env=self.generation.environment(), input=vaulted, capture_output=True, check=True, cwd=self.home
        )
        return done.stdout


@contextlib.contextmanager
def migration_from(zone: str | None, moto: MotoServer, tmp_path: Path, generation: Generation) -> Iterator[Migration]:
    """A migration whose source was started with a TZ of its own."""
    with (
        mariadb_server(tmp_path, "source", env={"TZ": zone} if zone else None) as source,
        mysql_server(tmp_path, "9.7", "target", env={"TZ": "UTC"}) as target,
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


@pytest.fixture
def migration(tmp_path: Path, generation: Generation) -> Iterator[Migration]:
    with moto_server(tmp_path) as moto, migration_from(None, moto, tmp_path, generation) as made:
        yield made


def test_everything_arrives_or_is_kept_and_a_second_run_changes_nothing(migration: Migration, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    options = {
        "objects_unsupported_plugin": "new_password",
        "objects_new_passwords_file": str(kept / "passwords.vault"),
        "objects_dump_sql": "true",
        "objects_dump_directory": str(kept),
    }
    # The definer of all is an account that has not come by then.
    assert '"redefined": []' in migration.run(check=True, **options)
    told = migration.run(**options)
    vaulted = migration.file("new_passwords.vault")
    assert vaulted is not None and vaulted.startswith(b"$ANSIBLE_VAULT;")
    passwords = json.loads(migration.opened(vaulted))["passwords"]
    assert sorted(passwords) == ["app@%", "größe@%", "report@10.%"]
    assert not any(password in told for password in passwords.values())
    with connect(migration.target.login("app", passwords["app@%"])) as app:
        assert app.rows("CALL shop.p(7)") == [{"ä": "ä", "n": 7}]

    document = json.loads(migration.file("dump.json") or b"")
    assert document["schema_version"] == 1 and document["time_zone"]["zone"]
    assert [one["user"] for one in document["accounts"]["accounts"]] == ["app", "größe", "report"]
    assert {one["name"] for one in document["stored_objects"]["objects"]} == {"p", "f", "v", "trg", "nightly"}
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
    with connect(migration.source.login()) as root:
        # From other hosts than its own, one without a name comes only if somebody names it.
        root.execute("CREATE USER ''@'10.%' IDENTIFIED BY 'old of nobody'")
    options: dict[str, Any] = {
        "objects_unsupported_plugin": "new_password",
        "objects_accounts_include": ["app", "report", "größe", "@10.*"],
        "objects_events": "disabled",
        "objects_dump_sql": True,
    }
    migration.run(**options)
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
        # The last is what somebody's terminal or option file makes of it.
        client += ["--force", "--binary-mode", "--comments", "--default-character-set=latin1"]
        done = subprocess.run(client, input=script, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        with connect(third.login()) as one, connect(migration.target.login()) as other:
            for question in (
                "SHOW GRANTS FOR app@'%'",
                "SHOW GRANTS FOR report@'10.%'",
                "SHOW GRANTS FOR 'größe'@'%'",
                "SHOW CREATE PROCEDURE shop.p",
                "SHOW CREATE FUNCTION shop.f",
                "SHOW CREATE VIEW shop.v",
                "SHOW CREATE EVENT shop.nightly",
                "SELECT User, Host, account_locked FROM mysql.user ORDER BY 1, 2",
            ):
                assert one.rows(question) == other.rows(question)
            assert one.value("SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'") == 1
            assert other.value("SELECT COUNT(*) FROM mysql.user WHERE User = ''") == 1
            assert other.value("SELECT STATUS FROM information_schema.EVENTS") == "DISABLED"
            assert migration.definers() == {"app@%"}

            # A dry run counts on the accounts that will have come: it would write the same statements again.
            for statement in ["DROP DATABASE shop", *TABLES, "DROP USER app@'%'"]:
                other.execute(statement)
        told = migration.run(check=True, **options)
        for task in ("Write the dump into the record", "Write the statements into the record"):
            (result,) = re.findall(rf"TASK \[.* : {task}\].*\n(?:task path.*\n)?(\w+):", told)
            assert result == "ok"


@pytest.mark.thorough("lists that fit into a result are kept in the same files")
def test_a_list_longer_than_a_result_is_kept_whole(migration: Migration) -> None:
    """MySQL 9.7 has no mysql_native_password, and nothing that rdsadmin defines may travel."""
    with connect(migration.source.login(), multi_statements=True) as root:
        users = [f"CREATE USER u{number}@'%' IDENTIFIED BY 'x'" for number in range(600)]
        definer = "CREATE DEFINER='rdsadmin'@'localhost' PROCEDURE"
        procedures = [f"{definer} shop.reserved{number}() SELECT 1" for number in range(250)]
        assert root.execute_batch(users + procedures) == (850, None)
    migration.run(vault=False)
    record = json.loads(migration.file("objects.json") or b"")
    accounts, objects = (
        json.loads(migration.file(f"left_behind_{name}.json") or b"") for name in ("accounts", "objects")
    )
    assert (len(record["accounts"]["left_behind"]), len(record["routines"]["left_behind"])) == (500, 200)
    told = {one["account"] for one in accounts["left_behind"] if one["what"] == "account"}
    assert {f"u{number}@%" for number in range(600)} <= told
    assert record["accounts"]["summary"]["left_behind_total"] == len(accounts["left_behind"]) > 600
    assert {one["name"] for one in objects["left_behind"]} == {f"reserved{number}" for number in range(250)}
    assert objects["failed"] == []
    assert not list(migration.temporary.glob("dbferry-objects-*"))
    assert "changed=0" in migration.run(vault=False)

    migration.run(
        vault=False, role="verify", verify_data="none", verify_max_differences=2000, verify_fail_on_difference=False
    )
    compared = json.loads(migration.file("verification.json") or b"")
    missing = [one for one in compared["differences"] if one["severity"] == "error"]
    assert [one for one in missing if one["object"].startswith("u") or "reserved" in one["object"]] == []
    assert compared["summary"]["expected"] >= 600


def test_a_bad_object_costs_only_itself_and_is_named_until_it_is_mended(migration: Migration) -> None:
    with connect(migration.source.login(), multi_statements=True) as root:
        for statement in (
            "CREATE TABLE shop.gone (a INT)",
            "CREATE DEFINER=app@'%' VIEW shop.broken AS SELECT a FROM shop.gone",
            "DROP TABLE shop.gone",
            "CREATE USER owner@'%' IDENTIFIED BY 'old of owner'",
            "GRANT ALL ON shop.* TO owner@'%'",
        ):
            root.execute(statement)
    options = {
        "objects_unsupported_plugin": "lock",
        "objects_dump_sql": True,
        "objects_definer": "map",
        "objects_definer_map": {"app@%": "owner@%"},
    }
    told = migration.run(status=2, **options)
    assert migration.definers() == {"owner@%"}
    assert "[objects.failed]" in told and "view shop.broken" in told
    noted = json.loads(migration.file("objects.json") or b"")
    assert [one["name"] for one in noted["routines"]["failed"]] == ["broken"]
    with connect(migration.target.login()) as root:
        # What comes after the routines has come all the same.
        granted = [next(iter(row.values())) for row in root.rows("SHOW GRANTS FOR app@'%'")]
        assert "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `app`@`%`" in granted
        root.execute("CREATE TABLE shop.gone (a INT)")
    with connect(migration.source.login()) as root:
        root.execute("CREATE TABLE shop.gone (a INT)")
    migration.run(**options)
    assert json.loads(migration.file("objects.json") or b"")["routines"]["failed"] == []
    assert "changed=0" in migration.run(**options)

    def compared() -> dict[str, str]:
        migration.run(role="verify", verify_data="none", verify_fail_on_difference=False)
        differences = json.loads(migration.file("verification.json") or b"")["differences"]
        return {one["object"]: one["severity"] for one in differences if one["kind"].endswith(".definer")}

    # Those that the map has given are no error, and another one is.
    as_mapped = dict.fromkeys((f"shop.{name}" for name in ("p", "f", "v", "trg", "nightly", "broken")), "expected")
    assert compared() == as_mapped
    with connect(migration.target.login()) as root:
        root.execute("CREATE OR REPLACE DEFINER=reader@localhost VIEW shop.broken AS SELECT a FROM shop.gone")
    assert compared() == {**as_mapped, "shop.broken": "error"}


@pytest.mark.thorough("accounts/ and routines/ have the lists of the modules")
def test_what_is_new_and_does_not_travel_is_noted(migration: Migration) -> None:
    """MySQL 9.7 has no mysql_native_password, so that no account comes, and no definer that is kept."""
    migration.run(objects_definer="keep")
    assert migration.definers() == {"app@%"}
    lists = json.loads(migration.file("left_behind_objects.json") or b"")
    assert {one["name"] for one in lists["without_definer"]} == {"p", "f", "v", "trg", "nightly"}
    # What the file has stands in the record's page, too, under the same names.
    page = json.loads(migration.file("objects.json") or b"")["routines"]
    assert {name: page[name] for name in lists} == lists
    with connect(migration.source.login()) as root:
        root.execute("CREATE USER later@'10.%' IDENTIFIED BY 'old of later'")
    migration.run(objects_definer="keep")
    noted = json.loads(migration.file("objects.json") or b"")["accounts"]["left_behind"]
    assert "later@10.%" in {one["account"] for one in noted}


def test_without_a_vault_secret_no_hash_is_kept(migration: Migration) -> None:
    migration.run(vault=False)
    document = json.loads(migration.file("dump.json") or b"")
    assert document["hashes"] is None
    assert migration.hash_of_app() not in json.dumps(document)
    told = migration.run(vault=False, status=2, objects_dump_sql=True)
    assert "[vault.no_secret]" in told
    assert migration.file("dump.sql.vault") is None
    # What is kept out of the log with an export does not take the reason of a failure along.
    for left in ("objects_accounts", "objects_routines"):
        told = migration.run(vault=False, status=2, migration_source_login_password="wrong", **{left: False})
        assert "[mysql.access_denied]" in told


@pytest.mark.thorough("runs with a vault secret and without one keep what they may")
def test_hashes_of_an_earlier_run_stay_or_are_said_to_go(migration: Migration) -> None:
    migration.run()
    kept = migration.file("dump.json")
    assert json.loads(kept or b"")["hashes"]
    told = migration.run(vault=False)
    assert "changed=0" in told and "[WARNING]: dump.json" not in told
    assert migration.file("dump.json") == kept
    with connect(migration.source.login()) as root:
        root.execute("GRANT DELETE ON shop.* TO app@'%'")
    for check in (True, False):
        told = " ".join(migration.run(vault=False, check=check).split())
        assert "[WARNING]: dump.json" in told and "no vault secret" in told and "--vault-password-file" in told
        assert (migration.file("dump.json") == kept) is check
    document = json.loads(migration.file("dump.json") or b"")
    assert document["hashes"] is None and "DELETE" in json.dumps(document)
    assert "[WARNING]: dump.json" not in migration.run(vault=False)


def test_events_in_system_get_the_hosts_zone_whatever_the_servers_own_is(
    tmp_path: Path, generation: Generation
) -> None:
    zone = "America/New_York"
    with moto_server(tmp_path) as moto, migration_from(zone, moto, tmp_path, generation) as migration:
        with connect(migration.source.login()) as root:
            root.execute("SET GLOBAL time_zone = '+00:00'")
            for statement in LOCAL_EVENT:
                root.execute(statement)
        ZONE_TOOLS["9.7"].load(migration.target, zone)
        migration.run(objects_dump=False)
        with connect(migration.target.login()) as root:
            events = root.rows("SELECT EVENT_NAME AS name, TIME_ZONE AS zone FROM information_schema.EVENTS")
        assert {event["name"]: event["zone"] for event in events} == {"nightly": "+00:00", "local": zone}
        assert json.loads(migration.file("left_behind_objects.json") or b"")["left_in_system_zone"] == []


def test_a_time_zone_that_cannot_be_had_costs_only_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, generation: Generation
) -> None:
    """No zone has the clocks of this source, and none that Aurora allows has those of Nepal."""
    with (
        moto_with_zones(monkeypatch, "Asia/Tokyo,Europe/Amsterdam,UTC", {"shop": ("own", "aurora-mysql8.0")}) as moto,
        migration_from("CET-1CEST,M3.2.0,M10.2.0", moto, tmp_path, generation) as migration,
    ):
        options = {"objects_time_zone": True, "objects_unsupported_plugin": "lock", "objects_dump": False}
        options["objects_definer"] = "master"

        with connect(migration.source.login()) as root:
            for statement in LOCAL_EVENT:
                root.execute(statement)
        ZONE_TOOLS["9.7"].load(migration.target, "Europe/Berlin")

        def noted(**more: Any) -> tuple[str, dict[str, Any]]:
            refused = more.get("objects_time_zone_name") != "UTC"
            told = migration.run(status=2 if refused else 0, **options, **more)
            assert ("[objects.time_zone]" in told) == refused
            return told, json.loads(migration.file("objects.json") or b"")

        told, document = noted()
        assert "[time_zone.unknown]" in told and "objects_source_host_zone" in told
        zone = document["time_zone"]
        assert zone["refused"]["id"] == "time_zone.unknown" and zone["refused"]["remedy"]
        assert "no zone known here has the same offsets" in zone["refused"]["reason"]
        # The zones that it knows by name are compared all the same, and what runs in SYSTEM is listed.
        assert zone["zones"]["compared"]
        assert json.loads(migration.file("left_behind_zones.json") or b"") == {"missing": [], "different": []}
        (left,) = json.loads(migration.file("left_behind_objects.json") or b"")["left_in_system_zone"]
        assert document["routines"]["left_in_system_zone"] == [left]
        assert left["name"] == "local" and "UTC" in left["reason"] and "objects_source_host_zone" in left["remedy"]
        assert document["accounts"]["summary"]["created"] == 3
        # Though their definer has come.
        assert migration.definers() == {f"{MASTER}@%"}
        assert (document["accounts"]["failed"], document["routines"]["failed"]) == ([], [])

        years = {"objects_time_zone_years_from": "2019", "objects_time_zone_years_to": "2020"}
        _told, document = noted(objects_time_zone_name="+05:45", **years)
        refused = document["time_zone"]["refused"]
        assert refused["id"] == "aurora.time_zone_not_allowed" and "in the years 2019 to 2020" in refused["reason"]
        assert {each["zone"] for each in refused["nearest"]} == {"Asia/Tokyo", "Europe/Amsterdam", "UTC"}

        told, document = noted(objects_time_zone_name="UTC", objects_source_host_zone="Europe/Berlin")
        zone = document["time_zone"]
        assert (zone["refused"], zone["target"], zone["same"]) == ({}, "UTC", True)
        # The host's zone is taken with a warning, so that the source's zones by name were read and compared, too.
        assert "Europe/Berlin, is taken" in " ".join(told.split()) and zone["zones"]["compared"]
        assert json.loads(migration.file("left_behind_zones.json") or b"") == {"missing": [], "different": []}
