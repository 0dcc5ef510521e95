# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that a measurement was made on."""

from __future__ import annotations

import datetime
import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """What a reader has to know to judge the figures."""

    processor: str
    cores: int
    memory_gib: float
    kernel: str
    system: str
    date: str
    load: float
    """The load average of the minute before: what else the machine was doing."""

    def described(self) -> str:
        """Return it as one line."""
        return (
            f"{self.processor}, {self.cores} cores, {self.memory_gib:.0f} GiB of memory, {self.system}, "
            f"Linux {self.kernel}, {self.date}; load average before it: {self.load:.2f}"
        )


def this_machine() -> Machine:
    """Look at this machine, now."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        processor=_field(Path("/proc/cpuinfo"), "model name", ":") or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gib=memory / 2**30,
        kernel=platform.release(),
        system=_field(Path("/etc/os-release"), "PRETTY_NAME", "=").strip('"') or platform.system(),
        date=datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        load=os.getloadavg()[0],
    )


def _field(path: Path, name: str, separator: str) -> str:
    """Return the value of the first line of *path* with that name; empty where there is none."""
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            key, _separator, value = line.partition(separator)
            if key.strip() == name:
                return value.strip()
    return ""
