#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_service_role
short_description: Make the IAM role by which a service reads a backup, and its policy
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Makes a role and one managed policy, attaches the policy to the role, and shows as a diff what changes in whom the
    role trusts, in what the policy allows, in boundary and in tags.
  - A role or policy that is there is brought into the wanted state, whoever made it; look first whose it is.
options:
  role_arn:
    description:
      - The ARN that the role has once it is made; its path and its name are in it.
      - A role of that name under another path is taken as it is.
    type: str
    required: true
  policy_arn:
    description:
      - The ARN that the policy has once it is made; its path and its name are in it.
    type: str
    required: true
  trust:
    description:
      - The trust policy of the role.
    type: dict
    required: true
  policy:
    description:
      - The document of the policy. It becomes the policy's only version.
    type: dict
    required: true
  permissions_boundary:
    description:
      - The ARN of a permissions boundary for the role. Without it, a boundary that is there stays.
    type: str
    default: ""
  tags:
    description:
      - The tags of role and policy. Others are taken away.
    type: dict
    default: {}
notes:
  - Policies that others have attached to the role stay attached.
  - To delete role and policy, use M(amazon.aws.iam_role) and M(amazon.aws.iam_managed_policy).
requirements:
  - python >= 3.9
  - boto3
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes.full
seealso:
  - module: dbferry.aurora_mysql.iam_managed_policy_info
  - module: dbferry.aurora_mysql.iam_rights_info
"""

EXAMPLES = r"""
- name: Let RDS read one backup
  dbferry.aurora_mysql.iam_service_role:
    role_arn: arn:aws:iam::123456789012:role/dbferry-orders
    policy_arn: arn:aws:iam::123456789012:policy/dbferry-orders
    trust:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {Service: rds.amazonaws.com}
          Action: sts:AssumeRole
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::example-migrations/orders/backup/*
    tags:
      dbferry:migration-id: orders
"""

RETURN = r"""
role_arn:
  description: The role's ARN; in check mode that of the role that would be made.
  returned: success
  type: str
  sample: arn:aws:iam::123456789012:role/dbferry-orders
policy_arn:
  description: The policy's ARN; in check mode that of the policy that would be made.
  returned: success
  type: str
  sample: arn:aws:iam::123456789012:policy/dbferry-orders
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._iam.made_role import Pair, Policy, Role, make_pair, read_pair, wanted_pair


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "role_arn": {"type": "str", "required": True},
            "policy_arn": {"type": "str", "required": True},
            "trust": {"type": "dict", "required": True},
            "policy": {"type": "dict", "required": True},
            "permissions_boundary": {"type": "str", "default": ""},
            "tags": {"type": "dict", "default": {}},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    role_arn, policy_arn = params["role_arn"], params["policy_arn"]
    tags = {str(key): str(value) for key, value in params["tags"].items()}
    wanted = Pair(
        Role(role_arn, params["trust"], params["permissions_boundary"], (policy_arn,), tags),
        Policy(policy_arn, params["policy"], tags),
    )
    with errors_to_fail_json(module):
        iam = make_client(params, "iam")
        before = read_pair(iam, role_arn, policy_arn)
        after = wanted_pair(before, wanted)
        changed = before != after
        if changed and not module.check_mode:
            after = make_pair(iam, before, after)
    module.exit_json(
        changed=changed,
        role_arn=after.role.arn,
        policy_arn=policy_arn,
        diff={"before": before.as_diff(), "after": after.as_diff()},
    )


if __name__ == "__main__":
    main()
