#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_caller_policy_info
short_description: Write the IAM policy for whoever runs a migration
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Writes the smallest IAM policy with which the chosen stations can be run for the given migrations, limited to their
    buckets, keys, clusters and roles wherever IAM takes such a limit.
  - It is made from names alone, and nothing is attached. AWS is asked who calls where O(account_id) or O(partition) is
    missing, which needs no right.
  - IAM takes 6144 characters a policy. What does not fit becomes several policies, all of which are to be attached.
options:
  stations:
    description:
      - The stations that will be run.
      - V(cleanup) is all that playbook cleanup can take back; the others of its name are one part each, as
        C(cleanup_stations) chooses them.
    type: list
    elements: str
    choices:
      - assess
      - bucket
      - backup
      - iam
      - restore
      - objects
      - verify
      - report
      - cleanup_cluster
      - cleanup_iam
      - cleanup_backup
      - cleanup_record
      - cleanup_bucket
      - cleanup_staged
      - cleanup
    default: [assess, backup, iam, restore, objects, verify, report]
  account_id:
    description:
      - The account in which the migration takes place.
      - Without it, the caller's.
    type: str
  partition:
    description:
      - The partition, the second part of every ARN there, such as V(aws) or V(aws-cn).
      - Without it, the caller's.
    type: str
  migrations:
    description:
      - What each migration's things are called.
    type: list
    elements: dict
    required: true
    suboptions:
      migration_id:
        description: The migration's name, with which its keys in S3 begin.
        type: str
        required: true
      bucket:
        description: The bucket that holds backup and record.
        type: str
        required: true
      cluster_identifier:
        description: The name of the new cluster.
        type: str
        required: true
      role_arn:
        description:
          - The role that lets RDS read the backup.
          - None but this one, O(migrations[].monitoring_role_arn) and O(migrations[].domain_role_arn) may be passed.
        type: str
        required: true
      policy_arn:
        description: The policy of that role. Without it the role is there already, and there is no right to make one.
        type: str
        default: ""
      upload_role_arn:
        description:
          - The role that the credentials of the upload come from.
          - Without it they come from the caller, who then needs the rights of the upload.
        type: str
        default: ""
      monitoring_role_arn:
        description: The role by which Enhanced Monitoring of the cluster's instances writes to CloudWatch.
        type: str
        default: ""
      domain_role_arn:
        description: The role by which RDS asks the directory that authenticates users by Kerberos.
        type: str
        default: ""
      kms_key_arns:
        description: The ARNs of the KMS keys that encrypt the bucket's objects, the cluster's storage and its secret.
        type: list
        elements: str
        default: []
notes:
  - The policy lets the caller list all keys of the bucket, because S3 does not say that an object is missing to someone
    who may not.
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
requirements:
  - python >= 3.9
  - boto3
seealso:
  - module: dbferry.aurora_mysql.iam_rights_info
"""

EXAMPLES = r"""
- name: Write the policy for the restore of one migration
  dbferry.aurora_mysql.iam_caller_policy_info:
    stations: [iam, restore]
    account_id: "123456789012"
    region: eu-west-1
    migrations:
      - migration_id: orders
        bucket: example-migrations
        cluster_identifier: orders
        role_arn: arn:aws:iam::123456789012:role/dbferry-orders
        policy_arn: arn:aws:iam::123456789012:policy/dbferry-orders
  register: caller

- name: Show it
  ansible.builtin.debug:
    msg: "{{ caller.policies[0].document }}"
"""

RETURN = r"""
policies:
  description: The policies; one wherever it fits.
  returned: success
  type: list
  elements: dict
  contains:
    document:
      description: The policy document.
      type: dict
    characters:
      description: How many of IAM's 6144 characters it takes.
      type: int
      sample: 4387
rights:
  description:
    - What the stations cannot do without, as O(dbferry.aurora_mysql.iam_rights_info#module:rights) takes it.
    - Rights that only some runs need are in RV(policies) and not here.
  returned: success
  type: list
  elements: dict
  contains:
    actions:
      description: The actions.
      type: list
      elements: str
    resources:
      description: The ARNs.
      type: list
      elements: str
    context:
      description: Condition keys and values.
      type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._iam.account import find_account
from ..module_utils._iam.caller_policy import policies, rights_to_check, statements
from ..module_utils._iam.scope import Migration
from ..module_utils._iam.stations import STATIONS

_USUAL = ["assess", "backup", "iam", "restore", "objects", "verify", "report"]


def main() -> None:
    """Run the module."""
    migration = {
        "migration_id": {"type": "str", "required": True},
        "bucket": {"type": "str", "required": True},
        "cluster_identifier": {"type": "str", "required": True},
        "role_arn": {"type": "str", "required": True},
        "policy_arn": {"type": "str", "default": ""},
        "upload_role_arn": {"type": "str", "default": ""},
        "monitoring_role_arn": {"type": "str", "default": ""},
        "domain_role_arn": {"type": "str", "default": ""},
        "kms_key_arns": {"type": "list", "elements": "str", "default": [], "no_log": False},
    }
    module = AnsibleModule(
        argument_spec={
            "stations": {"type": "list", "elements": "str", "choices": list(STATIONS), "default": _USUAL},
            "account_id": {"type": "str"},
            "partition": {"type": "str"},
            "migrations": {"type": "list", "elements": "dict", "required": True, "options": migration},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    params = module.params
    migrations = [
        Migration(
            migration_id=each["migration_id"],
            bucket=each["bucket"],
            cluster=each["cluster_identifier"],
            role_arn=each["role_arn"],
            policy_arn=each["policy_arn"],
            upload_role_arn=each["upload_role_arn"],
            monitoring_role_arn=each["monitoring_role_arn"],
            domain_role_arn=each["domain_role_arn"],
            key_arns=tuple(each["kms_key_arns"]),
        )
        for each in params["migrations"]
    ]
    with errors_to_fail_json(module):
        found = statements(params["stations"], find_account(params), migrations)
        module.exit_json(
            changed=False,
            policies=[each._asdict() for each in policies(found)],
            rights=rights_to_check(found),
        )


if __name__ == "__main__":
    main()
