# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Many statements in few round trips, where one that fails costs only itself."""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple, Protocol

from .connection import Connection

# Half of what the smallest common max_allowed_packet (1 MiB, MySQL 5.5) takes.
BATCH_BYTES = 512 * 1024
BATCH_STATEMENTS = 250

_HASHES = re.compile(r"0x[0-9A-Fa-f]{8,}|\*[0-9A-Fa-f]{8,}|\$[A-Za-z0-9]{1,2}\$\S+")


class Work(Protocol):
    """What a batch is made of."""

    @property
    def sql(self) -> str:
        """The statement."""

    @property
    def secret(self) -> bool:
        """Whether it holds a secret."""

    @property
    def account(self) -> Hashable:
        """Whom it is for."""


class Failure(NamedTuple):
    """A statement that the server did not take."""

    position: int
    """Its place in what was to be run."""
    errno: int
    text: str
    """The server's words, without secrets."""


def run(connection: Connection, work: Sequence[Work], stops_account: Sequence[bool]) -> list[Failure]:
    """Run all statements in order; after a failure go on with the next one.

    :param connection: one that takes several statements at once.
    :param stops_account: for each statement, whether its failure makes the account's later ones pointless.
    :returns: the failures; whatever is not among them was done, or was passed over after one that stops its account.
    :raises MysqlError: ``mysql.connection_lost``.
    """
    failures: list[Failure] = []
    given_up: set[Hashable] = set()
    queue = list(range(len(work)))
    while queue:
        queue = [index for index in queue if work[index].account not in given_up]
        if not queue:
            break
        waiting = (work[index].sql for index in itertools.islice(queue, BATCH_STATEMENTS))
        batch = queue[: in_one_packet(waiting)]
        done, error = connection.execute_batch([work[index].sql for index in batch])
        if error is None:
            queue = queue[len(batch) :]
            continue
        index = batch[done]
        failures.append(Failure(index, error.errno, redact(error.server_text, work[index].secret)))
        if stops_account[index]:
            given_up.add(work[index].account)
        queue = queue[done + 1 :]
    return failures


def in_one_packet(statements: Iterable[str]) -> int:
    """How many of the statements, from the first on, go into one packet: at least one, where there is one."""
    size = count = 0
    for statement in statements:
        size += len(statement.encode("utf-8", "surrogatepass")) + 2
        if count and size > BATCH_BYTES:
            break
        count += 1
    return count


def redact(text: str, secret: bool) -> str:
    """A server's error text without hashes, and without quotation where the statement held a secret."""
    if secret:
        text = text.split(" near ", 1)[0]
    return _HASHES.sub("<hash>", text)
