# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Full backups of a real MariaDB with the real mariabackup, which stands where XtraBackup stands in production."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ..servers import ROOT_PASSWORD, DatabaseServer, free_port, mariadb_server
from .conftest import BACKUP_PASSWORD_CORE, BACKUP_USER, Site, finish_module, run_module, sql

Start = Callable[..., "subprocess.Popen[str]"]

BUILD = Path(__file__).resolve().parents[3] / "build"

# With these the test server's backup takes minutes, and some seconds: one is going to be stopped, the other to end.
SLOWEST = {"throttle": 1, "parallel": 1}
SLOW = {"throttle": 80, "parallel": 1}
PATIENCE = 60


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)
    return found


def tools_running(site: Site) -> list[int]:
    """Process ids of backup tools that write into this test's directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"mariabackup\0" in command and os.fsencode(site.staging) in command:
                found.append(int(entry.name))
    return found


def copying(site: Site) -> bool:
    """Whether the tool has begun to write the big table."""
    return (site.work / "full.partial" / "data" / "shop" / "orders.ibd").exists() and bool(tools_running(site))


def files_below(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def nothing_half(site: Site) -> None:
    assert not site.target.exists()
    assert not (site.work / "full.partial").exists()
    assert not tools_running(site)
    for path in files_below(site.staging):
        assert BACKUP_PASSWORD_CORE.encode() not in path.read_bytes(), path


def test_a_full_backup_and_a_second_run(site: Site) -> None:
    first = run_module(site.arguments())
    assert first["changed"] is True
    backup = first["backup"]
    assert backup["directory"] == str(site.target.parent)
    assert backup["staged"] is True
    assert backup["format"] == "directory"
    assert "stay below Aurora's 1000000 files" in backup["format_reason"]
    [entry] = backup["chain"]
    assert (entry["name"], entry["type"], entry["backup_id"]) == ("full", "full", backup["backup_id"])
    assert entry["from_lsn"] == 0
    assert 0 < entry["to_lsn"] <= entry["last_lsn"]
    # Nobody has written since.
    told = sql(site.server, "SHOW MASTER STATUS; SELECT @@gtid_binlog_pos").split()
    assert list(backup["binlog"].values()) == [told[0], int(told[1]), told[-1]]
    assert told[-1].count("-") == 2
    assert backup["tool"]["name"] == "mariabackup"
    assert backup["server_version"].startswith(backup["tool"]["version"].split("-")[0])
    course = [each["done"] for each in backup["progress"]]
    assert course == sorted(course)
    # what the tool wrote for itself is in it
    assert 0 < course[-1] <= 1.1 * backup["bytes"]
    found = files_below(site.target)
    assert backup["files"] == len(found)
    assert backup["bytes"] == sum(path.stat().st_size for path in found)
    assert (site.target / "shop" / "orders.ibd").stat().st_size > 30 * 1024 * 1024

    second = run_module(site.arguments())
    assert second["changed"] is False
    assert second["backup"] == backup


def test_the_backup_can_be_prepared(site: Site) -> None:
    run_module(site.arguments())
    prepared = subprocess.run(
        ["mariabackup", "--prepare", f"--target-dir={site.target}"], capture_output=True, check=True
    )
    assert prepared.stderr.rstrip().endswith(b"completed OK!")


def test_a_compressed_backup_is_refused_unless_allowed_and_then_found_again(site: Site, tmp_path: Path) -> None:
    config = tmp_path / "compressing.cnf"
    config.write_text("[mariabackup]\ncompress\n")
    config.chmod(0o600)
    refused = run_module(site.arguments(config_file=str(config)))
    assert refused["error_id"] == "chain.compressed"
    nothing_half(site)
    wanted = site.arguments(config_file=str(config), allow_compress=True)
    result = run_module(wanted)
    assert result["changed"] is True, result
    assert (site.target / "xtrabackup_info.qp").exists()
    again = run_module(wanted)
    assert (again["changed"], again.get("backup")) == (False, result["backup"])


def test_beside_the_target_nothing_lies_in_its_directory(site: Site) -> None:
    run_module(site.arguments())
    assert [entry.name for entry in site.target.parent.iterdir()] == ["full"]
    assert {entry.name for entry in site.work.iterdir()} == {"full.json", "full.lsn", "backup.lock", "full.log"}
    assert (site.work / "full.log").stat().st_mode & 0o777 == 0o600


def test_check_mode_changes_nothing_and_tells_the_truth(site: Site) -> None:
    told = run_module(site.arguments(), check_mode=True)
    assert told["changed"] is True
    assert not site.staging.exists()
    done = run_module(site.arguments())
    here = f"full backup in {site.target}\n"
    assert told["diff"] == done["diff"] == {"before": "", "after": here}
    again = run_module(site.arguments(), check_mode=True)
    assert again["changed"] is False
    assert again["diff"] == {"before": here, "after": here}
    assert again["backup"]["directory"] == str(site.target.parent)


def test_login_by_socket_file_and_by_option_file(site: Site, tmp_path: Path) -> None:
    config = tmp_path / "my.cnf"
    config.write_text(
        f"[mysqld]\ndatadir={site.server.datadir}\n[client]\nsocket={site.server.socket}\nuser=nonsense\n"
    )
    config.chmod(0o600)
    result = run_module(
        site.arguments(login_host=None, login_port=None, config_file=str(config), server_version="10.11.0-MariaDB-any")
    )
    # The option file's socket was used, and the task's user went before its own: only the version is another.
    assert result["backup"]["server_version"].startswith("10.11.")


def test_two_runs_at_once_make_one_backup(site: Site, started: Start) -> None:
    first = started(site.arguments(**SLOW))
    wait_for(lambda: copying(site), "the first run's copying")
    second = started(site.arguments())
    results = [finish_module(first), finish_module(second)]
    assert [result["changed"] for result in results] == [True, False]
    assert results[0]["backup"] == results[1]["backup"]


def test_a_run_that_may_not_wait_says_who_holds_the_lock(site: Site, started: Start) -> None:
    first = started(site.arguments(**SLOWEST))
    wait_for(lambda: copying(site), "the first run's copying")
    assert run_module(site.arguments(lock_timeout=0))["error_id"] == "backup.running"
    first.send_signal(signal.SIGTERM)
    assert finish_module(first)["error_id"] == "backup.interrupted"


def test_wrong_password(site: Site) -> None:
    result = run_module(site.arguments(login_password="another"))
    assert result["error_id"] == "source.access_denied"
    assert f"'{BACKUP_USER}'@" in result["msg"]
    nothing_half(site)


def test_an_account_without_rights(site: Site) -> None:
    result = run_module(site.arguments(login_user="nobody", login_password="nothing"))
    assert result["error_id"] == "source.missing_privileges"
    assert "RELOAD" in result["msg"]
    assert "IDENTIFIED BY PASSWORD '*" not in (site.work / "full.log").read_text().replace("'********'", "")
    nothing_half(site)


def test_server_down(site: Site) -> None:
    assert run_module(site.arguments(login_port=free_port()))["error_id"] == "source.unreachable"
    nothing_half(site)


@contextmanager
def listener(words: bytes) -> Iterator[int]:
    """Something that accepts connections, says its words to each, and hangs up unless it has none."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        kept = []

        def serve() -> None:
            while True:
                try:
                    connection, _address = listening.accept()
                except OSError:
                    return
                kept.append(connection)
                if words:
                    connection.sendall(words)
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in kept:
            connection.close()


