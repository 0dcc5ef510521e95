#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_prefix
short_description: Take everything under a prefix out of a bucket
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Deletes all objects whose keys begin with a prefix, with all their versions and delete markers, and aborts the
    unfinished multipart uploads there. What is gone cannot be brought back.
options:
  bucket:
    description:
      - The bucket's name.
    type: str
    required: true
  prefix:
    description:
      - What the keys begin with. It has to end in V(/), because a prefix without it reaches its neighbours.
    type: str
    required: true
  state:
    description:
      - Only V(absent) is known.
    type: str
    choices: [absent]
    required: true
notes:
  - The caller needs C(s3:ListBucketVersions) and C(s3:ListBucketMultipartUploads) on the bucket, C(s3:DeleteObject),
    C(s3:DeleteObjectVersion) and C(s3:AbortMultipartUpload) under the prefix.
requirements:
  - python >= 3.9
  - boto3
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes.full
seealso:
  - module: dbferry.aurora_mysql.s3_tree
"""

EXAMPLES = r"""
- name: Take a backup that is no longer wanted out of the bucket
  dbferry.aurora_mysql.s3_prefix:
    bucket: example-migrations
    prefix: orders/backup/
    state: absent
    region: eu-west-1
"""

RETURN = r"""
objects:
  description: How many objects went, or in check mode would go.
  returned: success
  type: int
  sample: 1234
bytes:
  description: Their size.
  returned: success
  type: int
  sample: 5678901234
versions:
  description: How many versions and delete markers went, the objects' last ones among them.
  returned: success
  type: int
  sample: 1240
uploads:
  description: How many unfinished uploads were aborted.
  returned: success
  type: int
  sample: 0
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.session import make_client
from ..module_utils._bucket.removal import remove_prefix
from ..module_utils._counted import counted
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "bucket": {"type": "str", "required": True},
            "prefix": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["absent"], "required": True},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        removed = remove_prefix(make_client(params, "s3"), params["bucket"], params["prefix"], module.check_mode)
    where = f"s3://{params['bucket']}/{params['prefix']}"
    before = f"{where}: {counted(removed.objects, 'object')}, {counted(removed.versions, 'version')}, "
    before += f"{counted(removed.uploads, 'unfinished upload')}\n"
    changed = bool(removed.versions or removed.uploads)
    module.exit_json(changed=changed, diff={"before": before if changed else "", "after": ""}, **removed._asdict())


if __name__ == "__main__":
    main()
