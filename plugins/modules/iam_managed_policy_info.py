#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_managed_policy_info
short_description: Look at a managed IAM policy and its tags
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Tells whether a managed policy is there, whose tags it bears, and how many principals it is attached to.
options:
  policy_arn:
    description:
      - The ARN of the policy.
      - Exactly one of O(policy_arn) and O(policy_name) is needed.
    type: str
  policy_name:
    description:
      - The name of the policy, one of the account's own. Its path does not matter, because no two have the same name.
    type: str
notes:
  - The caller needs C(iam:GetPolicy) on the policy; with O(policy_name) also C(iam:ListPolicies).
requirements:
  - python >= 3.9
  - boto3
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: amazon.aws.iam_managed_policy
"""

EXAMPLES = r"""
- name: Look whose policy it is
  dbferry.aurora_mysql.iam_managed_policy_info:
    policy_arn: arn:aws:iam::123456789012:policy/dbferry-orders
  register: found

- name: Look whether the name is taken
  dbferry.aurora_mysql.iam_managed_policy_info:
    policy_name: dbferry-orders
  register: found
"""

RETURN = r"""
policies:
  description: The policy; empty where there is none of that ARN or name.
  returned: success
  type: list
  elements: dict
  contains:
    policy_arn:
      description: Its ARN.
      type: str
    policy_name:
      description: Its name.
      type: str
    attachment_count:
      description: How many users, groups and roles it is attached to.
      type: int
    tags:
      description: Its tags.
      type: dict
      sample: {"dbferry:migration-id": "orders"}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._iam.managed_policy import find_policy, find_policy_named


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"policy_arn": {"type": "str"}, "policy_name": {"type": "str"}, **aws_argument_spec()},
        required_one_of=[("policy_arn", "policy_name")],
        mutually_exclusive=[("policy_arn", "policy_name")],
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        iam = make_client(params, "iam")
        if params["policy_arn"]:
            policy = find_policy(iam, params["policy_arn"])
        else:
            policy = find_policy_named(iam, params["policy_name"])
        module.exit_json(changed=False, policies=[] if policy is None else [policy._asdict()])


if __name__ == "__main__":
    main()
