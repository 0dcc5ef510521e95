#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_routines
short_description: Bring stored functions, procedures, triggers, events and views to a MySQL server
version_added: 0.1.0
description:
  - Compares what M(dbferry.aurora_mysql.mysql_routines_info) exported from a source with what the target has, and
    creates what is missing and replaces what differs. What is equal is not touched.
  - Each object gets the C(sql_mode), character sets and collations that it was created with, and its body byte for
    byte.
  - Functions come first, then procedures, views (the used before the using), triggers and events.
  - One object that the target refuses costs only itself. All others are dealt with, then the task fails and names it.
  - Whether the target's account may set the definers, and whether C(log_bin_trust_function_creators) is needed, is
    asked before anything is created.
author:
  - dbferry contributors (@dbferry)
options:
  export:
    description:
      - What RV(dbferry.aurora_mysql.mysql_routines_info#module:export) holds.
    type: str
    required: true
  definer:
    description:
      - Whose the objects become.
      - V(keep) leaves each definer as it is. V(map) replaces those that O(definer_map) names. V(master) makes all of
        them the property of the account that this task logs in with, as Aurora MySQL version 2 demands.
        V(master_if_missing) does so with objects whose definer the target does not have, such as C(root@localhost),
        because whoever used them would get an error.
    type: str
    choices: [keep, map, master, master_if_missing]
    default: keep
  definer_map:
    description:
      - Definers of the source and what they become, each as C(user@host). A value without C(@) means any host.
      - Used with O(definer=map).
    type: dict
    default: {}
  accounts_export:
    description:
      - What RV(dbferry.aurora_mysql.mysql_accounts_info#module:export) holds, where
        M(dbferry.aurora_mysql.mysql_accounts) brings these accounts before.
      - Looked at in check mode only, where they are not there yet. Those of them that would come count as accounts of
        the target, so that a dry run tells what the run will do about definers. A secret.
    type: str
  accounts_include:
    description:
      - O(dbferry.aurora_mysql.mysql_accounts#module:include) of the task that brings O(accounts_export). Accounts that
        it does not bring do not count.
    type: list
    elements: str
    default: []
  accounts_exclude:
    description:
      - O(dbferry.aurora_mysql.mysql_accounts#module:exclude) of the task that brings O(accounts_export).
    type: list
    elements: str
    default: []
  unsupported_plugin:
    description:
      - O(dbferry.aurora_mysql.mysql_accounts#module:unsupported_plugin) of the task that brings O(accounts_export).
    type: str
    choices: [skip, lock, new_password]
    default: skip
  events:
    description:
      - V(as_source) leaves events enabled or disabled as they are on the source. Those that a replica leaves to its own
        source (C(DISABLE ON REPLICA)) arrive disabled, and RV(disabled_on_replica) names them.
      - V(disabled) lets all of them arrive disabled, so that nothing runs on both sides before the cutover.
    type: str
    choices: [as_source, disabled]
    default: as_source
  system_time_zone:
    description:
      - The time zone for events that run in the source's C(SYSTEM) zone, such as V(Europe/Paris).
      - The system zone of an Aurora host is UTC whatever the cluster's parameter C(time_zone) says, so that such an
        event would run at another hour. Without this option they keep C(SYSTEM), and RV(left_in_system_zone) names
        them.
      - RV(dbferry.aurora_mysql.mysql_time_zone_info#module:system_zone) tells which it is.
    type: str
  left_behind_file:
    description:
      - A file on the host of the task that gets RV(left_behind), what failed, RV(redefined), RV(without_definer),
        RV(disabled_on_replica), RV(left_in_system_zone) and RV(compared_loosely) without their limits, as JSON with the
        members C(left_behind), C(failed), C(redefined), C(without_definer), C(disabled_on_replica),
        C(left_in_system_zone) and C(compared_loosely). Nothing is written in check mode.
    type: path
  script:
    description:
      - Return RV(script), too.
    type: bool
    default: false
  purge:
    description:
      - Whether to drop objects of the chosen kinds that the target has and O(export) has not, within the kinds and
        schemas that O(export) was made of. Objects of the server itself stay.
      - Of a kind that the account that read the source may not be shown whole in a schema, nothing is dropped there;
        RV(left_behind) names what stays, and the right that the account lacks.
    type: bool
    default: false
requirements:
  - PyMySQL
notes:
  - MySQL has no C(CREATE OR REPLACE) but for views. Another object that differs is dropped and created; if the new one
    is refused, the old one is put back. The rights on it are given back; those that cannot be are named.
  - An object that was created while its schema had another default collation gets it back by changing that default for
    the moment of the statement, as mysqldump does.
  - Between servers of different families (MariaDB and MySQL, or two major versions) views are compared without
    superfluous brackets, literals' introducers, case and space, and with one word for what each server says in its own
    way, such as C(0 <> x) and C(x) in a condition. A view whose select still differs is made anew, and
    RV(compared_loosely) names it.
extends_documentation_fragment:
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.stored_objects
  - dbferry.aurora_mysql.schemas
  - dbferry.aurora_mysql.attributes.full
seealso:
  - module: dbferry.aurora_mysql.mysql_routines_info
  - module: dbferry.aurora_mysql.mysql_accounts
"""

EXAMPLES = r"""
- name: Bring the source's stored code to the cluster
  dbferry.aurora_mysql.mysql_routines:
    login_host: "{{ cluster.endpoint }}"
    login_user: admin
    login_password: "{{ master_password }}"
    export: "{{ stored.export }}"

- name: Let all events arrive disabled, and give the old owner's objects to the application's account
  dbferry.aurora_mysql.mysql_routines:
    login_host: "{{ cluster.endpoint }}"
    login_user: admin
    login_password: "{{ master_password }}"
    export: "{{ stored.export }}"
    events: disabled
    definer: map
    definer_map:
      root@localhost: app@%
"""

RETURN = r"""
summary:
  description: How many objects were, or in check mode would be, dealt with in which way.
  returned: always, once both sides have been read
  type: dict
  contains:
    source:
      description: Objects in O(export) after the choice of kinds and schemas.
      type: int
    created:
      description: Objects that were missing.
      type: int
    replaced:
      description: Objects that differed.
      type: int
    dropped:
      description: Objects that O(purge) dropped.
      type: int
    unchanged:
      description: Objects that were equal already.
      type: int
    skipped:
      description: Objects that never travel, or that O(purge) spared.
      type: int
    redefined:
      description: Objects that have another definer than on the source.
      type: int
    without_definer:
      description: Objects whose definer the target does not have.
      type: int
    disabled_on_replica:
      description: Events that are disabled because the source, a replica, leaves them to its own source.
      type: int
    left_in_system_zone:
      description: Events that run in C(SYSTEM) on the target, too.
      type: int
    compared_loosely:
      description: Views that were made, and that could be compared without their selects only.
      type: int
    failed:
      description: Objects that should be there and are not, or not with all rights.
      type: int
    truncated:
      description: Whether one of the lists ends before its last object.
      type: bool
changes:
  description: The first 200 objects that were, or would be, created, replaced or dropped.
  returned: always, once both sides have been read
  type: list
  elements: dict
  sample:
    - action: create
      kind: procedure
      schema: shop
      name: place_order
  contains:
    action:
      description: V(create), V(replace) or V(drop).
      type: str
    kind:
      description: V(function), V(procedure), V(trigger), V(event) or V(view).
      type: str
    schema:
      description: The schema it is in.
      type: str
    name:
      description: Its name.
      type: str
left_behind:
  description: The first 200 objects that never travel, or that O(purge) spared.
  returned: always, once both sides have been read
  type: list
  elements: dict
  contains: &problem
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
      description: Why it is not on the target.
      type: str
    remedy:
      description: What to do about it.
      type: str
redefined:
  description: The first 200 objects that have another definer on the target than on the source.
  returned: always, once both sides have been read
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of object.
      type: str
    schema:
      description: The schema it is in.
      type: str
    name:
      description: Its name.
      type: str
    definer_source:
      description: The definer on the source.
      type: str
    definer_target:
      description: The definer on the target.
      type: str
script:
  description: >-
    The statements that make all wanted objects on this target, had it none of them, for
    M(dbferry.aurora_mysql.mysql_objects_dump).
  returned: with O(script=true)
  type: str
without_definer:
  description: >-
    The first 200 objects whose definer the target does not have, among them those of earlier runs; whoever uses them
    gets an error. The first 20 are warned of, too.
  returned: always, once both sides have been read
  type: list
  elements: dict
  contains: *problem
disabled_on_replica:
  description: >-
    The first 200 events that arrive, or have arrived, disabled because the source is a replica and leaves them to its
    own source (C(DISABLE ON REPLICA)). Whoever cuts over enables them. The first 20 are warned of, too.
  returned: always, once both sides have been read
  type: list
  elements: dict
  contains: *problem
left_in_system_zone:
  description: >-
    The first 200 events that run in C(SYSTEM) on the target, too, because O(system_time_zone) is not given. Aurora's is
    UTC. The first 20 are warned of, too.
  returned: always, once both sides have been read
  type: list
  elements: dict
  contains: *problem
compared_loosely:
  description: >-
    The first 200 views that were made, and whose selects source and target write in other words in a way that is not
    understood, so that all else of them was compared.
  returned: always, once both sides have been read
  type: list
  elements: dict
  contains: *problem
not_created:
  description: >-
    The first 200 objects that should be on the target and are not, or are without rights that the replaced ones had.
    The task fails if there is one.
  returned: always, once both sides have been read
  type: list
  elements: dict
  contains: *problem
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    mysql_login_argument_spec,
    stored_objects_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.left_behind_file import write_left_behind
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.packing import pack
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import import_inventory
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_apply import bring_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_report import (
    bring_over_result,
    failure_message,
    plan_diff,
    problem_entries,
    redefinition_entries,
    selection_of,
    warnings_of,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_script import routines_script


def _accounts_to_come(connection: Connection, params: dict[str, Any]) -> frozenset[str]:
    # Python compiles what a module imports at each run, and all that carries accounts is a quarter of it.
    from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
    from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_to_come import accounts_to_come

    chosen = Options(params["accounts_include"], params["accounts_exclude"], params["unsupported_plugin"])
    return accounts_to_come(connection, params["accounts_export"], chosen)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **mysql_login_argument_spec(),
            "export": {"type": "str", "required": True, "no_log": True},
            **stored_objects_argument_spec(),
            "definer": {"type": "str", "choices": ["keep", "map", "master", "master_if_missing"], "default": "keep"},
            "definer_map": {"type": "dict", "default": {}},
            "accounts_export": {"type": "str", "no_log": True},
            "accounts_include": {"type": "list", "elements": "str", "default": []},
            "accounts_exclude": {"type": "list", "elements": "str", "default": []},
            "unsupported_plugin": {"type": "str", "choices": ["skip", "lock", "new_password"], "default": "skip"},
            "events": {"type": "str", "choices": ["as_source", "disabled"], "default": "as_source"},
            "system_time_zone": {"type": "str"},
            "left_behind_file": {"type": "path"},
            "purge": {"type": "bool", "default": False},
            "script": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    selection = selection_of(params)
    policy = Policy(
        definer=params["definer"],
        definer_map={str(old): str(new) for old, new in params["definer_map"].items()},
        events=params["events"],
        system_time_zone=params["system_time_zone"] or "",
        purge=params["purge"],
    )
    with errors_to_fail_json(module):
        source = import_inventory(params["export"])

        def connect_to_target() -> Connection:
            return connect(params, multi_statements=True)

        with connect_to_target() as connection:
            counted_on = module.check_mode and params["accounts_export"]
            to_come = _accounts_to_come(connection, params) if counted_on else frozenset()
            outcome = bring_over(connection, source, selection, policy, module.check_mode, to_come, connect_to_target)
            script = routines_script(connection, source, selection, policy, to_come) if params["script"] else b""
        if params["left_behind_file"] and not module.check_mode:
            write_left_behind(
                params["left_behind_file"],
                problem_entries(outcome.plan.skipped),
                problem_entries(outcome.failed),
                redefined=redefinition_entries(outcome.plan.redefined),
                without_definer=problem_entries(outcome.plan.without_definer),
                disabled_on_replica=problem_entries(outcome.plan.disabled_on_replica),
                left_in_system_zone=problem_entries(outcome.plan.left_in_system_zone),
                compared_loosely=problem_entries(outcome.compared_loosely),
            )
    for warning in warnings_of(outcome):
        module.warn(warning)
    result = bring_over_result(outcome)
    result["changed"] = outcome.changed
    if params["script"]:
        result["script"] = pack(script)
    if module._diff:
        result["diff"] = plan_diff(outcome.done)
    if outcome.failed:
        module.fail_json(msg=failure_message(outcome.failed), error_id="routines.not_created", **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
