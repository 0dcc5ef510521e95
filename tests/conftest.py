# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: the checkout as an importable collection, and the ansible generation that a run is about."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parents[1]
BUILD = CHECKOUT / "build"


LEFT_OUT = pytest.StashKey[list[pytest.Item]]()

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


class Generation(NamedTuple):
    """An ansible generation as setup has installed it."""

    name: str
    bin: Path
    collections: Path

    @property
    def playbook(self) -> Path:
        return self.bin / "ansible-playbook"

    def environment(self) -> dict[str, str]:
        """Return the environment for its programs: only its collections, and no configuration of the user's."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        return {
            **inherited,
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_NOCOLOR": "1",
            # The user's own locale may not have been generated on this machine, and Ansible asks for UTF-8.
            "LC_ALL": "C.UTF-8",
            "PATH": os.pathsep.join([str(self.bin), inherited.get("PATH", os.defpath), "/usr/sbin"]),
        }


def _generation(name: str) -> Generation:
    return Generation(name, BUILD / "venvs" / name / "bin", BUILD / "collections" / name)


# Setup has linked the checkout into every generation's collections. The conftest.py of a folder may import it before
# pytest knows its options.
sys.path.insert(0, str(_generation("newest").collections))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--generation", choices=("newest", "oldest"), default="newest", help="which ansible to run")
    parser.addoption("--quick", action="store_true", help="leave out the tests that are marked as thorough")


def pytest_configure(config: pytest.Config) -> None:
    """Say what to do where setup has not been run."""
    collections = _generation(config.getoption("--generation")).collections
    if not collections.is_dir():
        raise pytest.UsageError(f"{collections} is not there; type: make setup")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a quick run has no time for."""
    if not config.getoption("--quick"):
        return
    left = [item for item in items if item.get_closest_marker("thorough")]
    items[:] = [item for item in items if item not in left]
    config.stash[LEFT_OUT] = left
    config.hook.pytest_deselected(items=left)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, and what stands for it."""
    left = Counter(
        (item.location[0], item.get_closest_marker("thorough").args[0]) for item in config.stash.get(LEFT_OUT, [])
    )
    for (file, instead), number in left.items():
        terminalreporter.write_line(f"LEFT OUT [{number}] {file}, which `make integration` runs: {instead}")


@pytest.fixture(scope="session")
def generation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """The ansible generation of this run (option --generation)."""
    generation = _generation(request.config.getoption("--generation"))
    if generation.name == "oldest" and " " in str(generation.bin):
        return _by_another_path(generation, tmp_path_factory.mktemp("oldest"))
    return generation


def _by_another_path(generation: Generation, place: Path) -> Generation:
    """Return *generation* with programs in *place*, which start its own by a path through there.

    ansible-core 2.16 starts the controller's modules by its own Python, and cannot where that one's path has a space.
    """
    programs, venv = place / "bin", place / "venv"
    programs.mkdir()
    venv.symlink_to(generation.bin.parent)
    for name in ("python", *(path.name for path in generation.bin.glob("ansible*"))):
        script = "" if name == "python" else f" {venv}/bin/{name}"
        (programs / name).write_text(f'#!/bin/sh\nexec {venv}/bin/python{script} "$@"\n', encoding="ascii")
        (programs / name).chmod(0o755)
    return generation._replace(bin=programs)
