# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wait of thousands of polls: the process that waits stays as large as it was; and one before AWS is reached."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.integration.servers import free_port

FIRST, LAST = 100, 5000
# Pages that the allocator keeps: much less than one byte a poll would not be noticed, and an answer that is kept would.
ALLOWED_GROWTH_KIB = 2048
NAME = "patient"
CLUSTER = """<DBCluster><DBClusterIdentifier>{name}</DBClusterIdentifier><Status>{status}</Status>
<ClusterCreateTime>{date}</ClusterCreateTime><TagList>
<Tag><Key>dbferry:migration-id</Key><Value>{name}</Value></Tag>
<Tag><Key>dbferry:source</Key><Value>s3://bucket/endless/</Value></Tag>
<Tag><Key>dbferry:backup-id</Key><Value>backup-1</Value></Tag></TagList></DBCluster>"""
EVENT = """<Event><SourceIdentifier>{name}</SourceIdentifier><SourceType>db-cluster</SourceType>
<Message>Event {number} of the restore, with as many words as such a message has in practice</Message>
<Date>{date}</Date><EventCategories><EventCategory>notification</EventCategory></EventCategories></Event>"""


class QuickRds(ThreadingHTTPServer):
    """Answers for one cluster that migrates for some polls, in a millisecond, and weighs the process that asks.

    It takes no time because the time of the answers is not what the tests are about.
    """

    def __init__(self, port: int, migrating: int) -> None:
        super().__init__(("127.0.0.1", port), QuickAnswer)
        self.daemon_threads = True
        self.migrating = migrating
        self.pid = 0
        self.polls = 0
        self.date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.resident: dict[int, int] = {}

    def cluster(self) -> str:
        """The answer to one poll."""
        self.polls += 1
        if self.polls in (FIRST, LAST):
            self.resident[self.polls] = resident_kib(self.pid)
        status = "migrating" if self.polls <= self.migrating else "available"
        return CLUSTER.format(name=NAME, status=status, date=self.date)

    def events(self) -> str:
        """What has happened to the cluster."""
        return "".join(EVENT.format(name=NAME, number=number, date=self.date) for number in range(5))


class QuickAnswer(BaseHTTPRequestHandler):
    """One connection of RDS' query API."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: the second of two would wait for the client's acknowledgement of the first.
    wbufsize = -1
    server: QuickRds

    def do_POST(self) -> None:
        """DescribeDBClusters or DescribeEvents."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        action = parse_qs(body.decode())["Action"][0]
        if action == "DescribeDBClusters":
            inner = f"<DBClusters>{self.server.cluster()}</DBClusters>"
        else:
            inner = f"<Events>{self.server.events()}</Events>"
        answer = f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: Any) -> None:
        """Keep ten thousand lines out of the log."""


def resident_kib(pid: int) -> int:
    """How much memory of a process is in RAM."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


@contextlib.contextmanager
def quick_rds(port: int = 0, migrating: int = LAST) -> Iterator[QuickRds]:
    """The quick RDS, in a thread of its own."""
    with QuickRds(port, migrating) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_five_thousand_polls_cost_no_memory(account):
    with quick_rds() as rds:
        endpoint = f"http://127.0.0.1:{rds.server_port}"
        process = account.start(account.options("endless", NAME, endpoint_url=endpoint))
        rds.pid = process.pid
        try:
            result = account.finish(process)
        finally:
            process.kill()
    assert (result.get("action"), result.get("cluster", {}).get("status")) == ("wait", "available"), result
    assert rds.polls > LAST
    assert len(result["events"]) == 5
    assert rds.resident[LAST] - rds.resident[FIRST] < ALLOWED_GROWTH_KIB, rds.resident


def test_a_first_question_that_reaches_nobody_is_asked_again(account, tmp_path):
    port, progress = free_port(), tmp_path / "progress"
    options = account.options("endless", NAME, endpoint_url=f"http://127.0.0.1:{port}", progress_file=str(progress))
    process = account.start(options)
    try:
        while not (progress.exists() and "EndpointConnectionError" in progress.read_text()):
            assert process.poll() is None, process.communicate()
        with quick_rds(port, migrating=0):
            result = account.finish(process)
    finally:
        process.kill()
    assert (result.get("action"), result.get("cluster", {}).get("status")) == ("unchanged", "available"), result
