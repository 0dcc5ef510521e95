#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: aurora_engine_version_info
short_description: Find the Aurora MySQL version that takes a backup
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Tells the newest Aurora MySQL version of the Region that can be restored from a physical backup of a given MySQL
    version, or whether a given Aurora MySQL version can.
  - Asks the service, which leads. Where it cannot be asked, a table of known versions stands in, with a warning.
options:
  source_version:
    description:
      - The version of the server that was backed up, with all three numbers, such as V(8.0.36).
      - Without it, nothing is checked, and the newest version of the Region is taken.
    type: str
  engine_version:
    description:
      - The Aurora MySQL version that is wanted, such as V(8.0.mysql_aurora.3.10.0).
      - Without it, the newest that fits O(source_version) is taken.
    type: str
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
seealso:
  - module: dbferry.aurora_mysql.aurora_cluster_restore
requirements:
  - python >= 3.9
  - boto3
"""

EXAMPLES = r"""
- name: Find the newest Aurora MySQL version for a backup of MySQL 8.0.36
  dbferry.aurora_mysql.aurora_engine_version_info:
    source_version: 8.0.36
    region: eu-west-1
  register: engine

- name: Make sure that a chosen version takes it
  dbferry.aurora_mysql.aurora_engine_version_info:
    source_version: 8.0.36
    engine_version: 8.0.mysql_aurora.3.10.0
    region: eu-west-1
"""

RETURN = r"""
engine_version:
  description: The Aurora MySQL version.
  returned: success
  type: str
  sample: 8.0.mysql_aurora.3.10.0
community_version:
  description: The MySQL version that it is compatible with; empty where nobody tells.
  returned: success
  type: str
  sample: 8.0.42
parameter_group_family:
  description: The family of its parameter groups.
  returned: success
  type: str
  sample: aurora-mysql8.0
ca_certificate_identifiers:
  description: The authorities that can sign the certificates of its instances; empty where the service does not tell.
  returned: success
  type: list
  elements: str
  sample: [rds-ca-rsa2048-g1, rds-ca-rsa4096-g1, rds-ca-ecc384-g1]
live:
  description: Whether the service knew the version; V(false) where it could not be asked.
  returned: success
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec
from ..module_utils._aurora.clusters import Clusters
from ..module_utils._aurora.engine_choice import choose_engine_version
from ..module_utils._aws.session import make_client
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "source_version": {"type": "str"},
            "engine_version": {"type": "str"},
            **aws_argument_spec(),
        },
        supports_check_mode=True,
    )
    with errors_to_fail_json(module):
        choice = choose_engine_version(
            Clusters(make_client(module.params, "rds")),
            module.params["source_version"] or "",
            module.params["engine_version"] or "",
        )
        for warning in choice.warnings:
            module.warn(warning)
        module.exit_json(
            changed=False,
            engine_version=choice.engine.text,
            community_version=choice.engine.community,
            parameter_group_family=choice.engine.family,
            ca_certificate_identifiers=list(choice.engine.ca_certificates),
            live=choice.live,
        )


if __name__ == "__main__":
    main()
