#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: xtrabackup
short_description: Takes full and incremental backups of a MySQL server with Percona XtraBackup
description:
  - Takes a physical backup of the server that runs on this host into a directory, in a form that Aurora MySQL reads
    from S3. It is a directory tree, or a stream cut into parts.
  - Uses C(innobackupex) of XtraBackup 2.3 and 2.4, C(xtrabackup --backup) of 8.0 and 8.4, and, where O(allow_mariadb)
    permits it, C(mariabackup).
  - A backup is whole or it is not there. It comes to be in O(work_dir), and gets the name O(target_dir) when every
    program has ended with exit status 0, the tool with C(completed OK!), the chain is one that Aurora reads, and
    everything is on the disk.
  - A run that was killed leaves nothing that a later one would take for a backup. The tool dies with the module, and
    the next run removes what is left.
  - The password reaches the tool through an option file that has no name, which only the tool inherits. It is in no
    command line, no environment and no file.
  - A backup that this module has taken of this server into O(target_dir) is not taken again, also in another format.
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.backup
  - dbferry.aurora_mysql.progress
attributes:
  check_mode:
    support: full
    details:
      - Checks the server, the tool, the chain and the disk, and takes no backup. RV(backup) is then empty, unless one
        is there.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - An increment is a backup like any other. It is taken once for each O(target_dir).
requirements:
  - Percona XtraBackup 2.3 or later, of the series that belongs to the server.
  - Python 3.6 or later on the host, and no further library.
  - For O(format=tar_gz) C(igzip) (package isal) or C(pigz).
options:
  target_dir:
    description:
      - The directory that the backup becomes. It must not exist, or be empty, or hold this backup.
      - Its last part is the backup's name in its chain. The backups of a chain lie side by side in its parent
        directory, which is made.
    type: path
    required: true
  work_dir:
    description:
      - The directory of the unfinished backup, the lock, the tool's log, the LSN directory that later increments go on
        from, and the page that vouches for the backup. All but the lock are named after the backup.
      - It has to be on the same file system as O(target_dir), and the same for all backups of a chain, and for no other
        chain. It is made where it is missing.
      - Give one when everything beside O(target_dir) is going to be uploaded. Without it, the parent of O(target_dir).
    type: path
  format:
    description:
      - V(directory) is a tree as the tool writes it.
      - V(xbstream), V(tar) and V(tar_gz) are streams, cut into parts of O(part_size) with names such as
        C(backup.xbstream00000). XtraBackup 2.x alone can write tar, and none writes an increment as tar.
      - V(tar_gz) is compressed on all cores by C(igzip) or C(pigz) into what C(gunzip) reads.
      - V(auto) takes the chain's format for an increment. For a full backup it is V(tar_gz) when the data do not fit on
        the disk and the tool can write tar, V(xbstream) when a file is larger than 5 TB or the files and those of one
        increment would be more than Aurora's 1,000,000, and V(directory) else.
    type: str
    choices: [auto, directory, xbstream, tar, tar_gz]
    default: auto
  rsync:
    description:
      - Copy the files of other engines than InnoDB by C(rsync), which is faster for very many tables. XtraBackup's
        C(--rsync), for O(format=directory).
    type: bool
    default: false
  min_free_percent:
    description:
      - How much of the file system has to stay free after the backup. A full backup is expected to be as large as what
        it copies of O(datadir). How large an increment or a compressed backup gets is not known before.
    type: int
    default: 10
notes:
  - Run it on the host of the server, as a user who may read O(datadir), such as C(root) or C(mysql).
  - The tool's log is in O(work_dir), readable by its owner only, and free of the password and of password hashes.
seealso:
  - module: dbferry.aurora_mysql.xtrabackup_info
  - module: dbferry.aurora_mysql.xtrabackup_tool_info
  - module: dbferry.aurora_mysql.s3_tree
"""

EXAMPLES = r"""
- name: Take a full backup
  dbferry.aurora_mysql.xtrabackup:
    target_dir: /backup/shop/backup/full
    work_dir: /backup/shop/work
    datadir: /var/lib/mysql
    config_file: /etc/my.cnf
    login_unix_socket: /var/run/mysqld/mysqld.sock
    login_user: backup
    login_password: "{{ vault_backup_password }}"
    parallel: 8
  register: backup

