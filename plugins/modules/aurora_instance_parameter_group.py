#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: aurora_instance_parameter_group
short_description: Make the parameter group of a restored cluster's instances
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Makes a DB parameter group, tags it as a migration's, and sets parameters in it.
  - A group that has the name but not the migration's tag is refused and left alone. In the migration's own group,
    parameters that somebody has set and that are not named go back to their defaults; tags that are not named stay.
  - Does what C(rds_param_group) and C(rds_instance_param_group) of C(amazon.aws) do; the first of these names is gone
    since release 10 of that collection, and the second is unknown to release 7.
options:
  name:
    description: The name of the group.
    type: str
    required: true
  family:
    description: The family, such as V(aurora-mysql8.0). A group keeps it for life.
    type: str
    required: true
  description:
    description: What the group is for. It is set when the group is made.
    type: str
    required: true
  parameters:
    description:
      - The parameters, name to value. Each takes effect when an instance starts the next time, as does a reset.
    type: dict
    default: {}
  migration_id:
    description: The migration that the group belongs to; becomes the tag C(dbferry:migration-id).
    type: str
    required: true
  tags:
    description: Further tags of the group.
    type: dict
    default: {}
    aliases: [resource_tags]
  update:
    description:
      - Whether parameters and tags of a group that is there are set, and parameters that are not named reset.
      - With V(false) the group is made where there is none, and left as it is where there is one of the migration's.
    type: bool
    default: true
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes.full
notes:
  - Needs rds:DescribeDBParameterGroups, rds:DescribeDBParameters, rds:ListTagsForResource, rds:CreateDBParameterGroup,
    rds:AddTagsToResource, rds:ModifyDBParameterGroup and rds:ResetDBParameterGroup.
seealso:
  - module: amazon.aws.rds_cluster_param_group
  - module: amazon.aws.rds_instance
requirements:
  - python >= 3.9
  - boto3
"""

EXAMPLES = r"""
- name: Give the instances a parameter group of their own
  dbferry.aurora_mysql.aurora_instance_parameter_group:
    name: orders-instances-aurora-mysql8-0
    family: aurora-mysql8.0
    description: Instances of cluster orders
    migration_id: orders
    parameters:
      max_connections: 2000
    region: eu-west-1
"""

RETURN = r"""
parameters:
  description: The parameters that somebody has set in the group, or would have in check mode.
  returned: success
  type: dict
  sample:
    max_connections: "2000"
tags:
  description: The tags of the group, or those that it would have in check mode.
  returned: success
  type: dict
  sample:
    dbferry:migration-id: orders
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aurora.instance_parameter_group import InstanceParameterGroups, plan_group, wanted_group
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "family": {"type": "str", "required": True},
            "description": {"type": "str", "required": True},
            "parameters": {"type": "dict", "default": {}},
            "migration_id": {"type": "str", "required": True},
            "tags": {"type": "dict", "default": {}, "aliases": ["resource_tags"]},
            "update": {"type": "bool", "default": True},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        groups = InstanceParameterGroups(make_client(params, "rds"))
        wanted = wanted_group(params["family"], params["parameters"], params["tags"], params["migration_id"])
        before = groups.find(params["name"])
        plan = plan_group(params["name"], before, wanted, params["update"])
        if plan.changes and not module.check_mode:
            groups.carry_out(params["name"], params["description"], wanted, plan)
    old = {"parameters": before.parameters, "tags": before.tags} if before else {"parameters": {}, "tags": {}}
    kept = {name: value for name, value in old["parameters"].items() if name not in plan.reset}
    new = {
        "parameters": {**kept, **plan.parameters},
        "tags": {**old["tags"], **(wanted.tags if plan.create else plan.tags)},
    }
    module.exit_json(changed=plan.changes, **new, diff={"before": old if before else {}, "after": new})


if __name__ == "__main__":
    main()
