#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: aurora_cluster_restore
short_description: Restore a physical MySQL backup from S3 into a new Aurora MySQL cluster
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Calls RestoreDBClusterFromS3 and watches the cluster until it is available or Aurora gives up.
  - A failed restore is told with Aurora's own reason, the cluster's events and the likely causes, each with its remedy.
  - Tags mark the cluster as this restore's. A second run finds it and changes nothing; a run that was killed is
    taken up again; a cluster that bears the name but not the tags is refused and left alone.
  - Makes the cluster only. Its instances follow with M(amazon.aws.rds_instance) once it is available.
  - Changes nothing about a cluster that is there already, also where options differ; use M(amazon.aws.rds_cluster)
    for that.
  - When the task is interrupted, the cluster goes on restoring; run the same task again to take the wait up.
  - Credentials that expire while the task waits are read anew from the profile, the credentials file or the role that
    they come from. Keys given as options cannot be renewed; then the task fails, and the cluster goes on restoring.
options:
  state:
    description:
      - V(present) brings the cluster about.
      - V(absent) deletes it. Only a cluster that this module made is deleted, and only one that has neither instances
        nor deletion protection.
    type: str
    choices: [present, absent]
    default: present
  db_cluster_identifier:
    description: The name of the cluster.
    type: str
    required: true
    aliases: [id, identifier, cluster_id, cluster_name]
  s3_bucket_name:
    description:
      - The bucket that holds the backup, in the cluster's Region.
      - Required when O(state=present).
    type: str
  s3_prefix:
    description:
      - What the keys of the backup begin with, ending in C(/).
      - Without it, Aurora reads the whole bucket.
    type: str
  s3_ingestion_role_arn:
    description:
      - The role that lets RDS read the backup.
      - Required when O(state=present).
    type: str
  source_engine:
    description: The engine of the server that was backed up.
    type: str
    choices: [mysql]
    default: mysql
  source_engine_version:
    description:
      - The version of the server that was backed up, with all its numbers, such as V(8.0.36).
      - Required when O(state=present).
    type: str
  engine_version:
    description:
      - The Aurora MySQL version of the new cluster, such as V(8.0.mysql_aurora.3.10.0).
      - Without it, AWS takes its default version.
      - M(dbferry.aurora_mysql.aurora_engine_version_info) finds the one that fits.
    type: str
  engine_lifecycle_support:
    description: Whether the cluster enters RDS Extended Support when its version's standard support ends.
    type: str
    choices: [open-source-rds-extended-support, open-source-rds-extended-support-disabled]
  master_username:
    description:
      - The name of the master user.
      - Required when O(state=present).
    type: str
    aliases: [username]
  master_user_password:
    description:
      - The master user's password.
      - Either it or O(manage_master_user_password=true) is required when O(state=present), and not both.
    type: str
    aliases: [password]
  manage_master_user_password:
    description: Whether RDS makes the master user's password and keeps it in Secrets Manager.
    type: bool
  master_user_secret_kms_key_id:
    description: The key that encrypts the secret; AWS' own key for Secrets Manager without it.
    type: str
  database_name:
    description: A database to create in the new cluster.
    type: str
    aliases: [db_name]
  character_set_name:
    description: The character set of the new cluster.
    type: str
  port:
    description: The port of the cluster; AWS' default is 3306.
    type: int
  db_cluster_parameter_group_name:
    description:
      - The cluster parameter group.
      - C(lower_case_table_names) takes effect at creation only, so a group that sets it must be given here.
    type: str
  option_group_name:
    description: The option group.
    type: str
  db_subnet_group_name:
    description: The subnet group; AWS' default group without it.
    type: str
  vpc_security_group_ids:
    description: The security groups.
    type: list
    elements: str
  availability_zones:
    description: The Availability Zones in which instances may be made.
    type: list
    elements: str
    aliases: [zones, az]
  network_type:
    description: The network type.
    type: str
    choices: [IPV4, DUAL]
  storage_encrypted:
    description: Whether the cluster's storage is encrypted.
    type: bool
  storage_type:
    description: The storage of the cluster.
    type: str
    choices: [aurora, aurora-iopt1]
  kms_key_id:
    description: The key that encrypts the storage; AWS' own key for RDS without it.
    type: str
  backup_retention_period:
    description: For how many days automated backups are kept; AWS' default is 1.
    type: int
  preferred_backup_window:
    description: The daily window of automated backups, as C(hh24:mi-hh24:mi) in UTC.
    type: str
    aliases: [backup_window]
  preferred_maintenance_window:
    description: The weekly maintenance window, as C(ddd:hh24:mi-ddd:hh24:mi) in UTC.
    type: str
    aliases: [maintenance_window]
  backtrack_window:
    description: For how many seconds back the cluster can be backtracked; V(0) switches it off.
    type: int
  copy_tags_to_snapshot:
    description: Whether snapshots take the cluster's tags over.
    type: bool
  deletion_protection:
    description: Whether the cluster is protected against deletion.
    type: bool
  enable_cloudwatch_logs_exports:
    description: The logs that go to CloudWatch, such as V(audit), V(error), V(general), V(slowquery).
    type: list
    elements: str
  enable_iam_database_authentication:
    description: Whether AWS identities can be mapped to database accounts.
    type: bool
  domain:
    description: The Active Directory directory that the cluster joins.
    type: str
  domain_iam_role_name:
    description: The role by which RDS calls the Directory Service.
    type: str
  serverless_v2_scaling_configuration:
    description: The capacity of Serverless v2 instances that join the cluster after the restore.
    type: dict
    suboptions:
      min_capacity:
        description: The least capacity, in Aurora capacity units.
        type: float
      max_capacity:
        description: The most capacity, in Aurora capacity units.
        type: float
      seconds_until_auto_pause:
        description: After how many idle seconds an instance pauses, where C(min_capacity) is 0.
        type: int
  associated_roles:
    description: Roles that the cluster may use for other AWS services.
    type: list
    elements: dict
    suboptions:
      role_arn:
        description: The role.
        type: str
        required: true
      feature_name:
        description: The feature that uses it; Aurora MySQL takes none.
        type: str
  tags:
    description: Tags of the cluster, besides those that mark it as this restore's.
    type: dict
    aliases: [resource_tags]
  tag_specifications:
    description: Tags of what AWS makes along with the cluster.
    type: list
    elements: dict
    suboptions:
      resource_type:
        description: What is tagged, such as V(cluster-auto-backup).
        type: str
        required: true
      tags:
        description: The tags.
        type: dict
        required: true
  migration_id:
    description: The migration that the cluster belongs to; becomes the tag C(dbferry:migration-id).
    type: str
  backup_id:
    description: The backup that is restored; becomes the tag C(dbferry:backup-id).
    type: str
  fingerprint:
    description: The fingerprint of the uploaded objects; becomes the tag C(dbferry:fingerprint).
    type: str
  backup_facts:
    description: What is known of the backup. It ranks the likely causes of a failure and has no other effect.
    type: dict
    suboptions:
      source_flavour:
        description: What the source is, such as V(mysql) or V(mariadb).
        type: str
      formats:
        description: The formats of the objects under the prefix, such as V(directory) or V(xbstream).
        type: list
        elements: str
      objects:
        description: The number of objects under the prefix.
        type: int
      page_size:
        description: The source's C(innodb_page_size).
        type: int
      encrypted:
        description: Whether the source has encrypted tablespaces. Leave it out where that is not known.
        type: bool
      kms_key_id:
        description: The key that encrypts the objects in S3; none for one of AWS' own.
        type: str
      role_may_decrypt:
        description: Whether O(s3_ingestion_role_arn) was given C(kms:Decrypt) on that key.
        type: bool
  replace_failed:
    description:
      - Whether a cluster of the same migration whose restore failed (C(migration-failed)) is deleted and made anew.
      - Without it, such a cluster fails the task with the reason of its failure.
    type: bool
    default: false
  wait:
    description: Whether to wait until the cluster is available, or gone when O(state=absent).
    type: bool
    default: true
  wait_timeout:
    description:
      - For how many seconds to wait. A restore of terabytes takes many hours.
      - When they have passed, the task fails and the cluster goes on restoring.
    type: int
    default: 86400
  poll_interval:
    description: Seconds between two looks at the cluster; each pause is this, a fifth more or less.
    type: int
    default: 30
  iam_propagation_timeout:
    description:
      - For how many seconds a refusal for want of rights is taken to mean that a new role is not yet known everywhere.
      - Then it is told as it is.
    type: int
    default: 120
  skip_final_snapshot:
    description: Whether O(state=absent) deletes the cluster without a last snapshot.
    type: bool
    default: false
  final_db_snapshot_identifier:
    description: The name of the last snapshot. O(state=absent) needs either it or O(skip_final_snapshot=true).
    type: str
    aliases: [final_snapshot_identifier]
