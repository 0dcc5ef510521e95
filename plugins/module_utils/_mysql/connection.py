# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""A connection to a MySQL server, by PyMySQL, with the TLS modes that MySQL's own clients know."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Any, Iterator, Mapping, Sequence

from .errors import STATEMENT_TIMEOUT, MysqlError, connect_error, query_error
from .login import Login, read_login

try:
    import pymysql
    import pymysql.connections
    from pymysql.constants import CLIENT
    from pymysql.cursors import DictCursor, SSDictCursor

    HAS_PYMYSQL = True
except ImportError:  # said by connect(), where it can be said well
    HAS_PYMYSQL = False

Row = dict[str, Any]

# Reading must not depend on what the server or the account has set: instants in UTC, string literals with backslash
# escapes and without ANSI_QUOTES, names quoted in SHOW CREATE. Every account may set these, also on managed servers.
# The character set is said once more than in the handshake, which a server may pass over.
_SESSION = "SET NAMES utf8mb4, SESSION time_zone = '+00:00', sql_mode = '', sql_quote_show_create = 1, autocommit = 1"
# For MySQL from 5.7.8 on, in milliseconds ("max_execution_time"), and for MariaDB from 10.1 on, in seconds
# ("Aborting Statements that Exceed a Certain Time to Execute"). Others take each for a comment: MariaDB passes over
# MySQL's from 5.7 on.
_TIME_LIMIT = "/*!50708 , max_execution_time = {milliseconds} */ /*M!100100 , max_statement_time = {seconds} */"
_REQUIRING_MODES = ("required", "verify_ca", "verify_identity")


