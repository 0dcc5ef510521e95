#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_new_passwords
short_description: Keep new passwords of accounts in a text that Ansible Vault encrypts
version_added: 0.1.0
description:
  - Some accounts prove themselves in a way that the target does not know, such as a plug-in of MariaDB. With
    O(dbferry.aurora_mysql.mysql_accounts#module:unsupported_plugin=new_password) they get a new password. This action
    keeps these passwords.
  - All of them follow from one random key. Keep RV(vaulted) with the accounts that
    M(dbferry.aurora_mysql.mysql_accounts) names in check mode before it runs, and no password is lost whatever happens
    to that run.
  - The action runs where Ansible runs, needs no connection, and needs a vault secret (C(--vault-id),
    C(--vault-password-file), or AWX's Vault credential).
  - C(ansible-vault view) shows what is kept.
author:
  - dbferry contributors (@dbferry)
options:
  vaulted:
    description:
      - What was kept before, RV(vaulted) of an earlier task or run. Nothing, or an empty text, begins anew, or with
        what O(path) holds.
    type: str
    default: ""
  accounts:
    description:
      - Accounts to add, each as C(user@host). RV(dbferry.aurora_mysql.mysql_accounts#module:new_passwords) has them.
    type: list
    elements: str
    default: []
  path:
    description:
      - A file that is to hold RV(vaulted), too, on the machine where Ansible runs. Only its owner may read it. It is
        written once there is a password to keep, and passwords that it has already stay in it.
      - On AWX that machine is a container that ends with the job; keep RV(vaulted) elsewhere, or mount a volume.
    type: path
attributes:
  check_mode:
    support: full
    description: Can run in check mode; it writes no file then.
  diff_mode:
    support: none
    description: It shows no secret.
  idempotent:
    support: full
    description: When nothing is added, what is kept stays as it is, to the letter.
notes:
  - RV(key) is a secret. The result is kept out of the log without C(no_log) on the task, which would hide errors, too.
seealso:
  - module: dbferry.aurora_mysql.mysql_accounts
"""

EXAMPLES = r"""
- name: Bring accounts, those of unknown plug-ins with new passwords
  module_defaults:
    dbferry.aurora_mysql.mysql_accounts:
      login_host: shop.cluster-abc.eu-central-1.rds.amazonaws.com
      login_user: admin
      login_password: "{{ vault_master_password }}"
      export: "{{ source_accounts.export }}"
      unsupported_plugin: new_password
  block:
    - name: Have a key for new passwords
      dbferry.aurora_mysql.mysql_new_passwords:
        path: ~/migrations/shop-passwords.vault
      register: kept

    - name: See which accounts need one
      dbferry.aurora_mysql.mysql_accounts:
        new_password_key: "{{ kept.key }}"
      register: planned
      check_mode: true

    - name: Keep their passwords
      dbferry.aurora_mysql.mysql_new_passwords:
        vaulted: "{{ kept.vaulted }}"
        accounts: "{{ planned.new_passwords }}"
        path: ~/migrations/shop-passwords.vault

    - name: Bring the accounts
      dbferry.aurora_mysql.mysql_accounts:
        new_password_key: "{{ kept.key }}"
"""

RETURN = r"""
key:
  description: What the passwords follow from. A secret.
  returned: success
  type: str
  sample: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER
vaulted:
  description: Key and passwords, encrypted by Ansible Vault.
  returned: success
  type: str
  sample: $ANSIBLE_VAULT;1.1;AES256 ...
accounts:
  description: How many accounts have a new password by now.
  returned: success
  type: int
  sample: 3
"""
