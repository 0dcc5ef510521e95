# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Credentials that are renewed from outside while a long module works.

The module listens on a Unix socket in a directory that only its own user may enter; whoever brings fresh credentials
writes one JSON object there. They are kept in memory that processes forked from the module share, and in no file.
"""

import contextlib
import datetime
import json
import mmap
import os
import shutil
import socket
import struct
import threading
import time
import zlib
from typing import Any, Dict, Iterator, NamedTuple, Optional

from .._errors import DbferryError
from .._stop import Stop

# Seconds that a request waits for fresh credentials, and between two looks meanwhile.
_PATIENCE = 600.0
_LOOK = 0.2
# Bytes of a message; session tokens have no fixed size, and all that are known fit many times.
_MAX_MESSAGE = 64 * 1024
_MESSAGE_SECONDS = 10.0
# Linux' sockaddr_un.sun_path without its terminating zero.
_MAX_PATH = 107
_TAKEN = b"taken\n"
# Of the shared memory: the length and the CRC-32 of the message behind it.
_HEAD = struct.Struct("=II")


class RenewalError(DbferryError):
    """There are no credentials that still hold, or they cannot be handed over."""

    default_id = "credentials.handover"


class Keys(NamedTuple):
    """One generation of temporary credentials.

    :ivar expiry: seconds since the epoch; None where it is not known.
    """

    access_key: str
    secret_key: str
    token: str
    expiry: Optional[float]


def read_keys(members: Dict[str, Any]) -> Keys:
    """Credentials from ``access_key``, ``secret_key``, ``session_token`` and ``expiration`` (ISO 8601 in UTC, or None).

    :raises RenewalError: a member is missing or of another kind.
    """
    try:
        expiration = members.get("expiration")
        expiry = None
        if expiration is not None:
            moment = datetime.datetime.strptime(expiration, "%Y-%m-%dT%H:%M:%SZ")
            expiry = moment.replace(tzinfo=datetime.timezone.utc).timestamp()
        words = [members[name] for name in ("access_key", "secret_key", "session_token")]
    except (AttributeError, KeyError, TypeError, ValueError):
        words = []
    if not words or not all(isinstance(word, str) and word for word in words):
        # What came is not repeated: it may be a secret.
        raise RenewalError("What was handed over are not credentials with access_key, secret_key and session_token.")
    return Keys(words[0], words[1], words[2], expiry)


class RenewedKeys:
    """The newest credentials, for all threads of a process and of those that are forked from it.

    :param first: as ``read_keys`` takes them.
    :param stop: a wish to stop ends all waiting.
    :raises RenewalError: as ``read_keys``.
    """

    def __init__(self, first: Dict[str, Any], stop: Optional[Stop] = None) -> None:
        self._stop = stop
        # Anonymous and shared: what the module's process writes, its children see.
        self._memory = mmap.mmap(-1, _HEAD.size + _MAX_MESSAGE)
        self.renew(first)

    def __call__(self, refused: Optional[Any] = None) -> Keys:
        """The newest credentials; where those are over, or AWS refused them, what comes after them within ten minutes.

        :param refused: credentials, with ``access_key`` and ``token``, that AWS called expired.
        :returns: the refused ones again where no others came.
        :raises RenewalError: ``credentials.expired``: they are over, and no others came.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            keys = self._newest()
            over = keys.expiry is not None and time.time() >= keys.expiry
            if not over and (refused is None or (keys.access_key, keys.token) != (refused.access_key, refused.token)):
                return keys
            if time.monotonic() >= deadline or (self._stop is not None and self._stop.requested()):
                if not over:
                    return keys
                raise RenewalError(
                    "The credentials expired, and no fresh ones came.",
                    error_id="credentials.expired",
                    remedy="See the warnings above for why they were not renewed, and run again; what has arrived "
                    "whole is not sent again.",
                )
            time.sleep(_LOOK)

    def renew(self, members: Dict[str, Any]) -> None:
        """Take newer credentials; in the process that made this object only.

        :param members: as ``read_keys`` takes them.
        :raises RenewalError: as ``read_keys``.
        """
        message = json.dumps(read_keys(members)).encode("utf-8")
        if len(message) > _MAX_MESSAGE:
            raise RenewalError("The credentials have more than {0} bytes.".format(_MAX_MESSAGE))
        self._memory[_HEAD.size : _HEAD.size + len(message)] = message
        self._memory[: _HEAD.size] = _HEAD.pack(len(message), zlib.crc32(message))

    def _newest(self) -> Keys:
        while True:
            length, checksum = _HEAD.unpack(self._memory[: _HEAD.size])
            message = self._memory[_HEAD.size : _HEAD.size + length]
            # Another process may be writing at this moment.
            if zlib.crc32(message) == checksum:
                return Keys(*json.loads(message.decode("utf-8")))
            time.sleep(0.001)


