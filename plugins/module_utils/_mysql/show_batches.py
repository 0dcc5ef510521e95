# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Many SHOW statements in few round trips, with answers byte for byte."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Union

from .batches import in_one_packet
from .connection import Connection, results_of
from .errors import MysqlError, query_error

Rows = list[tuple[Any, ...]]
Answer = Union[Rows, MysqlError]


def answers(connection: Connection, statements: Sequence[str]) -> Generator[Answer, None, None]:
    """What a server answers to each statement: all its rows, or its refusal.

    As many statements go in a round trip as a packet holds, and each answer is handed on as it arrives. A server stops
    a batch at its first error; the rest is asked again. Until the iterator is exhausted or closed, nothing else may be
    asked in the session.

    :param connection: made with ``multi_statements=True``.
    :param statements: finished statements.
    :returns: rows with texts as bytes, in the character set in which the server keeps them.
    :raises MysqlError: ``mysql.connection_lost``.
    """
    done = 0
    with _bytes_as_they_are(connection):
        while done < len(statements):
            count = in_one_packet(itertools.islice(statements, done, None))
            with contextlib.closing(_until_refused(connection, statements[done : done + count])) as answered:
                for answer in answered:
                    yield answer
                    done += 1


def _until_refused(connection: Connection, statements: Sequence[str]) -> Generator[Answer, None, None]:
    """The answers to statements of one packet, up to the first that is refused, and its refusal."""
    connection.statements += 1
    driver = connection._driver
    try:
        with driver.cursor() as cursor:
            yield from results_of(cursor, statements)
    except (driver.Error, OSError) as error:
        failure = query_error(error, connection.where, connection.mariadb)
        if failure.error_id == "mysql.connection_lost":
            raise failure from error
        yield failure


@contextlib.contextmanager
def _bytes_as_they_are(connection: Connection) -> Iterator[None]:
    """Within the block results come unconverted: the server keeps character sets, the driver decodes nothing."""
    connection.execute("SET SESSION character_set_results = binary")
    connection._driver.use_unicode = False
    try:
        yield
    finally:
        connection._driver.use_unicode = True
        connection.execute("SET SESSION character_set_results = utf8mb4")
