#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: aurora_master_secret_info
short_description: Read the master user's password that RDS keeps in Secrets Manager
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Reads the current name and password of a cluster's master user from the secret that RDS made and rotates.
  - The result holds the password. Give the task C(no_log=true).
options:
  secret_arn:
    description: The ARN of the secret, C(master_user_secret.secret_arn) of the cluster.
    type: str
    required: true
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
notes:
  - Needs secretsmanager:GetSecretValue on the secret, and kms:Decrypt on its key where it has one of its own.
seealso:
  - module: dbferry.aurora_mysql.aurora_cluster_restore
requirements:
  - python >= 3.9
  - boto3
"""

EXAMPLES = r"""
- name: Read the master user's password
  dbferry.aurora_mysql.aurora_master_secret_info:
    secret_arn: "{{ restored.cluster.master_user_secret.secret_arn }}"
    region: eu-west-1
  register: master
  no_log: true
"""

RETURN = r"""
username:
  description: The master user's name.
  returned: success
  type: str
  sample: admin
password:
  description: The master user's password.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aurora.master_secret import read_master_login
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"secret_arn": {"type": "str", "required": True, "no_log": False}, **aws_argument_spec()},
        supports_check_mode=True,
    )
    with errors_to_fail_json(module):
        login = read_master_login(make_client(module.params, "secretsmanager"), module.params["secret_arn"])
    module.exit_json(changed=False, username=login.username, password=login.password)


if __name__ == "__main__":
    main()
