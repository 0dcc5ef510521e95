#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: xtrabackup
short_description: Takes a full backup of a MySQL server with Percona XtraBackup
description:
  - Takes a full physical backup of the server that runs on this host into a directory, in the form that Aurora MySQL
    reads from S3.
  - Uses C(innobackupex) of XtraBackup 2.3 and 2.4, C(xtrabackup --backup) of 8.0 and 8.4, and, where O(allow_mariadb)
    permits it, C(mariabackup).
  - The backup is whole or it is not there. The tool writes into an unfinished directory in O(work_dir), which gets the
    name O(target_dir) when the tool has ended with exit status 0 and C(completed OK!) and everything is on the disk.
  - A run that was killed leaves nothing that a later one would take for a backup. The tool dies with the module, and
    the next run removes what is left.
  - The password reaches the tool through an option file that has no name, which only the tool inherits. It is in no
    command line, no environment and no file.
  - A backup that this module has taken of this server into O(target_dir) is not taken again.
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.progress
attributes:
  check_mode:
    support: full
    details:
      - Checks the server, the tool and the disk, and takes no backup. RV(backup) is then empty, unless one is there.
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - Percona XtraBackup 2.3 or later, of the series that belongs to the server.
  - Python 3.6 or later on the host, and no further library.
options:
  target_dir:
    description:
      - The directory that the backup becomes. It must not exist, or be empty, or hold this server's backup.
      - Its parent directories are made.
    type: path
    required: true
  work_dir:
    description:
      - The directory of the unfinished backup, the lock, the tool's log, and the page that vouches for the backup.
        Their names begin with the last part of O(target_dir).
      - It has to be on the same file system as O(target_dir). It is made where it is missing.
      - Give one when everything beside O(target_dir) is going to be uploaded. Without it, the parent of O(target_dir).
    type: path
  datadir:
    description:
      - The server's data directory, as C(SELECT @@datadir) says it.
      - The user who runs the module has to be able to read it.
    type: path
    required: true
  executable:
    description:
      - Path or name of C(xtrabackup), C(innobackupex) or C(mariabackup).
      - Without it, the first of these that the host has.
    type: str
  config_file:
    description:
      - The server's own option file, such as C(/etc/my.cnf). The tool reads it first.
      - Its login values apply where the task gives none.
    type: path
  login_host:
    description:
      - Host name or address of the server, as this host reaches it. V(localhost) means the socket file that the tool or
        O(config_file) knows.
      - Where it is another than V(localhost), or O(login_unix_socket) is given, the module first reads the server's
        greeting, and so knows whether it is there and of which version.
    type: str
  login_port:
    description:
      - TCP port of the server. Without it, O(config_file)'s, else 3306.
    type: int
  login_user:
    description:
      - The account to log in with. Without it, O(config_file)'s, else the operating system user's name.
      - It needs RELOAD, PROCESS, LOCK TABLES and REPLICATION CLIENT, on MySQL 8 also BACKUP_ADMIN and SELECT on
        C(performance_schema.log_status), C(performance_schema.keyring_component_status) and
        C(performance_schema.replication_group_members).
    type: str
  login_password:
    description:
      - The account's password.
    type: str
  login_unix_socket:
    description:
      - Path of the server's socket file. Where it is given, O(login_host) is not used.
    type: path
  connect_timeout:
    description:
      - Seconds to wait for the server's greeting.
    type: int
    default: 30
  server_version:
    description:
      - The server's version, as C(SELECT VERSION()) says it.
      - Required where the module cannot read the server's greeting; see O(login_host). Where it can, another version
        than this one is an error.
    type: str
  server_flavour:
    description:
      - What the server is. Without it, V(mariadb) when its version says so, else V(mysql).
    type: str
    choices: [mysql, percona, mariadb]
  parallel:
    description:
      - Threads that copy files.
    type: int
    default: 4
  throttle:
    description:
      - Limits the copying to this many chunk pairs (10 MB read and 10 MB written) a second.
      - Without it there is no limit.
    type: int
  allow_mariadb:
    description:
      - Let C(mariabackup) back up a MariaDB server. Aurora MySQL reads neither; this is for labs.
    type: bool
    default: false
  lock_timeout:
    description:
      - Seconds to wait while another run makes the same backup. Its result is then taken up.
    type: int
    default: 3600
  min_free_percent:
    description:
      - How much of the file system has to stay free after the backup. The backup is expected to be as large as what
        it copies of O(datadir).
    type: int
    default: 10
