# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``s3_tree`` with ``scoped_credentials``: minted on the controller, handed to the host, renewed while it works."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable

import pytest

from .conftest import BUCKET, PREFIX
from .gate import CALLER_KEY, CALLER_SECRET, REGION, Aws

FILES = 12
MANIFEST = "shop/record/manifest.jsonl.gz"
PLAY = {
    "hosts": "source",
    "gather_facts": False,
    "vars": {"ansible_pipelining": True, "migration_progress_interval": 0},
    "tasks": [
        {
            "name": "Carry the backup to S3",
            "dbferry.aurora_mysql.s3_tree": "{{ arguments }}",
            "register": "sent",
        },
        {"name": "Tell", "ansible.builtin.debug": {"var": "sent"}},
    ],
}


class Outcome:
    """What a play left behind."""

    def __init__(self, status: int, output: str) -> None:
        self.status = status
        self.output = output

    def sent(self) -> dict[str, Any]:
        """The module's result, as the play's last task tells it."""
        assert self.status == 0, self.output[-4000:]
        told = self.output[self.output.index("TASK [Tell]") :]
        return json.JSONDecoder().raw_decode(told[told.index("{") :])[0]["sent"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "backup"
    for number in range(FILES):
        (root / "shop").mkdir(parents=True, exist_ok=True)
        (root / "shop" / f"table{number}.ibd").write_bytes(os.urandom(20_000))
    return root


@pytest.fixture
def carry(aws: Aws, tree: Path, tmp_path: Path, generation: Any) -> Callable[..., Outcome]:
    """Runs the play with the caller's key on the controller; ``options`` are the module's."""

    def run(
        scoped: dict[str, Any] | None = None,
        pipelining: bool = True,
        check: bool = False,
        python: Path | None = None,
        environment: dict[str, str] | None = None,
        **options: Any,
    ) -> Outcome:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        arguments = aws.options(
            src=str(tree),
            bucket=BUCKET,
            prefix=PREFIX,
            parallel=1,
            part_size_mib=5,
            scoped_credentials=scoped or {},
            **options,
        )
        play = {**PLAY, "vars": {**PLAY["vars"], "ansible_pipelining": pipelining, "arguments": arguments}}
        book = tmp_path / "play.json"
        book.write_text(json.dumps([play]))
        inventory = tmp_path / "inventory.ini"
        inventory.write_text(
            f"source ansible_connection=local ansible_python_interpreter='{python or generation.bin / 'python'}'\n"
            f"localhost ansible_connection=local ansible_python_interpreter='{generation.bin / 'python'}'\n"
            f"[all:vars]\nansible_remote_tmp='{tmp_path}/remote'\n"
        )
        done = subprocess.run(
            [str(generation.playbook), "-i", str(inventory), str(book), *(["--check"] if check else [])],
            env={**generation.environment(), **(environment or {}), "HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    return run


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)


def s3_keys(aws: Aws) -> set[str]:
    return {seen.access_key for seen in aws.gate.seen}


def objects(aws: Aws) -> list[str]:
    seen = list(aws.gate.seen)
    found = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=PREFIX).get("Contents", [])
    aws.gate.seen[:] = seen
    return [each["Key"] for each in found]


def is_ours(process: Path) -> bool:
    """Whether this process has started another, or what started it."""
    number = int(process.name)
    while number > 1:
        if number == os.getpid():
            return True
        number = int(Path("/proc", str(number), "stat").read_text().rpartition(")")[2].split()[1])
    return False


def listeners() -> dict[int, Path]:
    """The processes below this one that have a socket for credentials (the module, and what it forked), and where."""
    found: dict[int, Path] = {}
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
    sockets = {f"socket:[{line[6]}]": Path(line[7]) for line in lines if "/.dbferry-credentials-" in line[-1]}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            held = [sockets[target] for each in (process / "fd").iterdir() if (target := os.readlink(each)) in sockets]
            if held and is_ours(process):
                found[int(process.name)] = held[0]
    return found


class Watch:
    """Remembers the sockets that it sees, each time that S3 is asked for something."""

    def __init__(self, aws: Aws) -> None:
        self.seen: set[Path] = set()
        aws.gate.on_s3 = self.look

    def look(self) -> None:
        self.seen.update(listeners().values())

    def nothing_is_left(self) -> bool:
        assert self.seen
        return not any(path.parent.exists() for path in self.seen)


def test_the_host_works_with_minted_credentials_only(aws: Aws, carry: Callable[..., Outcome]) -> None:
    watch = Watch(aws)
    outcome = carry({"duration": 1800})
    aws.gate.on_s3 = lambda: None
    assert outcome.status == 0, outcome.output[-4000:]
    assert len(objects(aws)) == FILES
    assert len(aws.gate.minted) == 1 and aws.gate.minted[0]["DurationSeconds"] == "1800"
    assert s3_keys(aws) == set(aws.gate.sessions)
    assert watch.nothing_is_left()
    for secret in (CALLER_SECRET, *(session.secret_key for session in aws.gate.sessions.values())):
        assert secret not in outcome.output
    for session in aws.gate.sessions.values():
        assert session.token not in outcome.output


def test_a_host_without_boto3_gets_the_endpoint_from_the_controller(
    aws: Aws, carry: Callable[..., Outcome], generation: Any, tmp_path: Path
) -> None:
    for name in ("boto3", "botocore"):
        (tmp_path / "none" / name).mkdir(parents=True)
        (tmp_path / "none" / name / "__init__.py").write_text(f"raise ImportError('no {name} here')\n")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path / "none"} exec "{generation.bin / "python"}" "$@"\n')
    python.chmod(0o755)
    environment = {"AWS_ENDPOINT_URL": aws.endpoint_url, "AWS_DEFAULT_REGION": REGION}
    outcome = carry({"endpoint": True}, python=python, environment=environment, endpoint_url=None, region=None)
    assert outcome.status == 0, outcome.output[-4000:]
    assert len(objects(aws)) == FILES
    assert s3_keys(aws) == set(aws.gate.sessions)


