#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_time_zone_comparison_info
short_description: Find the named time zones that another MySQL server lacks or has other rules for
version_added: 0.1.0
description:
  - Every MySQL server has tables of its own for the zones that C(CONVERT_TZ), C(SET time_zone) and events use by name.
    A restore into Aurora does not bring them, and Aurora has its own, which may be older or newer.
  - Lists the zones that the source knows and the target does not, and those whose offsets from UTC are not the same at
    every instant of the last 20 and the next 10 years (none after 2037). They are compared between all transitions of
    both sides.
  - Zones that functions, procedures, triggers, events and views of the source mention come first and say by what they
    are mentioned, and so does the zone that the source itself works in.
  - This is no part of M(dbferry.aurora_mysql.aurora_time_zone), because it needs no AWS, changes nothing, and has to
    speak also where that module refuses a zone.
author:
  - dbferry contributors (@dbferry)
options:
  zones:
    description:
      - RV(dbferry.aurora_mysql.mysql_time_zone_info#module:zones) of the source.
    type: str
    required: true
  routines:
    description:
      - RV(dbferry.aurora_mysql.mysql_routines_info#module:export) of the source, to look for names of zones in. Without
        it, no zone is marked but the source's own.
      - A zone is mentioned where its name stands in quotes in a body, in a comment or in a nested string, too, and
        where an event runs in it. A string that means something else but reads like a zone's name marks it as well.
    type: str
  left_behind_file:
    description:
      - A file on the host of the task that gets RV(zones_missing) and RV(zones_different) without their limits, as JSON
        with the members C(missing) and C(different). Nothing is written in check mode.
    type: path
requirements:
  - PyMySQL
notes:
  - The login is the target's. The account needs C(SELECT) on the tables C(time_zone), C(time_zone_name),
    C(time_zone_transition), C(time_zone_transition_type) and C(time_zone_leap_second) of C(mysql). Where they may not
    be read, on either side, the task succeeds and RV(reason) says why nothing was compared.
  - Offsets are what the servers calculate from their tables. A server keeps a zone that it has used once in memory
    until it is restarted, whatever has been written to its tables since.
  - Offsets such as V(+09:00) are understood by every server and are not looked at.
extends_documentation_fragment:
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: dbferry.aurora_mysql.mysql_time_zone_info
  - module: dbferry.aurora_mysql.mysql_routines_info
  - module: dbferry.aurora_mysql.aurora_time_zone
"""

EXAMPLES = r"""
- name: Read the source's time zones
  dbferry.aurora_mysql.mysql_time_zone_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ source_password }}"
    zones: true
  register: source_zone

- name: Read what is stored on the source
  dbferry.aurora_mysql.mysql_routines_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ source_password }}"
    export: true
  register: stored
  no_log: true

- name: Find the zones that the cluster lacks or understands in another way
  dbferry.aurora_mysql.mysql_time_zone_comparison_info:
    login_host: "{{ cluster.endpoint }}"
    login_user: admin
    login_password: "{{ master_password }}"
    zones: "{{ source_zone.zones }}"
    routines: "{{ stored.export }}"
  register: zones
"""

RETURN = r"""
compared:
  description: Whether the zones of both sides could be read. If not, the lists are empty and mean nothing.
  returned: success
  type: bool
  sample: true
reason:
  description:
    - Why zones were not compared, or that one side knows no zone at all. Empty otherwise.
    - Where the target's tables are empty, RV(zones_missing) holds only the zones that are mentioned.
  returned: success
  type: str
  sample: ""
remedy:
  description: What to do about RV(reason), empty where nothing has to be done.
  returned: success
  type: str
  sample: ""
years_from:
  description: First year of the comparison.
  returned: success
  type: int
  sample: 2006
years_to:
  description: Last year of the comparison.
  returned: success
  type: int
  sample: 2036
summary:
  description: Counts, whatever the lists hold.
  returned: success
  type: dict
  contains:
    source:
      description: Zones that the source knows by name.
      type: int
    target:
      description: Zones that the target knows by name.
      type: int
    same:
      description: Zones of the source with the same offsets on the target.
      type: int
    missing:
      description: Zones of the source that the target does not know.
      type: int
    missing_mentioned:
      description: Those of them that the source's stored objects mention.
      type: int
    different:
      description: Zones of the source with other offsets on the target.
      type: int
    different_mentioned:
      description: Those of them that the source's stored objects mention.
      type: int
    objects_searched:
      description: Stored objects in O(routines) that were searched for names of zones.
      type: int
    objects_unreadable:
      description: Stored objects in O(routines) whose text could not be read, and that may mention zones.
      type: int
    truncated:
      description: Whether one of the lists ends before its last zone.
      type: bool
zones_missing:
  description: The first 200 zones of the source that the target does not know, those that are mentioned first.
  returned: success
  type: list
  elements: dict
  sample:
    - zone: America/Coyhaique
      mentions: 1
      mentioned_by: [event shop.nightly]
  contains:
    zone:
      description: The zone's name on the source.
      type: str
    mentions:
      description: How many stored objects mention it.
      type: int
    mentioned_by:
      description:
        - The first 5 of them. C(variable time_zone) stands for the source itself if it works in the zone.
      type: list
      elements: str
zones_different:
  description: The first 200 zones with other offsets on the target, those that are mentioned first.
  returned: success
  type: list
  elements: dict
  sample:
    - zone: Europe/Istanbul
      mentions: 0
      mentioned_by: []
      first_difference: "2016-10-30T01:00:00Z"
      offset_source: "+03:00"
      offset_target: "+02:00"
      seconds: 268722000
      days: 3110.21
  contains:
    zone:
      description: The zone's name on the source.
      type: str
    mentions:
      description: How many stored objects mention it.
      type: int
    mentioned_by:
      description: The first 5 of them, as in RV(zones_missing[].mentioned_by).
      type: list
      elements: str
    first_difference:
      description: The first instant of the years at which the offsets differ, in UTC.
      type: str
    offset_source:
      description: The source's offset from UTC at that instant.
      type: str
    offset_target:
      description: The target's offset from UTC at that instant.
      type: str
    seconds:
      description: For how many seconds of the years the offsets differ, in all.
      type: int
    days:
      description: The same in days.
      type: float
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import mysql_login_argument_spec
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.left_behind_file import write_lists
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import import_inventory
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_comparison import (
    shortened,
    whole_comparison,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules import import_zones
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules_read import read_named_zones


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=dict(
            mysql_login_argument_spec(),
            zones={"type": "str", "required": True},
            routines={"type": "str", "no_log": True},
            left_behind_file={"type": "path"},
        ),
        supports_check_mode=True,
    )
    with errors_to_fail_json(module):
        source = import_zones(module.params["zones"])
        inventory = import_inventory(module.params["routines"]) if module.params["routines"] else None
        with connect(module.params) as connection:
            target = read_named_zones(connection, source.span)
        whole = whole_comparison(source, target, inventory)
        if module.params["left_behind_file"] and not module.check_mode:
            lists = {"missing": whole["zones_missing"], "different": whole["zones_different"]}
            write_lists(module.params["left_behind_file"], lists)
    result = shortened(whole)
    if result["remedy"]:
        module.warn(f"{result['reason']} What to do: {result['remedy']}")
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
