# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Texts that Ansible Vault encrypts and decrypts with the secrets that the run was started with."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib

START_REMEDY = (
    "Start the run with one: --vault-id or --vault-password-file for ansible-playbook, a Vault credential for an AWX "
    "job template."
)
"""What to do where a run has no vault secret."""


class Vault:
    """What a run's vault secrets can do.

    :param loader: an action plugin's ``_loader``.
    """

    def __init__(self, loader: Any) -> None:
        self._secrets = list(loader._vault.secrets or [])

    @property
    def usable(self) -> bool:
        """Whether the run has a vault secret."""
        return bool(self._secrets)

    def require(self, why: str) -> None:
        """Go on only with a vault secret.

        :param why: what needs it, a clause.
        :raises AnsibleError: the run has none.
        """
        if not self.usable:
            raise AnsibleError(
                "[vault.no_secret] This run has no vault secret, and {0}. What to do: {1}".format(why, START_REMEDY)
            )

    def encrypt(self, data: bytes) -> str:
        """The data as Ansible Vault writes it, by the first secret, without a line's end at the end."""
        vault_id, secret = self._secrets[0]
        return str(VaultLib(self._secrets).encrypt(data, secret, vault_id=vault_id).decode("ascii").rstrip())

    def decrypt(self, text: str, what: str) -> bytes:
        """What ``encrypt`` was given.

        :param what: what the text is, for the message.
        :raises AnsibleError: none of the secrets fits, or it is no vault text.
        """
        self.require("{0} can only be read with it".format(what))
        try:
            return bytes(VaultLib(self._secrets).decrypt(text.encode("ascii")))
        except (AnsibleError, UnicodeError) as error:
            raise AnsibleError(
                "[vault.unreadable] {0} cannot be decrypted: {1}. What to do: start the run with the vault secret that "
                "it was written with, or move it out of the way.".format(what, str(error).rstrip("."))
            ) from error


def write_private(path: Path, text: str) -> None:
    """Put a text into the place of a file that only its owner may read, whole or not at all.

    :raises AnsibleError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # mkstemp makes files that only the owner may read
        descriptor, temporary = tempfile.mkstemp(prefix="." + path.name, dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise AnsibleError(
            "[file.unwritable] {0} cannot be written: {1}. What to do: name a place that this user may write "
            "to.".format(path, error.strerror)
        ) from error