def test_a_run_that_outlives_its_credentials_gets_fresh_ones(aws: Aws, carry: Callable[..., Outcome]) -> None:
    aws.gate.lifetime = 12

    def keys_that_sent() -> set[str]:
        return {seen.access_key for seen in aws.gate.seen if seen.action == "s3:PutObject" and seen.status == 200}

    def hold_until_the_third_ones_are_in_use() -> None:
        # Whoever holds eleven of twelve requests for a quarter of a lifetime outlives two generations.
        if 0 < len(keys_that_sent()) < 3:
            time.sleep(aws.gate.lifetime / 4)

    aws.gate.on_s3 = hold_until_the_third_ones_are_in_use
    outcome = carry()
    aws.gate.on_s3 = lambda: None
    assert outcome.status == 0, outcome.output[-4000:]
    assert len(objects(aws)) == FILES
    assert len(keys_that_sent()) >= 3
    assert CALLER_KEY not in s3_keys(aws)
    assert all(session.secret_key not in outcome.output for session in aws.gate.sessions.values())


@pytest.mark.thorough("renewals that succeed, and credentials that are taken away")
def test_a_renewal_that_fails_is_warned_of_and_tried_again(aws: Aws, carry: Callable[..., Outcome]) -> None:
    aws.gate.lifetime = 18

    def refuse_the_next_renewal() -> None:
        if aws.gate.refused or not any(seen.action == "s3:PutObject" for seen in aws.gate.seen):
            return
        aws.gate.denied = {"GetFederationToken"}
        wait_until(lambda: aws.gate.refused > 0)
        aws.gate.denied = set()
        # The run says of a failure only what it knows before it ends, and it tries again after it has said so.
        before = len(aws.gate.minted)
        wait_until(lambda: len(aws.gate.minted) > before)

    aws.gate.on_s3 = refuse_the_next_renewal
    outcome = carry()
    assert outcome.status == 0, outcome.output[-4000:]
    assert len(objects(aws)) == FILES
    assert "were not renewed" in outcome.output and "credentials.denied" in outcome.output


def test_a_token_that_is_over_too_early_makes_the_request_wait_for_the_next_one(
    aws: Aws, carry: Callable[..., Outcome]
) -> None:
    aws.gate.lifetime = 9

    def end_all_early() -> None:
        if [seen.action for seen in aws.gate.seen].count("s3:PutObject") == 3:
            for key, session in aws.gate.sessions.items():
                aws.gate.sessions[key] = session._replace(expires=0)

    aws.gate.on_s3 = end_all_early
    outcome = carry()
    assert outcome.status == 0, outcome.output[-4000:]
    assert len(objects(aws)) == FILES
    assert [seen.status for seen in aws.gate.seen if seen.status != 200] == [400]


