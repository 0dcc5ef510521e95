# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The options that the modules that take a backup share; doc fragment ``backup`` describes them."""

import os
from typing import Any, Dict

from .argv import BackupOptions
from .option_file import Login
from .parts import DEFAULT_PART_SIZE
from .request import BackupRequest


def backup_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Server, tool and what a database engineer sets for the copying."""
    return {
        "datadir": {"type": "path", "required": True},
        "type": {"type": "str", "choices": ["full", "incremental"], "default": "full"},
        "base": {"type": "str"},
        "record": {"type": "dict"},
        "force": {"type": "bool", "default": False},
        "part_size": {"type": "str", "default": DEFAULT_PART_SIZE},
        "executable": {"type": "str"},
        "config_file": {"type": "path"},
        "login_host": {"type": "str"},
        "login_port": {"type": "int"},
        "login_user": {"type": "str"},
        "login_password": {"type": "str", "no_log": True},
        "login_unix_socket": {"type": "path"},
        "connect_timeout": {"type": "int", "default": 30},
        "server_version": {"type": "str"},
        "server_flavour": {"type": "str", "choices": ["mysql", "percona", "mariadb"]},
        "parallel": {"type": "int", "default": 4},
        "throttle": {"type": "int"},
        "slave_info": {"type": "bool", "default": False},
        "safe_slave_backup": {"type": "bool", "default": False},
        "lock_ddl": {"type": "str", "choices": ["on", "off", "reduced"]},
        "lock_ddl_timeout": {"type": "int"},
        "ftwrl_wait_timeout": {"type": "int"},
        "kill_long_queries_timeout": {"type": "int"},
        "fifo_streams": {"type": "int", "default": 1},
        "extra_arguments": {"type": "list", "elements": "str", "default": []},
        "allow_compress": {"type": "bool", "default": False},
        "allow_mariadb": {"type": "bool", "default": False},
        "lock_timeout": {"type": "int", "default": 3600},
    }


def backup_request(params: Dict[str, Any], name: str, work_dir: str, form: str) -> BackupRequest:
    """The request that a module's parameters are, but for what only one of the modules has.

    :param name: the backup's name in its chain.
    :param work_dir: absolute path.
    :param form: ``auto`` or a format.
    """
    return BackupRequest(
        name=name,
        work_dir=work_dir,
        datadir=os.path.abspath(params["datadir"]),
        login=Login(
            host=params["login_host"],
            port=params["login_port"],
            user=params["login_user"],
            password=params["login_password"],
            unix_socket=params["login_unix_socket"],
        ),
        options=BackupOptions(
            parallel=params["parallel"],
            throttle=params["throttle"],
            rsync=params.get("rsync", False),
            slave_info=params["slave_info"],
            safe_slave_backup=params["safe_slave_backup"],
            lock_ddl=params["lock_ddl"],
            lock_ddl_timeout=params["lock_ddl_timeout"],
            ftwrl_wait_timeout=params["ftwrl_wait_timeout"],
            kill_long_queries_timeout=params["kill_long_queries_timeout"],
            fifo_streams=params["fifo_streams"],
            extra_arguments=params["extra_arguments"],
            allow_compress=params["allow_compress"],
        ),
        form=form,
        incremental=params["type"] == "incremental",
        base=params["base"] or "",
        force=params["force"],
        record=params["record"] or None,
        config_file=params["config_file"],
        executable=params["executable"],
        server_version=params["server_version"] or "",
        server_flavour=params["server_flavour"] or "",
        allow_mariadb=params["allow_mariadb"],
        lock_timeout=params["lock_timeout"],
        min_free_percent=params.get("min_free_percent", 0),
        connect_timeout=params["connect_timeout"],
    )
