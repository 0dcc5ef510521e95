#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: aurora_groups
short_description: Delete the groups that were made for a restored cluster
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Deletes the cluster parameter groups, instance parameter groups and subnet groups whose names begin with a cluster's
    name and a hyphen, and whose tag C(dbferry:migration-id) is the migration's. No other group is touched.
  - Nothing may use them any more, so the cluster goes first.
options:
  db_cluster_identifier:
    description:
      - The name of the cluster, which the groups' names begin with.
    type: str
    required: true
    aliases: [id, identifier, cluster_id, cluster_name]
  migration_id:
    description:
      - The migration that made them.
    type: str
    required: true
  state:
    description:
      - Only V(absent) is known.
    type: str
    choices: [absent]
    required: true
notes:
  - The caller needs C(rds:DescribeDBClusterParameterGroups), C(rds:DescribeDBParameterGroups),
    C(rds:DescribeDBSubnetGroups), C(rds:ListTagsForResource), C(rds:DeleteDBClusterParameterGroup),
    C(rds:DeleteDBParameterGroup) and C(rds:DeleteDBSubnetGroup).
requirements:
  - python >= 3.9
  - boto3
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes.full
seealso:
  - module: dbferry.aurora_mysql.aurora_cluster_restore
"""

EXAMPLES = r"""
- name: Take back what was made around the cluster
  dbferry.aurora_mysql.aurora_groups:
    db_cluster_identifier: orders
    migration_id: orders
    state: absent
    region: eu-west-1
"""

RETURN = r"""
groups:
  description: The groups that went, or in check mode would go.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: What it is.
      type: str
      sample: cluster parameter group
    name:
      description: Its name.
      type: str
      sample: orders-aurora-mysql8-0
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec, cluster_argument_spec
from ..module_utils._aurora.groups import delete_group, find_groups
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **cluster_argument_spec(),
            "migration_id": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["absent"], "required": True},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        rds = make_client(params, "rds")
        found = find_groups(rds, params["db_cluster_identifier"], params["migration_id"])
        if not module.check_mode:
            for group in found:
                delete_group(rds, group)
    groups = [{"kind": group.kind.title, "name": group.name} for group in found]
    before = "".join(f"{group['kind']} {group['name']}\n" for group in groups)
    module.exit_json(changed=bool(groups), groups=groups, diff={"before": before, "after": ""})


if __name__ == "__main__":
    main()