extends_documentation_fragment:
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.progress
  - dbferry.aurora_mysql.attributes.full
seealso:
  - module: dbferry.aurora_mysql.aurora_engine_version_info
  - module: dbferry.aurora_mysql.s3_tree
  - module: amazon.aws.rds_instance
requirements:
  - python >= 3.9
  - boto3
"""

EXAMPLES = r"""
- name: Restore a backup and wait for the cluster
  dbferry.aurora_mysql.aurora_cluster_restore:
    db_cluster_identifier: orders
    engine_version: 8.0.mysql_aurora.3.10.0
    master_username: admin
    master_user_password: "{{ vault_master_password }}"
    source_engine_version: 8.0.36
    s3_bucket_name: example-migrations
    s3_prefix: orders/backup/
    s3_ingestion_role_arn: arn:aws:iam::123456789012:role/dbferry-orders
    db_cluster_parameter_group_name: orders
    db_subnet_group_name: private
    storage_encrypted: true
    migration_id: orders
    wait_timeout: 172800
    region: eu-west-1

- name: Replace a cluster whose restore failed
  dbferry.aurora_mysql.aurora_cluster_restore:
    db_cluster_identifier: orders
    master_username: admin
    manage_master_user_password: true
    source_engine_version: 8.0.36
    s3_bucket_name: example-migrations
    s3_prefix: orders/backup/
    s3_ingestion_role_arn: arn:aws:iam::123456789012:role/dbferry-orders
    migration_id: orders
    replace_failed: true
    region: eu-west-1

