# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the modules that take a backup."""

from __future__ import annotations


class ModuleDocFragment:
    """Server, tool, and what a database engineer sets for the copying."""

    DOCUMENTATION = r"""
options:
  datadir:
    description:
      - The server's data directory, as C(SELECT @@datadir) says it.
      - The user who runs the module has to be able to read it.
    type: path
    required: true
  type:
    description:
      - V(full) begins a chain.
      - V(incremental) takes what has changed since O(base), in the chain's format.
    type: str
    choices: [full, incremental]
    default: full
  base:
    description:
      - The name of the backup in the chain that an increment goes on from, such as V(full). Without it, the last one.
      - When others go on from it already, only O(force=true) lets them be removed.
    type: str
  record:
    description:
      - The chain so far, as RV(backup) of an earlier run returned it. The migration's record holds it.
      - Without it, the chain is what O(work_dir) knows of the finished backups.
      - With it an increment needs no file of its base on this host. It goes on from the base's LSN.
    type: dict
  force:
    description:
      - Take the backup although it is there. What it takes the place of is removed when server, tool and disk have been
        checked, right before the tool is started; so are the backups that follow from it.
    type: bool
    default: false
  part_size:
    description:
      - The size of the parts of a stream, from V(5MiB) to V(5TB). A number of bytes, or one with C(MB), C(GB), C(TB)
        (powers of 1000) or C(MiB), C(GiB), C(TiB) (powers of 1024), as C(split --bytes) takes them.
    type: str
    default: 500MB
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
      - Threads that copy files. A stream in tar has one only.
    type: int
    default: 4
  throttle:
    description:
      - Limits the copying to this many chunk pairs (10 MB read and 10 MB written) a second.
      - Without it there is no limit.
    type: int
  slave_info:
    description:
      - On a replica, write the position in its source's binary log into C(xtrabackup_slave_info). The tool's
        C(--slave-info), which XtraBackup has under this name in all series.
      - The file is part of the backup, and what it says is returned as C(backup.slave_info). What the module returns as
        C(backup.binlog) is the position in the replica's own binary log.
    type: bool
    default: false
  safe_slave_backup:
    description:
      - On a replica, stop the SQL thread while there are temporary tables open. The tool's C(--safe-slave-backup).
      - A backup that fails or is killed may leave it stopped.
    type: bool
    default: false
  lock_ddl:
    description:
      - Whether DDL is blocked while the backup runs. The tool's C(--lock-ddl), which XtraBackup has from 2.4.8 on.
      - V(reduced) is XtraBackup 8.4's, blocks for a shorter time, and is for InnoDB tables only.
      - Without it, the tool's default. XtraBackup 8.0.35 and later with a server below 8.0.34 always block.
    type: str
    choices: ["on", "off", reduced]
  lock_ddl_timeout:
    description:
      - Seconds to wait for the DDL lock. The tool's C(--lock-ddl-timeout).
    type: int
  ftwrl_wait_timeout:
    description:
      - Seconds to wait for long queries to end before C(FLUSH TABLES WITH READ LOCK). The tool's
        C(--ftwrl-wait-timeout).
    type: int
  kill_long_queries_timeout:
    description:
      - Seconds after which queries are killed that block C(FLUSH TABLES WITH READ LOCK). The tool's
        C(--kill-long-queries-timeout). Without it, none is killed.
    type: int
  fifo_streams:
    description:
      - Through how many named pipes at once a stream comes out of the tool. Its C(--fifo-streams), which XtraBackup has
        from 8.0.33 on for xbstream, as a preview. V(1) is its standard output.
      - What arrives is woven into one stream at the borders of xbstream's chunks, which each name their file. Its parts
        are those of any other stream.
      - It helps where the tool itself, and neither the disk nor the network, holds the stream up.
    type: int
    default: 1
  extra_arguments:
    description:
      - Further arguments of the tool, each of the form C(--name) or C(--name=value). They are seen in the host's
        process list, so put no secret in them.
      - Refused by name are those that make a partial backup (C(--databases), C(--tables), C(--include) and their kin),
        an encrypted one (C(--encrypt) and its kin) or, unless O(allow_compress=true), a compressed one, since Aurora
        does not read them; and those that this module sets itself.
    type: list
    elements: str
    default: []
  allow_compress:
    description:
      - Let C(--compress) and its kin be passed on. AWS says nowhere that Aurora reads what XtraBackup has compressed.
    type: bool
    default: false
  allow_mariadb:
    description:
      - Let C(mariabackup) back up a MariaDB server. Aurora MySQL reads neither; this is for labs.
    type: bool
    default: false
  lock_timeout:
    description:
      - Seconds to wait while another run takes a backup with the same O(work_dir). Its result is then taken up.
    type: int
    default: 3600
"""
