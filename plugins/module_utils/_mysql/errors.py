# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What can go wrong between us and a MySQL server, said so that a person knows what to do."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Any

from .._errors import DbferryError

# Client side errors: MySQL's "Client Error Message Reference".
_LOST = {2006, 2013, 2055}
_TLS = {2026}
# Server side errors: MySQL's "Server Error Message Reference".
_TOO_MANY = {1040, 1203, 1226}
_KILLED = {1053, 1927}
# ER_CLIENT_INTERACTION_TIMEOUT; on MariaDB this is the number for a trigger that is not there.
_IDLED_OUT_ON_MYSQL = 4031
# ER_STATEMENT_TIMEOUT of MariaDB and ER_QUERY_TIMEOUT of MySQL.
_TOOK_TOO_LONG = {1969, 3024}
STATEMENT_TIMEOUT = "mysql.statement_timeout"
"""The id of the error of a statement that the server ended because of ``connect``'s ``statement_timeout``."""
_LACKS_PRIVILEGE = {1044, 1142, 1143, 1227, 1370, 1410}

_DENIED_ACCOUNT = re.compile(r"for user '(?P<user>.*)'@'(?P<host>[^']*)'")


class MysqlError(DbferryError):
    """A MySQL server could not be reached, or refused a statement.

    :ivar errno: the server's or the client's error number; 0 where there is none.
    :ivar server_text: the error's text as it came. It may quote the statement: redact it before showing it where
        the statement carries a secret.
    """

    default_id = "mysql.error"

    def __init__(
        self,
        message: str,
        error_id: str | None = None,
        remedy: str = "",
        details: dict[str, Any] | None = None,
        errno: int = 0,
        server_text: str = "",
    ) -> None:
        super().__init__(message, error_id, remedy, details)
        self.errno = errno
        self.server_text = server_text


def error_parts(error: BaseException) -> tuple[int, str]:
    """The number and the text of a driver's exception; (0, its text) where it carries no number."""
    args = error.args
    if len(args) >= 2 and isinstance(args[0], int):
        return args[0], str(args[1])
    return 0, str(error)