- name: Show where the binary log stood
  ansible.builtin.debug:
    msg: "{{ backup.backup.binlog.file }}:{{ backup.backup.binlog.position }}"

- name: Take what has changed since
  dbferry.aurora_mysql.xtrabackup:
    type: incremental
    target_dir: /backup/shop/backup/inc0001
    work_dir: /backup/shop/work
    datadir: /var/lib/mysql
    login_unix_socket: /var/run/mysqld/mysqld.sock
    login_user: backup
    login_password: "{{ vault_backup_password }}"

- name: Take a backup as one stream in parts of a gigabyte
  dbferry.aurora_mysql.xtrabackup:
    target_dir: /backup/shop/backup/full
    work_dir: /backup/shop/work
    format: xbstream
    part_size: 1GB
    datadir: /var/lib/mysql
    login_unix_socket: /var/run/mysqld/mysqld.sock
    login_user: backup
    login_password: "{{ vault_backup_password }}"
    extra_arguments:
      - --history=migration
"""

RETURN = r"""
backup:
  description:
    - The chain that the backup belongs to, whether it was taken now or before.
    - Empty in check mode when the backup is not there yet.
  returned: success
  type: dict
  contains:
    backup_id:
      description: The UUID that the tool gave the last backup of the chain.
      type: str
      returned: always
      sample: 7cbb9059-e675-11f1-a9ce-02fc00000001
    format:
      description: V(directory), V(xbstream), V(tar) or V(tar_gz).
      type: str
      returned: always
    format_reason:
      description: Why O(format=auto) chose it; empty where it was given.
      type: str
      returned: always
      sample: 1204 files with 31.2 GiB stay below Aurora's 1000000 files, also with an increment.
    staged:
      description: Whether the backups lie on this host.
      type: bool
      returned: always
    directory:
      description: The parent directory of the chain's backups on this host.
      type: str
      returned: always
      sample: /backup/shop/backup
    tool:
      description: What made the last of them.
      type: dict
      returned: always
      contains:
        name:
          description: The program's name.
          type: str
          returned: always
          sample: xtrabackup
        version:
          description: Its version.
          type: str
          returned: always
          sample: 8.0.35-33
        series:
          description: Its series.
          type: str
          returned: always
          sample: "8.0"
        executable:
          description: Its path.
          type: str
          returned: always
          sample: /usr/bin/xtrabackup
    server_version:
      description: The server's version, as the tool saw it.
      type: str
      returned: always
      sample: 8.0.36
    binlog:
      description: Where the binary log stood at the last backup; empty strings and 0 where the server writes none.
      type: dict
      returned: always
      contains:
        file:
          description: Name of the binary log file.
          type: str
          returned: always
          sample: binlog.000042
        position:
          description: Position in it.
          type: int
          returned: always
          sample: 1168
        gtid:
          description: The GTID set, on one line.
          type: str
          returned: always
    slave_info:
      description:
        - With O(slave_info=true) how far the replica was with each of its sources at the last backup.
        - Empty where the server is no replica, or where what the tool says of it is in no known form.
      type: list
      elements: dict
      returned: always
      contains:
        channel:
          description: The channel, in MariaDB the connection; empty for the one without a name.
          type: str
          returned: always
        file:
          description: Name of the source's binary log file; empty where the replica goes by GTIDs.
          type: str
          returned: always
          sample: binlog.000007
        position:
          description: Position in it, up to which the replica had executed; 0 where it goes by GTIDs.
          type: int
          returned: always
          sample: 48112
        gtid:
          description:
            - On one line what to set C(gtid_purged) to, in MariaDB C(gtid_slave_pos), to go on from there. Empty where
              the replica goes by file and position.
          type: str
          returned: always
    files:
      description: How many files, or parts, the backups of the chain have.
      type: int
      returned: always
    bytes:
      description: Their lengths together.
      type: int
      returned: always
    elapsed_seconds:
      description: How long the backups of the chain took to make, until everything was on the disk.
      type: int
      returned: always
    progress:
      description:
        - How many bytes the last backup of the chain had taken when, from its begin to its end, in at most 120 samples.
      type: list
      elements: dict
      returned: always
      contains:
        at:
          description: Seconds since the begin.
          type: float
          returned: always
        phase:
          description: What was being done.
          type: str
          returned: always
        done:
          description: Bytes by then.
          type: int
          returned: always
    chain:
      description: The backups, from the full one to the last increment.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: Its directory's name below RV(backup.directory).
          type: str
          returned: always
          sample: inc0001
        backup_id:
          description: The UUID that the tool gave it.
          type: str
          returned: always
        type:
          description: V(full) or V(incremental).
          type: str
          returned: always
        from_lsn:
          description: The base's to_lsn; 0 for a full backup.
          type: int
          returned: always
        to_lsn:
          description: The checkpoint from which the next increment goes on.
          type: int
          returned: always
        last_lsn:
          description: The last log sequence number that was copied.
          type: int
          returned: always
        server_version:
          description: The server's version, as the tool saw it.
          type: str
          returned: always
        server_uuid:
          description: The server's UUID; empty where the server has none (MariaDB, MySQL 5.5).
          type: str
          returned: always
        start_time:
          description: When the tool was started, in UTC, ISO 8601.
          type: str
          returned: always
          sample: "2026-11-22T13:18:11Z"
        end_time:
          description: When the tool ended, in UTC, ISO 8601.
          type: str
          returned: always
          sample: "2026-11-22T15:02:40Z"
        binlog:
          description: Where the binary log stood, as in RV(backup.binlog).
          type: dict
          returned: always
        slave_info:
          description: How far a replica was with its sources, as in RV(backup.slave_info).
          type: list
          elements: dict
          returned: always
        files:
          description: How many files or parts it has.
          type: int
          returned: always
        bytes:
          description: Their lengths together.
          type: int
          returned: always
