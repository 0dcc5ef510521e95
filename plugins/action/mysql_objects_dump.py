# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the dump of accounts, stored objects and time zone, with hashes under Ansible Vault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    aws_argument_spec,
    migration_id_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import packing
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import unpack
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.objects_dump import (
    dump_document,
    dump_text,
    hashes_of,
    whole_script,
    without_hashes,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import ExportError, import_inventory
from ansible_collections.dbferry.aurora_mysql.plugins.plugin_utils.vault import START_REMEDY, Vault, write_private

_OWN = {
    "accounts": {"type": "str", "no_log": True},
    "routines": {"type": "str", "no_log": True},
    "time_zone": {"type": "dict"},
    "accounts_script": {"type": "str", "no_log": True},
    "routines_script": {"type": "str", "no_log": True},
    "directory": {"type": "path"},
}
_RECORD_FILE = "dbferry.aurora_mysql.migration_record_file"
_DOCUMENT, _SCRIPT = "dump.json", "dump.sql.vault"


class ActionModule(ActionBase):
    """See the documentation of module ``mysql_objects_dump``."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make the texts, and write those that say something else than what is there."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        record_options = {**aws_argument_spec(), **migration_id_argument_spec()}
        self.validate_argument_spec({**_OWN, **record_options})
        arguments = self._task.args
        record = {name: value for name, value in arguments.items() if name not in _OWN}
        vault = Vault(self._loader)
        wanted = {_DOCUMENT: self._document(vault, arguments).encode("utf-8")}
        if arguments.get("accounts_script") or arguments.get("routines_script"):
            vault.require("the statements hold hashes of passwords")
            wanted[_SCRIPT] = self._script(arguments)
        files, hashes = [], "encrypted" if vault.usable else "left_out"
        for name, data in wanted.items():
            told = self._keep(vault, name, data, record, task_vars or {})
            if told.get("failed"):
                return told
            files += told["files"]
            hashes = told.get("hashes", hashes)
            if arguments.get("directory"):
                path = Path(self._loader.path_dwim(arguments["directory"]), name)
                # As it stands in S3, so that both are the same to the letter.
                if not path.is_file() or path.read_text(encoding="utf-8") != told["text"]:
                    files.append(str(path))
                    if not self._task.check_mode:
                        write_private(path, told["text"])
        result.update(changed=bool(files), files=files, hashes=hashes)
        return result

    @staticmethod
    def _document(vault: Vault, arguments: dict[str, Any]) -> str:
        try:
            accounts = unpack(arguments["accounts"]) if arguments.get("accounts") else None
            inventory = import_inventory(arguments["routines"]) if arguments.get("routines") else None
        except (MysqlError, ExportError) as error:
            raise AnsibleError(str(error)) from error
        zone = arguments.get("time_zone")
        shown = {name: zone[name] for name in ("setting", "system", "zone", "resolved_from")} if zone else None
        hashes = hashes_of(accounts) if vault.usable and accounts else None
        return dump_text({**dump_document(accounts, inventory, shown), "hashes": hashes})

    @staticmethod
    def _script(arguments: dict[str, Any]) -> bytes:
        parts = [arguments.get(name) for name in ("accounts_script", "routines_script")]
        try:
            return whole_script(*(packing.unpack(part) if part else b"" for part in parts))
        except ValueError as error:
            raise AnsibleError("[dump.script] A script cannot be read: {0}.".format(error)) from error

    def _keep(
        self, vault: Vault, name: str, data: bytes, record: dict[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        """Put a file into the record if it says something else than the one that is there."""
        before = self._record_file({**record, "name": name}, task_vars)
        if before.get("failed"):
            return before
        if before["text"] and self._opened(vault, name, before["text"]) == data:
            return {"text": before["text"], "files": []}
        if before["text"] and name == _DOCUMENT and not vault.usable and self._keeps_hashes(before["text"], data):
            return {"text": before["text"], "files": [], "hashes": "kept"}
        closed = self._closed(vault, name, data)
        written = self._record_file({**record, "name": name, "text": closed}, task_vars)
        return written if written.get("failed") else {"text": closed, "files": [written["uri"]]}

    def _keeps_hashes(self, text: str, data: bytes) -> bool:
        """Whether hashes of an earlier run stay, though this one can neither read nor write any; a warning if not."""
        try:
            rest, has_hashes = without_hashes(text)
        except ValueError:
            return False
        if has_hashes and rest.encode("utf-8") != data:
            self._display.warning(
                "{0} in the record loses the hashes of passwords that an earlier run kept there: what it says beside "
                "them has changed, and this run has no vault secret. What to do: {1}".format(_DOCUMENT, START_REMEDY)
            )
            return False
        return has_hashes

    def _record_file(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(
            module_name=_RECORD_FILE, module_args=arguments, task_vars=task_vars
        )
        return result

    @staticmethod
    def _closed(vault: Vault, name: str, data: bytes) -> str:
        if name == _SCRIPT:
            return vault.encrypt(data)
        document = json.loads(data)
        if document["hashes"] is not None:
            document["hashes"] = vault.encrypt(document["hashes"].encode("utf-8")).splitlines()
        return dump_text(document)

    @staticmethod
    def _opened(vault: Vault, name: str, text: str) -> bytes:
        """What ``_closed`` was given; nothing where it cannot be told: another secret was used, or it is damaged."""
        try:
            if name == _SCRIPT:
                return vault.decrypt(text, name)
            document = json.loads(text)
            if document["hashes"] is not None:
                document["hashes"] = vault.decrypt("\n".join(document["hashes"]), name).decode("utf-8")
            return dump_text(document).encode("utf-8")
        except (AnsibleError, ValueError, KeyError, TypeError):
            return b""
