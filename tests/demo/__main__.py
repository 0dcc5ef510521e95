# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move a database through the lab with the playbook that moves a production server, and show what came of it."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import shlex
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any, Optional

import play
import story
from lab import BUILD, DemoRunsError, Lab

REPORTS = BUILD / "demo"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Run the demo; return 0 when every source was moved and is equal to its target."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the lab up")
    arguments, lab_options = parser.parse_known_args()
    for number in ENDING:
        signal.signal(number, _interrupt)
    _end_with_parent()
    lab = Lab()
    try:
        with lab.taken():
            return _demo(lab, lab_options, arguments.keep)
    except DemoRunsError as error:
        print(f"{error}; wait for its end, or end it with Ctrl-C where it runs", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"FAILED: {shlex.join(map(str, error.cmd))} ended with status {error.returncode}", file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1


def _demo(lab: Lab, lab_options: list[str], keep: bool) -> int:
    """Run the demo in *lab* and stop it, except to *keep* it after a run that came to its end; return the status."""
    try:
        equal = _move(lab, lab_options)
    except BaseException as error:
        _finish_though_interrupted()
        if isinstance(error, KeyboardInterrupt):
            _note("\ninterrupted; stopping what runs")
        lab.abandon()
        raise
    if keep:
        _say_what_is_up(lab)
    else:
        _finish_though_interrupted()
        lab.down()
    return 0 if equal else 1


def _move(lab: Lab, lab_options: list[str]) -> bool:
    """Start *lab*, run the playbook against it, print the story; tell whether all went well."""
    started = time.monotonic()
    endpoints = lab.up(lab_options)
    lab_seconds = time.monotonic() - started
    REPORTS.mkdir(parents=True, exist_ok=True)
    succeeded, seconds = play.run(lab.inventory, REPORTS)
    print("\nThe stations:", *story.stations({"(lab)": lab_seconds, **seconds}), sep="\n")
    told = [_tell(endpoints, source) for source in endpoints["sources"]]
    equal = all(told)
    print(f"{'Done' if succeeded and equal else 'FAILED'} after {time.monotonic() - started:.0f} s", flush=True)
    return succeeded and equal


def _tell(endpoints: dict[str, Any], source: str) -> bool:
    """Print how *source* compares with its target and where its report is; tell whether they are equal."""
    verification = story.read_record(endpoints, source, "verification")
    report = REPORTS / f"{source}.html"
    print(f"\n{source}:", *story.comparison(verification), sep="\n")
    print(f"  report: {report if report.exists() else 'none was written'}")
    return bool(verification.get("equal"))


def _say_what_is_up(lab: Lab) -> None:
    """Tell how to reach the servers that are left up, and how to stop them."""
    endpoints = lab.endpoints()
    print(f"\nThe lab is up; addresses and passwords: {lab.directory / 'endpoints.json'}, inventory: {lab.inventory}")
    print(f"  AWS: {endpoints['aws']['endpoint_url']}, bucket {endpoints['bucket']}")
    for name, server in endpoints["sources"].items():
        print(f"  source {name}: mariadb -h {server['host']} -P {server['port']} -u {server['user']} -p")
    for name, server in endpoints["targets"].items():
        print(f"  cluster {name}: mariadb -h {server['host']} -P {server['port']} -u dbadmin -p")
    print("  dbadmin's passwords are the migration_target_login_password of the inventory's hosts.")
    print("Stop it: make demo-down")


def _interrupt(_number: int, _frame: Optional[FrameType]) -> None:
    # Who kills `make` in a terminal sends two signals at once; one is enough.
    _finish_though_interrupted()
    raise KeyboardInterrupt


def _finish_though_interrupted() -> None:
    """From now on, answer a signal with a word only."""
    for number in ENDING:
        signal.signal(number, lambda _number, _frame: _note("the lab is being stopped; this takes some seconds"))


def _note(text: str) -> None:
    """Print *text* where there is still somebody to read it."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _end_with_parent() -> None:
    """Get SIGTERM when `make` is killed: nobody would see the end of the demo (prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
