# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install what a purpose needs under build/: ``python3 tests/setup demo``. Safe to repeat; it says what it installs."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

if sys.version_info < (3, 10):
    sys.exit(
        f"this needs Python 3.10 or newer, and {sys.executable} is {sys.version.split()[0]}; try PYTHON=python3.11"
    )

from commands import SetupError
from components import CHECKOUT, PURPOSES, Chain, Place


def main() -> int:
    """Make what is missing, the chains side by side; return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 tests/setup", description=__doc__)
    parser.add_argument("purpose", nargs="*", default=["all"], metavar="PURPOSE", help=", ".join(PURPOSES))
    arguments = parser.parse_args()
    if unknown := set(arguments.purpose) - set(PURPOSES):
        parser.error(f"there is no purpose {', '.join(sorted(unknown))}; there are {', '.join(PURPOSES)}")
    place = Place(CHECKOUT / "build")
    chains = list(dict.fromkeys(chain for purpose in arguments.purpose for chain in PURPOSES[purpose]))
    missing = [(item.name, text) for chain in chains for item in chain if (text := item.missing(place))]
    if not missing:
        return 0
    say(f"installing {len(missing)} component(s), nothing outside {place.build} but Debian packages:")
    for name, text in missing:
        say(f"  {name}: {text}")
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        errors = [error for error in pool.map(lambda chain: make(chain, place), chains) if error]
    for error in errors:
        say(error)
    say(f"{'failed' if errors else 'ready'} after {time.monotonic() - started:.0f} s")
    return 1 if errors else 0


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
    """Print a line at once: several chains talk."""
    print(f"[setup] {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