@pytest.mark.parametrize(
    "words",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00", b""],
    ids=["http", "ssh", "byte", "silence"],
)
def test_a_port_that_is_no_mysql(site: Site, words: bytes) -> None:
    with listener(words) as port:
        result = run_module(site.arguments(login_port=port, connect_timeout=1))
    assert result["error_id"] == "source.not_mysql"
    nothing_half(site)


def test_a_server_of_another_version_than_announced(site: Site) -> None:
    result = run_module(site.arguments(server_version="10.6.1-MariaDB"))
    assert result["error_id"] == "source.version_differs"


def test_mariadb_is_refused_unless_allowed(site: Site) -> None:
    assert run_module(site.arguments(allow_mariadb=False))["error_id"] == "tool.mariadb_not_allowed"


def test_no_tool(site: Site) -> None:
    assert run_module(site.arguments(executable="/nowhere/xtrabackup"))["error_id"] == "tool.missing"


def test_an_old_tool(site: Site, tmp_path: Path) -> None:
    old = tmp_path / "xtrabackup"
    old.write_text("#!/bin/sh\necho xtrabackup version 2.2.13 based on MySQL server 5.6.24 Linux >&2\n")
    old.chmod(0o755)
    result = run_module(
        site.arguments(
            executable=str(old), login_host=None, login_port=None, server_version="5.6.51", server_flavour="mysql"
        )
    )
    assert result["error_id"] == "tool.too_old"
    assert "percona-xtrabackup-24" in result["msg"]


def test_a_target_that_is_something_else_is_left_alone(site: Site) -> None:
    site.target.mkdir(parents=True)
    (site.target / "thesis.txt").write_text("the only copy")
    assert run_module(site.arguments())["error_id"] == "backup.target_exists"
    assert (site.target / "thesis.txt").read_text() == "the only copy"


