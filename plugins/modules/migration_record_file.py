#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_record_file
short_description: Keep a text beside the documents of a migration's record
version_added: 0.1.0
description:
  - Writes a text into the record of a migration in S3, or reads the one that is there.
  - A file whose name ends in C(.vault) is taken only if Ansible Vault has encrypted it, because the record holds no
    secret in clear.
author:
  - dbferry contributors (@dbferry)
options:
  name:
    description:
      - Which file. It lies beside the documents, as C(MIGRATION_ID/record/NAME).
    type: str
    required: true
    choices:
      - new_passwords.vault
      - dump.json
      - dump.sql.vault
      - left_behind_accounts.json
      - left_behind_objects.json
      - left_behind_zones.json
  text:
    description:
      - What it is to hold. Without it and O(path), the file is only read.
    type: str
  path:
    description:
      - A file on the host of the task with what it is to hold, in UTF-8.
    type: path
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.migration_id
  - dbferry.aurora_mysql.attributes.full
seealso:
  - module: dbferry.aurora_mysql.migration_record
  - module: dbferry.aurora_mysql.mysql_new_passwords
  - module: dbferry.aurora_mysql.mysql_objects_dump
"""

EXAMPLES = r"""
- name: Read the new passwords of an earlier run
  dbferry.aurora_mysql.migration_record_file:
    bucket: my-migrations
    migration_id: shop
    name: new_passwords.vault
  register: known
"""

RETURN = r"""
text:
  description: What the file held before; empty where there was none.
  returned: without O(text) and O(path)
  type: str
  sample: ""
uri:
  description: Where it lies.
  returned: success
  type: str
  sample: s3://my-migrations/shop/record/new_passwords.vault
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    aws_argument_spec,
    migration_id_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session import make_client
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError, errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._record import documents
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._record.file_diff import file_as_diff
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._record.store import RecordStore


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise DbferryError(
            f"{path} cannot be read: {error}.",
            "controller.file_error",
            "Name a text file that the user of this task may read.",
        ) from error


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **aws_argument_spec(),
            **migration_id_argument_spec(),
            "name": {"type": "str", "required": True, "choices": list(documents.FILES)},
            # It may be long, and what is secret in it is encrypted.
            "text": {"type": "str", "no_log": True},
            "path": {"type": "path"},
        },
        mutually_exclusive=[("text", "path")],
        supports_check_mode=True,
    )
    params = module.params
    name = params["name"]
    with errors_to_fail_json(module):
        text = _read(params["path"]) if params["path"] else params["text"]
        store = RecordStore(make_client(params, "s3"), params["bucket"], params["migration_id"])
        uri = f"s3://{params['bucket']}/{documents.file_key(params['migration_id'], name)}"
        before = store.read_file(name) or ""
        if text is None:
            module.exit_json(changed=False, text=before, uri=uri)
        documents.check_file(name, text)
        changed = text != before
        if changed and not module.check_mode:
            store.write_file(name, text)
    module.exit_json(
        changed=changed, uri=uri, diff={"before": file_as_diff(name, before), "after": file_as_diff(name, text)}
    )


if __name__ == "__main__":
    main()
