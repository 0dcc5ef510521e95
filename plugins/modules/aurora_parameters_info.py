#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: aurora_parameters_info
short_description: Find the cluster parameters that keep the settings of a MySQL server
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Decides for each setting of a MySQL server that an application can notice whether the parameter group of an Aurora
    MySQL cluster takes it over, in other words, or not at all, and says why.
  - The parameters of the family, their defaults and their allowed values are asked of AWS. Where AWS names no default,
    MySQL's own holds.
  - A setting that has the cluster's default already needs no parameter and is listed nowhere.
  - C(lower_case_table_names) is fixed when a cluster is made, and tables of the backup are not found with another value
    than the source's. The module fails where O(parameters), O(left) or O(db_cluster_parameter_group_name) would give
    the cluster another; V(2) counts as V(1), which compares names alike.
  - Changes nothing; M(amazon.aws.rds_cluster_param_group) makes a group of the result.
options:
  source_variables:
    description:
      - The global variables of the source, name to value, such as C(server.variables) of
        M(dbferry.aurora_mysql.mysql_server_info).
      - Variables that the module knows nothing of are ignored.
    type: dict
    required: true
  engine_version:
    description:
      - The Aurora MySQL version of the cluster, such as V(8.0.mysql_aurora.3.10.0), which tells the family.
      - One of O(engine_version) and O(family) is required.
    type: str
  family:
    description:
      - The family of the parameter group, such as V(aurora-mysql8.0).
    type: str
  parameters:
    description:
      - Parameters that you have chosen, name to value. They lead, whatever the source has.
    type: dict
    default: {}
  left:
    description:
      - Names of variables or parameters whose value on the source is not to be taken over.
    type: list
    elements: str
    default: []
  db_cluster_parameter_group_name:
    description:
      - A cluster parameter group that the cluster is to have as it is. Only its C(lower_case_table_names) is compared
        with the source's.
    type: str
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
notes:
  - Needs rds:DescribeEngineDefaultClusterParameters, and with O(db_cluster_parameter_group_name)
    rds:DescribeDBClusterParameters.
seealso:
  - module: dbferry.aurora_mysql.mysql_server_info
  - module: dbferry.aurora_mysql.aurora_engine_version_info
  - module: amazon.aws.rds_cluster_param_group
requirements:
  - python >= 3.9
  - boto3
"""

EXAMPLES = r"""
- name: Read the source
  dbferry.aurora_mysql.mysql_server_info:
    login_host: db1.example.com
    login_user: migrator
    login_password: "{{ vault_source_password }}"
  register: source

- name: Find the parameters that keep its settings
  dbferry.aurora_mysql.aurora_parameters_info:
    source_variables: "{{ source.server.variables }}"
    engine_version: 8.0.mysql_aurora.3.10.0
    parameters:
      binlog_format: ROW
    left: [wait_timeout]
    region: eu-west-1
  register: settings

- name: Show them
  ansible.builtin.debug:
    msg: "{{ settings.summary }}"
"""

RETURN = r"""
family:
  description: The family of the parameters.
  returned: success
  type: str
  sample: aurora-mysql8.0
parameters:
  description: All parameters that the cluster's group should have, O(parameters) among them.
  returned: success
  type: dict
  sample:
    collation_server: utf8mb4_general_ci
    binlog_format: ROW
taken:
  description:
    - Settings that the cluster has as the source has them.
    - Here, in RV(adjusted), RV(left), RV(diff) and RV(summary), C(init_connect) is shown without its string literals,
      but for those of settings such as C(sql_mode). One that the record has without a literal is in RV(left).
  returned: success
  type: list
  elements: dict
  contains: &entry
    name:
      description: The parameter; the source's own name of it where the family has none.
      type: str
    source_value:
      description: The value on the source.
      type: str
    value:
      description: The value that the cluster gets; empty where the setting is left.
      type: str
    reason:
      description: Why it was changed or left; empty where it was taken.
      type: str
  sample:
    - name: collation_server
      source_value: utf8mb4_general_ci
      value: utf8mb4_general_ci
      reason: ""
adjusted:
  description: Settings that the cluster can have in other words only.
  returned: success
  type: list
  elements: dict
  contains: *entry
  sample:
    - name: event_scheduler
      source_value: DISABLED
      value: "OFF"
      reason: Aurora has ON and OFF
left:
  description: Settings that the cluster does not get.
  returned: success
  type: list
  elements: dict
  contains: *entry
  sample:
    - name: max_connections
      source_value: "500"
      value: ""
      reason: Aurora derives it from the memory of the instance's class
diff:
  description:
    - The settings of the source (C(before)) and what the cluster gets of them (C(after)), a line each.
    - Ansible shows no difference of a task that changes nothing; RV(summary) is what a play can print.
  returned: success
  type: dict
  sample:
    before: "collation_server: utf8mb4_general_ci\n"
    after: "collation_server: utf8mb4_general_ci\n"
summary:
  description: What became of the settings, in lines for a person to read.
  returned: success
  type: list
  elements: str
  sample:
    - "taken: collation_server=utf8mb4_general_ci"
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aurora.case_of_names import PARAMETER, require_group_alike, require_taken_over
from ..module_utils._aurora.cluster_parameters import read_family, read_group_value
from ..module_utils._aurora.engine_versions import parse_engine_version
from ..module_utils._aurora.parameter_mapping import plan_diff, plan_parameters, summary_lines
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "source_variables": {"type": "dict", "required": True},
            "engine_version": {"type": "str"},
            "family": {"type": "str"},
            "parameters": {"type": "dict", "default": {}},
            "left": {"type": "list", "elements": "str", "default": []},
            "db_cluster_parameter_group_name": {"type": "str"},
            **aws_argument_spec(),
        },
        required_one_of=[("engine_version", "family")],
        mutually_exclusive=[("engine_version", "family")],
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        family = params["family"] or parse_engine_version(params["engine_version"]).family
        source, group = params["source_variables"], params["db_cluster_parameter_group_name"]
        client = make_client(params, "rds")
        require_taken_over(source, params["parameters"], params["left"])
        if group:
            require_group_alike(source, group, read_group_value(client, group, PARAMETER))
        plan = plan_parameters(source, family, read_family(client, family), params["parameters"], params["left"])
    module.exit_json(
        changed=False,
        family=family,
        parameters=plan.parameters,
        taken=[entry._asdict() for entry in plan.taken],
        adjusted=[entry._asdict() for entry in plan.changed],
        left=[entry._asdict() for entry in plan.left],
        summary=summary_lines(plan),
        diff=plan_diff(plan),
    )


if __name__ == "__main__":
    main()
