# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""boto3 on the source host: from an index, from wheels carried over, from the system; nothing else changes there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Nobody listens there: an index that a host without a way out does not reach.
NOWHERE = "http://127.0.0.1:9/simple"
FIND_BOTO3 = {
    "hosts": "all",
    "gather_facts": False,
    "vars": {"ansible_pipelining": True},
    "tasks": [
        {
            "name": "Find or make the Python that sends",
            "ansible.builtin.include_role": {"name": "dbferry.aurora_mysql.upload", "tasks_from": "python"},
        },
        {"name": "Tell", "ansible.builtin.debug": {"msg": "it is <{{ upload_interpreter }}>"}},
    ],
}


class Host:
    """A directory that stands for a host: its home, its work directory, its Python."""

    def __init__(self, root: Path, python: str, generation: Any) -> None:
        self.root = root
        self.home = root / "home"
        self.home.mkdir()
        # Other runs on this machine have their files in the common one.
        self.temporary = root / "tmp"
        self.temporary.mkdir()
        self.venv = root / "work" / "upload-venv"
        self._python = python
        self._generation = generation

    def prepare(self, environment: dict[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the part of the role that finds or makes a Python with boto3."""
        given = {
            "boto3_source": "index",
            "python": "",
            "venv": str(self.venv),
            "boto3_requirement": "",
            "pip_extra_args": [],
            "credentials": "scoped",
            **options,
        }
        book = self.root / "play.json"
        book.write_text(json.dumps([{**FIND_BOTO3, "vars": {**FIND_BOTO3["vars"], "upload_options": given}}]))
        inventory = self.root / "inventory.ini"
        inventory.write_text(
            f"source ansible_connection=local ansible_python_interpreter='{self._python}'\n"
            # what Ansible itself keeps for a moment is not what this is about
            f"[all:vars]\nansible_remote_tmp='{self.root}/remote'\n"
        )
        return subprocess.run(
            [str(self._generation.playbook), "-i", str(inventory), str(book)],
            env={
                **self._generation.environment(),
                "HOME": str(self.home),
                "TMPDIR": str(self.temporary),
                "ANSIBLE_HOME": str(self.root / "ansible"),
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def boto3(self) -> str:
        """The version that the virtual environment has."""
        ask = "import boto3; print(boto3.__version__)"
        done = subprocess.run([self.venv / "bin" / "python", "-c", ask], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def files(self) -> dict[str, tuple[int, int]]:
        """Size and time of every file that an installation could have touched, but for the virtual environment's."""
        ask = (
            "import sys, sysconfig\n"
            "print(sys.base_prefix, sysconfig.get_paths()['stdlib'], sysconfig.get_paths()['purelib'])"
        )
        paths = subprocess.run([self._python, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
        own = {Path(paths[0]) / "bin", Path(paths[0]) / "lib", *map(Path, paths[1:])} if paths[0] != "/usr" else set()
        found = {}
        for top in (self.home, Path("/etc"), Path("/usr/local/bin"), Path("/usr/local/lib"), *own):
            for directory, _names, names in os.walk(top):
                for name in names:
                    path = os.path.join(directory, name)
                    state = os.lstat(path)
                    found[path] = (state.st_size, state.st_mtime_ns)
        return found


@pytest.fixture
def index_url() -> str:
    """The index that pip uses on this machine."""
    ask = (
        "from pip._internal.cli.main_parser import parse_command\n"
        "from pip._internal.commands import create_command\n"
        "print(create_command('install').parser.get_default_values().index_url)"
    )
    return subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


WHEELS = "the wheels of a host with Python 3.6 are carried over"


@pytest.fixture(params=["new", "3.6"])
def host(request: pytest.FixtureRequest, tmp_path: Path, generation: Any) -> Host:
    if request.param == "new":
        return Host(tmp_path, str(generation.bin / "python"), generation)
    return Host(tmp_path, str(request.getfixturevalue("old_python")), generation)


def has_awscrt(host: Host) -> bool:
    ask = "import awscrt.checksums"
    return subprocess.run([host.venv / "bin" / "python", "-c", ask], capture_output=True, check=False).returncode == 0


def is_python_36(host: Host) -> bool:
    return any((host.venv / "lib").glob("python3.6"))


def test_from_an_index_and_nothing_else_changes(host: Host) -> None:
    before = host.files()
    done = host.prepare()
    assert done.returncode == 0, done.stdout[-4000:]
    assert host.boto3()
    assert f"<{host.venv}/bin/python>" in done.stdout
    assert has_awscrt(host) is not is_python_36(host)
    assert host.files() == before
    again = host.prepare()
    assert again.returncode == 0 and "changed=0" in again.stdout


@pytest.mark.parametrize("host", [pytest.param("new", marks=pytest.mark.thorough(WHEELS)), "3.6"], indirect=True)
def test_from_wheels_carried_over_to_a_host_that_reaches_no_index(host: Host, index_url: str) -> None:
    before = host.files()
    # The index that the environment names is the host's; the control node is told another.
    done = host.prepare(
        {"PIP_INDEX_URL": NOWHERE},
        boto3_source="wheelhouse",
        pip_extra_args=["--index-url=" + index_url],
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert host.boto3()
    assert has_awscrt(host) is not is_python_36(host)
    assert not (host.venv / "wheelhouse").exists()
    assert host.files() == before
    assert not list(host.temporary.glob("dbferry-wheels-*"))


@pytest.mark.thorough("a host without a way out on which something lies already")
def test_a_host_without_a_way_out_is_told_what_to_do_and_nothing_is_left(host: Host) -> None:
    before = host.files()
    done = host.prepare({"PIP_INDEX_URL": NOWHERE, "PIP_RETRIES": "0"})
    assert done.returncode != 0
    assert "[upload.venv]" in done.stdout and "wheelhouse" in done.stdout
    assert not host.venv.exists()
    assert host.files() == before


def test_what_was_there_before_a_failure_stays(host: Host) -> None:
    host.venv.mkdir(parents=True)
    (host.venv / "somebody's").write_text("file")
    done = host.prepare({"PIP_INDEX_URL": NOWHERE, "PIP_RETRIES": "0"})
    assert done.returncode != 0
    assert (host.venv / "somebody's").read_text() == "file"


def test_the_system_s_python_is_taken_as_it_is(host: Host) -> None:
    before = host.files()
    done = host.prepare(boto3_source="system")
    assert done.returncode == 0, done.stdout[-4000:]
    assert not host.venv.exists()
    assert host.files() == before


def without_a_module(host: Host, tmp_path: Path, name: str) -> str:
    """An interpreter like the host's that lacks one module."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / f"{name}.py").write_text(f"raise ImportError('No module named {name}')\n")
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH={blocked} exec "{host._python}" "$@"\n')
    wrapper.chmod(0o755)
    return str(wrapper)


def test_without_boto3_nothing_is_made_and_the_credentials_are_the_controllers(host: Host, tmp_path: Path) -> None:
    python = without_a_module(host, tmp_path, "boto3")
    before = host.files()
    done = host.prepare(boto3_source="none", python=python)
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"<{python}>" in done.stdout and "changed=0" in done.stdout
    assert not host.venv.exists()
    assert host.files() == before
    done = host.prepare(boto3_source="none", credentials="caller")
    assert done.returncode != 0
    assert "[upload.no_boto3]" in done.stdout and "What to do" in done.stdout


@pytest.mark.parametrize("source", ["system", "index"])
def test_an_interpreter_without_boto3_is_told_so(host: Host, tmp_path: Path, source: str) -> None:
    python = without_a_module(host, tmp_path, "boto3")
    done = host.prepare(boto3_source=source, python=python)
    assert done.returncode != 0
    assert "[upload.python]" in done.stdout and "cannot import boto3" in done.stdout
    assert "What to do" in done.stdout


def test_a_python_without_venv_is_told_so(tmp_path: Path, generation: Any, host: Host) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    python = without_a_module(host, tmp_path, "venv")
    done = Host(bare, python, generation).prepare()
    assert done.returncode != 0
    assert "[upload.venv]" in done.stdout and "No module named venv" in done.stdout
    assert "python3-venv" in done.stdout
