# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a stream goes through: gzip, the sink, and every way to fail on it.

mariabackup has no ``--stream=tar``. A script stands where XtraBackup 2.4 stands in production: it takes a real backup
with mariabackup and streams it through tar.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import BACKUP_PASSWORD_CORE, BACKUP_USER, Site, finish_module, run_module, sql
from .test_full_backup import SLOWEST, nothing_half, tools_running, wait_for

Start = Callable[..., "subprocess.Popen[str]"]

XTRABACKUP_24 = r"""#!/bin/bash
# Takes the arguments of innobackupex 2.4 for a tar stream.
case "$*" in *--version*) echo "xtrabackup version 2.4.29 based on MySQL server 5.7.44 Linux (x86_64)" >&2; exit;; esac
printf '%s\n' "$@" > "${0%/*}/arguments"
scratch=${!#}
for argument; do
  case $argument in --defaults-file=*) file=$argument;; --extra-lsndir=*) lsn=$argument;; esac
done
mariabackup "$file" --backup --parallel=1 "$lsn" --target-dir="$scratch/tree" || exit
tar -C "$scratch/tree" -cf - . || exit
rm -r "$scratch/tree"
@@THEN@@
echo "$(date) completed OK!" >&2
"""


def test_parts_that_would_be_too_many_are_told_before_the_tool_starts(site: Site) -> None:
    # It takes no room, and is as long as a table of that size.
    huge = site.server.datadir / "shop" / "huge.ibd"
    huge.touch()
    os.truncate(huge, 600 * 1000**3)
    try:
        failure = run_module(site.arguments(format="xbstream", part_size="5MiB"))
        assert failure["error_id"] == "parts.too_many"
        assert "part_size" in failure["remedy"]
    finally:
        huge.unlink()
    assert not (site.work / "full.log").exists()


@pytest.fixture
def old_tool(tmp_path: Path) -> Callable[[str], Path]:
    def make(then: str = "") -> Path:
        directory = tmp_path / "bin"
        directory.mkdir()
        for name in ("innobackupex", "xtrabackup"):
            (directory / name).write_text(XTRABACKUP_24.replace("@@THEN@@", then))
            (directory / name).chmod(0o755)
        return directory / "xtrabackup"

    return make