@pytest.mark.parametrize("change", ["prepared", "lost a file", "without page"])
def test_a_backup_that_was_touched_is_not_taken_for_whole(site: Site, change: str) -> None:
    run_module(site.arguments())
    if change == "prepared":
        subprocess.run(["mariabackup", "--prepare", f"--target-dir={site.target}"], check=True, capture_output=True)
    elif change == "lost a file":
        (site.target / "shop" / "orders.frm").unlink()
    else:
        (site.work / "full.json").unlink()
    assert run_module(site.arguments())["error_id"] == "backup.target_exists"


def test_another_servers_backup_is_not_taken_for_ours(site: Site, tmp_path: Path) -> None:
    run_module(site.arguments())
    other = tmp_path / "other-datadir"
    other.mkdir()
    assert run_module(site.arguments(datadir=str(other)))["error_id"] == "backup.target_exists"


def test_a_target_inside_the_data_directory(site: Site) -> None:
    result = run_module(site.arguments(target_dir=str(site.server.datadir / "backup"), work_dir=None))
    assert result["error_id"] == "backup.target_in_datadir"
    assert not (site.server.datadir / "backup").exists()


def test_no_data_directory(site: Site, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run_module(site.arguments(datadir=str(tmp_path / "empty")))["error_id"] == "host.datadir_missing"


def test_an_option_file_that_everybody_may_write(site: Site, tmp_path: Path) -> None:
    config = tmp_path / "my.cnf"
    config.write_text("[mysqld]\n")
    config.chmod(0o666)
    assert run_module(site.arguments(config_file=str(config)))["error_id"] == "host.config_file_ignored"


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        *(pytest.param(each, marks=pytest.mark.thorough("SIGTERM")) for each in (signal.SIGINT, signal.SIGHUP)),
    ],
)
def test_a_stopped_module_stops_the_tool_and_leaves_nothing_half(
    site: Site, started: Start, number: signal.Signals
) -> None:
    replica = number == signal.SIGTERM
    # The account of the other tests may not ask for a replica's status.
    as_root = {"login_user": "root", "login_password": ROOT_PASSWORD, "safe_slave_backup": True} if replica else {}
    process = started(site.arguments(**SLOWEST, **as_root))
    wait_for(lambda: copying(site), "the copying")
    process.send_signal(number)
    result = finish_module(process)
    assert result["error_id"] == "backup.interrupted"
    assert number.name in result["msg"]
    assert ("START SLAVE SQL_THREAD" in result["msg"]) is replica
    nothing_half(site)
    assert run_module(site.arguments())["changed"] is True


def test_a_killed_module_takes_the_tool_with_it_and_the_next_run_ends_well(site: Site, started: Start) -> None:
    process = started(site.arguments(**SLOWEST))
    wait_for(lambda: copying(site), "the copying")
    process.kill()
    process.wait()
    wait_for(lambda: not tools_running(site), "the end of the tool")
    assert not site.target.exists()
    assert (site.work / "full.partial").exists()

    result = run_module(site.arguments())
    assert result["changed"] is True
    assert not (site.work / "full.partial").exists()
    assert result["backup"]["files"] == len(files_below(site.target))


def test_a_killed_tool(site: Site, started: Start) -> None:
    process = started(site.arguments(**SLOWEST))
    wait_for(lambda: copying(site), "the copying")
    for pid in tools_running(site):
        os.kill(pid, signal.SIGKILL)
    result = finish_module(process)
    assert "by signal 9" in result["msg"]
    nothing_half(site)


def test_a_partial_directory_of_somebody_else_is_left_alone(site: Site) -> None:
    stranger = site.work / "full.partial" / "letter"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("mine")
    assert run_module(site.arguments())["error_id"] == "backup.partial_not_ours"
    assert stranger.read_text() == "mine"


def test_the_server_goes_away_in_the_middle(tmp_path: Path, started: Start) -> None:
    with mariadb_server(tmp_path) as own:
        sql(
            own,
            "CREATE USER 'u'@'%' IDENTIFIED BY 'long-enough'; GRANT ALL ON *.* TO 'u'@'%'; CREATE DATABASE shop;"
            "CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note TEXT) ENGINE=InnoDB;"
            "INSERT INTO shop.orders (note) SELECT REPEAT(MD5(seq), 60) FROM shop.seq_1_to_16000;",
        )
        site = Site(own, tmp_path / "staging")
        process = started(site.arguments(login_user="u", login_password="long-enough", **SLOWEST))
        wait_for(lambda: copying(site), "the copying")
        os.kill(own.pid, signal.SIGKILL)
        result = finish_module(process)
    assert result["failed"] is True
    assert result["error_id"].startswith(("source.", "backup.tool_failed"))
    nothing_half(site)


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of so many MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    directory = tmp_path / "disk"
    directory.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={request.param}m", "tmpfs", directory], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this container may not mount a file system: {mounted.stderr!r}")
    yield directory
    subprocess.run(["umount", directory], check=True)


