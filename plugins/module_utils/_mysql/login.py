# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Where to log in and how: module options, completed from a MySQL option file."""

from __future__ import annotations

import getpass
import os
from typing import Any, Mapping, NamedTuple

from .errors import MysqlError

DEFAULT_HOST = "localhost"
DEFAULT_PORT = 3306
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "s": " ", '"': '"', "'": "'", "\\": "\\"}


class Login(NamedTuple):
    """Everything that a connection needs to know."""

    host: str
    port: int
    unix_socket: str | None
    user: str
    password: str
    connect_timeout: int
    ssl_mode: str
    ca_cert: str | None
    client_cert: str | None
    client_key: str | None

    @property
    def where(self) -> str:
        """The server as a person would name it."""
        return self.unix_socket or f"{self.host}:{self.port}"


def read_login(params: Mapping[str, Any]) -> Login:
    """The login from module options of ``mysql_login_argument_spec``.

    A value of ``config_file`` counts where the task gave none; an option that has its default counts as not given.

    :raises MysqlError: ``mysql.config_file`` when the option file cannot be read.
    """
    client = read_client_group(params["config_file"]) if params.get("config_file") else {}
    host = params.get("login_host") or DEFAULT_HOST
    if host == DEFAULT_HOST:
        host = client.get("host") or host
    port = int(params.get("login_port") or DEFAULT_PORT)
    if port == DEFAULT_PORT and client.get("port"):
        try:
            port = int(client["port"])
        except ValueError:
            raise MysqlError(
                f"{params['config_file']}: the port is not a number.", "mysql.config_file", "Correct the file."
            ) from None
    ssl_mode = params.get("ssl_mode") or "preferred"
    if ssl_mode == "preferred":
        ssl_mode = client.get("ssl_mode", ssl_mode).lower()
    password = params.get("login_password")
    return Login(
        host=host,
        port=port,
        unix_socket=params.get("login_unix_socket") or client.get("socket") or None,
        user=params.get("login_user") or client.get("user") or getpass.getuser(),
        password=client.get("password", "") if password is None else password,
        connect_timeout=int(params.get("connect_timeout") or 30),
        ssl_mode=ssl_mode,
        ca_cert=params.get("ca_cert") or client.get("ssl_ca"),
        client_cert=params.get("client_cert") or client.get("ssl_cert"),
        client_key=params.get("client_key") or client.get("ssl_key"),
    )


def read_client_group(path: str) -> dict[str, str]:
    """The values of the groups ``[client]`` and ``[mysql]`` of a MySQL option file, dashes in names as underscores.

    Quotes, escapes and comments are read as MySQL's page "Using Option Files" says; ``!include`` is not followed.

    :raises MysqlError: ``mysql.config_file`` when the file cannot be read.
    """
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MysqlError(
            f"The option file {path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.",
            "mysql.config_file",
            "Check config_file, and that the user who runs the task may read it.",
        ) from None
    values: dict[str, str] = {}
    wanted = False
    for raw in lines:
        line = raw.strip()
        if not line or line[0] in "#;!":
            continue
        if line.startswith("["):
            wanted = line.rstrip("]")[1:].strip() in ("client", "mysql")
        elif wanted:
            name, _equals, value = line.partition("=")
            values[name.strip().replace("-", "_")] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] in "'\"":
        end = value.find(value[0], 1)
        while end > 0 and value[end - 1] == "\\":
            end = value.find(value[0], end + 1)
        body = value[1:end] if end > 0 else value
    else:
        body = value.split(" #", 1)[0].rstrip()
    out, index = [], 0
    while index < len(body):
        if body[index] == "\\" and body[index + 1 : index + 2] in _ESCAPES:
            out.append(_ESCAPES[body[index + 1]])
            index += 2
        else:
            out.append(body[index])
            index += 1
    return "".join(out)
