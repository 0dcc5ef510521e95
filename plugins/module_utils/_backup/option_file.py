# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The option file by which the tool gets its login: it has no name, so that nothing of it can be left behind."""

import os
import tempfile
from typing import BinaryIO, List, NamedTuple, Optional

from .._errors import DbferryError

# MySQL reads option files in lines of at most 4096 bytes (mysys: my_default.c).
_LONGEST_LINE = 4000

# What MySQL knows inside a quoted value ("Using Option Files").
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))

# XtraBackup reads [client] and [xtrabackup], mariabackup [mariabackup] too; the last value wins, so that each
# group has to be written after the one that may stand in the server's own file.
_GROUPS = ("client", "xtrabackup", "mariabackup")


class Login(NamedTuple):
    """How the tool reaches the server; ``None`` leaves it to the server's option file."""

    host: Optional[str] = None
    port: Optional[int] = None
    user: Optional[str] = None
    password: Optional[str] = None
    unix_socket: Optional[str] = None


def render(login: Login, datadir: str, config_file: Optional[str]) -> bytes:
    """The option file's content, in UTF-8.

    :param datadir: the server's data directory, which the tool would else take from ``config_file``.
    :param config_file: the server's own option file, read first.
    :raises DbferryError: ``login.unrepresentable``, a value that no option file can hold.
    """
    lines: List[str] = ["!include {0}".format(_plain("config_file", config_file))] if config_file else []
    lines += ["[mysqld]", "datadir={0}".format(quote("datadir", datadir))]
    options: List[str] = []
    if login.user is not None:
        options.append("user={0}".format(quote("login_user", login.user)))
    if login.password is not None:
        options.append("password={0}".format(quote("login_password", login.password)))
    if login.unix_socket is not None:
        options.append("socket={0}".format(quote("login_unix_socket", login.unix_socket)))
        options.append("host=localhost")
    elif login.host is not None:
        options.append("host={0}".format(quote("login_host", login.host)))
    if login.port is not None:
        options.append("port={0}".format(login.port))
    for group in _GROUPS if options else ():
        lines += ["[{0}]".format(group), *options]
    return "\n".join([*lines, ""]).encode("utf-8", "surrogateescape")


def quote(name: str, value: str) -> str:
    """The value as it has to stand in an option file to be read as itself.

    :param name: the option's name, for the error.
    :raises DbferryError: ``login.unrepresentable``.
    """
    for plain, escaped in _ESCAPES:
        value = value.replace(plain, escaped)
    return '"{0}"'.format(_plain(name, value))


def _plain(name: str, value: str) -> str:
    if "\0" in value or "\n" in value or len(value.encode("utf-8", "surrogateescape")) > _LONGEST_LINE:
        raise DbferryError(
            "{0} cannot stand in a MySQL option file: it has a NUL character or is longer than {1} bytes.".format(
                name, _LONGEST_LINE
            ),
            "login.unrepresentable",
            "Give another value.",
        )
    return value


def open_unnamed(content: bytes, directory: str) -> BinaryIO:
    """A file that holds the content and has no name; closing it is what removes it.

    The child has to inherit its descriptor N and to open ``/dev/fd/N``, which reads from the beginning each time.

    :param directory: where the blocks lie; nothing can be seen there.
    """
    stream = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 (the caller closes it)
    try:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(content)
        stream.flush()
    except BaseException:
        stream.close()
        raise
    return stream  # type: ignore[return-value,unused-ignore]
