#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_assessment_info
short_description: Assess a MySQL server before it is moved to Aurora MySQL
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Says before anything is touched which way into Aurora MySQL is open to a server, physical or logical, into which
    engine version, what stops it, what changes, how large the backup gets, how long it travels and what S3 asks for it.
  - Asks the server (reading only, a dozen queries, and up to three more for another account of the backup and for zones
    that are nearly alike), AWS, and takes what was seen on the source host.
  - What cannot be read is no failure; the checks that need it are listed as not checked, with the reason.
  - C(docs/checks.md) lists all checks.
options:
  way:
    description:
      - The way that is wanted. V(auto) takes the physical one where nothing lasting stands in it, else the logical one.
    type: str
    choices: [auto, physical, logical]
    default: auto
  aws:
    description:
      - Whether AWS is asked. Without it bucket, role, caller and target are not checked, and a table of known engine
        versions stands in.
    type: bool
    default: true
  bucket:
    description:
      - The bucket of the migration.
    type: str
    default: ""
  bucket_create:
    description:
      - Whether the bucket is going to be made where there is none.
    type: bool
    default: false
  bucket_kms_key_arn:
    description:
      - The KMS key of the default encryption of a bucket that is going to be made.
    type: str
    default: ""
  upload_sse:
    description:
      - The encryption that the upload asks for, V(AES256) or V(aws:kms). Without it, the bucket's default.
    type: str
    default: ""
  upload_kms_key_id:
    description:
      - The KMS key that the upload asks for. Without it, V(aws:kms) takes S3's own.
    type: str
    default: ""
  upload_role_arn:
    description:
      - The role that the upload's credentials come from. Without it, a session of the caller's.
    type: str
    default: ""
  migration_id:
    description:
      - The name of the migration, and the prefix of its keys.
    type: str
    default: ""
  cluster_identifier:
    description:
      - The name of the cluster to be made.
    type: str
    default: ""
  source_engine_version:
    description:
      - The version that RDS is going to be told, where that is another than the server's own. This is for labs.
    type: str
    default: ""
  engine_version:
    description:
      - The Aurora MySQL version that is wanted. Without it, the newest that fits is recommended.
    type: str
    default: ""
  engine_lifecycle_support:
    description:
      - The cluster's O(dbferry.aurora_mysql.aurora_cluster_restore#module:engine_lifecycle_support).
    type: str
    default: ""
  storage_type:
    description:
      - The cluster's O(dbferry.aurora_mysql.aurora_cluster_restore#module:storage_type), for which the classes have to
        be there. Without it, for any.
    type: str
    choices: ["", aurora, aurora-iopt1]
    default: ""
  instance_classes:
    description:
      - Classes of the instances to be made, the writer's first.
    type: list
    elements: str
    default: []
  instance_identifiers:
    description:
      - Names of these instances.
    type: list
    elements: str
    default: []
  db_subnet_group_name:
    description:
      - The subnet group of the cluster.
    type: str
    default: ""
  cluster_parameters:
    description:
      - Cluster parameters to be set.
    type: dict
    default: {}
  master_username:
    description:
      - The cluster's master user.
    type: str
    default: ""
  kms_key_id:
    description:
      - The key of the cluster's storage.
    type: str
    default: ""
  role_arn:
    description:
      - An existing role for RDS to read the bucket with. Without it, a role is going to be made.
    type: str
    default: ""
  role_name:
    description:
      - The name of the role that is going to be made. Without it, one that follows from O(migration_id).
    type: str
    default: ""
  role_path:
    description:
      - The IAM path of the role that is going to be made, and of its policy.
    type: str
    default: /
  policy_name:
    description:
      - The name of that role's policy. Without it, one that follows from O(migration_id).
    type: str
    default: ""
  role_kms_key_arn:
    description:
      - The KMS key that the role that is going to be made may decrypt with, by its ARN, its ID or an alias.
    type: str
    default: ""
  monitoring_role_arn:
    description:
      - The role that Enhanced Monitoring of the instances is given. Without it, there is none.
    type: str
    default: ""
  backup_user:
    description:
      - The user that the backup logs in as, where that is another than O(login_user).
      - The privileges are looked for on the account that the server takes this user of its own host for, which may be
        another than the one that assesses.
    type: str
    default: ""
  backup_login_host:
    description:
      - Where the backup finds the server over TCP. Without it, it uses the server's socket.
    type: str
    default: ""
  backup_mode:
    description:
      - What is going to be backed up, as in role C(backup). The room for backups that exist, or for an increment, is
        not asked for.
    type: str
    choices: [full, incremental, existing]
    default: full
  backup_format:
    description:
      - The form that the backup is going to have, as in role C(backup). The limits of files and of their size hold for
        V(directory) only; V(auto) takes a stream where they are reached.
    type: str
    choices: [auto, directory, xbstream, tar, tar_gz]
    default: auto
  min_free_percent:
    description:
      - How much of the staging disk has to stay free.
    type: int
    default: 10
  staging:
    description:
      - Whether the backup is laid down on the source host before it is sent.
    type: bool
    default: true
  allow_mariadb:
    description:
      - Whether MariaDB and mariabackup may stand where MySQL and XtraBackup do. Aurora reads neither; this is for labs.
    type: bool
    default: false
  server:
    description:
      - What the source said of itself just before, as RV(dbferry.aurora_mysql.mysql_server_info#module:server) with
        O(dbferry.aurora_mysql.mysql_server_info#module:assessment=true).
      - Without it, the source is asked for it, which is one query more.
    type: dict
    default: {}
  host:
    description:
      - What was seen on the source host, as RV(dbferry.aurora_mysql.xtrabackup_host_info#module:host), joined with
        C(tools) and C(recommended) of M(dbferry.aurora_mysql.xtrabackup_tool_info), or with C(tools_problem), the
        reason why nobody knows them.
      - Without it the checks of the host are not made.
    type: dict
    default: {}
  host_missing:
    description:
      - Why nobody looked at the host, for the list of what was not checked.
    type: str
    default: ""
  ignore:
    description:
      - Checks to pass over, each with C(id) and C(reason), or as the text C(ID:REASON). The reason is shown wherever
        the finding is.
    type: list
    elements: raw
    default: []
  fail_on:
    description:
      - From which severity on a finding stops a run; such findings are listed in RV(stopping). The module itself never
        fails because of a finding.
    type: str
    choices: [blocker, warning, never]
    default: blocker
  rate:
    description:
      - How many bytes a second go from the source host to S3. V(0) assumes 110 MB/s, about what a network of 1 Gbit/s
        carries.
    type: int
    default: 0
  rate_measured:
    description:
      - Whether O(rate) was measured, for the estimate to say so.
    type: bool
    default: false
  prices:
    description:
      - US dollars that S3 asks for, by the names C(put_per_1000), C(get_per_1000), C(storage_gib_month) and
        C(transfer_in_gib).
      - What is not named has the list price of S3 Standard in us-east-1.
    type: dict
    default: {}
  days_kept:
    description:
      - How many days the backup stays in S3.
    type: int
    default: 7
  part_size_mib:
    description:
      - Size of the parts that large files are sent in.
    type: int
    default: 16
  backup_part_size:
    description:
      - Size of the objects that a stream is cut into, as in role C(backup).
    type: str
    default: 500MB
  statement_timeout:
    description:
      - How many seconds a query may take on the source. V(0) sets no limit. Servers older than MySQL 5.7.8 know none.
      - That the server ended one is a finding, C(source.queries_ended), and the checks that need its answer are listed
        as not made.
    type: int
    default: 60
extends_documentation_fragment:
  - dbferry.aurora_mysql.mysql_login
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
requirements:
  - python >= 3.9
  - PyMySQL
  - boto3, unless O(aws=false)
seealso:
  - module: dbferry.aurora_mysql.xtrabackup_host_info
  - module: dbferry.aurora_mysql.xtrabackup_tool_info
  - module: dbferry.aurora_mysql.aurora_engine_version_info
"""

EXAMPLES = r"""
- name: Assess a server without asking AWS
  dbferry.aurora_mysql.mysql_assessment_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ vault_source_password }}"
    aws: false
  register: assessed
  delegate_to: localhost

- name: Say the verdict
  ansible.builtin.debug:
    msg: "{{ assessed.assessment.verdict.sentence }}"

- name: Assess it for a cluster, and pass over what was decided about already
  dbferry.aurora_mysql.mysql_assessment_info:
    login_host: db1.example.com
    login_user: dbferry
    login_password: "{{ vault_source_password }}"
    region: eu-central-1
    bucket: example-migrations
    migration_id: shop
    cluster_identifier: shop
    instance_classes: [db.r6g.large, db.r6g.large]
    ignore:
      - id: source.events
        reason: they are idempotent
  delegate_to: localhost
"""

RETURN = r"""
assessment:
  description: The assessment, in the form of the migration record's document C(assessment).
  returned: success
  type: dict
  contains:
    source:
      description: The server, with C(host), C(port), C(version), C(version_number), C(flavour), C(data_bytes),
        C(tables), C(schemas) (how many) and C(largest_tables), each with C(name) and C(bytes). What
        could not be read is null or empty.
      type: dict
      returned: always
    verdict:
      description: The C(way) (physical, logical, physical after an upgrade, none), a C(sentence), C(reasons),
        C(counts), and C(blockers), the ids of those that stand in that way.
      type: dict
      returned: always
    ways:
      description: Both ways, with C(way), C(open), C(passable) (what stands in it can be put right) and C(reasons).
      type: list
      elements: dict
      returned: always
    engine_versions:
      description: The engine version C(recommended) and the C(reason), whether AWS told them (C(live)), and
        C(fitting), each with C(version) and C(community).
      type: dict
      returned: always
    estimate:
      description: C(backup_bytes), C(backup_origin), C(objects), C(requests), C(rate_bytes_per_second), C(rate_origin),
        C(transfer_seconds), and C(cost) with C(currency), C(requests), C(storage_month), C(days_kept), C(total) and
        C(prices). Empty where the size is not known, and for a logical copy.
      type: dict
      returned: always
    findings:
      description: What was found, blockers first, each with C(id), C(area), C(severity), C(title), C(seen), C(count),
        C(objects) (the first 20), C(why), C(remedy), C(statement), C(link), C(ways), C(concerns) (whether it
        is about the verdict's way) and C(ignored) (the reason, else empty).
      type: list
      elements: dict
      returned: always
    not_checked:
      description: Checks that could not be made, each with C(id), C(title) and C(reason).
      type: list
      elements: dict
      returned: always
    passed:
      description: Checks that found nothing, each with C(id) and C(title).
      type: list
      elements: dict
      returned: always
    queries:
      description: How many queries the source was asked, with what opened the session.
      type: int
      returned: always
stopping:
  description: Ids of the findings that are to stop a run, by O(fail_on); those that are ignored, or about another way
    than the verdict's, are not among them.
  returned: success
  type: list
  elements: str
queries:
  description: How many queries the source was asked, with what opened the session.
  returned: success
  type: int
"""


from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec, mysql_login_argument_spec
from ..module_utils._assess.assessment import read_ignored, stopping
from ..module_utils._assess.collect import Clients, choose_for_a_copy, collect
from ..module_utils._assess.document import EstimateOptions, assessment_document
from ..module_utils._assess.model import LOGICAL
from ..module_utils._assess.prices import price_table
from ..module_utils._assess.wanted import Wanted
from ..module_utils._aws.session import make_client
from ..module_utils._backup.parts import parse_part_size
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._mysql.connection import connect

_WANTED = (
    *("way", "bucket", "bucket_create", "migration_id", "cluster_identifier", "engine_version"),
    *("engine_lifecycle_support", "storage_type", "db_subnet_group_name", "cluster_parameters"),
    *("master_username", "kms_key_id"),
    *("bucket_kms_key_arn", "upload_sse", "upload_kms_key_id", "upload_role_arn"),
    *("role_kms_key_arn", "role_path", "policy_name", "monitoring_role_arn"),
    *("role_arn", "role_name", "staging", "allow_mariadb", "source_engine_version", "backup_user"),
    "backup_login_host",
    *("backup_mode", "backup_format", "min_free_percent"),
)
_WANTED_LISTS = ("instance_classes", "instance_identifiers")


def main() -> None:
    """Run the module."""
    text = {"type": "str", "default": ""}
    names = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            **mysql_login_argument_spec(),
            **aws_argument_spec(),
            "way": {"type": "str", "choices": ["auto", "physical", "logical"], "default": "auto"},
            "aws": {"type": "bool", "default": True},
            "bucket": text,
            "bucket_create": {"type": "bool", "default": False},
            "bucket_kms_key_arn": {**text, "no_log": False},
            "upload_sse": text,
            "upload_kms_key_id": text,
            "upload_role_arn": text,
            "migration_id": text,
            "cluster_identifier": text,
            "source_engine_version": text,
            "engine_version": text,
            "engine_lifecycle_support": text,
            "storage_type": {**text, "choices": ["", "aurora", "aurora-iopt1"]},
            "instance_classes": names,
            "instance_identifiers": names,
            "db_subnet_group_name": text,
            "cluster_parameters": {"type": "dict", "default": {}},
            "master_username": text,
            "kms_key_id": text,
            "role_arn": text,
            "role_name": text,
            "role_path": {"type": "str", "default": "/"},
            "policy_name": text,
            "role_kms_key_arn": {**text, "no_log": False},
            "monitoring_role_arn": text,
            "backup_user": text,
            "backup_login_host": text,
            "staging": {"type": "bool", "default": True},
            "backup_mode": {"type": "str", "choices": ["full", "incremental", "existing"], "default": "full"},
            "backup_format": {
                "type": "str",
                "choices": ["auto", "directory", "xbstream", "tar", "tar_gz"],
                "default": "auto",
            },
            "min_free_percent": {"type": "int", "default": 10},
            "allow_mariadb": {"type": "bool", "default": False},
            "server": {"type": "dict", "default": {}},
            "host": {"type": "dict", "default": {}},
            "host_missing": text,
            "ignore": {"type": "list", "elements": "raw", "default": []},
            "fail_on": {"type": "str", "choices": ["blocker", "warning", "never"], "default": "blocker"},
            "rate": {"type": "int", "default": 0},
            "rate_measured": {"type": "bool", "default": False},
            "prices": {"type": "dict", "default": {}},
            "days_kept": {"type": "int", "default": 7},
            "part_size_mib": {"type": "int", "default": 16},
            "backup_part_size": {"type": "str", "default": "500MB"},
            "statement_timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        options = EstimateOptions(
            rate=params["rate"],
            rate_measured=params["rate_measured"],
            prices=price_table(params["prices"]),
            part_size=params["part_size_mib"] * 1024 * 1024,
            stream_part=parse_part_size(params["backup_part_size"]),
            days_kept=params["days_kept"],
        )
        ignored = read_ignored(params["ignore"])
        wanted = Wanted(
            region=params["region"] or "",
            **{name: params[name] for name in _WANTED},
            **{name: tuple(params[name]) for name in _WANTED_LISTS},
        )
        clients = None
        if params["aws"]:
            clients = Clients(*(make_client(params, service) for service in Clients._fields))
        missing = {"host": params["host_missing"]} if params["host_missing"] else {}
        with connect(params, statement_timeout=params["statement_timeout"]) as connection:
            collected = collect(connection, clients, params["host"], wanted, missing, params["server"])
            queries = connection.statements
            document = assessment_document(collected, connection.login, ignored, options)
        if document["verdict"]["way"] == LOGICAL and not collected.choice.logical:
            collected = choose_for_a_copy(collected, clients)
            document = assessment_document(collected, connection.login, ignored, options)
    document.update(queries=queries)
    found = stopping(document, params["fail_on"])
    module.exit_json(changed=False, assessment=document, stopping=found, queries=queries)


if __name__ == "__main__":
    main()
