#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_prefix_credentials
short_description: Mint short-lived credentials for one prefix of one bucket
version_added: 0.1.0
description:
  - >-
    Asks AWS STS for credentials whose session policy allows what M(dbferry.aurora_mysql.s3_tree) and
    M(dbferry.aurora_mysql.xtrabackup_s3) need under one prefix of one bucket, and nothing else, so that a database host
    needs no AWS key of its own.
  - >-
    Run it where the caller's own key is, which is the controller. With the long-term key of an IAM user (or of the
    account's root user) it calls C(GetFederationToken); with O(role_arn), as any caller, C(AssumeRole).
  - The credentials can do what the session policy and the caller (or the role) both allow, never more.
  - They are a secret in the result. Set C(no_log=true) on the task.
author:
  - dbferry contributors (@dbferry)
options:
  bucket:
    description:
      - The bucket.
    type: str
    required: true
  prefix:
    description:
      - What the keys begin with. It has to end in V(/), because a prefix without it reaches its neighbours.
    type: str
    required: true
  delete:
    description:
      - >-
        Whether objects under O(prefix) may be deleted, for O(dbferry.aurora_mysql.s3_tree#module:purge) and for parts
        of a backup that failed.
    type: bool
    default: false
  tagging:
    description:
      - Whether objects' tags may be set and read.
    type: bool
    default: false
  kms_key_id:
    description:
      - >-
        The ID, ARN or alias of the KMS key of the objects, which the credentials may then use. V(alias/aws/s3) is the
        AWS managed key. Objects without SSE-KMS need none.
    type: str
  manifest_key:
    description:
      - One key beside O(prefix) that may be listed, read and written, too, for a manifest.
    type: str
  role_arn:
    description:
      - >-
        The role to assume. It is needed where the caller is itself a role (an instance profile, SSO), because AWS gives
        federated users' sessions to IAM users only.
      - It has to trust the caller, and to have the rights that the credentials shall have.
    type: str
  external_id:
    description:
      - The external ID that the trust policy of O(role_arn) asks for.
    type: str
  duration:
    description:
      - How many seconds the credentials are valid, 900 to 129600 (36 hours).
      - >-
        AWS gives one hour at most where the caller is the root user, or a role that assumes O(role_arn), and to a role
        its own maximum of one to twelve hours. A longer wish becomes what can be had for certain; RV(credentials)
        says when they expire.
    type: int
    default: 3600
  dual_stack:
    description:
      - Whether RV(endpoint_url) is the one that also has IPv6 addresses.
    type: bool
    default: false
  session_name:
    description:
      - How AWS' logs call the session, 2 to 32 letters, digits and C(=,.@_-). Other characters become C(-).
    type: str
    default: dbferry
notes:
  - >-
    The caller needs V(sts:GetFederationToken) on C(arn:aws:sts::ACCOUNT:federated-user/SESSION_NAME), or
    V(sts:AssumeRole) on O(role_arn).
  - >-
    V(s3:ListBucketMultipartUploads) cannot be limited to a prefix. It shows keys of unfinished uploads in the whole
    bucket, and no data.
  - >-
    In check mode the credentials are minted all the same, for what looks without changing anything. They can list and
    read, and not write.
requirements:
  - boto3
  - botocore
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: dbferry.aurora_mysql.s3_tree
"""

EXAMPLES = r"""
- name: Mint credentials for one migration's backup
  dbferry.aurora_mysql.s3_prefix_credentials:
    bucket: my-migrations
    prefix: shop/backup/
    region: eu-west-1
  register: minted
  no_log: true
  delegate_to: localhost

- name: Mint them from a role, for objects under a KMS key, for four hours
  dbferry.aurora_mysql.s3_prefix_credentials:
    bucket: my-migrations
    prefix: shop/backup/
    role_arn: arn:aws:iam::123456789012:role/backup-writer
    kms_key_id: arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000000
    duration: 14400
    region: eu-west-1
  register: minted
  no_log: true
  delegate_to: localhost

- name: Carry the backup with them
  dbferry.aurora_mysql.s3_tree:
    src: /var/lib/dbferry/shop/backup
    bucket: my-migrations
    prefix: shop/backup/
    region: eu-west-1
    access_key: "{{ minted.credentials.access_key }}"
    secret_key: "{{ minted.credentials.secret_key }}"
    session_token: "{{ minted.credentials.session_token }}"
"""

RETURN = r"""
credentials:
  description: The credentials. They are a secret.
  type: dict
  returned: success
  contains:
    access_key:
      description: The access key's ID.
      type: str
    secret_key:
      description: The secret that belongs to it.
      type: str
    session_token:
      description: The session token, without which the key is worth nothing.
      type: str
    expiration:
      description: When they expire, ISO 8601 in UTC.
      type: str
      sample: "2026-01-02T03:04:05Z"
endpoint_url:
  description: Where S3 is for who uses the credentials, O(endpoint_url) or what boto3 knows of the Region.
  type: str
  returned: success
  sample: https://s3.eu-west-1.amazonaws.com
region:
  description: The Region of requests there, O(region) or what boto3 found; empty where it found none.
  type: str
  returned: success
  sample: eu-west-1
caller_arn:
  description: Who minted them.
  type: str
  returned: success
  sample: arn:aws:iam::123456789012:user/migrator
operation:
  description: What STS was asked for, C(GetFederationToken) or C(AssumeRole).
  type: str
  returned: success
  sample: GetFederationToken
policy:
  description: The session policy as JSON.
  type: str
  returned: success
packed_policy_percent:
  description: How much of AWS' limit for packed session policies is used, where AWS says so.
  type: int
  returned: success
  sample: 6
"""

import re

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import aws_argument_spec
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.minting import (
    MAX_FEDERATION_SECONDS,
    MIN_SECONDS,
    mint,
    read_caller,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session import make_client
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session_policy import Scope, session_policy
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json

_NAME_LENGTH = 32


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "bucket": {"type": "str", "required": True},
            "prefix": {"type": "str", "required": True},
            "delete": {"type": "bool", "default": False},
            "tagging": {"type": "bool", "default": False},
            "kms_key_id": {"type": "str", "no_log": False},
            "manifest_key": {"type": "str", "no_log": False},
            "role_arn": {"type": "str"},
            "external_id": {"type": "str"},
            "duration": {"type": "int", "default": 3600},
            "dual_stack": {"type": "bool", "default": False},
            "session_name": {"type": "str", "default": "dbferry"},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    if not MIN_SECONDS <= params["duration"] <= MAX_FEDERATION_SECONDS:
        module.fail_json(
            msg="duration is {0}; AWS takes {1} to {2} seconds.".format(
                params["duration"], MIN_SECONDS, MAX_FEDERATION_SECONDS
            )
        )
    scope = Scope(
        bucket=params["bucket"],
        prefix=params["prefix"],
        write=not module.check_mode,
        delete=params["delete"],
        tagging=params["tagging"],
        kms_key_id=params["kms_key_id"],
        manifest_key=params["manifest_key"],
    )
    name = re.sub(r"[^A-Za-z0-9_=,.@-]", "-", params["session_name"])[:_NAME_LENGTH].ljust(2, "-")
    with errors_to_fail_json(module):
        sts = make_client(params, "sts")
        caller = read_caller(sts)
        policy = session_policy(scope, caller.place)
        minted = mint(sts, caller, policy, params["duration"], name, params["role_arn"], params["external_id"])
        s3 = make_client(params, "s3", s3={"use_dualstack_endpoint": True} if params["dual_stack"] else {})
    module.exit_json(
        changed=False,
        credentials={
            "access_key": minted.access_key,
            "secret_key": minted.secret_key,
            "session_token": minted.session_token,
            "expiration": minted.expiration,
        },
        endpoint_url=s3.meta.endpoint_url,
        # Without a Region botocore calls itself so.
        region="" if s3.meta.region_name == "aws-global" else s3.meta.region_name,
        caller_arn=caller.arn,
        operation=minted.operation,
        policy=policy,
        packed_policy_percent=minted.packed_policy_percent,
    )


if __name__ == "__main__":
    main()
