# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""New passwords for accounts whose own cannot travel. Pure.

They follow from one random key, so that whoever has the key has them all: it is kept before the first account is made,
and no password is lost, whenever a run ends.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Container, Iterable
from typing import Any, NamedTuple

from .accounts_model import Authentication

# For the target's validate_password component: a sign, a capital, a small letter and a digit.
_SUFFIX = "-Aa1"

# Hashes in the plug-ins' own form, all zeros ("." is the 0 of SHA-256 crypt): nobody knows a password of theirs.
_UNMATCHED = {
    "caching_sha2_password": b"$A$005$" + b"." * 63,
    "mysql_native_password": b"*" + b"0" * 40,
}


class Keeping(NamedTuple):
    """What is kept, encrypted.

    :ivar key: a secret; :ivar passwords: in clear, by ``user@host``.
    """

    key: str
    passwords: dict[str, str]

    def with_accounts(self, labels: Iterable[str]) -> Keeping:
        """The same with these accounts' passwords."""
        return self._replace(passwords={**self.passwords, **{label: new_password(self.key, label) for label in labels}})

    def with_others(self, other: Keeping) -> Keeping:
        """The same with another one's passwords of further accounts."""
        return self._replace(passwords={**other.passwords, **self.passwords})

    def text(self) -> str:
        """For people to read, once decrypted."""
        return json.dumps(self._asdict(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def new_password(key: str, label: str) -> str:
    """The password of an account: 32 random characters and four that demanding servers ask for.

    :param label: ``user@host``.
    """
    digest = hmac.new(key.encode("utf-8"), label.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode("ascii") + _SUFFIX


def unmatched_password(plugins: Container[str]) -> Authentication | None:
    """How an account proves itself that nobody can log in to: by a hash that no known password has.

    It is the same each time, so that a script that makes such an account is, too.

    :param plugins: those of the server; None where it has none of those whose hashes are known here.
    """
    for plugin, data in _UNMATCHED.items():
        if plugin in plugins:
            return Authentication(plugin, data.hex().upper())
    return None


def new_keeping() -> Keeping:
    """A new key, and no passwords yet."""
    return Keeping(secrets.token_hex(32), {})


def read_keeping(text: str) -> Keeping:
    """What ``Keeping.text`` made.

    :raises ValueError: it is not of that form.
    """
    kept: Any = json.loads(text)
    if (
        not isinstance(kept, dict)
        or not isinstance(kept.get("key"), str)
        or not isinstance(kept.get("passwords"), dict)
    ):
        raise ValueError("it has no key and passwords")
    return Keeping(kept["key"], {str(label): str(password) for label, password in kept["passwords"].items()})
