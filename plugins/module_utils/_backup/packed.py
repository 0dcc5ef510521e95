# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""How backups show that the tool has compressed or encrypted them.

The tools write ``xtrabackup_info``, ``xtrabackup_binlog_info`` and ``backup-my.cnf`` through what packs the data, so
that they get its suffixes; ``xtrabackup_checkpoints`` and the copies in the LSN directory stay plain.
"""

from typing import Dict, Iterable

from .._errors import DbferryError
from .finished import INFO

COMPRESSED = "compressed"
ENCRYPTED = "encrypted"

_COMPRESSORS = (".qp", ".lz4", ".zst")
_ENCRYPTOR = ".xbcrypt"

PACKED_INFOS: Dict[str, str] = {INFO + suffix: COMPRESSED for suffix in _COMPRESSORS}
PACKED_INFOS.update({INFO + suffix + _ENCRYPTOR: ENCRYPTED for suffix in ("", *_COMPRESSORS)})
"""What each name of a packed ``xtrabackup_info`` says of its backup."""

_REMEDIES = {
    COMPRESSED: "Take the backup again without --compress, also in the server's option file. To try it with "
    "allow_compress all the same, take it as a directory and put its plain {0} beside the packed one: --extra-lsndir "
    "makes a copy of it, or unpack that file alone.".format(INFO),
    ENCRYPTED: "Take the backup again without --encrypt, also in the server's option file; S3 encrypts the objects.",
}


def packed_info(names: Iterable[str]) -> str:
    """The ``xtrabackup_info`` of a backup whose facts cannot be read; "" where it is plain too, or is not there.

    :param names: of the backup's files.
    """
    found = set(names)
    return "" if INFO in found else next((name for name in PACKED_INFOS if name in found), "")


def plain_name(name: str) -> str:
    """A file's name as it is where nothing is packed."""
    for suffix in (_ENCRYPTOR, *_COMPRESSORS):
        if name.endswith(suffix):
            name = name[: -len(suffix)]
    return name


def refuse_packed(place: str, backup: str, name: str) -> DbferryError:
    """The error that a packed backup is.

    :param place: its directory, for the message.
    :param backup: its name in the chain.
    :param name: as ``packed_info`` returns it.
    """
    kind = PACKED_INFOS[name]
    return DbferryError(
        "The backup in {0} is {1} by the tool ({2}), and {3}.".format(
            place,
            kind,
            name,
            "Aurora reads no such backup" if kind == ENCRYPTED else "AWS says nowhere that Aurora reads such a backup",
        ),
        "chain.{0}".format(kind),
        _REMEDIES[kind],
        {"backups": [backup]},
    )
