# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What somebody wants of a backup."""

from typing import Any, Dict, NamedTuple, Optional

from .argv import BackupOptions
from .formats import AUTO, MOST_FILES
from .option_file import Login


class BackupRequest(NamedTuple):
    """What is to be backed up, how, and under which name. Paths are absolute."""

    name: str
    """The backup's name in its chain, such as ``full`` or ``inc0001``."""
    work_dir: str
    datadir: str
    login: Login
    options: BackupOptions
    form: str = AUTO
    """``auto`` or one of ``parts.FORMATS``."""
    incremental: bool = False
    base: str = ""
    """The name of the backup that an increment goes on from; "" for the last of the chain."""
    force: bool = False
    """Take it although it is there: remove it, and what follows from its base."""
    record: Optional[Dict[str, Any]] = None
    """The document of the chain so far, where another host or store knows it better than the work directory."""
    config_file: Optional[str] = None
    executable: Optional[str] = None
    server_version: str = ""
    server_flavour: str = ""
    allow_mariadb: bool = False
    lock_timeout: float = 0
    min_free_percent: int = 0
    connect_timeout: float = 30
    most_files: int = MOST_FILES
