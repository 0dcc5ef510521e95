#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_info
short_description: Tell which KMS keys are meant by aliases and IDs
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Looks up the ARNs of keys that are named by an ID, an alias or an alias' ARN. An IAM policy gives rights on a key by
    the key's own ARN and by nothing else.
  - A name that is a key's ARN already costs no request.
  - What cannot be looked up fails nothing and is in RV(unread), with the reason.
options:
  names:
    description:
      - IDs, ARNs and aliases (C(alias/NAME)) of keys, and ARNs of aliases.
    type: list
    elements: str
    required: true
notes:
  - The caller needs C(kms:DescribeKey) on the keys.
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
requirements:
  - python >= 3.9
  - boto3
seealso:
  - module: dbferry.aurora_mysql.iam_service_role
"""

EXAMPLES = r"""
- name: Look which key encrypts the backups
  dbferry.aurora_mysql.kms_key_info:
    names: [alias/backups]
    region: eu-west-1
  register: key

- name: Show it
  ansible.builtin.debug:
    msg: "{{ key.arns['alias/backups'] }}"
"""

RETURN = r"""
arns:
  description: The ARN of each key, by the name that it was given.
  returned: success
  type: dict
  sample:
    alias/backups: arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555
missing:
  description: The names of which there is no key.
  returned: success
  type: list
  elements: str
  sample: []
unread:
  description: The names of which KMS did not say which key they mean.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
      sample: alias/backups
    why:
      description: Why KMS did not.
      type: str
      sample: While looking at key alias/backups (right kms:DescribeKey), AWS said AccessDeniedException ...
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aws.keys import find_key
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"names": {"type": "list", "elements": "str", "required": True}, **aws_argument_spec()},
        supports_check_mode=True,
    )
    with errors_to_fail_json(module):
        kms = make_client(module.params, "kms")
        found = [find_key(kms, name) for name in dict.fromkeys(module.params["names"])]
    module.exit_json(
        changed=False,
        arns={key.name: key.arn for key in found if key.arn},
        missing=[key.name for key in found if key.there is False],
        unread=[{"name": key.name, "why": key.why} for key in found if not key.arn and key.there is None],
    )


if __name__ == "__main__":
    main()
