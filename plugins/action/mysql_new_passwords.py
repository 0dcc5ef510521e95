# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps new passwords of accounts under Ansible Vault, where Ansible runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.new_passwords import (
    Keeping,
    new_keeping,
    read_keeping,
)
from ansible_collections.dbferry.aurora_mysql.plugins.plugin_utils.vault import Vault, write_private

_ARGUMENTS = {
    "vaulted": {"type": "str", "default": ""},
    "accounts": {"type": "list", "elements": "str", "default": []},
    "path": {"type": "path"},
}


class ActionModule(ActionBase):
    """See the documentation of module ``mysql_new_passwords``."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read what is kept, add to it, and keep it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, options = self.validate_argument_spec(_ARGUMENTS)
        vault = Vault(self._loader)
        vault.require("new passwords are kept only under Ansible Vault")
        path = Path(self._loader.path_dwim(options["path"])) if options["path"] else None
        given, in_file = options["vaulted"].strip(), _text_of(path)
        before = given or in_file
        kept = self._read(vault, before) if before else new_keeping()
        after = kept.with_accounts(options["accounts"])
        if in_file not in ("", before):
            after = after.with_others(self._read(vault, in_file))
        vaulted = before if before and after == kept else vault.encrypt(after.text().encode("utf-8"))
        # A key alone is nothing to keep.
        changed = bool(after.passwords) and (vaulted != before or (path is not None and vaulted != in_file))
        if changed and path is not None and not self._task.check_mode:
            write_private(path, vaulted)
        result.update(changed=changed, key=after.key, vaulted=vaulted, accounts=len(after.passwords))
        # The whole task's no_log would hide an error, too.
        result["_ansible_no_log"] = True
        return result

    @staticmethod
    def _read(vault: Vault, text: str) -> Keeping:
        what = "what is kept of new passwords"
        try:
            return read_keeping(vault.decrypt(text, what).decode("utf-8"))
        except ValueError as error:
            raise AnsibleError(
                "[vault.unreadable] Under the encryption, {0} is something else: {1}. What to do: name the right file, "
                "or move it out of the way.".format(what, error)
            ) from error


def _text_of(path: Path | None) -> str:
    """What a file holds; "" where there is none."""
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as error:
        raise AnsibleError("[file.unreadable] {0} cannot be read: {1}.".format(path, error)) from error