def test_a_run_whose_credentials_are_taken_away_says_so_and_leaves_nothing(
    aws: Aws, carry: Callable[..., Outcome]
) -> None:
    aws.gate.lifetime = 900

    watch = Watch(aws)

    def refuse_from_now_on() -> None:
        watch.look()
        aws.gate.denied = {"GetFederationToken"}
        if sum(seen.action == "s3:PutObject" for seen in aws.gate.seen) == 3:
            aws.gate.sessions.clear()

    aws.gate.on_s3 = refuse_from_now_on
    outcome = carry()
    assert outcome.status != 0
    assert "aws.InvalidAccessKeyId" in outcome.output
    assert watch.nothing_is_left()


def test_what_a_killed_module_leaves_is_no_socket_and_is_told_in_check_mode_without_a_right_to_write(
    aws: Aws, carry: Callable[..., Outcome], tree: Path, tmp_path: Path
) -> None:
    (tree / "ibdata1").write_bytes(os.urandom(12 << 20))
    watch = Watch(aws)

    def kill_at_the_last_part() -> None:
        watch.look()
        # The upload was opened, and two of the large file's three parts have arrived.
        if sum(seen.action == "s3:PutObject" for seen in aws.gate.seen) == 3:
            for process in listeners():
                os.kill(process, signal.SIGKILL)

    def open_uploads() -> list[str]:
        return [each["UploadId"] for each in aws.client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]

    scoped = {"manifest_key": MANIFEST}
    options = {"manifest_key": MANIFEST, "state_dir": str(tmp_path / "state")}
    aws.gate.on_s3 = kill_at_the_last_part
    outcome = carry(scoped, **options)
    aws.gate.on_s3 = lambda: None
    assert outcome.status != 0
    assert watch.nothing_is_left()
    begun = open_uploads()
    assert (len(begun), objects(aws)) == (1, [])

    aws.gate.seen.clear()
    foretold = carry(scoped, check=True, **options).sent()
    assert [seen for seen in aws.gate.seen if seen.status != 200] == []
    assert s3_keys(aws) <= set(aws.gate.sessions)
    assert (open_uploads(), objects(aws)) == (begun, [])
    done = carry(scoped, **options).sent()
    assert (foretold["objects_uploaded"], foretold["bytes_resumed"]) == (FILES + 1, 10 << 20)
    told = ("changed", "objects", "objects_uploaded", "objects_skipped", "objects_deleted", "uploads_aborted")
    told += ("bytes", "bytes_uploaded", "bytes_resumed", "manifest_written")
    assert {name: foretold[name] for name in told} == {name: done[name] for name in told}
    assert carry(scoped, check=True, **options).sent()["changed"] is False


def test_who_may_not_mint_is_told_before_anything_reaches_the_host(aws: Aws, carry: Callable[..., Outcome]) -> None:
    aws.gate.denied = {"GetFederationToken"}
    outcome = carry()
    assert outcome.status != 0
    assert "[credentials.denied]" in outcome.output and "What to do:" in outcome.output
    assert '"untouched": true' in outcome.output
    assert aws.gate.seen == []


def test_the_controller_keeps_no_file_with_the_callers_key(
    aws: Aws, carry: Callable[..., Outcome], tmp_path: Path
) -> None:
    # As with an installed collection: only the play says that arguments are pipelined.
    configuration = tmp_path / "ansible.cfg"
    configuration.touch()
    outcome = carry(environment={"ANSIBLE_CONFIG": str(configuration)})
    assert outcome.status == 0, outcome.output[-4000:]
    assert len(aws.gate.minted) == 1
    left = [path for place in ("home", "remote") for path in (tmp_path / place).rglob("*") if path.is_file()]
    assert [path for path in left if CALLER_SECRET in path.read_text(errors="replace")] == []
    assert not any("ansible-tmp" in str(path) for path in (tmp_path / "home").rglob("*"))
    assert not list((tmp_path / "remote").glob("ansible-tmp*"))


def test_without_pipelining_it_says_that_they_are_not_renewed(carry: Callable[..., Outcome]) -> None:
    outcome = carry(pipelining=False)
    assert outcome.status == 0, outcome.output[-4000:]
    assert "ansible_pipelining" in outcome.output
