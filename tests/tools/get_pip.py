# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put pip into an empty virtual environment from what Python ships and the package index.

It stands where ansible-test caches a get-pip script that it would otherwise download; it takes the same arguments.
"""

from __future__ import annotations

import subprocess
import sys

NOT_PIPS = ("--no-setuptools", "--no-wheel")


def main() -> int:
    """Install the packages in argv, pip among them; return pip's exit status."""
    subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
    wanted = [item for item in sys.argv[1:] if item not in NOT_PIPS]
    return subprocess.call([sys.executable, "-m", "pip", "install", "-q", *wanted])


if __name__ == "__main__":
    sys.exit(main())
