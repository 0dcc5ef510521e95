#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_prefix_info
short_description: Tell in which Region a bucket is, and what lies under a prefix
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Looks before a backup is taken whether there is room for it, and before it is restored whether it is all there.
  - Makes at most two requests, however much the bucket holds, with O(weigh=true) one more for each 1,000 objects, and
    with O(read_default_key=true) one more.
options:
  bucket:
    description:
      - The bucket's name.
    type: str
    required: true
  prefix:
    description:
      - What the keys begin with.
    type: str
    required: true
  weigh:
    description:
      - Whether all objects under O(prefix) are counted, and their formats told.
    type: bool
    default: false
  read_default_key:
    description:
      - Whether to tell which KMS key encrypts what is written into the bucket without a word about it, too.
    type: bool
    default: false
notes:
  - The caller needs C(s3:ListBucket) on the bucket; with O(read_default_key=true) also
    C(s3:GetEncryptionConfiguration), without which RV(default_key) is empty.
requirements:
  - python >= 3.9
  - boto3
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: dbferry.aurora_mysql.s3_prefix
  - module: dbferry.aurora_mysql.s3_bucket_state_info
"""

EXAMPLES = r"""
- name: Look what lies where the backup is to go
  dbferry.aurora_mysql.s3_prefix_info:
    bucket: example-migrations
    prefix: orders/backup/
    region: eu-west-1
  register: found
"""

RETURN = r"""
readable:
  description: Whether the bucket is there and the caller may look into it.
  returned: success
  type: bool
  sample: true
bucket_region:
  description: The Region in which the bucket lies; empty where S3 does not say.
  returned: success
  type: str
  sample: eu-west-1
region:
  description: The Region in which the module works.
  returned: success
  type: str
  sample: eu-west-1
keys:
  description: The first keys under the prefix, at most 5; empty where there are none or the bucket is not readable.
  returned: success
  type: list
  elements: str
  sample: [orders/backup/full/xtrabackup_info]
objects:
  description: How many objects there are under the prefix; 0 where the bucket is not readable.
  returned: when O(weigh=true)
  type: int
  sample: 412
bytes:
  description: Their size.
  returned: when O(weigh=true)
  type: int
  sample: 73014444032
formats:
  description:
    - The formats in which Aurora would read them, of V(directory), V(xbstream), V(tar) and V(tar_gz). It reads one a
      prefix.
  returned: when O(weigh=true)
  type: list
  elements: str
  sample: [directory]
default_key:
  description: The key of the bucket's default encryption; empty for one of AWS' own, or where S3 does not say.
  returned: when O(read_default_key=true)
  type: str
  sample: arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.session import make_client
from ..module_utils._bucket.look import Load, first_keys, locate_bucket, weigh
from ..module_utils._bucket.settings import default_key
from ..module_utils._errors import errors_to_fail_json

_LISTED = 5


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "bucket": {"type": "str", "required": True},
            "prefix": {"type": "str", "required": True},
            "weigh": {"type": "bool", "default": False},
            "read_default_key": {"type": "bool", "default": False},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        s3 = make_client(params, "s3")
        place = locate_bucket(s3, params["bucket"])
        readable = place is not None and place.readable
        more: dict[str, Any] = {}
        if params["weigh"]:
            load = weigh(s3, params["bucket"], params["prefix"]) if readable else Load(0, 0, ())
            more = {"objects": load.objects, "bytes": load.size, "formats": load.formats}
        if params["read_default_key"]:
            more["default_key"] = default_key(s3, params["bucket"]) if readable else ""
        module.exit_json(
            changed=False,
            readable=readable,
            bucket_region=place.region if place else "",
            region=s3.meta.region_name,
            keys=first_keys(s3, params["bucket"], params["prefix"], _LISTED) if readable else [],
            **more,
        )


if __name__ == "__main__":
    main()
