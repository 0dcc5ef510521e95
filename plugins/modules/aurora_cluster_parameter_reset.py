#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: aurora_cluster_parameter_reset
short_description: Give parameters of a cluster parameter group their defaults back
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Resets what somebody has set in a cluster parameter group, but for the parameters that are to stay.
  - M(amazon.aws.rds_cluster_param_group) sets parameters only, so that a group keeps what nobody wants any more.
  - Each reset takes effect when an instance starts the next time. A group that is not there is none to change.
options:
  name:
    description: The name of the group.
    type: str
    required: true
  keep:
    description: Names of parameters that stay as they are.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes.full
notes:
  - Needs rds:DescribeDBClusterParameters and rds:ResetDBClusterParameterGroup.
seealso:
  - module: amazon.aws.rds_cluster_param_group
  - module: dbferry.aurora_mysql.aurora_parameters_info
requirements:
  - python >= 3.9
  - boto3
"""

EXAMPLES = r"""
- name: Keep nothing but the time zone
  dbferry.aurora_mysql.aurora_cluster_parameter_reset:
    name: orders-aurora-mysql8-0
    keep: [time_zone]
    region: eu-west-1
"""

RETURN = r"""
parameters:
  description: The parameters that were reset, or in check mode would be, with the values that they had.
  returned: success
  type: dict
  sample:
    wait_timeout: "60"
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aurora.cluster_parameters import read_user_values, reset_parameters
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "keep": {"type": "list", "elements": "str", "default": []},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        client = make_client(params, "rds")
        before = read_user_values(client, params["name"])
        unwanted = {name: value for name, value in sorted(before.items()) if name not in params["keep"]}
        if unwanted and not module.check_mode:
            reset_parameters(client, params["name"], unwanted)
    after = {name: value for name, value in before.items() if name not in unwanted}
    module.exit_json(changed=bool(unwanted), parameters=unwanted, diff={"before": before, "after": after})


if __name__ == "__main__":
    main()
