# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install what a purpose needs under build/: ``python3 tests/setup demo``. Safe to repeat; it says what it installs."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Optional

if sys.version_info < (3, 10):
    sys.exit(
        f"this needs Python 3.10 or newer, and {sys.executable} is {sys.version.split()[0]}; try PYTHON=python3.11"
    )

import commands
import debian
from commands import SetupError
from components import CHECKOUT, PURPOSES, Chain, Place, Purpose
from stamps import locked

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130


def main() -> int:
    """Make what is missing, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 tests/setup", description=__doc__)
    parser.add_argument("purpose", nargs="*", default=["all"], metavar="PURPOSE", help=", ".join(PURPOSES))
    arguments = parser.parse_args()
    if unknown := set(arguments.purpose) - set(PURPOSES):
        parser.error(f"there is no purpose {', '.join(sorted(unknown))}; there are {', '.join(PURPOSES)}")
    for number in ENDING:
        signal.signal(number, _interrupt)
    place = Place(CHECKOUT / "build")
    purposes = [PURPOSES[name] for name in arguments.purpose]
    try:
        packages = _packages(purposes, place)
        if packages:
            # Who cannot install them is told so before anything is made, the lock among it.
            debian.privilege(packages)
        elif not _missing(purposes, place):
            return 0
        with locked(place.stamps, lambda: say("another set-up works on this checkout; waiting for its end")) as lock:
            commands.inherited_descriptors.append(lock)
            return install(purposes, place)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted; what is finished is kept, and the next run goes on from there")
        return INTERRUPTED


def install(purposes: list[Purpose], place: Place) -> int:
    """Say what is missing and install it: Debian's packages, then the chains side by side. Return the exit status.

    Raises SetupError when a Debian package cannot be installed.
    """
    packages, missing = _packages(purposes, place), _missing(purposes, place)
    if not packages and not missing:
        return 0
    say(f"installing, nothing outside {place.build} but Debian packages:")
    if packages:
        say(f"  Debian packages: {' '.join(packages)}")
    for name, text in missing:
        say(f"  {name}: {text}")
    started = time.monotonic()
    if packages:
        debian.install(packages, debian.privilege(packages), place.log("debian"))
        say(f"Debian packages done in {time.monotonic() - started:.0f} s")
    errors = make_all(_chains(purposes), place)
    for error in errors:
        say(error)
    say(f"{'failed' if errors else 'ready'} after {time.monotonic() - started:.0f} s")
    return 1 if errors else 0


def make_all(chains: list[Chain], place: Place) -> list[str]:
    """Make the chains side by side; return an error message for each that failed."""
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        try:
            return [error for error in pool.map(lambda chain: make(chain, place), chains) if error]
        except KeyboardInterrupt:
            commands.end_all()
            raise


def make(chain: Chain, place: Place) -> str:
    """Make the components of *chain* in order; return an error message, empty when all stand."""
    for component in chain:
        if component.missing(place) is None:
            continue
        started = time.monotonic()
        try:
            component.make(place)
        except SetupError as error:
            return f"{component.name} FAILED: {error}"
        say(f"{component.name} done in {time.monotonic() - started:.0f} s")
    return ""


def say(text: str) -> None:
    """Print at once: several chains talk."""
    print("\n".join(f"[setup] {line}" for line in text.splitlines()), flush=True)


def _chains(purposes: list[Purpose]) -> list[Chain]:
    return list(dict.fromkeys(chain for purpose in purposes for chain in purpose.chains))


def _packages(purposes: list[Purpose], place: Place) -> list[str]:
    """Return the Debian packages that are missing, each once."""
    programs = tuple(program for purpose in purposes for program in purpose.programs)
    components = [component for chain in _chains(purposes) for component in chain]
    needed = [package for component in components for package in component.packages(place)]
    return sorted({*debian.missing_packages(programs), *needed})


def _missing(purposes: list[Purpose], place: Place) -> list[tuple[str, str]]:
    """Return the name of each component that is missing, and what making it would install."""
    components = [component for chain in _chains(purposes) for component in chain]
    return [(component.name, text) for component in components if (text := component.missing(place))]


def _interrupt(_number: int, _frame: Optional[FrameType]) -> None:
    # One is enough: a second signal must not keep the commands from being ended.
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