@contextlib.contextmanager
def listening(path: str, keys: RenewedKeys) -> Iterator[None]:
    """Within the block, take fresh credentials from a socket at ``path``.

    The socket's directory is made with mode 0700 and removed at the end with all that is in it.

    :param path: a socket's path; its directory may not be there yet, and its parent has to be.
    :raises RenewalError: the socket cannot be made.
    """
    directory = os.path.dirname(path)
    if len(os.fsencode(path)) > _MAX_PATH:
        raise RenewalError(
            "credentials_socket has {0} bytes, and a socket's path has at most {1}.".format(
                len(os.fsencode(path)), _MAX_PATH
            ),
            remedy="Give a shorter path, such as /tmp/upload/socket.",
        )
    try:
        # It fails where somebody else has made one: nobody's directory is entered, and no link is followed.
        os.mkdir(directory, 0o700)
    except OSError as error:
        raise RenewalError(
            "The directory for credentials_socket cannot be made: {0}.".format(error),
            remedy="Name a directory that is not there, below one that this user may write to.",
        ) from error
    try:
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as server:
            server.bind(path)
            os.chmod(path, 0o600)
            server.listen(1)
            thread = threading.Thread(target=_serve, args=(server, keys), name="credentials", daemon=True)
            thread.start()
            try:
                yield
            finally:
                # Wakes the thread, which closing alone does not.
                server.shutdown(socket.SHUT_RDWR)
                thread.join()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _serve(server: socket.socket, keys: RenewedKeys) -> None:
    while True:
        try:
            connection, _address = server.accept()
        except OSError:
            return
        with contextlib.closing(connection):
            # Whatever comes that is not credentials leaves those that are there.
            with contextlib.suppress(OSError, ValueError, RenewalError):
                connection.settimeout(_MESSAGE_SECONDS)
                keys.renew(json.loads(_read(connection).decode("utf-8")))
                connection.sendall(_TAKEN)


def _read(connection: socket.socket) -> bytes:
    message = b""
    while len(message) <= _MAX_MESSAGE:
        block = connection.recv(65536)
        if not block:
            return message
        message += block
    raise ValueError("too long")


def hand_over(path: str, members: Dict[str, Any]) -> None:
    """Give fresh credentials to the module that listens on ``path``.

    :param members: as ``read_keys`` takes them.
    :raises RenewalError: they are no credentials, nobody listens, or they were not taken.
    """
    read_keys(members)
    try:
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection:
            connection.settimeout(_MESSAGE_SECONDS)
            connection.connect(path)
            connection.sendall(json.dumps(members).encode("utf-8"))
            connection.shutdown(socket.SHUT_WR)
            answer = _read(connection)
    except OSError as error:
        raise RenewalError("Nobody takes credentials on {0}: {1}.".format(path, error)) from error
    if answer != _TAKEN:
        raise RenewalError("The credentials were not taken on {0}.".format(path))


@contextlib.contextmanager
def renewed_keys(params: Dict[str, Any], stop: Optional[Stop] = None) -> Iterator[Optional[RenewedKeys]]:
    """Within the block, the provider of credentials that a module's options ask for; None where they ask for none.

    :param params: module options as ``_argspec.scoped_credentials_argument_spec`` and ``aws_argument_spec`` name them.
    :raises RenewalError: as ``listening``; ``credentials.no_action_plugin``.
    """
    if params["scoped_credentials"] is not None:
        raise RenewalError(
            "scoped_credentials came to the host, where nothing can be minted.",
            error_id="credentials.no_action_plugin",
            remedy="Call the module by its full name, dbferry.aurora_mysql.NAME, so that its action plugin is used.",
        )
    if params["credentials_socket"] is None:
        yield None
        return
    keys = RenewedKeys(dict(params, expiration=params["credentials_expiration"]), stop)
    with listening(params["credentials_socket"], keys):
        yield keys