- name: Delete a restored cluster that is no longer wanted
  dbferry.aurora_mysql.aurora_cluster_restore:
    state: absent
    db_cluster_identifier: orders
    migration_id: orders
    final_db_snapshot_identifier: orders-last
    region: eu-west-1
"""

RETURN = r"""
action:
  description: What was done about the cluster, or would be in check mode.
  returned: success
  type: str
  choices: [create, wait, unchanged, replace, recreate, delete, await_deletion]
  sample: create
cluster:
  description:
    - The cluster as DescribeDBClusters shows it, in snake_case, with C(tags) as a dictionary.
    - Empty where there is none.
  returned: success
  type: dict
  sample:
    db_cluster_identifier: orders
    status: available
    endpoint: orders.cluster-abc.eu-west-1.rds.amazonaws.com
events:
  description: The cluster's last events since it was made, oldest first, at most 100.
  returned: success
  type: list
  elements: dict
  contains:
    date:
      description: When it happened, UTC in ISO 8601.
      type: str
    message:
      description: What RDS says.
      type: str
    categories:
      description: RDS' categories of the event.
      type: list
      elements: str
binlog:
  description:
    - The position in the source's binary log at which the restored data stands.
    - The backup's own C(xtrabackup_binlog_info) leads where both are known.
  returned: when an event tells it
  type: dict
  contains:
    file:
      description: The binary log file.
      type: str
    position:
      description: The position in it.
      type: int
