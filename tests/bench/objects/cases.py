# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases that carry accounts and routines between two real servers."""

from __future__ import annotations

import contextlib
import json
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from measure import BenchError, Command, Measured, measure
from modules import Modules
from places import BIN, CHECKOUT, COLLECTIONS
from tools import own_version

from .judged import AGAIN, BARE, FAR, MYSQL_USER, PT_SHOW_GRANTS
from .object_rows import Row
from .sample import Sample, accounts, routines
from .servers import Server, long_line, server

ACCOUNTS, ROUTINES, LOOPED = 10_000, 5_000, 500
FAR_SECONDS = 0.03
_MYSQL = CHECKOUT / "build" / "servers" / "mysql-9.7" / "bin" / "mysql"


class Kind(NamedTuple):
    """What is carried, and by which modules."""

    reader: str
    writer: str
    options: Mapping[str, Any]


ACCOUNT_MODULES = Kind("mysql_accounts_info", "mysql_accounts", {"limit": 0})
ROUTINE_MODULES = Kind("mysql_routines_info", "mysql_routines", {})


@dataclass
class ObjectsBench:
    """What every case works with.

    :ivar home: the directory for logs and what is run; it holds passwords of servers that end with the case.
    :ivar runs: how often each tool is run; :ivar scale: of all numbers.
    :ivar limit: a peer gets no further run in a case once its runs there took so many seconds.
    """

    modules: Modules
    home: Path
    runs: int
    scale: float
    limit: float

    def accounts(self) -> list[Row]:
        """Ten thousand accounts, near and 30 ms away, and by pt-show-grants."""
        return self._carry("accounts", ACCOUNT_MODULES, accounts(self._scaled(ACCOUNTS)), (PT_SHOW_GRANTS,))

    def looped(self) -> list[Row]:
        """Five hundred accounts, as many as a loop of mysql_user can be waited for."""
        # The loop gives no roles, so that none are asked of it.
        sample = accounts(self._scaled(LOOPED), roles=0)
        return self._carry("accounts-500", ACCOUNT_MODULES, sample, (MYSQL_USER,), far=False)

    def routines(self) -> list[Row]:
        """Five thousand routines, near and 30 ms away."""
        return self._carry("routines", ROUTINE_MODULES, routines(self._scaled(ROUTINES)), ())

    def _scaled(self, count: int) -> int:
        return max(1, round(count * self.scale))

    def _carry(self, case: str, kind: Kind, sample: Sample, peers: Sequence[str], far: bool = True) -> list[Row]:
        print(f"{case}: making {sample.count} on a MySQL 9.7", flush=True)
        rows: list[Row] = []
        with server(sample.before) as source:
            source.run(sample.statements)
            for run in range(1, self.runs + 1):
                measured = _Case(self, case, kind, sample, source, run)
                rows += [*measured.ours(""), measured.bare()]
                if far:
                    rows += measured.ours(FAR)
                for peer in peers:
                    if sum(row.wall_s for row in rows if row.tool == peer) < self.limit:
                        rows.append(measured.peer(peer))
        return rows


