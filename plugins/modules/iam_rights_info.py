#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_rights_info
short_description: Ask IAM whether a user or role may do something
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Asks IAM by C(SimulatePrincipalPolicy) whether the caller, or another principal of the account, has rights, and
    names those that it lacks. Nothing is tried out.
  - Where IAM may not be asked, the module does not fail. RV(checked) is V(false) and RV(reason) says why.
  - A right may depend on what IAM was not told, such as the caller's address or a login with MFA. What it would not
    have then is in RV(unknown), not in RV(denied).
options:
  principal_arn:
    description:
      - The ARN of the user, group or role.
      - Without it, the caller. A session of a role is turned into the role.
    type: str
  rights:
    description:
      - What it shall be able to do.
    type: list
    elements: dict
    required: true
    suboptions:
      actions:
        description: Actions, such as V(s3:GetObject).
        type: list
        elements: str
        required: true
      resources:
        description: ARNs, each of which every action is asked for. A C(*) in an ARN stands for itself.
        type: list
        elements: str
        default: ["*"]
      context:
        description:
          - Condition keys and the value of each, such as C(s3:prefix).
          - C(aws:RequestedRegion) is added where it follows from O(region).
        type: dict
        default: {}
notes:
  - The caller needs C(iam:SimulatePrincipalPolicy) on the principal; a caller that is a session of a role with a path
    needs C(iam:GetRole) on it, too.
  - Policies of buckets, keys and sessions are not looked at. What is denied here is denied; what is allowed here may
    still be denied by one of those.
requirements:
  - python >= 3.9
  - boto3
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: dbferry.aurora_mysql.iam_caller_policy_info
"""

EXAMPLES = r"""
- name: See whether I may restore a cluster with this role
  dbferry.aurora_mysql.iam_rights_info:
    region: eu-west-1
    rights:
      - actions: [rds:RestoreDBClusterFromS3, rds:CreateDBInstance]
        resources: ["arn:aws:rds:eu-west-1:123456789012:cluster:orders"]
      - actions: [iam:PassRole]
        resources: ["arn:aws:iam::123456789012:role/dbferry-orders"]
        context:
          iam:PassedToService: rds.amazonaws.com
  register: rights

- name: Name what is missing
  ansible.builtin.assert:
    that: rights.denied | length == 0
    fail_msg: "{{ rights.denied | map(attribute='text') | join('; ') }}"
  when: rights.checked
"""

RETURN = r"""
principal_arn:
  description: Whose rights were asked for.
  returned: success
  type: str
  sample: arn:aws:iam::123456789012:user/migrator
checked:
  description: Whether IAM said anything.
  returned: success
  type: bool
  sample: true
reason:
  description: Why it did not; empty where it did.
  returned: success
  type: str
  sample: "AccessDenied: User ... is not authorized to perform: iam:SimulatePrincipalPolicy"
allowed:
  description: How many pairs of action and resource are allowed.
  returned: success
  type: int
  sample: 7
denied:
  description: What is not allowed, at most 100.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description: The action.
      type: str
      sample: iam:PassRole
    resource:
      description: The resource.
      type: str
      sample: arn:aws:iam::123456789012:role/dbferry-orders
    why:
      description:
        - V(implicit), because no policy allows it; V(explicit), because one denies it; V(boundary), because the
          permissions boundary does not let it pass; V(organization), because a service control policy does not.
      type: str
      sample: implicit
    text:
      description: The same in one phrase.
      type: str
      sample: iam:PassRole on arn:aws:iam::123456789012:role/dbferry-orders (no policy allows it)
unknown:
  description: What is not allowed unless something holds that IAM was not told, at most 100.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description: The action.
      type: str
      sample: rds:CreateDBInstance
    resource:
      description: The resource.
      type: str
      sample: arn:aws:rds:eu-west-1:123456789012:cluster:orders
    condition_keys:
      description: The condition keys that it depends on.
      type: list
      elements: str
      sample: [aws:MultiFactorAuthPresent]
    text:
      description: The same in one phrase.
      type: str
      sample: rds:CreateDBInstance on arn:aws:rds:eu-west-1:123456789012:cluster:orders (depends on aws:SourceIp)
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.minting import read_caller
from ..module_utils._aws.session import make_client, make_session
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._iam.simulation import CannotSimulateError, principal_to_simulate, simulate


def main() -> None:
    """Run the module."""
    right = {
        "actions": {"type": "list", "elements": "str", "required": True},
        "resources": {"type": "list", "elements": "str", "default": ["*"]},
        "context": {"type": "dict", "default": {}},
    }
    module = AnsibleModule(
        argument_spec={
            "principal_arn": {"type": "str"},
            "rights": {"type": "list", "elements": "dict", "required": True, "options": right},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    result = {"changed": False, "checked": True, "reason": "", "allowed": 0, "denied": [], "unknown": []}
    with errors_to_fail_json(module):
        principal = params["principal_arn"] or read_caller(make_client(params, "sts")).arn
        try:
            session = make_session(params)
            iam = make_client(params, "iam", session)
            principal = principal_to_simulate(iam, principal)
            said = simulate(iam, principal, params["rights"], session.region_name or "")
            result["allowed"] = said.allowed
            result["denied"] = [{**each._asdict(), "text": each.text} for each in said.denied]
            result["unknown"] = [{**each._asdict(), "text": each.text} for each in said.unknown]
        except CannotSimulateError as error:
            result.update(checked=False, reason=str(error))
        module.exit_json(principal_arn=principal, **result)


if __name__ == "__main__":
    main()