tables_not_converted:
  description: Tables that Aurora could not convert to InnoDB, and that the cluster therefore lacks.
  returned: success
  type: list
  elements: str
elapsed_seconds:
  description:
    - How long the task took.
    - For a restore that an earlier run began, how long it took since the cluster was made, as far as AWS tells it.
  returned: success
  type: int
progress:
  description:
    - What the cluster was doing when, from the begin of the wait to its end, in at most 120 samples.
    - Empty where nothing was waited for.
  returned: success
  type: list
  elements: dict
  contains:
    at:
      description: Seconds since the begin.
      type: float
    phase:
      description: The cluster's status.
      type: str
    done:
      description: How much of the restore was done, in per cent, as AWS tells it; 0 where it does not.
      type: int
error_id:
  description: A stable name of what went wrong, such as C(restore.migration_failed).
  returned: failure
  type: str
remedy:
  description: What to do about it.
  returned: failure
  type: str
details:
  description: For a failed restore C(reason), C(causes), C(status) and C(events).
  returned: failure
  type: dict
"""

import time
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ..module_utils._argspec import aws_argument_spec, cluster_argument_spec, progress_argument_spec
from ..module_utils._aurora.causes import RestoreFacts
from ..module_utils._aurora.cluster_options import options_of_cluster, options_of_request
from ..module_utils._aurora.clusters import Clusters
from ..module_utils._aurora.events import binlog_position, tables_not_converted
from ..module_utils._aurora.ownership import cluster_tags, restore_tags
from ..module_utils._aurora.removal import plan_removal, remove
from ..module_utils._aurora.renewal import Renewal
from ..module_utils._aurora.request import (
    REQUIRED_OPTIONS,
    refuse_unknown_members,
    restore_request,
)
from ..module_utils._aurora.restore import Outcome, Patience, Restore
from ..module_utils._aurora.waiter import Pace, Surroundings
from ..module_utils._aws.session import make_client, make_session
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._progress.file import ProgressFile
from ..module_utils._stop import stop_on_signals

# A call that hangs, and botocore's pauses between attempts, keep a wish to stop from being seen; the wait itself asks
# again after a fault that passes.
SHORT_CALLS: dict[str, Any] = {
    "connect_timeout": 10,
    "read_timeout": 20,
    "retries": {"total_max_attempts": 1, "mode": "standard"},
}
# For a failed cluster, which holds nothing, to go away.
_DELETION_TIMEOUT = 1800


def argument_spec() -> dict[str, dict[str, Any]]:
    """The module's options."""
    return {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **cluster_argument_spec(),
        "s3_bucket_name": {"type": "str"},
        "s3_prefix": {"type": "str"},
        "s3_ingestion_role_arn": {"type": "str"},
        "source_engine": {"type": "str", "choices": ["mysql"], "default": "mysql"},
        "source_engine_version": {"type": "str"},
        "engine_version": {"type": "str"},
        "engine_lifecycle_support": {
            "type": "str",
            "choices": ["open-source-rds-extended-support", "open-source-rds-extended-support-disabled"],
        },
        "master_username": {"type": "str", "aliases": ["username"]},
        "master_user_password": {"type": "str", "aliases": ["password"], "no_log": True},
        "manage_master_user_password": {"type": "bool", "no_log": False},
        "master_user_secret_kms_key_id": {"type": "str", "no_log": False},
        "database_name": {"type": "str", "aliases": ["db_name"]},
        "character_set_name": {"type": "str"},
        "port": {"type": "int"},
        "db_cluster_parameter_group_name": {"type": "str"},
        "option_group_name": {"type": "str"},
        "db_subnet_group_name": {"type": "str"},
        "vpc_security_group_ids": {"type": "list", "elements": "str"},
        "availability_zones": {"type": "list", "elements": "str", "aliases": ["zones", "az"]},
        "network_type": {"type": "str", "choices": ["IPV4", "DUAL"]},
        "storage_encrypted": {"type": "bool"},
        "storage_type": {"type": "str", "choices": ["aurora", "aurora-iopt1"]},
        "kms_key_id": {"type": "str"},
        "backup_retention_period": {"type": "int"},
        "preferred_backup_window": {"type": "str", "aliases": ["backup_window"]},
        "preferred_maintenance_window": {"type": "str", "aliases": ["maintenance_window"]},
        "backtrack_window": {"type": "int"},
        "copy_tags_to_snapshot": {"type": "bool"},
        "deletion_protection": {"type": "bool"},
        "enable_cloudwatch_logs_exports": {"type": "list", "elements": "str"},
        "enable_iam_database_authentication": {"type": "bool"},
        "domain": {"type": "str"},
        "domain_iam_role_name": {"type": "str"},
        "serverless_v2_scaling_configuration": {
            "type": "dict",
            "options": {
                "min_capacity": {"type": "float"},
                "max_capacity": {"type": "float"},
                "seconds_until_auto_pause": {"type": "int"},
            },
        },
        "associated_roles": {
            "type": "list",
            "elements": "dict",
            "options": {"role_arn": {"type": "str", "required": True}, "feature_name": {"type": "str"}},
        },
        "tags": {"type": "dict", "aliases": ["resource_tags"]},
        "tag_specifications": {
            "type": "list",
            "elements": "dict",
            "options": {
                "resource_type": {"type": "str", "required": True},
                "tags": {"type": "dict", "required": True},
            },
        },
        "migration_id": {"type": "str"},
        "backup_id": {"type": "str"},
        "fingerprint": {"type": "str"},
        "backup_facts": {
            "type": "dict",
            "options": {
                "source_flavour": {"type": "str"},
                "formats": {"type": "list", "elements": "str"},
                "objects": {"type": "int"},
                "page_size": {"type": "int"},
                "encrypted": {"type": "bool"},
                "kms_key_id": {"type": "str"},
                "role_may_decrypt": {"type": "bool"},
            },
        },
        "replace_failed": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 86400},
        "poll_interval": {"type": "int", "default": 30},
        "iam_propagation_timeout": {"type": "int", "default": 120},
        "skip_final_snapshot": {"type": "bool", "default": False},
        "final_db_snapshot_identifier": {"type": "str", "aliases": ["final_snapshot_identifier"]},
        **progress_argument_spec(),
        **aws_argument_spec(),
    }


