#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: aurora_instance_class_info
short_description: Tell which instance classes a Region has for Aurora MySQL
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Tells which instance classes can be ordered for an Aurora MySQL version and a storage, and in which Availability
    Zones.
  - With O(instances), fails unless every one of them can be made, and names the classes that come near. So a cluster
    is not restored for hours before its first instance is refused.
  - With O(db_parameter_group_name), fails also unless there is such a group and it fits the version.
options:
  engine_version:
    description:
      - The Aurora MySQL version of the cluster, such as V(8.0.mysql_aurora.3.10.0).
      - Without it, what the Region has for any version.
    type: str
  storage_type:
    description:
      - The storage of the cluster, V(aurora) (Aurora Standard) or V(aurora-iopt1) (Aurora I/O-Optimized). A Region may
        have a class for one of them only.
      - Without it, what the Region has for any storage.
    type: str
    choices: [aurora, aurora-iopt1]
  instances:
    description: The instances that are wanted.
    type: list
    elements: dict
    default: []
    suboptions:
      instance_class:
        description: The class, such as V(db.r6g.large), or V(db.serverless).
        type: str
        required: true
      availability_zone:
        description: The Availability Zone. Without it, any that has the class.
        type: str
      performance_insights:
        description: Whether Performance Insights is to be switched on.
        type: bool
        default: false
  db_parameter_group_name:
    description:
      - The parameter group that the instances are to have. A caller that may not look at it is warned.
      - Needs O(engine_version).
    type: str
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
notes:
  - Needs rds:DescribeOrderableDBInstanceOptions, and with O(db_parameter_group_name) rds:DescribeDBParameterGroups.
seealso:
  - module: dbferry.aurora_mysql.aurora_engine_version_info
  - module: amazon.aws.rds_instance
requirements:
  - python >= 3.9
  - boto3
"""

EXAMPLES = r"""
- name: Make sure that the writer and a reader can be made
  dbferry.aurora_mysql.aurora_instance_class_info:
    engine_version: 8.0.mysql_aurora.3.10.0
    instances:
      - instance_class: db.r7g.xlarge
      - instance_class: db.r7g.large
        availability_zone: eu-west-1b
    region: eu-west-1

- name: See what there is
  dbferry.aurora_mysql.aurora_instance_class_info:
    engine_version: 8.0.mysql_aurora.3.10.0
    region: eu-west-1
  register: classes
"""

RETURN = r"""
instance_classes:
  description: The classes that can be ordered, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The class.
      type: str
    zones:
      description: The Availability Zones that have it.
      type: list
      elements: str
    performance_insights:
      description: Whether Performance Insights can be switched on.
      type: bool
  sample:
    - name: db.r7g.large
      zones: [eu-west-1a, eu-west-1b]
      performance_insights: true
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aurora.engine_versions import parse_engine_version
from ..module_utils._aurora.instance_parameter_group import family_of_group, may_not_look, require_usable
from ..module_utils._aurora.orderable import WantedInstance, read_orderable, require_orderable
from ..module_utils._aws.errors import AwsError
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json


def require_group(module: AnsibleModule, client: Any, name: str, version: str) -> None:
    """Make sure that the instances' parameter group fits, as far as the caller may look."""
    try:
        family = family_of_group(client, name)
    except AwsError as error:
        if not may_not_look(error):
            raise
        module.warn(f"{error.message} Whether that group fits is seen when the first instance is made.")
        return
    require_usable(name, family, parse_engine_version(version).family)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "engine_version": {"type": "str"},
            "storage_type": {"type": "str", "choices": ["aurora", "aurora-iopt1"]},
            "instances": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "instance_class": {"type": "str", "required": True},
                    "availability_zone": {"type": "str"},
                    "performance_insights": {"type": "bool", "default": False},
                },
            },
            "db_parameter_group_name": {"type": "str"},
            **aws_argument_spec(),
        },
        required_by={"db_parameter_group_name": "engine_version"},
        supports_check_mode=True,
    )
    version = module.params["engine_version"] or ""
    storage = module.params["storage_type"] or ""
    wanted = [
        WantedInstance(
            instance["instance_class"], instance["availability_zone"] or "", instance["performance_insights"]
        )
        for instance in module.params["instances"]
    ]
    with errors_to_fail_json(module):
        client = make_client(module.params, "rds")
        offered = read_orderable(client, version, storage)
        require_orderable(wanted, offered, version, storage)
        if module.params["db_parameter_group_name"]:
            require_group(module, client, module.params["db_parameter_group_name"], version)
    module.exit_json(changed=False, instance_classes=[offered[name]._asdict() for name in sorted(offered)])


if __name__ == "__main__":
    main()
