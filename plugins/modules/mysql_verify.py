#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_verify
short_description: Compare two MySQL servers, their definitions and their rows
version_added: 0.1.0
description:
  - Compares schemas, tables with their columns, indexes, foreign keys, checks and partitions, views, triggers, events,
    functions, procedures, accounts, the variables that applications notice, and the rows of every table.
  - Definitions are compared in a normal form that does not depend on flavour and version. Bodies of stored programs
    appear in the result as a fingerprint only.
  - Rows are compared by a checksum that the servers compute. It does not depend on the order of rows, the row
    format, the storage engine and the server's flavour, and notices a changed byte, values swapped between rows or
    columns, NULL against an empty string, a missing or a doubled row, a trailing space and any digit of a
    floating-point number.
  - Accounts are compared in all that travels, authentication, TLS, limits, password rules, lock, roles, and every
    privilege. What the target cannot have is expected, with the reason. No hash is shown.
  - Each table is read in a consistent snapshot of its own, in chunks of its primary key, on both servers at once.
    No table is locked, other than one without transactions for the length of a chunk.
  - The module only reads.
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes.info_module
  - dbferry.aurora_mysql.progress
  - dbferry.aurora_mysql.schemas
options:
  source:
    description:
      - How to log in to the source.
      - The account needs C(SELECT) on all schemas and on C(mysql), C(SHOW VIEW), C(TRIGGER), C(EVENT), from MySQL
        8.0.20 on C(SHOW_ROUTINE), and C(REPLICATION CLIENT) for RV(source_moved).
    type: dict
    required: true
    suboptions: &login
      login_host:
        description: Host name or address of the server.
        type: str
        default: localhost
      login_port:
        description: TCP port of the server.
        type: int
        default: 3306
      login_user:
        description: The account to log in with. Without it, the option file's, else the operating system user's name.
        type: str
      login_password:
        description: The account's password.
        type: str
      login_unix_socket:
        description: Path of the server's socket file. Where it is given, host and port are not used.
        type: str
      config_file:
        description: A MySQL option file whose C([client]) group gives the login values that the task does not.
        type: path
      connect_timeout:
        description: Seconds to wait for the connection.
        type: int
        default: 30
      ssl_mode:
        description: How TLS is used, in MySQL's own terms. TLS is not used on a socket file.
        type: str
        default: preferred
        choices: [disabled, preferred, required, verify_ca, verify_identity]
      ca_cert:
        description: File of the CA certificates that vouch for the server.
        type: path
      client_cert:
        description: File of the client's certificate.
        type: path
      client_key:
        description: File of the client certificate's key.
        type: path
  target:
    description:
      - How to log in to the target. The account needs the same privileges as the one of O(source).
      - What an account with C(CREATE USER), such as the cluster's master user, cannot grant, is not expected of the
        target's accounts. For any other login each privilege that the target knows is.
    type: dict
    required: true
    suboptions: *login
  data:
    description:
      - What is compared of the rows.
      - V(checksum) reads every row of every table on both servers once.
      - V(counts) counts the rows, V(none) reads none.
    type: str
    choices: [none, counts, checksum]
    default: checksum
  parallel:
    description:
      - How many tables are read at a time, each over one connection to either server.
    type: int
    default: 4
  max_differences:
    description:
      - How many differences, and how many differing tables, the result lists at most. All are counted.
    type: int
    default: 100
  backup_binlog:
    description:
      - The source's binlog position when the backup was taken. With it, differences in rows are explained where the
        source has been written to since.
    type: dict
    suboptions:
      file:
        description: Name of the binlog file.
        type: str
        required: true
      position:
        description: Position in the file.
        type: int
        required: true
  skipped_objects:
    description:
      - Objects, and parts of accounts, that are known to have been left behind, and stored objects that are known to
        have been made otherwise. That they are missing, or otherwise in this, is reported as expected.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name as RV(differences) shows it, such as V(app@%) or V(shop.total).
        type: str
        required: true
      part:
        description:
          - The part of an account that was left behind, such as V(SUPER ON *.*), as
            RV(dbferry.aurora_mysql.mysql_accounts#module:left_behind[].what) names it. Empty, all of it.
          - Of a stored object, C(definer) with the one that it has got instead, such as V(definer admin@%), or
            V(definition) where the target writes what it was given in other words.
        type: str
        default: ""
      reason:
        description: Why it was left behind.
        type: str
        default: ""
  fail_on_difference:
    description:
      - Whether the task fails where RV(equal) is false. The failed result holds the same values.
    type: bool
    default: false
requirements:
  - PyMySQL
author:
  - dbferry contributors (@dbferry)
"""

EXAMPLES = r"""
- name: Compare the source with the cluster
  dbferry.aurora_mysql.mysql_verify:
    source:
      login_host: db1.example.com
      login_user: dbferry
      login_password: "{{ source_password }}"
      ssl_mode: required
    target:
      login_host: shop.cluster-abc.eu-west-1.rds.amazonaws.com
      login_user: admin
      login_password: "{{ master_password }}"
      ssl_mode: verify_identity
      ca_cert: /etc/ssl/rds/global-bundle.pem
  delegate_to: localhost
  register: comparison

- name: Compare two schemas quickly, and stop where they differ
  dbferry.aurora_mysql.mysql_verify:
    source: "{{ source_login }}"
    target: "{{ target_login }}"
    schemas: [shop, "shop_*"]
    data: counts
    fail_on_difference: true
"""

RETURN = r"""
equal:
  description: Whether no difference of severity V(error) was found.
  type: bool
  returned: always
summary:
  description: What was compared, in numbers.
  type: dict
  returned: always
  contains:
    schemas:
      description: Schemas of the source that were compared.
      type: int
    tables:
      description: Tables of the source in them.
      type: int
    objects:
      description: Tables, columns, indexes, constraints and stored programs of the source that were compared.
      type: int
    data:
      description: What was compared of the rows, as O(data) says.
      type: str
    checked:
      description: Tables whose rows were compared.
      type: int
    different:
      description: Tables whose rows differ.
      type: int
    rows_source:
      description: Rows read on the source. Null with O(data=none).
      type: int
    rows_target:
      description: Rows read on the target. Null with O(data=none).
      type: int
    bytes:
      description: Size of the compared tables on the source, as that server estimates it.
      type: int
    errors:
      description: Differences of severity V(error).
      type: int
    expected:
      description: Differences that the way into Aurora brings about.
      type: int
tables:
  description: The largest 20 tables, and those whose rows differ up to O(max_differences); differing ones first.
  type: list
  elements: dict
  returned: always
  contains:
    schema:
      description: The schema's name.
      type: str
    table:
      description: The table's name.
      type: str
    rows_source:
      description: Rows on the source.
      type: int
    rows_target:
      description: Rows on the target.
      type: int
    equal:
      description: Whether the rows are the same. Null where they were not read.
      type: bool
    bytes:
      description: The table's size on the source, as that server estimates it.
      type: int
differences:
  description: What differs, errors first, at most O(max_differences).
  type: list
  elements: dict
  returned: always
  contains:
    kind:
      description: A stable id of what differs, such as V(table.missing), V(column.type) or V(data.content).
      type: str
    object:
      description: The object's name.
      type: str
    source:
      description: What the source has, cut to 200 characters.
      type: str
    target:
      description: What the target has, cut to 200 characters.
      type: str
    severity:
      description: V(error), or V(expected) where the way into Aurora brings it about.
      type: str
    note:
      description: Why it is so or what to do about it.
      type: str
differences_total:
  description: How many differences there are, listed or not.
  type: int
  returned: always
source_moved:
  description:
    - Whether the source's binlog position changed while the comparison ran.
    - Any write to the source counts, also one to a schema that is not compared. Null where there is no binlog or the
      account may not see its position.
  type: bool
  returned: always
source_written_since_backup:
  description: Whether the source's binlog position is another than O(backup_binlog). Null where either is not known.
  type: bool
  returned: always
elapsed_seconds:
  description: How long the comparison took.
  type: float
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    mysql_login_argument_spec,
    progress_argument_spec,
    schemas_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_run import Request, compare_servers
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile


def main() -> None:
    module = AnsibleModule(
        argument_spec=dict(
            source={"type": "dict", "required": True, "options": mysql_login_argument_spec()},
            target={"type": "dict", "required": True, "options": mysql_login_argument_spec()},
            **schemas_argument_spec(),
            data={"type": "str", "choices": ["none", "counts", "checksum"], "default": "checksum"},
            parallel={"type": "int", "default": 4},
            max_differences={"type": "int", "default": 100},
            backup_binlog={
                "type": "dict",
                "options": {"file": {"type": "str", "required": True}, "position": {"type": "int", "required": True}},
            },
            skipped_objects={
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "part": {"type": "str", "default": ""},
                    "reason": {"type": "str", "default": ""},
                },
            },
            fail_on_difference={"type": "bool", "default": False},
            **progress_argument_spec(),
        ),
        supports_check_mode=True,
    )
    for name in ("parallel", "max_differences"):
        if module.params[name] < 1:
            module.fail_json(msg=f"{name} must be at least 1.")
    binlog = module.params["backup_binlog"]
    progress = ProgressFile(module.params["progress_file"])
    with errors_to_fail_json(module):
        request = Request(
            source=module.params["source"],
            target=module.params["target"],
            schemas=module.params["schemas"],
            exclude_schemas=module.params["exclude_schemas"],
            data=module.params["data"],
            parallel=module.params["parallel"],
            max_differences=module.params["max_differences"],
            backup_binlog=(binlog["file"], binlog["position"]) if binlog else None,
            left_behind={(one["name"], one["part"]): one["reason"] for one in module.params["skipped_objects"]},
        )
        try:
            result = compare_servers(request, progress)
        finally:
            progress.close()
    if module.params["fail_on_difference"] and not result["equal"]:
        module.fail_json(
            msg="Source and target differ in {} respects.".format(result["summary"]["errors"]), changed=False, **result
        )
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
