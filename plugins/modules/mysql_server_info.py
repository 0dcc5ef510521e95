#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_server_info
short_description: Read who a MySQL server is and what it holds
version_added: 0.1.0
description:
  - Reads a server's flavour, version, the settings that a migration depends on, its schemas and its size.
  - It takes three queries, whatever the number of tables; without O(sizes) it takes one.
author:
  - dbferry contributors (@dbferry)
options:
  sizes:
    description:
      - Whether RV(server.schemas), RV(server.data_bytes) and RV(server.tables) are read. Servers before MySQL 8.0 open
        each table for them, which takes long where there are many.
    type: bool
    default: true
  assessment:
    description:
      - Whether RV(server.variables) has those, too, that only an assessment looks at, for
        O(dbferry.aurora_mysql.mysql_assessment_info#module:server).
    type: bool
    default: false
  statement_timeout:
    description:
      - How many seconds a query may take on the server. V(0) sets no limit. Servers older than MySQL 5.7.8 know none.
    type: int
    default: 0
extends_documentation_fragment:
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
requirements:
  - PyMySQL
seealso:
  - module: dbferry.aurora_mysql.mysql_time_zone_info
  - module: dbferry.aurora_mysql.mysql_accounts_info
"""

EXAMPLES = r"""
- name: Read the source server
  dbferry.aurora_mysql.mysql_server_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ vault_source_password }}"
    ssl_mode: required
  register: source
  delegate_to: localhost

- name: Say what it is
  ansible.builtin.debug:
    msg: "{{ source.server.flavour }} {{ source.server.version_number }}, {{ source.server.tables }} tables"
"""

RETURN = r"""
server:
  description: The server, in the form of the migration record's document C(source).
  returned: success
  type: dict
  contains:
    host:
      description: O(login_host), or the option file's.
      type: str
    port:
      description: O(login_port), or the option file's.
      type: int
    version:
      description: The version as the server writes it.
      type: str
    version_number:
      description: The version without suffixes.
      type: str
    flavour:
      description: V(mysql), V(percona), V(mariadb) or V(aurora).
      type: str
    version_comment:
      description: The server's own words about its build.
      type: str
    server_uuid:
      description: The server's UUID; empty where it has none, as with MariaDB.
      type: str
    variables:
      description:
        - Global values, as strings, of the variables that a migration depends on and that the server knows.
        - C(init_connect) is without its string literals, in which a secret may stand, but for those of settings such as
          C(sql_mode).
      type: dict
    schemas:
      description: Names of the schemas, without those of the server itself; with O(sizes=true).
      type: list
      elements: str
    data_bytes:
      description: Size of data and indexes as the server estimates it; with O(sizes=true).
      type: int
    tables:
      description: Number of base tables in these schemas.
      type: int
    time_zone:
      description: The server's setting C(global), and the abbreviation C(system) that V(SYSTEM) stands for.
      type: dict
  sample:
    host: db1.example.com
    port: 3306
    version: 8.0.36
    version_number: 8.0.36
    flavour: mysql
    version_comment: MySQL Community Server - GPL
    server_uuid: 3e11fa47-71ca-11e1-9e33-c80aa9429562
    variables:
      character_set_server: utf8mb4
      log_bin: "ON"
    schemas: [shop]
    data_bytes: 209715200
    tables: 42
    time_zone:
      global: SYSTEM
      system: CEST
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import mysql_login_argument_spec
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ASSESSED
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import VARIABLES, read_server


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **mysql_login_argument_spec(),
            "sizes": {"type": "bool", "default": True},
            "assessment": {"type": "bool", "default": False},
            "statement_timeout": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    params = module.params
    timeout = params["statement_timeout"]
    with errors_to_fail_json(module), connect(params, statement_timeout=timeout) as connection:
        server = read_server(connection, params["sizes"], ASSESSED if params["assessment"] else VARIABLES)
    module.exit_json(changed=False, server=server)


if __name__ == "__main__":
    main()
