# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What somebody wants a migration to be, as far as checks care. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._backup.formats import AUTO, Measure, why_stream
from .._backup.parts import DIRECTORY


class Wanted(NamedTuple):
    """The options of the stations that come later; "" and () where nothing was given."""

    way: str = "auto"
    """``auto``, ``physical`` or ``logical``."""
    migration_id: str = ""
    bucket: str = ""
    bucket_create: bool = False
    """Whether role ``bucket`` makes the bucket where there is none."""
    bucket_kms_key_arn: str = ""
    """The key of the default encryption of a bucket that is made."""
    upload_sse: str = ""
    """``AES256``, ``aws:kms``, or "" for the bucket's default encryption."""
    upload_kms_key_id: str = ""
    """The key for ``aws:kms``; "" is S3's own."""
    upload_role_arn: str = ""
    """The role that the upload's credentials come from; "" takes a session of the caller's."""
    region: str = ""
    """The cluster's Region."""
    cluster_identifier: str = ""
    source_engine_version: str = ""
    """The source's version as RDS is told it, where that is another than the server's own; for labs."""
    engine_version: str = ""
    """Aurora's, such as ``8.0.mysql_aurora.3.10.0``."""
    engine_lifecycle_support: str = ""
    storage_type: str = ""
    """The cluster's, ``aurora`` or ``aurora-iopt1``; "" for any."""
    instance_classes: tuple[str, ...] = ()
    """Classes of the instances to be made, the writer's first."""
    instance_identifiers: tuple[str, ...] = ()
    """Names of these instances."""
    db_subnet_group_name: str = ""
    cluster_parameters: Mapping[str, str] = {}
    """Parameters that the user sets; they lead over those taken from the source."""
    master_username: str = ""
    kms_key_id: str = ""
    """The key of the cluster's storage."""
    role_arn: str = ""
    """An existing role for RDS to read the bucket with; "" where one is made."""
    role_name: str = ""
    """The name of the role that is made; "" takes one from the migration's."""
    role_path: str = "/"
    """The IAM path of the role that is made, and of its policy."""
    policy_name: str = ""
    """The name of that policy; "" takes one from the migration's."""
    role_kms_key_arn: str = ""
    """The key that the role that is made may decrypt with."""
    monitoring_role_arn: str = ""
    """The role by which Enhanced Monitoring of the instances writes; "" without it."""
    backup_user: str = ""
    """The user that the backup logs in as; "" for that of the assessment."""
    backup_login_host: str = ""
    """Where the backup finds the server over TCP; "" where it uses the socket."""
    staging: bool = True
    """Whether the backup is laid down on the source host before it is sent."""
    backup_mode: str = "full"
    """``full``, ``incremental`` or ``existing``."""
    backup_format: str = "auto"
    """``auto``, ``directory``, ``xbstream``, ``tar`` or ``tar_gz``."""
    min_free_percent: int = 10
    """How much of the staging disk has to stay free."""
    allow_mariadb: bool = False
    """For labs, where MariaDB and mariabackup stand where MySQL and XtraBackup stand in production."""

    def streamed(self, measure: Measure) -> bool:
        """Whether the backup is going to be a stream, cut into parts.

        :param measure: what it is going to copy. ``auto`` goes by it for a full backup; an increment comes in the form
            of its chain, of which nobody knows here, and is taken for single files.
        """
        if self.backup_mode == "existing":
            return False
        if self.staging and self.backup_format == AUTO:
            return self.backup_mode == "full" and bool(why_stream(measure))
        return not self.staging or self.backup_format != DIRECTORY

    @property
    def single_files(self) -> bool:
        """Whether the backup is sent as single files; a stream, which ``auto`` chooses where it has to, is cut."""
        return self.staging and self.backup_format == DIRECTORY and self.backup_mode != "existing"
