#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_accounts_info
short_description: Read the accounts of a MySQL server, with everything they may do
version_added: 0.1.0
description:
  - Reads accounts and roles of MySQL, Percona Server, MariaDB or Aurora MySQL from the grant tables, in a constant
    number of queries whatever the number of accounts. Where the server refuses a grant table, because a right is
    missing or the table is damaged, it asks SHOW statements, in two round trips for each four hundred accounts.
  - Accounts that belong to the server itself or to Amazon RDS, V(root), and the account that is logged in, are not
    taken but listed in RV(left_behind) with the reason.
  - Without O(export) no hash leaves the server.
author:
  - dbferry contributors (@dbferry)
options:
  include:
    description:
      - Take only accounts that one of these patterns fits.
      - A pattern is a shell pattern of C(user@host); without an C(@) the host does not matter. Quotes around the
        parts, as in SQL, do not matter either. The case of the host does not matter, that of the user does.
      - The account that is logged in is taken only where one of them fits it.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Leave out accounts that one of these patterns fits.
    type: list
    elements: str
    default: []
  limit:
    description:
      - How many accounts, and how many entries of RV(left_behind), the result lists at most. RV(summary) and
        RV(export) are always whole.
    type: int
    default: 100
  export:
    description:
      - Return everything, hashes included, as RV(export) for M(dbferry.aurora_mysql.mysql_accounts).
      - Hashes are secrets. Set C(no_log) on the task, or they stand in the log.
    type: bool
    default: false
extends_documentation_fragment:
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
notes:
  - The account that logs in needs C(SELECT) on C(mysql.*). MySQL before 5.7 shows password hashes in SHOW statements to
    accounts with C(SUPER) only; it matters where its table C(mysql.user) cannot be read.
  - Where the grant tables were not read, RV(left_behind) says so, with the server's words, in an entry for the account
    V(*). Further entries for V(*) say what SHOW statements do not tell (second passwords, the lifetime of passwords
    that have expired, before MySQL 5.7 whether a password has expired), and whether there may be accounts that the
    server does not name to the account that logs in. An account that the server names and does not show has an entry
    of its own.
  - Hashes of former passwords (MySQL's C(mysql.password_history)) are not taken. Where rules forbid the reuse of
    passwords, an entry for V(*) says so, and how many accounts have such rules only by variables of the server.
  - The task fails where the server names no account but the one that logs in, unless O(include) asks for that one.
requirements:
  - PyMySQL
seealso:
  - module: dbferry.aurora_mysql.mysql_accounts
"""

EXAMPLES = r"""
- name: Look at who is there
  dbferry.aurora_mysql.mysql_accounts_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ vault_source_password }}"
    exclude: ["repl*", "*@localhost"]
  register: accounts

- name: Take the accounts along
  dbferry.aurora_mysql.mysql_accounts_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ vault_source_password }}"
    export: true
  register: accounts
  no_log: true
"""

RETURN = r"""
summary:
  description: How many there are.
  returned: success
  type: dict
  contains:
    accounts:
      description: Accounts and roles that are taken.
      type: int
    roles:
      description: Roles of MariaDB among them.
      type: int
    grants:
      description: Scopes for which they have privileges.
      type: int
    skipped:
      description: Accounts that are not taken.
      type: int
  sample:
    accounts: 12
    roles: 1
    grants: 31
    skipped: 4
accounts:
  description: Accounts in the form that O(dbferry.aurora_mysql.mysql_accounts#module:accounts) takes, without hashes.
  returned: success
  type: list
  elements: dict
  sample:
    - user: app
      host: "10.%"
      authentication:
        - plugin: caching_sha2_password
      grants:
        - level: schema
          schema: shop
          privileges: [INSERT, SELECT]
          grant_option: false
left_behind:
  description: What is not taken, and why.
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: The account; V(*) for what is about the whole server.
      type: str
    what:
      description: The part of it.
      type: str
    reason:
      description: Why it is not taken.
      type: str
    remedy:
      description: What to do about it.
      type: str
  sample:
    - account: root@localhost
      what: account
      reason: it is the server's own administrator; a managed server has its own
      remedy: Nothing, but give applications that log in by it an account of their own.
export:
  description: Everything, hashes included, for M(dbferry.aurora_mysql.mysql_accounts). A secret.
  returned: when O(export) is V(true)
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import mysql_login_argument_spec
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import (
    public_documents,
    take_accounts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import pack
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_read_show import ALL
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **mysql_login_argument_spec(),
            "include": {"type": "list", "elements": "str", "default": []},
            "exclude": {"type": "list", "elements": "str", "default": []},
            "limit": {"type": "int", "default": 100},
            "export": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module), connect(params, multi_statements=True) as connection:
        taken = take_accounts(connection, params["include"], params["exclude"])
    accounts = taken.accounts
    result = {
        "summary": {
            "accounts": len(accounts),
            "roles": sum(account.is_role for account in accounts),
            "grants": sum(len(account.grants) for account in accounts),
            "skipped": sum(entry.account != ALL for entry in taken.skipped),
        },
        "accounts": public_documents(accounts, params["limit"]),
        # a result that has "skipped" at its top is taken for a task that did not run
        "left_behind": [entry.as_result() for entry in taken.skipped[: params["limit"]]],
    }
    if params["export"]:
        result["export"] = pack(taken)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
