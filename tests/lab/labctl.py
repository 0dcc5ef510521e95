# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, stop and look at the lab: `labctl.py up|down|status`. tests/lab/README.md tells what stands for what."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lab import lifecycle
from lab.description_file import load
from lab.errors import LabError
from lab.state import State

ROOT = Path(__file__).resolve().parents[2]


def parse_arguments(argv: list[str]) -> argparse.Namespace:
    """The command line as a namespace; paths are taken from the repository's root."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the sources and what stands for AWS")
    up.add_argument(
        "--lab", type=Path, default=Path("tests/lab/lab.yml"), help="the description (default: %(default)s)"
    )
    up.add_argument("--sources", type=int, default=1, help="number of source servers (default: %(default)s)")
    up.add_argument("--sql", type=Path, help="load this dump (.sql or .sql.gz) into every source instead of the sample")
    up.add_argument("--fast", action="store_true", help="a tiny sample database")
    down = commands.add_parser("down", help="stop everything of this lab and remove its data; logs stay")
    down.add_argument("--logs", action="store_true", help="remove the logs, too")
    commands.add_parser("status", help="tell what runs; exit status 1 when the lab is not up")
    for command in commands.choices.values():
        command.add_argument(
            "--state-dir", type=Path, default=Path("build/lab"), help="where this lab lives (default: %(default)s)"
        )
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Run one command; returns the exit status."""
    arguments = parse_arguments(argv)
    state = State(ROOT / arguments.state_dir)
    try:
        if arguments.command == "up":
            # A dump is named by the person who types, so from where they are; the rest from the repository.
            dump = arguments.sql.resolve() if arguments.sql else None
            lifecycle.up(state, load(ROOT / arguments.lab), arguments.sources, dump, arguments.fast)
        elif arguments.command == "down":
            lifecycle.down(state, arguments.logs)
        else:
            return 0 if lifecycle.status(state) else 1
    except LabError as exc:
        print(f"labctl: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
