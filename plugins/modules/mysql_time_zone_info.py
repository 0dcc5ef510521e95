#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_time_zone_info
short_description: Read the time zone that a MySQL server really works in
version_added: 0.1.0
description:
  - Tells which zone a server's C(time_zone) means, also where it is C(SYSTEM) and the server only knows an abbreviation
    such as C(CET), which many zones share. What C(SYSTEM) means is told whatever the server's setting is, because
    events may run in it.
  - For C(SYSTEM), O(host_zone) decides if the server agrees with it. Else the server calculates its own offsets, one a
    week over the last 20 years and up to 2036, and a zone with the same offsets is found. Where no zone has them and
    O(host_zone) is not given, the task fails, with RV(zones) in its result all the same; if the server's setting is
    another one than C(SYSTEM), it warns instead.
author:
  - dbferry contributors (@dbferry)
options:
  host_zone:
    description:
      - The IANA name of the zone that the server's host is set to, such as V(Europe/Berlin).
      - It is only used for what C(SYSTEM) means. If the server's own offsets are others, a zone that has
        those is taken instead, because a server may have been started with another C(TZ). If there is none, as with old
        zone data on the server's host, O(host_zone) is taken, and a warning names the first instant at which it
        differs.
    type: str
  zones:
    description:
      - Whether to return RV(zones), the rules of all zones that the server knows by name, for
        M(dbferry.aurora_mysql.mysql_time_zone_comparison_info).
    type: bool
    default: false
requirements:
  - PyMySQL
  - zone data for Python, of the operating system or from the package tzdata
notes:
  - For O(zones) the account needs C(SELECT) on the tables C(time_zone), C(time_zone_name), C(time_zone_transition),
    C(time_zone_transition_type) and C(time_zone_leap_second) of C(mysql). Without it the task succeeds, and
    RV(zones_unread) says why RV(zones) holds none.
extends_documentation_fragment:
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: dbferry.aurora_mysql.aurora_time_zone
  - module: dbferry.aurora_mysql.mysql_time_zone_comparison_info
"""

EXAMPLES = r"""
- name: Read the source's time zone
  dbferry.aurora_mysql.mysql_time_zone_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ source_password }}"
    host_zone: Europe/Berlin
  register: source_zone

- name: Say which it is
  ansible.builtin.debug:
    msg: "{{ source_zone.setting }} means {{ source_zone.zone }}, {{ source_zone.offset_now }} now"
"""

RETURN = r"""
setting:
  description: The server's global variable C(time_zone).
  returned: success
  type: str
  sample: SYSTEM
system:
  description: The server's variable C(system_time_zone), usually an abbreviation.
  returned: success
  type: str
  sample: CET
zone:
  description: The zone that they mean, an IANA name or an offset such as V(+02:00).
  returned: success
  type: str
  sample: Europe/Berlin
resolved_from:
  description:
    - What told RV(zone). V(time_zone) is the server's setting, V(host_zone) is O(host_zone), V(system_time_zone) is the
      server's word for UTC, V(offsets) are the offsets that the server calculated.
  returned: success
  type: str
  sample: host_zone
offset_now:
  description: The server's offset from UTC at this moment.
  returned: success
  type: str
  sample: "+01:00"
system_zone:
  description:
    - The zone that C(SYSTEM) means on the server, an IANA name or an offset; RV(zone) where RV(setting) is V(SYSTEM).
      Empty where nobody knows it.
  returned: success
  type: str
  sample: Europe/Berlin
candidates:
  description: The first 20 zones with the same offsets, where RV(resolved_from) is V(offsets). Any of them would do.
  returned: success
  type: list
  elements: str
  sample: []
zones:
  description:
    - The server's named zones with their offsets in the last 20 and the next 10 years, in one opaque string, about
      11 KiB long for 600 zones.
  returned: if O(zones) is V(true), also where the task fails because the zone is not known
  type: str
  sample: eNqrVkosLcnILy5RslJQqlWwVFAqLs1NUlDKLy5RslIwtFSwUjA0AAIAFLoLpg==
zones_unread:
  description: Why the server's tables of zones could not be read, empty if they could.
  returned: if O(zones) is V(true), also where the task fails because the zone is not known
  type: str
  sample: ""
"""

import datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import mysql_login_argument_spec
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules import (
    export_zones,
    rules_span,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules_read import read_named_zones
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones import ZoneError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones_read import read_server_zone


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=dict(
            mysql_login_argument_spec(),
            host_zone={"type": "str"},
            zones={"type": "bool", "default": False},
        ),
        supports_check_mode=True,
    )
    named = {}
    zone, unknown = None, None
    with errors_to_fail_json(module), connect(module.params) as connection:
        try:
            zone = read_server_zone(connection, module.params["host_zone"] or "")
        except ZoneError as error:
            # What the server knows by name does not depend on it.
            unknown = error
        if module.params["zones"]:
            known = read_named_zones(connection, rules_span(datetime.date.today()), zone.zone if zone else "")
            named = {"zones": export_zones(known), "zones_unread": known.unread}
    if unknown:
        module.fail_json(**unknown.as_result(), **named)
    for warning in zone.warnings:
        module.warn(warning)
    module.exit_json(changed=False, **zone.as_result(), **named)


if __name__ == "__main__":
    main()