error_id:
  description:
    - On failure, a stable name of what is wrong, such as V(source.access_denied), V(host.disk_too_small),
      V(tool.wrong_series), V(backup.option_forbidden) or V(chain.base_missing).
  returned: failure
  type: str
remedy:
  description: On failure, what to do about it.
  returned: failure
  type: str
details:
  description: On failure, further facts, such as the last lines of the tool's log.
  returned: failure
  type: dict
"""

import os
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import progress_argument_spec
from ..module_utils._backup.formats import AUTO
from ..module_utils._backup.module_options import backup_argument_spec, backup_request
from ..module_utils._backup.parts import FORMATS, parse_part_size
from ..module_utils._backup.request import BackupRequest
from ..module_utils._backup.runner import take_backup
from ..module_utils._backup.store import DirectoryStore
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._progress.file import ProgressFile
from ..module_utils._stop import stop_on_signals


def _argument_spec() -> Dict[str, Dict[str, Any]]:
    return dict(
        progress_argument_spec(),
        **backup_argument_spec(),
        target_dir={"type": "path", "required": True},
        work_dir={"type": "path"},
        format={"type": "str", "choices": [AUTO, *FORMATS], "default": AUTO},
        rsync={"type": "bool", "default": False},
        min_free_percent={"type": "int", "default": 10},
    )


def _request(params: Dict[str, Any]) -> BackupRequest:
    root, name = os.path.split(os.path.abspath(params["target_dir"]))
    return backup_request(params, name, os.path.abspath(params["work_dir"] or root), params["format"])


def main() -> None:
    module = AnsibleModule(argument_spec=_argument_spec(), supports_check_mode=True)
    target_dir = os.path.abspath(module.params["target_dir"])
    progress = ProgressFile(module.params["progress_file"])
    try:
        with errors_to_fail_json(module), stop_on_signals() as stop:
            store = DirectoryStore(os.path.dirname(target_dir), parse_part_size(module.params["part_size"]))
            result = take_backup(_request(module.params), store, progress, stop, module.check_mode)
    finally:
        progress.close()
    module.exit_json(
        changed=result.changed,
        backup=result.backup or {},
        diff=result.diff,
    )


if __name__ == "__main__":
    main()