notes:
  - Run it on the host of the server, as a user who may read O(datadir), such as C(root) or C(mysql).
  - The tool's log is in O(work_dir), readable by its owner only, and free of the password and of password hashes.
seealso:
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
"""

RETURN = r"""
backup:
  description:
    - The backup, whether it was taken now or before.
    - Empty in check mode when there is none yet.
  returned: success
  type: dict
  contains:
    backup_id:
      description: The UUID that the tool gave it.
      type: str
      returned: always
      sample: 7cbb9059-e675-11f1-a9ce-02fc00000001
    format:
      description: Always V(directory).
      type: str
      returned: always
    directory:
      description: Where it lies on this host.
      type: str
      returned: always
      sample: /backup/shop/backup/full
    tool:
      description: What made it.
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
    from_lsn:
      description: 0, since the backup is a full one.
      type: int
      returned: always
    to_lsn:
      description: The checkpoint from which an incremental backup would go on.
      type: int
      returned: always
    last_lsn:
      description: The last log sequence number that was copied.
      type: int
      returned: always
    binlog:
      description: Where the binary log stood; empty strings and 0 where the server writes none.
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
    files:
      description: How many files it has.
      type: int
      returned: always
    bytes:
      description: Their lengths together.
      type: int
      returned: always
    elapsed_seconds:
      description: How long it took to make, until everything was on the disk.
      type: int
      returned: always
error_id:
  description:
    - On failure, a stable name of what is wrong, such as V(source.access_denied), V(host.disk_too_small) or
      V(tool.wrong_series).
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
from ..module_utils._backup.argv import BackupOptions
from ..module_utils._backup.option_file import Login
from ..module_utils._backup.runner import BackupRequest, BackupResult, full_backup
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._progress.file import ProgressFile
from ..module_utils._stop import stop_on_signals


def _argument_spec() -> Dict[str, Dict[str, Any]]:
    return dict(
        progress_argument_spec(),
        target_dir={"type": "path", "required": True},
        work_dir={"type": "path"},
        datadir={"type": "path", "required": True},
        executable={"type": "str"},
        config_file={"type": "path"},
        login_host={"type": "str"},
        login_port={"type": "int"},
        login_user={"type": "str"},
        login_password={"type": "str", "no_log": True},
        login_unix_socket={"type": "path"},
        connect_timeout={"type": "int", "default": 30},
        server_version={"type": "str"},
        server_flavour={"type": "str", "choices": ["mysql", "percona", "mariadb"]},
        parallel={"type": "int", "default": 4},
        throttle={"type": "int"},
        allow_mariadb={"type": "bool", "default": False},
        lock_timeout={"type": "int", "default": 3600},
        min_free_percent={"type": "int", "default": 10},
    )


def _request(params: Dict[str, Any]) -> BackupRequest:
    target_dir = os.path.abspath(params["target_dir"])
    return BackupRequest(
        target_dir=target_dir,
        work_dir=os.path.abspath(params["work_dir"] or os.path.dirname(target_dir)),
        datadir=os.path.abspath(params["datadir"]),
        login=Login(
            host=params["login_host"],
            port=params["login_port"],
            user=params["login_user"],
            password=params["login_password"],
            unix_socket=params["login_unix_socket"],
        ),
        config_file=params["config_file"],
        executable=params["executable"],
        server_version=params["server_version"] or "",
        server_flavour=params["server_flavour"] or "",
        options=BackupOptions(parallel=params["parallel"], throttle=params["throttle"]),
        allow_mariadb=params["allow_mariadb"],
        lock_timeout=params["lock_timeout"],
        min_free_percent=params["min_free_percent"],
        connect_timeout=params["connect_timeout"],
    )


def _diff(target_dir: str, result: BackupResult) -> Dict[str, str]:
    after = "a full backup in {0}\n".format(target_dir)
    return {"before": "no backup\n" if result.changed else after, "after": after}


def main() -> None:
    module = AnsibleModule(argument_spec=_argument_spec(), supports_check_mode=True)
    request = _request(module.params)
    progress = ProgressFile(module.params["progress_file"])
    try:
        with errors_to_fail_json(module), stop_on_signals() as stop:
            result = full_backup(request, progress, stop, module.check_mode)
    finally:
        progress.close()
    module.exit_json(changed=result.changed, backup=result.backup or {}, diff=_diff(request.target_dir, result))


if __name__ == "__main__":
    main()
