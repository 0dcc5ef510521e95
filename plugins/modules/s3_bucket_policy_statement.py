#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_bucket_policy_statement
short_description: Put one statement into a bucket's policy, or take it out
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Sets one statement of a bucket's policy by its Sid. All other statements stay as they are.
  - The policy goes with its last statement.
options:
  bucket:
    description:
      - The bucket's name.
    type: str
    required: true
  sid:
    description:
      - Names the statement in the policy.
    type: str
    required: true
  statement:
    description:
      - The statement, without its Sid, in the words of the policy language (C(Effect), C(Principal), C(Action), ...).
      - Required with O(state=present).
    type: dict
  state:
    description:
      - Whether the statement is to be there.
    type: str
    choices: [present, absent]
    default: present
notes:
  - The caller needs C(s3:GetBucketPolicy) and C(s3:PutBucketPolicy), and C(s3:DeleteBucketPolicy) where the last
    statement goes.
  - Two runs at the same time can lose each other's statements, because S3 takes the policy as a whole.
requirements:
  - python >= 3.9
  - boto3
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes.full
seealso:
  - module: amazon.aws.s3_bucket
"""

EXAMPLES = r"""
- name: Refuse requests without TLS
  dbferry.aurora_mysql.s3_bucket_policy_statement:
    bucket: example-migrations
    region: eu-west-1
    sid: RefuseRequestsWithoutTls
    statement:
      Effect: Deny
      Principal: "*"
      Action: s3:*
      Resource:
        - arn:aws:s3:::example-migrations
        - arn:aws:s3:::example-migrations/*
      Condition:
        Bool:
          aws:SecureTransport: "false"

- name: Take them again
  dbferry.aurora_mysql.s3_bucket_policy_statement:
    bucket: example-migrations
    region: eu-west-1
    sid: RefuseRequestsWithoutTls
    state: absent
"""

RETURN = r"""
policy:
  description: The whole policy as it is, or in check mode would be; empty where there is none.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.session import make_client
from ..module_utils._bucket.policy import read_policy, with_statement, write_policy
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "bucket": {"type": "str", "required": True},
            "sid": {"type": "str", "required": True},
            "statement": {"type": "dict"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **aws_argument_spec(),
        },
        required_if=[("state", "present", ["statement"])],
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        s3 = make_client(params, "s3")
        before = read_policy(s3, params["bucket"])
        after = with_statement(before, params["sid"], params["statement"] if params["state"] == "present" else None)
        changed = before != after
        if changed and not module.check_mode:
            write_policy(s3, params["bucket"], after)
        module.exit_json(changed=changed, policy=after, diff={"before": before, "after": after})


if __name__ == "__main__":
    main()
