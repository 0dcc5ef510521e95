#!/usr/bin/env python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand in for the program ssh: run the command in the container that has the host's name.

Ansible's ssh connection sends a module over standard input, one call a task. The connection of containers.podman copies
it first, six calls a task, which took most of the time of a scenario.
"""

from __future__ import annotations

import getopt
import subprocess
import sys

# Those of ssh(1), so that what takes a value is not taken for the host.
OPTIONS = "46AaCfGgKkMNnqsTtVvXxYyB:b:c:D:E:e:F:I:i:J:L:l:m:O:o:p:Q:R:S:W:w:"


def main() -> None:
    """Run podman."""
    _options, (host, *command) = getopt.getopt(sys.argv[1:], OPTIONS)
    sys.exit(subprocess.call(["podman", "exec", "--interactive", host, "/bin/sh", "-c", " ".join(command)]))


if __name__ == "__main__":
    main()
