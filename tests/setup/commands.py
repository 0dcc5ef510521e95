# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the installers' commands: quiet when they work, with their last lines when they do not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Mapping, Optional, Sequence

TAIL_LINES = 25


class SetupError(Exception):
    """Something could not be installed; the message names the cause and what to do."""


def run(argv: Sequence[str | os.PathLike[str]], log: Path, env: Optional[Mapping[str, str]] = None) -> None:
    """Run *argv* and append its output to *log*.

    Raises SetupError with the last lines of the output when the command cannot be started or fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    shown = " ".join(os.fspath(item) for item in argv)
    with log.open("ab") as stream:
        stream.write(f"$ {shown}\n".encode())
        stream.flush()
        try:
            status = subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, env=env, check=False
            ).returncode
        except OSError as error:
            raise SetupError(f"cannot run {shown}: {error}") from error
    if status != 0:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
        raise SetupError("\n".join([f"'{shown}' ended with status {status} (log: {log}):", *tail]))
