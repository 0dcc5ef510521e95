# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What below a directory of backups must not travel: what S3 cannot hold, and what holds a secret. Pure."""

import stat
from fnmatch import fnmatchcase

# Files of logins and keys, by names that no file of a backup has. README.md of role backup lists them.
SECRET_FILES = (
    *(".my.cnf", ".mylogin.cnf", ".netrc", "keyring"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "id_rsa", "id_ecdsa", "id_ed25519"),
)

_KINDS = (
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISFIFO, "FIFO"),
)


def is_secret_file(name: str) -> bool:
    """Whether a file of this name holds a login or a key; upper and lower case are the same."""
    return any(fnmatchcase(name.lower(), pattern) for pattern in SECRET_FILES)


def special_kind(mode: int) -> str:
    """What a file is that is neither a regular one nor a directory; "" for these two.

    :param mode: as ``lstat`` tells it.
    """
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return next((kind for matches, kind in _KINDS if matches(mode)), "device")