def connect_error(error: BaseException, where: str, user: str) -> MysqlError:
    """The ``MysqlError`` for an exception that the driver raised while it connected.

    :param error: the driver's exception, or an ``OSError``.
    :param where: the server as the user named it, such as ``db1:3306`` or a socket's path.
    :param user: the account that was to log in.
    """
    errno, text = error_parts(error)
    cause = getattr(error, "original_exception", None) or error.__cause__ or error.__context__ or error

    def made(what: str, error_id: str, remedy: str) -> MysqlError:
        return MysqlError(what, error_id, remedy, {"server": where, "errno": errno}, errno, text)

    if isinstance(cause, ssl.SSLCertVerificationError):
        return made(
            f"The certificate of {where} was not accepted: {cause.verify_message or cause}.",
            "mysql.tls_not_verified",
            "Give the authority's file in ca_cert (for Aurora the bundle global-bundle.pem that AWS publishes), "
            "connect by the name that stands in the certificate, or ask for less with ssl_mode=required.",
        )
    if isinstance(cause, ssl.SSLError) or errno in _TLS:
        return made(
            f"No TLS connection to {where} could be made: {text}.",
            "mysql.tls_failed",
            "The server offers no TLS, or none that this host's OpenSSL accepts. Turn TLS on at the server, or choose "
            "ssl_mode=preferred or ssl_mode=disabled where a connection in clear is acceptable.",
        )
    if errno == 1045 or errno == 1698:
        seen = _DENIED_ACCOUNT.search(text)
        account = "'{}'@'{}'".format(seen["user"], seen["host"]) if seen else f"'{user}'"
        return made(
            f"{where} refused the login of {account}: that is how the server sees the account, and its password or "
            "its authentication plugin does not accept what was given.",
            "mysql.access_denied",
            "Check the user and the password, and that an account exists whose host pattern matches the host named "
            "in this message.",
        )
    if errno == 1130:
        return made(
            f"{where} lets nobody log in from this host: {text}.",
            "mysql.host_not_allowed",
            "Create the account with a host pattern that matches this host.",
        )
    if errno == 1129:
        return made(
            f"{where} has blocked this host after too many broken connections: {text}.",
            "mysql.host_blocked",
            "Run FLUSH HOSTS (or TRUNCATE performance_schema.host_cache) on the server, and find out what breaks the "
            "connections.",
        )
    if errno in _TOO_MANY:
        return made(
            f"{where} takes no further connection: {text}.",
            "mysql.too_many_connections",
            "Raise max_connections or the account's limit, or try again when less is going on.",
        )
    if errno == 3159:
        return made(
            f"{where} demands TLS: {text}.",
            "mysql.tls_required",
            "Choose ssl_mode=preferred or ssl_mode=required.",
        )
    if isinstance(cause, socket.gaierror):
        return made(
            f"The name of {where} is not known: {cause.strerror or cause}.",
            "mysql.unknown_host",
            "Check login_host for a slip of the pen, and the name service of the host that connects.",
        )
    if isinstance(cause, (FileNotFoundError, PermissionError)):
        return made(
            f"{where} cannot be opened: {cause.strerror}.",
            "mysql.unreachable",
            "Check the path, that the server runs, and that this user may use the file.",
        )
    if isinstance(cause, (TimeoutError, socket.timeout)):
        return made(
            f"{where} did not answer in time.",
            "mysql.timeout",
            "Check address and port, and the firewalls and security groups between; a port that accepts but stays "
            "silent is another service than MySQL.",
        )
    if isinstance(cause, ConnectionRefusedError):
        return made(
            f"Nothing listens on {where}: connection refused.",
            "mysql.unreachable",
            "Check that the server runs, the port, and its bind_address (a server started with skip_networking "
            "listens on its socket file only).",
        )
    if isinstance(cause, (ConnectionResetError, BrokenPipeError)) or errno in _LOST:
        return made(
            f"{where} ended the connection before the login was over: {text}.",
            "mysql.connection_lost",
            "Look into the server's error log: it may be starting, stopping or overloaded, or the port belongs to "
            "another service.",
        )
    if isinstance(cause, OSError):
        return made(
            f"{where} cannot be reached: {cause.strerror or cause}.",
            "mysql.unreachable",
            "Check address and port, and the network between.",
        )
    if "cryptography" in text:
        return made(
            f"{where} wants the password encrypted with its public key, which needs the Python package cryptography.",
            "mysql.client_lacks_cryptography",
            "Install cryptography beside PyMySQL on the host that connects, or turn TLS on at the server.",
        )
    if errno:
        return made(
            f"{where} refused the login of '{user}': {text} (error {errno}).",
            "mysql.login_failed",
            "The server's own message says why.",
        )
    return made(
        f"What answers on {where} does not speak MySQL's protocol ({type(error).__name__}: {text}).",
        "mysql.not_mysql",
        "Check address and port: another service listens there, for example MySQL's X protocol on 33060.",
    )


def query_error(error: BaseException, where: str, mariadb: bool = False) -> MysqlError:
    """The ``MysqlError`` for an exception that the driver raised while a statement ran.

    The statement itself never becomes part of the message.

    :param error: the driver's exception.
    :param where: the server as the user named it.
    :param mariadb: the server is a MariaDB, whose later numbers have meanings of their own.
    """
    errno, text = error_parts(error)
    details = {"server": where, "errno": errno}
    ended = errno in _LOST | _KILLED or (errno == _IDLED_OUT_ON_MYSQL and not mariadb)
    if ended or isinstance(error, OSError) or (errno == 0 and not text):
        return MysqlError(
            f"The connection to {where} was lost while a statement ran: {text or 'it is closed'}.",
            "mysql.connection_lost",
            "Look into the server's error log (a restart, a failover, a killed session, max_allowed_packet), then "
            "start again: what was done stays done.",
            details,
            errno,
            text,
        )
    if errno in _LACKS_PRIVILEGE:
        return MysqlError(
            f"The account lacks a privilege on {where}: {text}.",
            "mysql.privilege_missing",
            "Grant it, or log in with an account that has it.",
            details,
            errno,
            text,
        )
    if errno in _TOOK_TOO_LONG:
        return MysqlError(
            f"A query was ended by {where}, because it took longer than it may: {text} (error {errno}).",
            STATEMENT_TIMEOUT,
            "Give it more time (statement_timeout), or ask when the server has less to do.",
            details,
            errno,
            text,
        )
    return MysqlError(f"{where} said: {text} (error {errno}).", "mysql.query_failed", "", details, errno, text)
