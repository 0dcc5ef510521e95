# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of InnoDB's settings: pages, files and where they lie. Pure."""

from __future__ import annotations

import posixpath
from typing import Callable, Optional

from . import links
from .facts import Facts, server_of
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, Seen

_PAGE_SIZE = "16384"
# From here on redo files are of innodb_redo_log_capacity, and their number says nothing.
_REDO_CAPACITY = (8, 0, 30)


def _page_size(facts: Facts) -> Optional[Seen]:
    size = server_of(facts).variables.get("innodb_page_size", _PAGE_SIZE)
    return None if size == _PAGE_SIZE else Seen(f"innodb_page_size is {size}.")


def _data_file_path(facts: Facts) -> Optional[Seen]:
    path = server_of(facts).variables.get("innodb_data_file_path", "")
    files = [part for part in path.split(";") if part]
    if not files or (len(files) == 1 and files[0].partition(":")[0] == "ibdata1"):
        return None
    return Seen(f"innodb_data_file_path is {path}.")


def _outside(variable: str) -> Callable[[Facts], Optional[Seen]]:
    """A check that a directory is the data directory."""

    def find(facts: Facts) -> Optional[Seen]:
        variables = server_of(facts).variables
        value, datadir = variables.get(variable, ""), variables.get("datadir", "")
        if not datadir or posixpath.normpath(posixpath.join(datadir, value)) == posixpath.normpath(datadir):
            return None
        return Seen(f"{variable} is {value}, and the data directory is {datadir}.")

    return find


def _log_files(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    number = server.variables.get("innodb_log_files_in_group", "2")
    if server.version.mariadb or server.version.number >= _REDO_CAPACITY or number == "2":
        return None
    return Seen(f"innodb_log_files_in_group is {number}.")


def _force_recovery(facts: Facts) -> Optional[Seen]:
    level = server_of(facts).variables.get("innodb_force_recovery", "0")
    return None if level == "0" else Seen(f"innodb_force_recovery is {level}.")


def _file_per_table(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if "innodb_file_per_table" not in server.variables or server.on("innodb_file_per_table"):
        return None
    return Seen("innodb_file_per_table is OFF.", statement="SET GLOBAL innodb_file_per_table = ON;")


def _checksums(facts: Facts) -> Optional[Seen]:
    algorithm = server_of(facts).variables.get("innodb_checksum_algorithm", "")
    if "none" not in algorithm.lower():
        return None
    return Seen(
        f"innodb_checksum_algorithm is {algorithm}.", statement="SET GLOBAL innodb_checksum_algorithm = 'crc32';"
    )


def _elsewhere(check_id: str, variable: str, what: str) -> Check:
    return Check(
        check_id,
        BLOCKER,
        f"{what} outside the data directory",
        "Aurora reads a backup whose files all lie in the data directory.",
        f"Stop the server, move the files into the data directory, take {variable} out of its configuration and start "
        "it again.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _outside(variable),
        ways=(PHYSICAL,),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "source.page_size",
        BLOCKER,
        "InnoDB's pages are not of 16 KiB",
        "Aurora reads pages of 16 KiB only, and a server cannot change the size of its pages.",
        "Move it by a logical copy, or copy it logically to a server with pages of 16 KiB and back that up.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _page_size,
        ways=(PHYSICAL,),
        lasting=True,
    ),
    Check(
        "source.system_tablespace",
        BLOCKER,
        "The system tablespace is not one file ibdata1",
        "Aurora reads a backup with one system tablespace file of the default name.",
        "Move it by a logical copy, or copy it logically to a server with "
        "innodb_data_file_path=ibdata1:12M:autoextend and back that up.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _data_file_path,
        ways=(PHYSICAL,),
        lasting=True,
    ),
    _elsewhere("source.data_home_dir", "innodb_data_home_dir", "The system tablespace lies"),
    _elsewhere("source.undo_directory", "innodb_undo_directory", "Undo tablespaces lie"),
    _elsewhere("source.log_group_home_dir", "innodb_log_group_home_dir", "The redo log lies"),
    Check(
        "source.log_files_in_group",
        BLOCKER,
        "There are not two redo log files",
        "AWS reads backups with the default of two redo log files.",
        "Set innodb_log_files_in_group=2 in the server's configuration, stop it with innodb_fast_shutdown=0 and start "
        "it again.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _log_files,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.force_recovery",
        BLOCKER,
        "InnoDB runs in forced recovery",
        "The server was started in spite of damaged data, and a copy would carry the damage, or what it hides.",
        "Dump what can be read, rebuild the server from a dump or from an older backup, and start it without "
        "innodb_force_recovery.",
        links.INNODB_RECOVERY,
        ("server",),
        _force_recovery,
    ),
    Check(
        "source.file_per_table_off",
        NOTE,
        "New tables go into the system tablespace",
        "Tables in the system tablespace leave their room there when they are dropped, and a backup carries that room.",
        "Switch innodb_file_per_table on, and rebuild large tables with ALTER TABLE ... ENGINE=InnoDB.",
        links.MYSQL_FILE_PER_TABLE,
        ("server",),
        _file_per_table,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.checksums_off",
        WARNING,
        "Pages are written without checksums",
        "Neither XtraBackup nor Aurora can tell a damaged page from a good one.",
        "Switch checksums on before the backup, and rebuild the tables so that all pages have one.",
        links.INNODB_PARAMETERS,
        ("server",),
        _checksums,
        ways=(PHYSICAL,),
    ),
)