def restore_facts(params: dict[str, Any]) -> RestoreFacts:
    """What the options tell about the backup."""
    known = {key: value for key, value in (params["backup_facts"] or {}).items() if value is not None}
    known["formats"] = tuple(known.get("formats", ()))
    return RestoreFacts(
        bucket=params["s3_bucket_name"],
        prefix=params["s3_prefix"] or "",
        role_arn=params["s3_ingestion_role_arn"],
        source_version=params["source_engine_version"],
        engine_version=params["engine_version"] or "",
        **known,
    )


def present(
    module: AnsibleModule, clusters: Clusters, around: Surroundings, on_progress: Callable[[str, str], None]
) -> dict[str, Any]:
    """Bring the cluster about; returns the task's result."""
    params = module.params
    own_tags = expected_tags(params)
    request = restore_request(params, {**(params["tags"] or {}), **own_tags})
    refuse_unknown_members(request, clusters.known_request_members(), clusters.botocore_version())
    restore = Restore(clusters, request, own_tags, restore_facts(params), around, on_progress, module.warn)
    if module.check_mode:
        decision, before = restore.plan(params["replace_failed"])
        outcome = Outcome(decision.action, before, [], 0.0, [], before)
    else:
        outcome = restore.run(
            params["replace_failed"],
            Patience(
                wait=wait_pace(params),
                iam_propagation=params["iam_propagation_timeout"],
                deletion=Pace(_DELETION_TIMEOUT, params["poll_interval"]),
            ),
        )
    after = options_of_request(request) if outcome.changed else options_of_cluster(outcome.cluster)
    # A cluster that gives way goes as a whole.
    return result(outcome, options_of_cluster(outcome.before) if outcome.changed else after, after)


