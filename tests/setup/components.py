# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The components that setup can make, and which of them a purpose needs."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Protocol

import debian
import galaxy_free
import interpreters
from commands import SetupError, run
from stamps import Stamp, digest

CHECKOUT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).resolve().parent / "requirements"
RECIPE = 1
"""Raise this when a component is made differently from the same requirement files."""


@dataclass(frozen=True)
class Place:
    """Where components go: everything is under *build*."""

    build: Path

    @property
    def stamps(self) -> Path:
        return self.build / "setup"

    def log(self, name: str) -> Path:
        return self.build / "logs" / f"setup-{name}.log"

    def venv(self, name: str) -> Path:
        return self.build / "venvs" / name

    def collections(self, generation: str) -> Path:
        return self.build / "collections" / generation


class Component(Protocol):
    """Something that can be made once and is then found as it should be."""

    @property
    def name(self) -> str: ...

    def missing(self, place: Place) -> Optional[str]:
        """Say in a few words what making it would install; None when there is nothing to do."""

    def make(self, place: Place) -> None:
        """Make it. Raises SetupError."""


@dataclass(frozen=True)
class DebianPackages:
    """Programs from Debian packages."""

    name: str
    programs: tuple[debian.Program, ...]

    def missing(self, _place: Place) -> Optional[str]:
        packages = debian.missing_packages(self.programs)
        return f"Debian packages {', '.join(packages)}" if packages else None

    def make(self, place: Place) -> None:
        debian.install(debian.missing_packages(self.programs), place.log(self.name))


@dataclass(frozen=True)
class VirtualEnvironment:
    """A virtual environment from the requirement file of its name."""

    name: str
    lowest: interpreters.Version = (3, 10)
    highest: Optional[interpreters.Version] = None
    optional: bool = False
    pip: str = ""
    """Requirement of a pip to put in first, where the Python's own is too old to choose what fits it."""

    def missing(self, place: Place) -> Optional[str]:
        python = self._python()
        if python is None:
            return None if self.optional else f"a Python {self._range()} (none found)"
        if Stamp(place.stamps, self.name).matches(self._inputs(place, python)):
            return None
        return f"{place.venv(self.name)} from {(REQUIREMENTS / self.name).with_suffix('.txt').relative_to(CHECKOUT)}"

    def make(self, place: Place) -> None:
        python = self._python()
        if python is None:
            raise SetupError(
                f"'{self.name}' needs a Python {self._range()} and none is found; "
                "install one (pyenv or your distribution has them) and put it on PATH"
            )
        stamp, log, home = Stamp(place.stamps, self.name), place.log(self.name), place.venv(self.name)
        stamp.clear()
        log.unlink(missing_ok=True)
        shutil.rmtree(home, ignore_errors=True)
        self._create(python, home, log)
        install = [
            home / "bin/python",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--no-compile",
        ]
        if self.pip:
            run([*install, self.pip], log)
        run([*install, "-r", REQUIREMENTS / f"{self.name}.txt"], log)
        stamp.write(self._inputs(place, python))

    def _create(self, python: str, home: Path, log: Path) -> None:
        try:
            run([python, "-m", "venv", home], log)
        except SetupError as error:
            if "ensurepip" not in str(error):
                raise
            # Debian keeps ensurepip out of its python3 package.
            debian.install(["python3-venv"], log)
            run([python, "-m", "venv", "--clear", home], log)

    def _python(self) -> Optional[str]:
        return interpreters.find(self.lowest, self.highest)

    def _inputs(self, place: Place, python: str) -> str:
        return digest(RECIPE, str(place.build), python, REQUIREMENTS / f"{self.name}.txt")

    def _range(self) -> str:
        first = ".".join(map(str, self.lowest))
        return f"{first} to {'.'.join(map(str, self.highest))}" if self.highest else f"{first} or newer"


@dataclass(frozen=True)
class Collections:
    """The collections of one ansible generation, and the link that makes the checkout one of them."""

    generation: str
    wanted: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"collections-{self.generation}"

    def missing(self, place: Place) -> Optional[str]:
        if Stamp(place.stamps, self.name).matches(self._inputs(place)):
            return None
        return f"{', '.join(self.wanted)} under {place.collections(self.generation)}, out of the PyPI package 'ansible'"

    def make(self, place: Place) -> None:
        stamp, log = Stamp(place.stamps, self.name), place.log(self.name)
        stamp.clear()
        log.unlink(missing_ok=True)
        galaxy_free.install(
            pip=[place.venv(self.generation) / "bin/python", "-m", "pip"],
            requirement=REQUIREMENTS / f"{self.name}.txt",
            wanted=self.wanted,
            target=place.collections(self.generation),
            checkout=CHECKOUT,
            log=log,
        )
        stamp.write(self._inputs(place))

    def _inputs(self, place: Place) -> str:
        return digest(RECIPE, str(place.build), sys.version, *self.wanted, REQUIREMENTS / f"{self.name}.txt")


NEWEST = VirtualEnvironment("newest")
OLDEST = VirtualEnvironment("oldest", highest=(3, 12))
LAB = VirtualEnvironment("lab")
LINT = VirtualEnvironment("lint", lowest=(3, 11))
TEST = VirtualEnvironment("test", lowest=(3, 11))
HOST = VirtualEnvironment("host", lowest=(3, 6), highest=(3, 6), optional=True, pip="pip>=21,<22")
LAB_PROGRAMS = DebianPackages("debian-lab", debian.LAB)
CONTAINER_PROGRAMS = DebianPackages("debian-containers", debian.CONTAINERS)
NEWEST_COLLECTIONS = Collections("newest", ("amazon.aws", "containers.podman"))
OLDEST_COLLECTIONS = Collections("oldest", ("amazon.aws",))

# Each purpose is a list of chains: a chain is made in its order, chains side by side. The longest come first.
Chain = tuple[Component, ...]
_NEWEST: Chain = (NEWEST, NEWEST_COLLECTIONS)
_OLDEST: Chain = (OLDEST, OLDEST_COLLECTIONS)
PURPOSES: dict[str, tuple[Chain, ...]] = {
    "lab": ((LAB,), (LAB_PROGRAMS,)),
    "demo": ((LAB,), (LAB_PROGRAMS,), _NEWEST),
    "lint": ((LINT,), _NEWEST),
    "sanity": (_NEWEST,),
    "unit": ((TEST,), (HOST,), (LAB_PROGRAMS,), _NEWEST),
    "integration": ((TEST,), (LAB,), (LAB_PROGRAMS,), _NEWEST, _OLDEST),
    "molecule": ((TEST,), (CONTAINER_PROGRAMS,), _NEWEST),
    "all": ((TEST,), (LINT,), (LAB,), (LAB_PROGRAMS,), (CONTAINER_PROGRAMS,), (HOST,), _NEWEST, _OLDEST),
}
