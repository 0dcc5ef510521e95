#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_routines_info
short_description: Read the stored functions, procedures, triggers, events and views of a MySQL server
version_added: 0.1.0
description:
  - Lists what is stored on a server beside its tables, and on wish exports it for
    M(dbferry.aurora_mysql.mysql_routines).
  - Bodies are read byte for byte, with definer, SQL SECURITY, C(sql_mode), character set of the client, collations,
    comment, and the deterministic and data access clauses.
  - What cannot travel to MySQL is listed, never silently left out. That is loadable functions, code in other languages
    and MySQL's libraries of it, MariaDB's packages, sequences and its Oracle mode, and what belongs to the server
    itself.
  - The schemas of the server itself (C(mysql), C(sys) and their like) are never read.
author:
  - dbferry contributors (@dbferry)
options:
  export:
    description:
      - Whether to return RV(export). Bodies may hold what nobody else should read, so use C(no_log) on such a task.
    type: bool
    default: false
requirements:
  - PyMySQL
notes:
  - The account needs to see stored code. That is C(SHOW_ROUTINE) (MySQL 8.0.20 on) or C(SELECT) on C(mysql.proc)
    (before, and on MariaDB), and C(TRIGGER), C(EVENT) and C(SHOW VIEW) on the schemas.
  - Servers list nothing that an account may not see. Where its rights leave something out of sight, RV(not_portable)
    says so, a kind at a time, with V(*) in place of a name.
  - What somebody has stored in the server's own schemas C(mysql) and C(sys) is listed in RV(not_portable).
extends_documentation_fragment:
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.stored_objects
  - dbferry.aurora_mysql.schemas
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: dbferry.aurora_mysql.mysql_routines
"""

EXAMPLES = r"""
- name: Look at what is stored on the source
  dbferry.aurora_mysql.mysql_routines_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ source_password }}"
  register: stored

- name: Export the functions and procedures of two schemas
  dbferry.aurora_mysql.mysql_routines_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ source_password }}"
    kinds: [functions, procedures]
    schemas: [shop, billing]
    export: true
  register: stored
  no_log: true
"""

RETURN = r"""
summary:
  description: How many objects there are of each kind, whatever the lists hold.
  returned: success
  type: dict
  contains:
    functions:
      description: Stored functions.
      type: int
    procedures:
      description: Stored procedures.
      type: int
    triggers:
      description: Triggers.
      type: int
    events:
      description: Events.
      type: int
    views:
      description: Views.
      type: int
    schemas:
      description: Schemas that were read.
      type: int
    not_portable:
      description: Objects that cannot travel or could not be read.
      type: int
    truncated:
      description: Whether one of the lists ends before its last object.
      type: bool
routines:
  description: The first 200 objects.
  returned: success
  type: list
  elements: dict
  sample:
    - kind: procedure
      schema: shop
      name: place_order
      definer: shop@%
      security: DEFINER
      sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  contains:
    kind:
      description: V(function), V(procedure), V(trigger), V(event) or V(view).
      type: str
    schema:
      description: The schema it is in.
      type: str
    name:
      description: Its name.
      type: str
    definer:
      description: The account it belongs to, as user@host.
      type: str
    security:
      description: V(DEFINER) or V(INVOKER).
      type: str
    sha256:
      description: Hash of its normal form. Equal objects have equal hashes, on whatever server they are.
      type: str
not_portable:
  description: The first 200 objects that cannot travel or could not be read.
  returned: success
  type: list
  elements: dict
  sample:
    - kind: loadable function
      schema: ""
      name: myhash
      reason: it lives in the shared library myhash.so, and Aurora loads no libraries
      remedy: Replace it by a stored function, or do its work in the application.
  contains:
    kind:
      description: The kind of object.
      type: str
    schema:
      description: The schema it is in, empty where it has none.
      type: str
    name:
      description: Its name.
      type: str
    reason:
      description: Why it cannot travel.
      type: str
    remedy:
      description: What to do about it.
      type: str
export:
  description:
    - All objects as one opaque string, for O(dbferry.aurora_mysql.mysql_routines#module:export).
  returned: when O(export=true)
  type: str
  sample: eJyrVkrOT0lVslJQSkstLsnMz1PSUVAqLU4tAnIMlWoBuXYKLg==
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    mysql_login_argument_spec,
    stored_objects_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import export_inventory
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_read import read_inventory
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_report import (
    inventory_result,
    selection_of,
)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **mysql_login_argument_spec(),
            **stored_objects_argument_spec(),
            "export": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    selection = selection_of(params)
    with errors_to_fail_json(module):
        with connect(params, multi_statements=True) as connection:
            inventory = read_inventory(connection, selection)
        result = inventory_result(inventory)
        if params["export"]:
            result["export"] = export_inventory(inventory)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
