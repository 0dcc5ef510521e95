#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_bucket_state_info
short_description: Tell whether a bucket is there, whose, where and how it is
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Looks at one bucket by its name, without listing the account's buckets. Names of buckets are shared by all accounts.
options:
  name:
    description:
      - The bucket's name.
    type: str
    required: true
    aliases: [bucket]
  look_inside:
    description:
      - Whether to tell if the bucket is empty, too.
    type: bool
    default: false
  but_for:
    description:
      - Prefixes, each ending in C(/); what lies under them does not count for RV(buckets[].empty). To foresee what a
        bucket is like when they have been removed.
    type: list
    elements: str
    default: []
  read_settings:
    description:
      - Whether to tell how the bucket is set up, too.
    type: bool
    default: false
notes:
  - The caller needs C(s3:ListBucket) and C(s3:GetBucketTagging); with O(look_inside=true) also C(s3:ListBucketVersions)
    and C(s3:ListBucketMultipartUploads); with O(read_settings=true) also C(s3:GetBucketPolicy),
    C(s3:GetBucketPublicAccessBlock), C(s3:GetBucketVersioning) and C(s3:GetEncryptionConfiguration).
requirements:
  - python >= 3.9
  - boto3
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: amazon.aws.s3_bucket
"""

EXAMPLES = r"""
- name: Look at the bucket
  dbferry.aurora_mysql.s3_bucket_state_info:
    name: example-migrations
    region: eu-west-1
  register: found
"""

RETURN = r"""
buckets:
  description: The bucket; empty where nobody has one of that name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    readable:
      description: Whether the caller may look into it. Another account's bucket usually is not.
      type: bool
    region:
      description: The Region in which it lies.
      type: str
      sample: eu-west-1
    tags:
      description: Its tags; empty where it is not readable.
      type: dict
    empty:
      description:
        - Whether it holds neither a version of an object nor an unfinished upload, O(but_for) aside; null where not
          looked.
      type: bool
    settings:
      description: How it is set up; null where not looked, or where it is not readable.
      type: dict
      contains:
        encryption:
          description: How what is written is encrypted, V(AES256), V(aws:kms) or V(aws:kms:dsse).
          type: str
        kms_key:
          description: The KMS key that does it; empty for one of AWS' own.
          type: str
        policy:
          description: The bucket's policy; empty where it has none.
          type: dict
        public_access_blocked:
          description: Whether all four switches of the public access block are on.
          type: bool
        versioning:
          description: Whether it keeps versions.
          type: bool
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.session import make_client
from ..module_utils._bucket.look import find_bucket
from ..module_utils._bucket.settings import read_settings
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True, "aliases": ["bucket"]},
            "look_inside": {"type": "bool", "default": False},
            "but_for": {"type": "list", "elements": "str", "default": []},
            "read_settings": {"type": "bool", "default": False},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        s3 = make_client(params, "s3")
        bucket = find_bucket(s3, params["name"], params["look_inside"], params["but_for"])
        if bucket is None:
            module.exit_json(changed=False, buckets=[])
        settings = None
        if params["read_settings"] and bucket.readable:
            settings = read_settings(s3, params["name"])._asdict()
        module.exit_json(changed=False, buckets=[{**bucket._asdict(), "settings": settings}])


if __name__ == "__main__":
    main()