def absent(
    module: AnsibleModule, clusters: Clusters, around: Surroundings, on_progress: Callable[[str, str], None]
) -> dict[str, Any]:
    """Delete the cluster; returns the task's result."""
    params = module.params
    name = params["db_cluster_identifier"]
    action, before = plan_removal(clusters, name, expected_tags(params), around)
    if module.check_mode:
        outcome = Outcome(action, before, [], 0.0, [])
    else:
        snapshot = None if params["skip_final_snapshot"] else params["final_db_snapshot_identifier"]
        outcome = remove(clusters, name, action, before, snapshot, wait_pace(params), around, on_progress)
    gone = options_of_cluster(before)
    return result(outcome, gone, {} if outcome.changed else gone)


def expected_tags(params: dict[str, Any]) -> dict[str, str]:
    """The tags that mark the cluster as this restore's."""
    return restore_tags(
        params["s3_bucket_name"],
        params["s3_prefix"],
        params["migration_id"],
        params["backup_id"],
        params["fingerprint"],
    )


def wait_pace(params: dict[str, Any]) -> Pace | None:
    """How to wait; ``None`` where nobody wants to."""
    return Pace(params["wait_timeout"], params["poll_interval"]) if params["wait"] else None


def described(cluster: dict[str, Any] | None) -> dict[str, Any]:
    """A described cluster as a result shows it."""
    if cluster is None:
        return {}
    shown: dict[str, Any] = camel_dict_to_snake_dict({key: value for key, value in cluster.items() if key != "TagList"})
    shown["tags"] = cluster_tags(cluster)
    return shown


def result(outcome: Outcome, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The task's result."""
    found: dict[str, Any] = {
        "changed": outcome.changed,
        "action": outcome.action.value,
        "cluster": described(outcome.cluster),
        "events": [event.as_result() for event in outcome.events],
        "tables_not_converted": tables_not_converted(outcome.events),
        "elapsed_seconds": int(outcome.elapsed),
        "progress": outcome.progress,
        "diff": {"before": before, "after": after},
    }
    position = binlog_position(outcome.events)
    if position is not None:
        found["binlog"] = position._asdict()
    return found


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=argument_spec(),
        required_if=[("state", "present", REQUIRED_OPTIONS)],
        supports_check_mode=True,
    )
    # Not AnsibleModule's mutually_exclusive, which takes a false for a given option.
    if module.params["state"] == "absent" and module.params["skip_final_snapshot"] == bool(
        module.params["final_db_snapshot_identifier"]
    ):
        module.fail_json(
            msg="state is absent: give final_db_snapshot_identifier, or skip_final_snapshot: true, and not both."
        )
    progress = ProgressFile(module.params["progress_file"])
    with errors_to_fail_json(module), stop_on_signals() as stop:
        try:
            renewal = Renewal(
                lambda: make_session(module.params),
                lambda session: make_client(module.params, "rds", session, **SHORT_CALLS),
            )
            clusters = Clusters(renewal.client(), renewal.renewed)
            around = Surroundings(clock=time.monotonic, sleep=stop.sleep, stopped=stop.requested)
            act = present if module.params["state"] == "present" else absent
            found = act(module, clusters, around, lambda phase, detail: progress.update(phase, detail=detail))
        finally:
            progress.close()
    if found["tables_not_converted"]:
        lost = ", ".join(found["tables_not_converted"])
        module.warn(f"Aurora left out what it could not convert to InnoDB: {lost}")
    module.exit_json(**found)


if __name__ == "__main__":
    main()
