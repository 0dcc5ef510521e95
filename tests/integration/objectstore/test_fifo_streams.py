# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``xtrabackup_s3`` with a tool whose stream comes through several pipes.

mariabackup has no ``--fifo-streams``. A script stands where XtraBackup 8.0 stands in production: it takes a real backup
with mariabackup, makes the pipes as XtraBackup does, and has ``mbstream`` write into them side by side.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.integration.servers import ROOT_PASSWORD

from .conftest import PREFIX
from .test_xtrabackup_s3 import PART, Source, server, source

__all__ = ("server", "source")

STREAMS = 3
XTRABACKUP_80 = """#!@@PYTHON@@
import os, subprocess, sys
if "--version" in sys.argv:
    print("xtrabackup version 8.0.35-33 based on MySQL server 8.0.35 Linux (x86_64)", file=sys.stderr)
    sys.exit()
given = dict(argument.partition("=")[::2] for argument in sys.argv[1:])
assert given["--stream"] == "xbstream"
where, tree = given["--fifo-dir"], "@@TREE@@"
paths = [os.path.join(where, "thread_%d" % number) for number in range(int(given["--fifo-streams"]))]
same = ["--%s=%s" % (name, given["--" + name]) for name in ("defaults-file", "extra-lsndir")]
# the option file is a descriptor that is handed on
subprocess.run(["mariabackup", same[0], "--backup", same[1], "--target-dir=" + tree], close_fds=False, check=True)
for path in paths:
    os.mkfifo(path, 0o600)
pipes = [open(path, "wb") for path in paths]
found = [os.path.join(folder, name) for folder, _, names in os.walk(tree) for name in names]
files = sorted(os.path.relpath(path, tree) for path in found)
running = []
for number, pipe in enumerate(pipes):
    mine = files[number :: len(pipes)]
    if @@CUT@@ and number == len(pipes) - 1:
        pipe.write(subprocess.run(["mbstream", "-c", *mine], cwd=tree, stdout=subprocess.PIPE).stdout[:-5])
    else:
        running.append(subprocess.Popen(["mbstream", "-c", *mine], cwd=tree, stdout=pipe))
    pipe.close()
for each in running:
    assert each.wait() == 0
print("completed OK!", file=sys.stderr)
"""


def arguments(source: Source, tmp_path: Path, cut: bool = False) -> dict[str, Any]:
    """The module's options for the stand-in, which leaves its backup in ``tmp_path/tree``."""
    executable = tmp_path / "bin" / "xtrabackup"
    executable.parent.mkdir()
    script = XTRABACKUP_80.replace("@@PYTHON@@", sys.executable).replace("@@TREE@@", str(tmp_path / "tree"))
    executable.write_text(script.replace("@@CUT@@", str(cut)))
    executable.chmod(0o755)
    config = tmp_path / "my.cnf"
    config.write_text(f"[client]\nsocket={source.server.socket}\n")
    config.chmod(0o600)
    return {
        "executable": str(executable),
        "config_file": str(config),
        "login_host": None,
        "login_port": None,
        "login_password": ROOT_PASSWORD,
        "server_version": "8.0.36",
        "server_flavour": "mysql",
        "fifo_streams": STREAMS,
    }


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_what_comes_through_several_pipes_stands_in_s3_as_one_stream(source: Source, tmp_path: Path) -> None:
    options = arguments(source, tmp_path)
    result = source.run(**options)
    assert (result["changed"], result["backup"]["format"]) == (True, "xbstream")
    objects = source.place.contents(f"{PREFIX}full/")
    assert len(objects) == result["upload"]["objects"] > 2
    assert {len(data) for name, data in sorted(objects.items())[:-1]} == {PART}
    unpacked = source.restored("full", tmp_path / "unpacked")
    assert contents(unpacked) == contents(tmp_path / "tree")
    prepared = ["mariabackup", "--prepare", f"--target-dir={unpacked}"]
    assert subprocess.run(prepared, check=True, capture_output=True).stderr.rstrip().endswith(b"completed OK!")
    assert source.place.open_uploads() == []
    assert not list(source.work.rglob("thread_*"))
    assert source.run(**options)["changed"] is False


def test_a_pipe_that_ends_too_early_leaves_nothing(source: Source, tmp_path: Path) -> None:
    failure = source.fail(**arguments(source, tmp_path, cut=True))
    assert failure["error_id"] == "backup.stream_broken"
    assert source.is_clean()
