#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_bucket_lifecycle
short_description: Say how long things stay in a bucket
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Sets rules of a bucket's lifecycle configuration by their IDs. All other rules of the bucket stay as they are.
options:
  bucket:
    description:
      - The bucket's name.
    type: str
    required: true
  rules:
    description:
      - The rules.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Names the rule in its bucket.
        type: str
        required: true
      prefix:
        description: What the keys begin with; empty is the whole bucket.
        type: str
        default: ""
      abort_uploads_days:
        description: After so many days an unfinished multipart upload is aborted.
        type: int
      expire_days:
        description:
          - After so many days an object is deleted. Where the bucket keeps versions, S3 keeps it one day longer.
        type: int
  absent:
    description:
      - IDs of rules that are to go.
    type: list
    elements: str
    default: []
notes:
  - The caller needs C(s3:GetLifecycleConfiguration) and C(s3:PutLifecycleConfiguration).
  - Two runs at the same time can lose each other's rules, because S3 takes the configuration as a whole.
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
- name: Keep no orphaned uploads, and a backup for a month
  dbferry.aurora_mysql.s3_bucket_lifecycle:
    bucket: example-migrations
    region: eu-west-1
    rules:
      - id: dbferry-uploads
        abort_uploads_days: 7
      - id: dbferry-expire-orders
        prefix: orders/backup/
        expire_days: 30
"""

RETURN = r"""
rules:
  description: All rules of the bucket as they are, or in check mode would be.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.session import make_client
from ..module_utils._bucket.lifecycle import Rule, plan, read_rules, write_rules
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    rule = {
        "id": {"type": "str", "required": True},
        "prefix": {"type": "str", "default": ""},
        "abort_uploads_days": {"type": "int"},
        "expire_days": {"type": "int"},
    }
    module = AnsibleModule(
        argument_spec={
            "bucket": {"type": "str", "required": True},
            "rules": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": rule,
                "required_one_of": [("abort_uploads_days", "expire_days")],
            },
            "absent": {"type": "list", "elements": "str", "default": []},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    wanted = [
        Rule(each["id"], each["prefix"], each["abort_uploads_days"], each["expire_days"]) for each in params["rules"]
    ]
    with errors_to_fail_json(module):
        s3 = make_client(params, "s3")
        before = read_rules(s3, params["bucket"])
        after = plan(before, wanted, params["absent"])
        changed = before != after
        if changed and not module.check_mode:
            write_rules(s3, params["bucket"], after)
        module.exit_json(changed=changed, rules=after, diff={"before": {"rules": before}, "after": {"rules": after}})


if __name__ == "__main__":
    main()
