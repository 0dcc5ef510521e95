#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_accounts
short_description: Bring accounts, roles and grants to a MySQL server
version_added: 0.1.0
description:
  - Brings accounts with their passwords (as hashes, byte for byte), TLS requirements, limits, password rules, locks,
    roles and grants of every level to a server, a managed one such as Amazon Aurora MySQL included.
  - It reads what is there and sends only differences, many statements in one round trip. An account that fails costs
    only itself. The task fails at the end if one could not be applied for a reason that nobody could foresee.
  - What the target's account may give to others is asked of the target. What it may not give, what the target does not
    know, and accounts that belong to a server or to Amazon RDS, stand in RV(left_behind) with the reason; nothing gets
    lost silently.
  - Nothing is removed, but by O(purge) or O(state=absent).
author:
  - dbferry contributors (@dbferry)
options:
  export:
    description:
      - What M(dbferry.aurora_mysql.mysql_accounts_info) returned as C(export).
      - Exactly one of O(export) and O(accounts) is needed.
    type: str
  accounts:
    description:
      - Accounts written by hand, or as M(dbferry.aurora_mysql.mysql_accounts_info) lists them.
    type: list
    elements: dict
    suboptions:
      user:
        description: The user's or role's name.
        type: str
        required: true
      host:
        description: The host pattern. Without meaning for a role of MariaDB.
        type: str
        default: "%"
      role:
        description: It is a role of MariaDB. A role of MySQL is an account like any other, that others are members of.
        type: bool
        default: false
      authentication:
        description:
          - How it proves itself. MariaDB takes several, of other servers the first that they know is used.
          - An account that exists keeps its password where this is empty. A new one without it is skipped, unless it is
            locked or a role of MariaDB.
        type: list
        elements: dict
        suboptions:
          plugin:
            description: The authentication plug-in.
            type: str
            required: true
          data_hex:
            description:
              - What the plug-in keeps, as hexadecimal digits; for most the hash of the password.
              - Without it, an account whose plug-in keeps a hash keeps its own on the target, and is left out where it
                is not there yet. An empty text is an empty password.
            type: str
      further_factors:
        description: >-
          Plug-ins that the account needs besides its password (multifactor authentication). They do not travel, so that
          such an account is left behind.
        type: list
        elements: str
      second_password:
        description: The account has a second password. Only informative, C(mysql_accounts_info) says so.
        type: bool
      second_password_hex:
        description: The hash of MySQL's second password, as hexadecimal digits.
        type: str
      tls:
        description: What connections have to bring.
        type: dict
        suboptions:
          require:
            description: Nothing, any TLS, a valid certificate, or the certificate that the other members describe.
            type: str
            choices: [none, any, x509, specified]
          cipher:
            description: The cipher.
            type: str
          issuer:
            description: The certificate's issuer.
            type: str
          subject:
            description: The certificate's subject.
            type: str
      limits:
        description: Resource limits; 0 is none.
        type: dict
        suboptions:
          queries_per_hour:
            description: Statements in an hour.
            type: int
          updates_per_hour:
            description: Changing statements in an hour.
            type: int
          connections_per_hour:
            description: Logins in an hour.
            type: int
          user_connections:
            description: Connections at a time.
            type: int
          statement_seconds:
            description: Longest statement in seconds. MariaDB only.
            type: float
      password:
        description: How the password ages. What is not given is as the server's default says.
        type: dict
        suboptions:
          expired:
            description: It has to be changed at the next login.
            type: bool
          lifetime_days:
            description: Days until it expires; 0 is never.
            type: int
          history:
            description: How many former passwords may not come again.
            type: int
          reuse_days:
            description: For how many days a former password may not come again.
            type: int
          require_current:
            description: Whether a change needs the current password.
            type: bool
          failed_attempts:
            description: After how many failed logins the account is locked for a time.
            type: int
          lock_days:
            description: For how many days then; -1 until somebody unlocks it.
            type: int
      locked:
        description: Nobody can log in.
        type: bool
        default: false
      attributes:
        description: Comment and attributes, a JSON object as text.
        type: str
      roles:
        description: Roles it is a member of.
        type: list
        elements: dict
        suboptions:
          user:
            description: The role's name.
            type: str
            required: true
          host:
            description: The role's host; empty for a role of MariaDB.
            type: str
            default: "%"
          admin:
            description: It may make others members.
            type: bool
            default: false
      default_roles:
        description: Roles that are active after login.
        type: list
        elements: dict
        suboptions:
          user:
            description: The role's name.
            type: str
            required: true
          host:
            description: The role's host; empty for a role of MariaDB.
            type: str
            default: "%"
      grants:
        description: What it may do.
        type: list
        elements: dict
        suboptions:
          level:
            description: What the grant is about. A dynamic privilege (V(dynamic)) is named in C(name), too.
            type: str
            required: true
            choices: [global, dynamic, schema, table, column, routine, proxy]
          schema:
            description: >-
              The schema; for V(schema) a pattern in which C(%) and C(_) match, and C(\\%) and C(\\_) stand for
              themselves.
            type: str
          name:
            description: The table, the routine, the dynamic privilege, or the proxied user.
            type: str
          detail:
            description: The column, V(PROCEDURE) or V(FUNCTION), or the proxied host.
            type: str
          privileges:
            description: >-
              The privileges, as C(SHOW GRANTS) names them, in upper or lower case. C(ALL PRIVILEGES) is what it means
              on the target's version; of the dynamic privileges of MySQL 8.0 and later, those that the account that
              logs in has.
            type: list
            elements: str
            default: []
          grant_option:
            description: It may pass them on.
            type: bool
            default: false
      restrictions:
        description: Partial revokes of MySQL, schemas where global privileges do not count.
        type: list
        elements: dict
        suboptions:
          schema:
            description: The schema.
            type: str
            required: true
          privileges:
            description: The privileges.
            type: list
            elements: str
            required: true
  include:
    description:
      - Bring only accounts that one of these patterns fits.
      - A pattern is a shell pattern of C(user@host); without an C(@) the host does not matter. Quotes around the
        parts, as in SQL, do not matter either. The case of the host does not matter, that of the user does.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Leave out accounts that one of these patterns fits. With O(purge), they are left alone on the target, too.
    type: list
    elements: str
    default: []
  unsupported_plugin:
    description:
      - What becomes of an account whose credentials no plug-in of the target can take.
      - V(skip) leaves it out. V(lock) makes it, locked, with a hash of which nobody knows a password. V(new_password)
        makes it with a new password that follows from O(new_password_key), and RV(new_passwords) names it.
      - An account that is on the target already keeps the password that it has there.
    type: str
    choices: [skip, lock, new_password]
    default: skip
  new_password_key:
    description:
      - What the new passwords follow from, RV(dbferry.aurora_mysql.mysql_new_passwords#module:key). A secret.
    type: str
  purge:
    description:
      - Take away grants and roles that the wanted accounts have on the target only, and drop accounts of the target
        that are not among the wanted ones.
      - The account that is logged in, and accounts that belong to the server or to Amazon RDS, are left alone, and so
        are accounts that the source of O(export) has and did not show, or of which nobody asked it
        (O(dbferry.aurora_mysql.mysql_accounts_info#module:include) and
        O(dbferry.aurora_mysql.mysql_accounts_info#module:exclude)).
      - The task fails where the source did not name all of its accounts, because the account that read it lacked
        C(SELECT) on C(mysql.*).
    type: bool
    default: false
  left_behind_file:
    description:
      - A file on the host of the task that gets RV(left_behind) and what failed without their limits, as JSON with the
        members C(left_behind) and C(failed). Nothing is written in check mode.
    type: path
  script:
    description:
      - Return RV(script), too.
    type: bool
    default: false
  state:
    description:
      - V(present) brings the accounts, V(absent) drops them.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.attributes.full
notes:
  - Grants on routines that the target does not have yet are skipped; run the module again once the routines are there.
  - Set C(no_log) on a task that has O(export) or hashes in O(accounts), so that they stay out of the log.
  - A password's age starts anew on the target, and so does its history. What is in MySQL's C(mysql.password_history)
    does not travel, so that a former password can be chosen again.
  - Where variables of the two servers differ on which accounts depend (C(activate_all_roles_on_login),
    C(default_password_lifetime), C(password_history), C(password_reuse_interval), C(password_require_current)), an
    entry for V(*) in RV(left_behind) says so, with the number of these accounts.
  - An anonymous account whose host is another than V(%) is left behind unless O(include) names it. Servers try the most
    specific host first, so that it would take the logins of the target's master user from there.
requirements:
  - PyMySQL
seealso:
  - module: dbferry.aurora_mysql.mysql_accounts_info
  - module: dbferry.aurora_mysql.mysql_new_passwords
"""

EXAMPLES = r"""
- name: Take the accounts along
  dbferry.aurora_mysql.mysql_accounts_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ vault_source_password }}"
    export: true
  register: source_accounts
  no_log: true

- name: Bring them to the cluster
  dbferry.aurora_mysql.mysql_accounts:
    login_host: shop.cluster-abc.eu-central-1.rds.amazonaws.com
    login_user: admin
    login_password: "{{ vault_master_password }}"
    ssl_mode: verify_identity
    ca_cert: global-bundle.pem
    export: "{{ source_accounts.export }}"
    exclude: ["repl*"]
  register: accounts

- name: Make an account by hand
  dbferry.aurora_mysql.mysql_accounts:
    login_host: shop.cluster-abc.eu-central-1.rds.amazonaws.com
    login_user: admin
    login_password: "{{ vault_master_password }}"
    accounts:
      - user: report
        host: "10.%"
        authentication:
          - plugin: AWSAuthenticationPlugin
            data_hex: "524453"
        tls:
          require: any
        grants:
          - level: schema
            schema: shop
            privileges: [SELECT]
"""

RETURN = r"""
summary:
  description: How many accounts; in check mode, how many it would be.
  returned: always
  type: dict
  contains:
    created:
      description: Accounts that were not there.
      type: int
    changed:
      description: Accounts that were there and were not equal.
      type: int
    removed:
      description: Accounts that were dropped.
      type: int
    unchanged:
      description: Accounts that were equal, or with O(state=absent) not there.
      type: int
    skipped:
      description: Accounts that do not travel at all.
      type: int
    failed:
      description: Accounts that could not be applied whole.
      type: int
  sample:
    created: 12
    changed: 0
    removed: 0
    unchanged: 0
    skipped: 4
    failed: 0
left_behind:
  description: Everything that does not travel, an entry for each privilege, at most 500.
  returned: always
  type: list
  elements: dict
  contains:
    account:
      description: The account.
      type: str
    what:
      description: The part of it, such as a privilege and its object.
      type: str
    reason:
      description: Why it does not travel.
      type: str
    remedy:
      description: What to do about it.
      type: str
  sample:
    - account: app@10.%
      what: SUPER ON *.*
      reason: the account admin@% that we are on the target does not have it to give
      remedy: A managed server gives it to nobody, or by a role or parameter of its own.
left_behind_total:
  description: How many entries RV(left_behind) and RV(failed_accounts) would have without their limits.
  returned: always
  type: int
  sample: 1
new_passwords:
  description: >-
    The created accounts that have a new password, each as C(user@host). M(dbferry.aurora_mysql.mysql_new_passwords)
    tells these passwords.
  returned: always
  type: list
  elements: str
  sample: []
script:
  description: >-
    The statements that make all wanted accounts on this target, had it none of them, for
    M(dbferry.aurora_mysql.mysql_objects_dump). It holds hashes.
  returned: with O(script=true)
  type: str
failed_accounts:
  description: What the server refused unexpectedly, in the form of RV(left_behind), at most 500; hashes are taken out.
  returned: when there is any
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import mysql_login_argument_spec
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import (
    LISTED,
    bring_accounts,
    failure_error,
    wanted_accounts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import ACCOUNT_OPTIONS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_script import accounts_script
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.left_behind_file import write_left_behind
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.packing import pack


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **mysql_login_argument_spec(),
            "export": {"type": "str", "no_log": True},
            "accounts": {"type": "list", "elements": "dict", "options": ACCOUNT_OPTIONS},
            "include": {"type": "list", "elements": "str", "default": []},
            "exclude": {"type": "list", "elements": "str", "default": []},
            "unsupported_plugin": {"type": "str", "choices": ["skip", "lock", "new_password"], "default": "skip"},
            "new_password_key": {"type": "str", "no_log": True},
            "left_behind_file": {"type": "path"},
            "purge": {"type": "bool", "default": False},
            "script": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        mutually_exclusive=[("export", "accounts")],
        required_one_of=[("export", "accounts")],
        required_if=[("unsupported_plugin", "new_password", ("new_password_key",))],
        supports_check_mode=True,
    )
    params = module.params
    options = Options(
        params["include"],
        params["exclude"],
        params["unsupported_plugin"],
        params["purge"],
        params["state"] == "absent",
    )
    with errors_to_fail_json(module), connect(params, multi_statements=True) as connection:
        wanted = wanted_accounts(connection, params["export"], params["accounts"])
        key = params["new_password_key"] or ""
        outcome = bring_accounts(connection, wanted, options, module.check_mode, key)
        script = accounts_script(connection, wanted, options, key) if params["script"] else ""
        left_behind = [entry.as_result() for entry in outcome.skipped]
        failed = [entry.as_result() for entry in outcome.failed]
        if params["left_behind_file"] and not module.check_mode:
            write_left_behind(params["left_behind_file"], left_behind, failed)
    result = {
        "changed": outcome.changed,
        "summary": outcome.summary,
        "left_behind": left_behind[:LISTED],
        "left_behind_total": len(left_behind) + len(failed),
        "new_passwords": outcome.new_passwords,
    }
    if params["script"]:
        result["script"] = pack(script.encode("utf-8", "surrogateescape"))
    if module._diff:
        result["diff"] = outcome.diff
    if outcome.failed:
        result["failed_accounts"] = failed[:LISTED]
        module.fail_json(**{**failure_error(outcome).as_result(), **result})
    module.exit_json(**result)


if __name__ == "__main__":
    main()
