#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_objects_dump
short_description: Keep accounts, stored objects and time zone of a server in the migration's record
version_added: 0.1.0
description:
  - Writes what M(dbferry.aurora_mysql.mysql_accounts_info), M(dbferry.aurora_mysql.mysql_routines_info) and
    M(dbferry.aurora_mysql.mysql_time_zone_info) have read of a server into one JSON document, C(record/dump.json),
    which a person can read and compare with another one.
  - Hashes of passwords are in it only when the run has a vault secret (C(--vault-id), C(--vault-password-file), or
    AWX's Vault credential), encrypted by Ansible Vault, as the lines of C(hashes). Without one they are left out. Those
    of an earlier run stay as long as the rest of the document is the same; a warning says when they go.
    C(jq -r '.hashes[]' dump.json | ansible-vault decrypt) shows them.
  - With O(accounts_script) and O(routines_script), the statements that make all of it are kept beside it as
    C(record/dump.sql.vault), which C(ansible-vault decrypt) turns into a file for C(mysql --force --binary-mode
    --comments). It needs a vault secret.
  - The action runs where Ansible runs; the host of the task, which writes to S3, is the controller.
author:
  - dbferry contributors (@dbferry)
options:
  accounts:
    description:
      - RV(dbferry.aurora_mysql.mysql_accounts_info#module:export). A secret.
    type: str
  routines:
    description:
      - RV(dbferry.aurora_mysql.mysql_routines_info#module:export).
    type: str
  time_zone:
    description:
      - What M(dbferry.aurora_mysql.mysql_time_zone_info) returned.
    type: dict
  accounts_script:
    description:
      - RV(dbferry.aurora_mysql.mysql_accounts#module:script). A secret.
    type: str
  routines_script:
    description:
      - RV(dbferry.aurora_mysql.mysql_routines#module:script).
    type: str
  directory:
    description:
      - A directory that gets the files, too, on the machine where Ansible runs. Only their owner may read them.
    type: path
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.migration_id
attributes:
  check_mode:
    support: full
    description: Can run in check mode; it writes nothing then.
  diff_mode:
    support: none
    description: Compare the documents of two runs instead.
  idempotent:
    support: full
    description: What says the same as before is not written again.
requirements:
  - boto3
  - botocore
seealso:
  - module: dbferry.aurora_mysql.mysql_accounts_info
  - module: dbferry.aurora_mysql.mysql_routines_info
"""

EXAMPLES = r"""
- name: Keep what the restore leaves behind
  dbferry.aurora_mysql.mysql_objects_dump:
    bucket: my-migrations
    migration_id: shop
    accounts: "{{ source_accounts.export }}"
    routines: "{{ source_routines.export }}"
  delegate_to: localhost
"""

RETURN = r"""
files:
  description: What was written, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [s3://my-migrations/shop/record/dump.json]
hashes:
  description:
    - Whether the hashes are V(encrypted), or V(left_out) because the run has no vault secret.
    - V(kept) says that the run has none either, and that those of an earlier run stay. They may be out of date.
  returned: success
  type: str
  sample: encrypted
"""
