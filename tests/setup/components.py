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
ZIP_BYTECODE = Path(__file__).resolve().parent / "zip_bytecode.py"
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

    def packages(self, place: Place) -> list[str]:
        """Return the Debian packages that have to be there before it can be made."""

    def missing(self, place: Place) -> Optional[str]:
        """Say in a few words what making it would install; None when there is nothing to do."""

    def make(self, place: Place) -> None:
        """Make it. Raises SetupError."""


@dataclass(frozen=True)
class VirtualEnvironment:
    """A virtual environment from the requirement file of its name."""

    name: str
    lowest: interpreters.Version = (3, 10)
    highest: Optional[interpreters.Version] = None
    optional: bool = False
    pip: str = ""
    """Requirement of a pip to put in first, where the Python's own is too old to choose what fits it."""

    runs_modules: bool = False
    """Whether Ansible's modules run by its Python, which then keeps their bytecode."""

    def packages(self, place: Place) -> list[str]:
        python = self._python()
        if python is None or self.missing(place) is None:
            return []
        # Debian keeps ensurepip out of its Python packages.
        return [] if interpreters.can_bring_pip(python) else [debian.VENV]

    def missing(self, place: Place) -> Optional[str]:
        python = self._python()
        if python is None:
            return None if self.optional else f"a Python {self._range()} (none found)"
        if Stamp(place.stamps, self.name).matches(self._inputs(place, python)):
            return None
        return f"{_shown(place.venv(self.name))} from {_shown(REQUIREMENTS / f'{self.name}.txt')}"

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
        run([python, "-m", "venv", home], log)
        install: list[str | Path] = [
            home / "bin/python",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            # What is imported is compiled then; most of moto and botocore never is.
            "--no-compile",
        ]
        if self.pip:
            run([*install, self.pip], log)
        run([*install, "-r", REQUIREMENTS / f"{self.name}.txt"], log)
        if self.runs_modules:
            (packages,) = home.glob("lib/python*/site-packages")
            shutil.copy(ZIP_BYTECODE, packages)
            # A .pth file's imports are done whenever the Python starts.
            (packages / "zip_bytecode.pth").write_text("import zip_bytecode\n", encoding="ascii")
        stamp.write(self._inputs(place, python))

    def _python(self) -> Optional[str]:
        return interpreters.find(self.lowest, self.highest)

    def _inputs(self, place: Place, python: str) -> str:
        more = [ZIP_BYTECODE] if self.runs_modules else []
        return digest(RECIPE, str(place.build), python, REQUIREMENTS / f"{self.name}.txt", *more)

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

    def packages(self, _place: Place) -> list[str]:
        return []

    def missing(self, place: Place) -> Optional[str]:
        if Stamp(place.stamps, self.name).matches(self._inputs(place)):
            return None
        home = _shown(place.collections(self.generation))
        return f"{', '.join(self.wanted)} under {home}, out of the PyPI package 'ansible'"

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


@dataclass(frozen=True)
class NodePackages:
    """What tests read out of packages of npm: of exactly the versions that the requirement file names; none is run."""

    @property
    def name(self) -> str:
        return "npm"

    def packages(self, _place: Place) -> list[str]:
        return []

    def missing(self, place: Place) -> Optional[str]:
        if Stamp(place.stamps, self.name).matches(self._inputs(place)):
            return None
        return f"{_shown(self._home(place))} from {_shown(self._requirements())}"

    def make(self, place: Place) -> None:
        stamp, log, home = Stamp(place.stamps, self.name), place.log(self.name), self._home(place)
        stamp.clear()
        log.unlink(missing_ok=True)
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        shutil.copy(self._requirements(), home / "package.json")
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier"]
        run(["npm", "install", "--prefix", home, *options], log)
        stamp.write(self._inputs(place))

    def _home(self, place: Place) -> Path:
        return place.build / "npm"

    def _requirements(self) -> Path:
        return REQUIREMENTS / "npm.json"

    def _inputs(self, place: Place) -> str:
        return digest(RECIPE, str(place.build), self._requirements())


def _shown(path: Path) -> Path:
    """Return *path* as it is told to a person: from the checkout, where it lies in it."""
    return path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path


NEWEST = VirtualEnvironment("newest", runs_modules=True)
OLDEST = VirtualEnvironment("oldest", highest=(3, 12), runs_modules=True)
LAB = VirtualEnvironment("lab")
LINT = VirtualEnvironment("lint", lowest=(3, 11))
TEST = VirtualEnvironment("test", lowest=(3, 11))
BENCH = VirtualEnvironment("bench", lowest=(3, 11))
HOST = VirtualEnvironment("host", lowest=(3, 6), highest=(3, 6), optional=True, pip="pip>=21,<22")
NEWEST_COLLECTIONS = Collections("newest", ("amazon.aws",))
OLDEST_COLLECTIONS = Collections("oldest", ("amazon.aws",))
NODE_PACKAGES = NodePackages()
BENCH_COLLECTIONS = Collections("bench", ("amazon.aws", "community.aws", "community.mysql"))

Chain = tuple[Component, ...]
_NEWEST: Chain = (NEWEST, NEWEST_COLLECTIONS)
_OLDEST: Chain = (OLDEST, OLDEST_COLLECTIONS)


@dataclass(frozen=True)
class Purpose:
    """What a purpose needs: chains, each made in its order, side by side with the others; and programs of Debian's.

    The chains that take longest come first.
    """

    chains: tuple[Chain, ...]
    programs: tuple[debian.Program, ...] = ()


PURPOSES = {
    "lab": Purpose(((LAB,),), debian.LAB),
    "demo": Purpose(((LAB,), _NEWEST), debian.LAB),
    "lint": Purpose(((LINT,), _NEWEST)),
    "sanity": Purpose((_NEWEST,)),
    "unit": Purpose(((TEST,), (HOST,), _NEWEST), debian.LAB),
    "integration": Purpose(
        ((TEST,), (LAB,), (HOST,), _NEWEST, _OLDEST, (NODE_PACKAGES,)),
        (*debian.LAB, *debian.COMPRESSORS, *debian.BROWSER),
    ),
    "molecule": Purpose(((TEST,), _NEWEST), debian.CONTAINERS),
    "bench": Purpose(((BENCH, BENCH_COLLECTIONS),), debian.BENCH),
    "all": Purpose(
        ((TEST,), (LINT,), (LAB,), (HOST,), _NEWEST, _OLDEST, (NODE_PACKAGES,)),
        (*debian.LAB, *debian.COMPRESSORS, *debian.BROWSER, *debian.CONTAINERS),
    ),
}
