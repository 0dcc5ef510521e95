# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Addresses of the documentation that checks refer to, each by the title of its page. Pure."""

from __future__ import annotations

_AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
_RELEASE_NOTES = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/"
_RDS_API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"
_S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
_MYSQL = "https://dev.mysql.com/doc/refman/8.0/en/"
_PXB = "https://docs.percona.com/percona-xtrabackup/"

# Aurora user guide
PHYSICAL_MIGRATION = f"{_AURORA}AuroraMySQL.Migrating.ExtMySQL.S3.html"
LOGICAL_MIGRATION = f"{_AURORA}AuroraMySQL.Migrating.ExtMySQL.mysqldump.html"
EXTERNAL_REPLICATION = f"{_AURORA}AuroraMySQL.Replication.MySQL.html"
PARAMETERS = f"{_AURORA}AuroraMySQL.Reference.ParameterGroups.html"
SECURITY = f"{_AURORA}AuroraMySQL.Security.html"
MYSQL_80_COMPARED = f"{_AURORA}AuroraMySQL.Compare-80-v3.html"
QUOTAS = f"{_AURORA}CHAP_Limits.html"
REGIONS = f"{_AURORA}Concepts.AuroraFeaturesRegionsDBEngines.grids.html"
INSTANCE_CLASSES = f"{_AURORA}Concepts.DBInstanceClass.html"
SUBNET_GROUPS = f"{_AURORA}USER_VPC.WorkingWithRDSInstanceinaVPC.html"
EXTENDED_SUPPORT = f"{_AURORA}extended-support.html"
TIME_ZONES = f"{_AURORA}Concepts.RegionsAndAvailabilityZones.html"
PASSWORD_POLICIES = f"{_AURORA}AuroraMySQL.PasswordPolicies.html"
AUDITING = f"{_AURORA}AuroraMySQL.Auditing.html"
AURORA_84_SECURITY = f"{_AURORA}AuroraMySQL.Upgrade-v3-v84-security.html"
AURORA_TO_S3 = f"{_AURORA}AuroraMySQL.Integrating.SaveIntoS3.html"
AURORA_PROCEDURES = f"{_AURORA}AuroraMySQL.Reference.StoredProcs.html"

# Release notes of Aurora MySQL
RELEASES = f"{_RELEASE_NOTES}Welcome.html"

# API reference
RESTORE_FROM_S3 = f"{_RDS_API}API_RestoreDBClusterFromS3.html"

# S3 and IAM
S3_LIMITS = f"{_S3}qfacts.html"
S3_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
S3_ENDPOINTS = "https://docs.aws.amazon.com/general/latest/gr/s3.html"
S3_ENCRYPTION = f"{_S3}serv-side-encryption.html"
S3_POLICY = f"{_S3}bucket-policies.html"
IAM_SIMULATION = f"{_IAM}access_policies_testing-policies.html"
IAM_PASS_ROLE = f"{_IAM}id_roles_use_passrole.html"
S3_LIFECYCLE = f"{_S3}object-lifecycle-mgmt.html"
S3_VERSIONING = f"{_S3}Versioning.html"
S3_OBJECT_LOCK = f"{_S3}object-lock.html"
S3_REQUESTER_PAYS = f"{_S3}RequesterPaysBuckets.html"
S3_PUBLIC_ACCESS = f"{_S3}access-control-block-public-access.html"
S3_KMS = f"{_S3}UsingKMSEncryption.html"
KMS_KEY_STATE = f"{_KMS}key-state.html"
KMS_KEY_POLICY = f"{_KMS}key-policies.html"
IAM_ROOT_USER = f"{_IAM}root-user-best-practices.html"
IAM_CONFUSED_DEPUTY = f"{_IAM}confused-deputy.html"

# MySQL
MYSQL_UPGRADE = f"{_MYSQL}upgrading.html"
MYSQL_DOWNGRADE = f"{_MYSQL}downgrading.html"
MYSQL_FILE_PER_TABLE = f"{_MYSQL}innodb-file-per-table-tablespaces.html"
INNODB_RECOVERY = f"{_MYSQL}forcing-innodb-recovery.html"
INNODB_PARAMETERS = f"{_MYSQL}innodb-parameters.html"
MYSQL_CHARACTER_SETS = f"{_MYSQL}charset-unicode.html"
MYSQL_FULLTEXT = f"{_MYSQL}fulltext-fine-tuning.html"
MYSQL_LOWER_CASE = f"{_MYSQL}identifier-case-sensitivity.html"
MYSQL_STATEMENT_TIMEOUT = f"{_MYSQL}server-system-variables.html#sysvar_max_execution_time"
MYSQL_STORED_OBJECTS = f"{_MYSQL}stored-objects-security.html"
MYSQL_GRANTS = f"{_MYSQL}grant.html"
MYSQL_PLUGINS = f"{_MYSQL}pluggable-authentication.html"
MYSQL_BINLOG = f"{_MYSQL}replication-options-binary-log.html"
MYSQL_SQL_MODE = f"{_MYSQL}sql-mode.html"
MYSQL_CONNECTION_ACCESS = f"{_MYSQL}connection-access.html"
MYSQL_ACCOUNT_LOCKING = f"{_MYSQL}account-locking.html"
MYSQL_PARTIAL_REVOKES = f"{_MYSQL}partial-revokes.html"
MYSQL_INVOKED = f"{_MYSQL}replication-features-invoked.html"
MYSQL_EVENTS = f"{_MYSQL}events-configuration.html"
MYSQL_STORED_LOGGING = f"{_MYSQL}stored-programs-logging.html"
MYSQL_LOADABLE_FUNCTIONS = f"{_MYSQL}server-loadable-functions.html"
MYSQL_FEDERATED = f"{_MYSQL}federated-storage-engine.html"
MYSQL_GROUP_REPLICATION = f"{_MYSQL}group-replication.html"
MYSQL_GTIDS = f"{_MYSQL}replication-gtids.html"
MYSQL_REPLICA_OPTIONS = f"{_MYSQL}replication-options-replica.html"
MYSQL_TIME_ZONES = f"{_MYSQL}time-zone-support.html"

# Percona XtraBackup
XTRABACKUP_PRIVILEGES = f"{_PXB}8.0/privileges.html"
XTRABACKUP_VERSIONS = f"{_PXB}8.0/server-backup-version-comparison.html"
XTRABACKUP_INSTANT = f"{_PXB}8.0/em/instant.html"