@pytest.fixture
def old(site: Site, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Arguments for a server that says it is 5.7, reached as its own option file says."""
    config = tmp_path / "my.cnf"
    config.write_text(f"[client]\nsocket={site.server.socket}\n")
    config.chmod(0o600)

    def arguments(executable: Path, **changes: Any) -> dict[str, Any]:
        server = {"login_host": None, "login_port": None, "server_version": "5.7.44", "server_flavour": "mysql"}
        more = {"executable": str(executable), "config_file": str(config), "part_size": "5MiB", **changes}
        return site.arguments(**{**server, **more})

    return arguments


def content(site: Site) -> bytes:
    return b"".join(part.read_bytes() for part in sorted(site.target.iterdir()))


@pytest.mark.parametrize("form", ["tar", "tar_gz"])
def test_a_tar_stream_in_parts(site: Site, tmp_path: Path, old_tool, old, form: str) -> None:
    if form == "tar_gz" and not (shutil.which("igzip") or shutil.which("pigz")):
        pytest.skip("this machine has neither igzip nor pigz")
    executable = old_tool()
    result = run_module(old(executable, format=form))
    assert result["changed"] is True, result
    extension = {"tar": ".tar", "tar_gz": ".tar.gz"}[form]
    assert sorted(path.name for path in site.target.iterdir())[0] == f"backup{extension}00000"
    archive = content(site)
    if form == "tar_gz":
        archive = subprocess.run(["gunzip", "-c"], input=archive, check=True, capture_output=True).stdout
    tree = tmp_path / "tree"
    tree.mkdir()
    subprocess.run(["tar", "-xiC", str(tree)], input=archive, check=True)
    prepared = subprocess.run(["mariabackup", "--prepare", f"--target-dir={tree}"], check=True, capture_output=True)
    assert prepared.stderr.rstrip().endswith(b"completed OK!")
    assert (tree / "shop" / "orders.ibd").exists()
    assert BACKUP_PASSWORD_CORE.encode() not in archive
    given = (executable.parent / "arguments").read_text().split("\n")
    assert "--stream=tar" in given
    assert f"--tmpdir={site.work}/full.partial/scratch" in given
    assert "--no-timestamp" in given
    assert run_module(old(executable, format=form))["changed"] is False


def test_tar_is_refused_by_name_where_the_tool_has_none(site: Site) -> None:
    result = run_module(site.arguments(format="tar_gz"))
    assert result["error_id"] == "format.unsupported"
    assert "mariabackup" in result["msg"]
    assert not site.target.exists()


def test_no_gzip_on_the_host(site: Site, old_tool, old) -> None:
    # The host's own programs without the two, as a PATH and usual directories without them would be.
    executable = old_tool()
    for name in ("igzip", "pigz"):
        (executable.parent / name).write_text("#!/bin/sh\nexit 1\n")
        (executable.parent / name).chmod(0o755)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{executable.parent}:{path}"
    try:
        result = run_module(old(executable, format="tar_gz"))
    finally:
        os.environ["PATH"] = path
    assert result["error_id"] == "host.gzip_missing"
    assert "isal" in result["remedy"]
    nothing_half(site)


@pytest.mark.parametrize(
    ("then", "error_id", "said"),
    [
        ("echo 'innobackupex: Error: the sky fell' >&2; exit 1", "backup.tool_failed", "the sky fell"),
        ("echo bye >&2; exit 0", "backup.tool_failed", "not whole"),
        ("kill -9 $$", "backup.tool_failed", "by signal 9"),
        ("rm ${lsn#*=}/xtrabackup_info", "host.file_error", "xtrabackup_info"),
    ],
)
def test_a_stream_that_ends_without_success_is_not_there(
    site: Site, old_tool, old, then: str, error_id: str, said: str
) -> None:
    result = run_module(old(old_tool(then), format="tar"))
    assert result["error_id"] == error_id
    assert said in result["msg"]
    nothing_half(site)
    assert not (site.work / "full.lsn").exists()


def test_a_gzip_that_fails_in_the_middle(site: Site, old_tool, old) -> None:
    executable = old_tool()
    broken = executable.parent / "igzip"
    broken.write_text(
        '#!/bin/bash\nn=$(head -c 1000000 | wc -c)\n((n < 1000)) && exec printf "\\x1f\\x8b"\n'
        "echo 'igzip: out of luck' >&2; exit 3\n"
    )
    broken.chmod(0o755)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{executable.parent}:{path}"
    try:
        result = run_module(old(executable, format="tar_gz"))
    finally:
        os.environ["PATH"] = path
    assert result["error_id"] == "backup.archive_failed"
    assert "out of luck" in result["msg"]
    nothing_half(site)


def test_a_password_recorded_in_the_lsn_directory_is_found_out(site: Site, old_tool, old) -> None:
    sql(
        site.server, "CREATE OR REPLACE USER 'plain'@'%' IDENTIFIED BY 'plain-secret'; GRANT ALL ON *.* TO 'plain'@'%';"
    )
    then = "sed -i 's/^tool_command = /&--password=plain-secret /' ${lsn#*=}/xtrabackup_info"
    result = run_module(old(old_tool(then), format="tar", login_user="plain", login_password="plain-secret"))
    assert result["error_id"] == "backup.secret_recorded"
    nothing_half(site)


@pytest.mark.parametrize("argument", ["--databases=shop", "--encrypt=AES256", "--compress", "--target-dir=/tmp", "-p"])
def test_forbidden_arguments_are_refused_before_anything_is_started(site: Site, argument: str) -> None:
    result = run_module(site.arguments(extra_arguments=[argument]))
    assert result["error_id"] == "backup.option_forbidden"
    assert not site.target.exists()
    assert not (site.work / "full.log").exists()


def test_an_argument_reaches_the_tool(site: Site) -> None:
    result = run_module(site.arguments(extra_arguments=["--no-such-option-of-any-tool"]))
    assert result["error_id"] == "tool.option_unknown"
    nothing_half(site)


def test_part_sizes_that_s3_does_not_take(site: Site) -> None:
    assert run_module(site.arguments(part_size="1MB"))["error_id"] == "parts.size"


def sessions(site: Site) -> int:
    """Connections of the backup's account."""
    return int(sql(site.server, f"SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{BACKUP_USER}'"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("form", ["directory", "xbstream"])
def test_no_lock_outlives_a_killed_module(site: Site, started: Start, number: signal.Signals, form: str) -> None:
    """The tool holds BACKUP STAGE locks on its connection; when that is gone, DDL and FLUSH pass at once."""
    process = started(site.arguments(format=form, part_size="5MiB", **SLOWEST))
    wait_for(lambda: (site.work / "full.partial" / "data").exists() and sessions(site) > 0, "the tool's connection")
    process.send_signal(number)
    if number == signal.SIGTERM:
        assert finish_module(process)["error_id"] == "backup.interrupted"
    else:
        process.wait()
    wait_for(lambda: not tools_running(site), "the end of the tool")
    wait_for(lambda: sessions(site) == 0, "the end of its connection")
    sql(
        site.server,
        "SET lock_wait_timeout = 5; FLUSH TABLES WITH READ LOCK; UNLOCK TABLES;"
        "CREATE TABLE shop.passes (n INT); DROP TABLE shop.passes;",
    )
    assert not site.target.exists()