class _Case:
    """One round of a case: every tool once, each with a fresh target."""

    def __init__(self, bench: ObjectsBench, case: str, kind: Kind, sample: Sample, source: Server, run: int) -> None:
        self.bench, self.case, self.kind, self.sample, self.source, self.run = bench, case, kind, sample, source, run
        self.scratch = bench.home / "objects"
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True, mode=stat.S_IRWXU)

    def ours(self, away: str) -> list[Row]:
        """Our modules: read, apply, and apply again; *away* says whether the servers are at the end of a long line."""
        with self._near(self.source, away) as port:
            options = {**self.source.module_login(port), **self.kind.options, "export": True}
            read, export = self._module(self.kind.reader, options, self.source, self.kind.reader + away)
        rows = [read]
        with server(self.sample.before) as target, self._near(target, away) as port:
            options = {**target.module_login(port), "export": export}
            for suffix in ("", AGAIN):
                row, _export = self._module(self.kind.writer, options, target, self.kind.writer + suffix + away)
                if row.arrived != "all":
                    raise BenchError(f"{row.tool} did not bring everything: {row.arrived}")
                rows.append(row)
        return rows

    def bare(self) -> Row:
        """The statements that made the source, as fast as the server takes them."""
        with server(self.sample.before) as target:
            login = self._file("login.json", json.dumps(target.login()))
            statements = self._file("statements.json", json.dumps(self.sample.statements))
            program = Path(__file__).with_name("bare.py")
            return self._measured([BIN / "python", program, login, statements], target, BARE, _pymysql_version())

    def peer(self, tool: str) -> Row:
        """One of the tools that people use for it."""
        return {PT_SHOW_GRANTS: self._pt_show_grants, MYSQL_USER: self._mysql_user}[tool]()

    def _pt_show_grants(self) -> Row:
        """Percona Toolkit's tool, piped into the client."""
        with server(self.sample.before) as target:
            one, other = (
                self._file(name, "[client]\n" + "".join(f"{key}={value}\n" for key, value in _client(each).items()))
                for name, each in (("source.cnf", self.source), ("target.cnf", target))
            )
            argv = ["bash", "-c", f"set -o pipefail; pt-show-grants -F {one} | {_MYSQL} --defaults-file={other}"]
            version = _first_line(["pt-show-grants", "--version"])
            return self._measured(argv, target, PT_SHOW_GRANTS, version, may_fail=True)

    def _mysql_user(self) -> Row:
        """The module that people loop over their accounts."""
        with server(self.sample.before) as target:
            play = self._file("play.json", json.dumps(self._play(target)))
            environment = {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_LOCALHOST_WARNING": "false"}
            argv = [BIN / "ansible-playbook", "-i", "localhost,", play]
            manifest = COLLECTIONS / "ansible_collections" / "community" / "mysql" / "MANIFEST.json"
            version = json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]
            return self._measured(argv, target, MYSQL_USER, version, environment, may_fail=True)

    def _play(self, target: Server) -> list[dict[str, Any]]:
        wanted: dict[str, dict[str, Any]] = {}
        for statement in self.sample.statements:
            verb, _blank, rest = statement.partition(" ")
            if verb == "CREATE":
                name, _identified, hashed = rest.removeprefix("USER ").partition(" IDENTIFIED WITH ")
                wanted[name] = {"hash": hashed.split("'")[3], "priv": {}}
            else:
                granted, name = rest.rsplit(" TO ", 1)
                privileges, target_name = granted.split(" ON ")
                wanted[name]["priv"][target_name.replace("`", "")] = privileges.replace(", ", ",")
        accounts_wanted = [{"name": name.split("'")[1], "host": name.split("'")[3], **w} for name, w in wanted.items()]
        login = {"login_host": "127.0.0.1", "login_port": target.port}
        login.update(login_user=target.login()["user"], login_password=target.login()["password"])
        task = {
            "community.mysql.mysql_user": {
                **login,
                "name": "{{ item.name }}",
                "host": "{{ item.host }}",
                "plugin": "caching_sha2_password",
                "plugin_hash_string": "{{ item.hash }}",
                "priv": "{{ item.priv }}",
            },
            "loop": "{{ wanted }}",
            "loop_control": {"label": "{{ item.name }}"},
        }
        variables = {"ansible_python_interpreter": str(BIN / "python"), "wanted": accounts_wanted}
        return [
            {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "tasks": [task]}
        ]

    @contextlib.contextmanager
    def _near(self, at: Server, away: str) -> Iterator[int]:
        if not away:
            yield at.port
            return
        with long_line(at, FAR_SECONDS) as port:
            yield port

    def _module(self, name: str, options: Mapping[str, Any], at: Server, tool: str) -> tuple[Row, str]:
        program = self.bench.modules.build(f"dbferry.aurora_mysql.{name}", options, self.scratch / name)
        row = self._measured([BIN / "python", program], at, tool, own_version(), reads=name == self.kind.reader)
        result = json.loads(self._log.read_text(encoding="utf-8").splitlines()[-1])
        if name == self.kind.writer and result["changed"] is not (AGAIN not in tool):
            raise BenchError(f"{tool} says changed: {result['changed']}")
        return row, str(result.get("export", ""))

    def _measured(
        self,
        argv: Sequence[Any],
        at: Server,
        tool: str,
        version: str,
        environment: Mapping[str, str] = MappingProxyType({}),
        may_fail: bool = False,
        reads: bool = False,
    ) -> Row:
        before = at.statements()
        result = measure(Command(argv, environment), self._log)
        statements = at.statements() - before
        if result.status and not may_fail:
            raise BenchError(f"{tool} ended with status {result.status}:\n{result.output}")
        arrived = "" if reads else self._arrived(at, result)
        print(f"  {tool}, run {self.run}: {result.wall_s:.2f} s {arrived}", flush=True)
        return Row(
            case=self.case,
            tool=tool,
            version=version,
            run=self.run,
            wall_s=round(result.wall_s, 4),
            cpu_s=round(result.cpu_s, 4),
            max_rss_kib=result.max_rss_kib,
            statements=statements,
            count=self.sample.count,
            arrived=arrived,
            scale=self.bench.scale,
        )

    def _arrived(self, target: Server, result: Measured) -> str:
        wanted, found = self.source.holds(), target.holds()
        lacking = [
            f"{found[table]} of {wanted[table]} rows of {table}" for table in wanted if found[table] < wanted[table]
        ]
        if result.status:
            lacking.append(f"it ended with status {result.status}")
        return "; ".join(lacking) or "all"

    @property
    def _log(self) -> Path:
        return self.scratch / "log"

    def _file(self, name: str, text: str) -> Path:
        path = self.scratch / name
        path.write_text(text, encoding="utf-8")
        return path


def _client(at: Server) -> dict[str, Any]:
    login = at.login()
    return {"host": login["host"], "port": login["port"], "user": login["user"], "password": f'"{login["password"]}"'}


def _pymysql_version() -> str:
    return "PyMySQL " + _first_line([BIN / "python", "-c", "import pymysql; print(pymysql.__version__)"])


def _first_line(argv: Sequence[Any]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0]