class Connection:
    """An open connection. ``connect`` makes it; it is a context manager that closes itself."""

    def __init__(self, driver: Any, login: Login) -> None:
        self._driver = driver
        self.login = login
        self.statements = 1
        """How many round trips with statements were made; the first opened the session."""
        self.ended = 0
        """How many of them the server ended, because they took longer than they may."""

    @property
    def where(self) -> str:
        """The server as a person would name it."""
        return self.login.where

    @property
    def server_version(self) -> str:
        """The version that the server gave in its greeting, such as ``8.0.36`` or ``5.5.5-10.11.14-MariaDB``."""
        return str(self._driver.server_version)

    @property
    def mariadb(self) -> bool:
        """Whether the server is a MariaDB."""
        return "mariadb" in self.server_version.lower()

    @property
    def encrypted(self) -> bool:
        """Whether the connection is under TLS."""
        return isinstance(self._driver._sock, ssl.SSLSocket)

    def rows(self, sql: str, args: Sequence[Any] | Mapping[str, Any] | None = None) -> list[Row]:
        """All rows of a query, each a dict by column name. For results that fit into memory.

        :param sql: one statement, with ``%s`` or ``%(name)s`` where ``args`` go in.
        :raises MysqlError: with ``errno`` of the server.
        """
        self.statements += 1
        try:
            with self._driver.cursor(DictCursor) as cursor:
                cursor.execute(sql, args)
                return list(cursor.fetchall())
        except (pymysql.err.Error, OSError) as error:
            raise self._failed(error) from error

    def rows_of_each(self, queries: Sequence[str]) -> list[list[Row]]:
        """The rows of several finished queries, in one round trip. Needs ``multi_statements=True``.

        :raises MysqlError: one of them was refused.
        """
        self.statements += 1
        try:
            with self._driver.cursor(DictCursor) as cursor:
                return list(results_of(cursor, queries))
        except (pymysql.err.Error, OSError) as error:
            raise self._failed(error) from error

    def value(self, sql: str, args: Sequence[Any] | Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None where there is none."""
        for row in self.rows(sql, args):
            return next(iter(row.values()))
        return None

    def stream(self, sql: str, args: Sequence[Any] | Mapping[str, Any] | None = None) -> Iterator[Row]:
        """The rows of a query one by one, not held in memory. Read it to its end before the next statement."""
        self.statements += 1
        try:
            with self._driver.cursor(SSDictCursor) as cursor:
                cursor.execute(sql, args)
                yield from cursor
        except (pymysql.err.Error, OSError) as error:
            raise self._failed(error) from error

    def execute(self, sql: str, args: Sequence[Any] | Mapping[str, Any] | None = None) -> int:
        """Run one statement and return the number of rows that it touched.

        :raises MysqlError: with ``errno`` of the server.
        """
        self.statements += 1
        try:
            with self._driver.cursor(DictCursor) as cursor:
                return int(cursor.execute(sql, args))
        except (pymysql.err.Error, OSError) as error:
            raise self._failed(error) from error

    def execute_batch(self, statements: Sequence[str | bytes]) -> tuple[int, MysqlError | None]:
        """Run finished statements in one round trip; the server stops at the first that fails.

        Needs a connection made with ``multi_statements=True``.

        :param statements: text, or bytes in the session's ``character_set_client``; none of them may end in a comment.
        :returns: how many were done, and the error of the one after them, None when all were done.
        :raises MysqlError: ``mysql.connection_lost`` when nobody can say how many were done.
        """
        self.statements += 1
        done = 0
        try:
            with self._driver.cursor(DictCursor) as cursor:
                cursor.execute(b";\n".join(map(_encoded, statements)))
                done = 1
                while cursor.nextset():
                    done += 1
        except (pymysql.err.Error, OSError) as error:
            failure = self._failed(error)
            if failure.error_id == "mysql.connection_lost":
                raise failure from error
            return done, failure
        return done, None

    def _failed(self, error: Exception) -> MysqlError:
        failure = query_error(error, self.where, self.mariadb)
        if failure.error_id == STATEMENT_TIMEOUT:
            self.ended += 1
        return failure

    def literal(self, value: str) -> str:
        """A string as a quoted literal of this session."""
        return str(self._driver.escape(value))

    def close(self) -> None:
        """End the connection; an already broken one is no error."""
        with contextlib.suppress(pymysql.err.Error, OSError):
            self._driver.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()


def connect(params: Mapping[str, Any], multi_statements: bool = False, statement_timeout: int = 0) -> Connection:
    """Log in to a MySQL server. What the session needs is set in one statement.

    :param params: options of ``_argspec.mysql_login_argument_spec``; others are not looked at.
    :param multi_statements: allow ``Connection.execute_batch`` and ``rows_of_each``.
    :param statement_timeout: seconds after which the server ends a statement; MySQL does so with SELECT only, and
        servers before MySQL 5.7.8 and MariaDB 10.1 not at all. 0 sets no limit.
    :returns: a connection in autocommit, utf8mb4, session time zone UTC and an empty sql_mode.
    :raises MysqlError: ids ``mysql.unreachable``, ``.unknown_host``, ``.timeout``, ``.access_denied``,
        ``.host_not_allowed``, ``.host_blocked``, ``.too_many_connections``, ``.not_mysql``, ``.tls_failed``,
        ``.tls_not_verified``, ``.tls_required``, ``.tls_files``, ``.connection_lost``, ``.config_file``,
        ``.client_missing``.
    """
    if not HAS_PYMYSQL:
        raise MysqlError(
            "The Python package PyMySQL is not installed for the interpreter that runs this task.",
            "mysql.client_missing",
            "Install PyMySQL (and cryptography) there, or point ansible_python_interpreter at one that has it.",
        )
    login = read_login(params)
    context = None if login.unix_socket else tls_context(login)
    try:
        driver = _driver_class()(
            ssl_mode=login.ssl_mode,
            opening=_opening(statement_timeout),
            host=login.host,
            port=login.port,
            unix_socket=login.unix_socket,
            user=login.user,
            # bytes, because PyMySQL encodes a str as latin1 while servers hash the client's UTF-8
            password=login.password.encode("utf-8"),
            charset="utf8mb4",
            autocommit=None,  # the opening statement sees to it
            local_infile=False,
            connect_timeout=login.connect_timeout,
            # also bounds the handshake: a service that waits for us to speak first would hold us forever
            read_timeout=login.connect_timeout,
            client_flag=CLIENT.MULTI_STATEMENTS if multi_statements else 0,
            program_name="dbferry",
            **({"ssl": context} if context else {"ssl_disabled": True}),
        )
    except MysqlError:
        raise
    except (pymysql.err.Error, OSError) as error:
        raise connect_error(error, login.where, login.user) from error
    except Exception as error:  # what the driver trips over when the other side is no MySQL is not foreseeable
        raise connect_error(error, login.where, login.user) from error
    driver._read_timeout = None
    _keep_alive(driver._sock)
    return Connection(driver, login)


def _opening(statement_timeout: int) -> str:
    if not statement_timeout:
        return _SESSION
    return f"{_SESSION} {_TIME_LIMIT.format(milliseconds=statement_timeout * 1000, seconds=statement_timeout)}"


def results_of(cursor: Any, statements: Sequence[str]) -> Iterator[list[Any]]:
    """The rows of each of several statements, which go to the server together, as they arrive.

    :raises pymysql.err.Error: one of them was refused; the server has not looked at those behind it.
    """
    cursor.execute(";\n".join(statements))
    yield list(cursor.fetchall())
    while cursor.nextset():
        yield list(cursor.fetchall())


def tls_context(login: Login) -> ssl.SSLContext | None:
    """The TLS settings for a login; None for ``disabled``.

    Modes are those of MySQL's page "Command Options for Encrypted Connections" (``--ssl-mode``).

    :raises MysqlError: ``mysql.tls_files`` when a certificate file cannot be used, ``mysql.ssl_mode`` for a mode
        that nobody knows.
    """
    mode = login.ssl_mode
    if mode == "disabled":
        return None
    if mode not in ("preferred",) + _REQUIRING_MODES:
        raise MysqlError(
            f"ssl_mode {mode} is not known.",
            "mysql.ssl_mode",
            "Choose disabled, preferred, required, verify_ca or verify_identity (in config_file, too).",
        )
    if mode in ("verify_ca", "verify_identity") and not login.ca_cert:
        raise MysqlError(
            f"ssl_mode={mode} needs the certificate authority's file.",
            "mysql.tls_files",
            "Give it in ca_cert.",
        )
    try:
        context = ssl.create_default_context(cafile=login.ca_cert)
        # the certificates that MySQL makes for itself do not meet the strict rules of Python 3.13
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        context.check_hostname = mode == "verify_identity"
        context.verify_mode = ssl.CERT_REQUIRED if mode.startswith("verify_") else ssl.CERT_NONE
        if login.client_cert:
            context.load_cert_chain(login.client_cert, login.client_key)
    except (OSError, ssl.SSLError) as error:
        raise MysqlError(
            f"A certificate file cannot be used: {error.strerror or error} "
            f"(ca_cert={login.ca_cert}, client_cert={login.client_cert}, client_key={login.client_key}).",
            "mysql.tls_files",
            "Check the paths, and that the files hold PEM certificates and the key that belongs to them.",
        ) from error
    return context


def _encoded(statement: str | bytes) -> bytes:
    return statement if isinstance(statement, bytes) else statement.encode("utf-8", "surrogateescape")


def _driver_class() -> Any:
    base: Any = pymysql.connections.Connection

    class Driver(base):  # type: ignore[misc]
        """PyMySQL's connection, held to ``ssl_mode`` before any credential leaves.

        Versions of PyMySQL differ in what they do when a server offers no TLS: some go on in clear although TLS was
        asked for. The decision is therefore made here, right after the server's greeting.

        It would also send up to four statements to set up a session, where one does.
        """

        def __init__(self, ssl_mode: str, opening: str, **kwargs: Any) -> None:
            self._dbferry_ssl_mode = ssl_mode
            self._dbferry_opening = opening
            super().__init__(**kwargs)

        def connect(self, sock: Any = None) -> None:
            super().connect(sock)
            try:
                self.query(self._dbferry_opening)
            except BaseException:
                self._force_close()
                raise

        def set_character_set(self, charset: str, collation: str | None = None) -> None:
            """Nothing: the opening statement names the character set."""

        def _get_server_information(self) -> None:
            super()._get_server_information()
            if self.unix_socket or self.server_capabilities & CLIENT.SSL:
                return
            if self._dbferry_ssl_mode in _REQUIRING_MODES:
                raise pymysql.err.OperationalError(2026, "the server offers no TLS")
            self.ssl = False
            self.client_flag &= ~CLIENT.SSL

    return Driver


def _keep_alive(sock: Any) -> None:
    """Let the kernel notice within about three minutes that the other side is gone; a statement may take hours."""
    if getattr(sock, "family", None) not in (socket.AF_INET, socket.AF_INET6):
        return
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 6)):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


__all__ = ["Connection", "MysqlError", "Row", "connect", "results_of"]
