# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move a database through the lab with the playbook that moves a production server, and show what came of it."""

from __future__ import annotations

import argparse
import shlex
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any, Optional

import play
import story
from lab import BUILD, Lab

REPORTS = BUILD / "demo"


def main() -> int:
    """Run the demo; return 0 when every source was moved and is equal to its target."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the lab up")
    arguments, lab_options = parser.parse_known_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    lab = Lab()
    kept = False
    try:
        equal = _move(lab, lab_options)
        kept = arguments.keep
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except subprocess.CalledProcessError as error:
        print(f"FAILED: {shlex.join(map(str, error.cmd))} ended with status {error.returncode}", file=sys.stderr)
        return 1
    finally:
        if not kept:
            lab.down()
    if kept:
        _say_what_is_up(lab)
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
    print(f"Stop it: {shlex.join(lab.down_command)}")


def _interrupt(_number: int, _frame: Optional[FrameType]) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
