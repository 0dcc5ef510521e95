#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_record
short_description: Write a station's document into the record of a migration
version_added: 0.1.0
description:
  - Puts one station's JSON document to C(s3://BUCKET/MIGRATION_ID/record/STATION.json), where the next station finds it
    on whatever controller it runs.
  - A document that says the same as the one that is there is not written again.
  - The sizes in an assessment, and what is reckoned from them, move with every look at a living server. They are kept
    current, and that alone does not count as a change.
  - The record holds no secret; a member that is named like one is refused.
author:
  - dbferry contributors (@dbferry)
options:
  station:
    description:
      - Whose document it is.
    type: str
    required: true
    choices: [assessment, source, backup, upload, iam, restore, objects, verification]
  document:
    description:
      - The document's members. All members of the station's document have to be there, and no others.
      - C(schema_version), C(station) and C(written_at) are added.
    type: dict
    required: true
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.migration_id
  - dbferry.aurora_mysql.attributes.full
requirements:
  - boto3
  - botocore
seealso:
  - module: dbferry.aurora_mysql.migration_record_info
"""

EXAMPLES = r"""
- name: Note the role that RDS assumes
  dbferry.aurora_mysql.migration_record:
    bucket: example-migrations
    migration_id: shop
    region: eu-central-1
    station: iam
    document:
      role_arn: arn:aws:iam::123456789012:role/aurora-restore-shop
      role_name: aurora-restore-shop
      managed: true
"""

RETURN = r"""
document:
  description: The document as it stands, or in check mode would stand, in S3.
  returned: success
  type: dict
  sample:
    schema_version: 2
    station: iam
    written_at: "2026-01-31T23:04:05Z"
    role_arn: arn:aws:iam::123456789012:role/aurora-restore-shop
    role_name: aurora-restore-shop
    managed: true
"""

import datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    aws_argument_spec,
    migration_id_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session import make_client
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._record import documents
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._record.store import RecordStore


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **aws_argument_spec(),
            **migration_id_argument_spec(),
            "station": {"type": "str", "required": True, "choices": list(documents.STATIONS)},
            "document": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    written_at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    with errors_to_fail_json(module):
        station = params["station"]
        # As it is read back, so that this run sees it as every later one does.
        new = documents.decode(
            station, documents.encode(documents.make_document(station, params["document"], written_at))
        )
        store = RecordStore(make_client(params, "s3"), params["bucket"], params["migration_id"])
        old = store.read(station)
        if documents.same_content(old, new):
            module.exit_json(changed=False, document=old)
        if not module.check_mode:
            store.write(new)
    if not documents.counts_as_change(old, new):
        module.exit_json(changed=False, document=new)
    module.exit_json(changed=True, document=new, diff={"before": old or {}, "after": new})


if __name__ == "__main__":
    main()
