#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: aurora_time_zone
short_description: Give an Aurora MySQL cluster the time zone of its source
version_added: 0.1.0
description:
  - Writes the parameter C(time_zone) of the cluster's parameter group and proves it on new connections.
  - The values that the cluster's family allows are asked of AWS. A zone that is not allowed is replaced by an allowed
    one with the same offsets at every instant of the years O(years_from) to O(years_to), or refused with the nearest
    named.
  - UTC needs no change, and so no parameter group of one's own, where the cluster is in UTC.
  - Values of type TIMESTAMP are stored in UTC and do not move. C(NOW()), defaults and events change their meaning.
author:
  - dbferry contributors (@dbferry)
options:
  db_cluster_identifier:
    description:
      - The name of the cluster.
    type: str
    required: true
    aliases: [id, identifier, cluster_id, cluster_name]
  zone:
    description:
      - The wanted zone, an IANA name such as V(Europe/Berlin) or an offset such as V(+09:00).
      - RV(dbferry.aurora_mysql.mysql_time_zone_info#module:zone) of the source.
    type: str
    required: true
  years_from:
    description:
      - First year in which an allowed zone must have the same offsets. Without it, 20 years ago.
    type: int
  years_to:
    description:
      - Last year in which an allowed zone must have the same offsets. Without it, in 10 years.
    type: int
  wait_timeout:
    description:
      - Seconds to wait until new connections have the zone.
    type: int
    default: 300
requirements:
  - boto3
  - PyMySQL
  - zone data for Python, of the operating system or from the package tzdata, unless the zone itself is allowed
notes:
  - Default parameter groups cannot be changed. Role P(dbferry.aurora_mysql.restore#role) gives the cluster one of its
    own.
  - Needs rds:DescribeDBClusters, rds:DescribeDBClusterParameterGroups, rds:DescribeDBClusterParameters,
    rds:DescribeEngineDefaultClusterParameters and rds:ModifyDBClusterParameterGroup.
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.attributes.full
seealso:
  - module: dbferry.aurora_mysql.mysql_time_zone_info
"""

EXAMPLES = r"""
- name: Let the cluster work in the source's time zone
  dbferry.aurora_mysql.aurora_time_zone:
    db_cluster_identifier: shop
    region: eu-west-1
    zone: "{{ source_zone.zone }}"
    login_host: "{{ cluster.endpoint }}"
    login_user: admin
    login_password: "{{ master_password }}"
"""

RETURN = r"""
zone_source:
  description: The wanted zone, O(zone).
  returned: success
  type: str
  sample: Europe/Berlin
zone_target:
  description: The zone of the cluster, equal to O(zone) or with the same offsets.
  returned: success
  type: str
  sample: Europe/Amsterdam
same:
  description:
    - Whether the cluster's zone bears the wanted name. Otherwise its offsets are the same from RV(years_from) to
      RV(years_to).
  returned: success
  type: bool
  sample: false
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
parameter_group:
  description: The cluster's parameter group.
  returned: success
  type: str
  sample: shop-aurora-mysql80
allowed_from:
  description: V(live) if AWS named the allowed values, V(table) if the collection's short table had to do.
  returned: success
  type: str
  sample: live
verified:
  description: Whether a new connection was seen to have the zone. V(false) in check mode if the zone would change.
  returned: success
  type: bool
  sample: true
"""

import datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    aws_argument_spec,
    cluster_argument_spec,
    mysql_login_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.time_zone_parameter import (
    await_time_zone,
    read_cluster_zone,
    require_changeable,
    set_time_zone,
    zone_for_cluster,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session import make_client
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones import Span, default_span


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=dict(
            aws_argument_spec(),
            **mysql_login_argument_spec(),
            **cluster_argument_spec(),
            zone={"type": "str", "required": True},
            years_from={"type": "int"},
            years_to={"type": "int"},
            wait_timeout={"type": "int", "default": 300},
        ),
        supports_check_mode=True,
    )
    params = module.params
    usual = default_span(datetime.date.today())
    with errors_to_fail_json(module):
        span = Span(params["years_from"] or usual.years_from, params["years_to"] or usual.years_to)
        client = make_client(params, "rds")
        current = read_cluster_zone(client, params["db_cluster_identifier"])
        zone = zone_for_cluster(params["zone"], current, span)
        changed = zone != current.value
        if changed:
            require_changeable(current)
        verified = not (changed and module.check_mode)
        if changed and not module.check_mode:
            set_time_zone(client, current.group, zone)
        if verified:
            await_time_zone(lambda: connect(params), zone, 0 if module.check_mode else params["wait_timeout"])
    module.exit_json(
        changed=changed,
        zone_source=params["zone"],
        zone_target=zone,
        same=zone.upper() == params["zone"].upper(),
        years_from=span.years_from,
        years_to=span.years_to,
        parameter_group=current.group,
        allowed_from=current.allowed_from,
        verified=verified,
        diff={"before": f"time_zone: {current.value}\n", "after": f"time_zone: {zone}\n"},
    )


if __name__ == "__main__":
    main()