@pytest.mark.parametrize("disk", [24], indirect=True)
def test_a_disk_that_is_too_small_is_seen_before(server: DatabaseServer, disk: Path) -> None:
    site = Site(server, disk / "staging")
    result = run_module(site.arguments())
    assert result["error_id"] == "host.disk_too_small"
    assert result["details"]["needed_bytes"] > result["details"]["free_bytes"]
    nothing_half(site)


@pytest.mark.parametrize("disk", [100], indirect=True)
@pytest.mark.parametrize("form", ["directory", "xbstream"])
def test_a_disk_that_fills_up_in_the_middle(server: DatabaseServer, disk: Path, tmp_path: Path, form: str) -> None:
    site = Site(server, disk / "staging")
    # A tool that eats most of the disk, as others might, after the check before has been content.
    greedy = tmp_path / "greedy"
    greedy.write_text(
        "#!/bin/bash\n"
        f'[[ $* == *--version* ]] || head -c 80000000 /dev/zero > "{disk}/eaten"\n'
        'exec -a mariabackup mariabackup "$@"\n'
    )
    greedy.chmod(0o755)
    result = run_module(site.arguments(executable=str(greedy), format=form, part_size="5MiB"))
    assert result["error_id"] == "host.disk_full"
    assert "No space left on device" in result["msg"]
    nothing_half(site)


def _secrets_in_processes(stop: threading.Event, found: list[str]) -> None:
    secret = BACKUP_PASSWORD_CORE.encode()
    while not stop.is_set():
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            for name in ("cmdline", "environ"):
                try:
                    if secret in (entry / name).read_bytes():
                        found.append(f"{entry.name}/{name}")
                except OSError:
                    continue


def test_the_password_is_nowhere(site: Site, tmp_path: Path) -> None:
    stop, found = threading.Event(), []  # type: tuple[threading.Event, list[str]]
    watcher = threading.Thread(target=_secrets_in_processes, args=(stop, found))
    watcher.start()
    try:
        result = run_module(site.arguments(**SLOW))
    finally:
        stop.set()
        watcher.join()
    assert result["changed"] is True
    assert not found
    for path in files_below(tmp_path):
        assert BACKUP_PASSWORD_CORE.encode() not in path.read_bytes(), path
    assert "--password" not in (site.target / "xtrabackup_info").read_text()


def test_a_tool_that_records_the_password_is_found_out(site: Site, tmp_path: Path) -> None:
    """A tool that writes what it was told into xtrabackup_info, as XtraBackup does with its command line."""
    loose = tmp_path / "loose"
    loose.write_text(
        '#!/bin/bash\n[[ $* == *--version* ]] && exec mariabackup --version\nmariabackup "$@" || exit\n'
        "info=${*: -1}; info=${info#--target-dir=}/xtrabackup_info; file=$2; file=${1#--defaults-file=}\n"
        "word=$(sed -n 's/^password=//p' \"$file\" | head -1)\n"
        'python3 - "$info" <<PY\nimport sys\npath = sys.argv[1]\ntext = open(path).read()\n'
        "open(path, 'w').write(text.replace('tool_command = ', 'tool_command = --password=plain-secret '))\nPY\n"
        'echo "completed OK!" >&2\n'
    )
    loose.chmod(0o755)
    sql(
        site.server, "CREATE OR REPLACE USER 'plain'@'%' IDENTIFIED BY 'plain-secret'; GRANT ALL ON *.* TO 'plain'@'%';"
    )
    result = run_module(site.arguments(executable=str(loose), login_user="plain", login_password="plain-secret"))
    assert result["error_id"] == "backup.secret_recorded"
    nothing_half(site)


def test_on_the_oldest_python_that_a_database_host_has(site: Site) -> None:
    python = BUILD / "venvs" / "host" / "bin" / "python"
    if not python.exists():
        pytest.skip("there is no Python 3.6 on this machine")
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("Python 3.6.")
    # ansible-core 2.16 is the newest whose modules run on Python 3.6.
    libraries = [str(path) for path in (BUILD / "venvs" / "oldest" / "lib").glob("python*/site-packages")]
    result = run_module(site.arguments(), python=str(python), path=libraries)
    assert result["changed"] is True
    assert run_module(site.arguments(), python=str(python), path=libraries)["changed"] is False
