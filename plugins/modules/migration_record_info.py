#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_record_info
short_description: Read the record of a migration from S3
version_added: 0.1.0
description:
  - Reads what the stations of a migration have written down for each other, a JSON document a station,
    from C(s3://BUCKET/MIGRATION_ID/record/).
  - A migration of which nothing is recorded yet gives an empty record.
options:
  missing_bucket_ok:
    description:
      - Whether a bucket that does not exist counts as an empty record. Before the first station it may still have to
        be made.
    type: bool
    default: false
author:
  - dbferry contributors (@dbferry)
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.migration_id
  - dbferry.aurora_mysql.attributes.info_module
requirements:
  - boto3
  - botocore
seealso:
  - module: dbferry.aurora_mysql.migration_record
"""

EXAMPLES = r"""
- name: Read how far the migration has come
  dbferry.aurora_mysql.migration_record_info:
    bucket: example-migrations
    migration_id: shop
    region: eu-central-1
  register: record

- name: Show the new cluster's endpoint
  ansible.builtin.debug:
    var: record.documents.restore.endpoint
"""

RETURN = r"""
bucket_there:
  description: Whether the bucket exists; always V(true) without O(missing_bucket_ok).
  returned: success
  type: bool
documents:
  description: The documents by station; a station that has not written yet is absent.
  returned: success
  type: dict
  sample:
    backup:
      schema_version: 2
      station: backup
      backup_id: 2f3e0f8e-8d5a-11ee-a5d8-0242ac110002
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    aws_argument_spec,
    migration_id_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session import make_client
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._record.store import RecordStore


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **aws_argument_spec(),
            **migration_id_argument_spec(),
            "missing_bucket_ok": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    with errors_to_fail_json(module):
        client = make_client(module.params, "s3")
        store = RecordStore(client, module.params["bucket"], module.params["migration_id"])
        there = store.bucket_there() if module.params["missing_bucket_ok"] else True
        documents = store.read_all() if there else {}
    module.exit_json(changed=False, documents=documents, bucket_there=there)


if __name__ == "__main__":
    main()
