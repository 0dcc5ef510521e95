#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: s3_credentials_handover
short_description: Hand fresh credentials to a module that is at work
version_added: 0.1.0
description:
  - >-
    Gives credentials to a module that listens on O(credentials_socket). The action plugins of the long modules run it
    on the managed host when their credentials are about to expire (see
    O(dbferry.aurora_mysql.s3_tree#module:scoped_credentials)). A playbook has no use for it.
  - Needs nothing but the standard library of the host's Python.
options:
  credentials_socket:
    description:
      - The socket that the module at work listens on.
    type: path
    required: true
  access_key:
    description:
      - The access key's ID.
    type: str
    required: true
  secret_key:
    description:
      - The secret that belongs to it.
    type: str
    required: true
  session_token:
    description:
      - The session token.
    type: str
    required: true
  expiration:
    description:
      - When they expire, ISO 8601 in UTC.
    type: str
author:
  - dbferry contributors (@dbferry)
requirements:
  - python >= 3.6
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
"""

EXAMPLES = r"""
- name: Hand fresh credentials to the upload that is at work
  dbferry.aurora_mysql.s3_credentials_handover:
    credentials_socket: /tmp/upload/socket
    access_key: "{{ minted.credentials.access_key }}"
    secret_key: "{{ minted.credentials.secret_key }}"
    session_token: "{{ minted.credentials.session_token }}"
    expiration: "{{ minted.credentials.expiration }}"
  no_log: true
"""

RETURN = r""" # """

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.renewal import hand_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json


def main():
    module = AnsibleModule(
        argument_spec={
            "credentials_socket": {"type": "path", "required": True},
            "access_key": {"type": "str", "required": True, "no_log": False},
            "secret_key": {"type": "str", "required": True, "no_log": True},
            "session_token": {"type": "str", "required": True, "no_log": True},
            "expiration": {"type": "str"},
        },
        supports_check_mode=True,
    )
    members = dict(module.params)
    path = members.pop("credentials_socket")
    with errors_to_fail_json(module):
        hand_over(path, members)
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
