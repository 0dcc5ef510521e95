# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Accounts that never travel, and patterns that choose among the others. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from .accounts_model import AccountName

# AWS, "Aurora MySQL: master user account privileges" and "Amazon Aurora MySQL: security"; MySQL, "Reserved Accounts".
_SYSTEM_USERS = {
    "mariadb.sys": "it belongs to the server itself",
    "mysql": "it belongs to the server's system schema",
    "mysql.infoschema": "it belongs to the server itself",
    "mysql.session": "it belongs to the server itself",
    "mysql.sys": "it belongs to the server itself",
    "PUBLIC": "it is MariaDB's role of everybody, which other servers do not have",
    "rds_superuser_role": "it belongs to Amazon RDS",
    "rdsadmin": "it belongs to Amazon RDS",
    "rdsproxyadmin": "it belongs to Amazon RDS",
    "rdsrepladmin": "it belongs to Amazon RDS",
    "rdsrepladmin_priv_checks_user": "it belongs to Amazon RDS",
    "root": "it is the server's own administrator; a managed server has its own",
}
_AWS_ROLE = re.compile(r"AWS_.*_ACCESS")


def system_reason(name: AccountName) -> str:
    """Why an account belongs to a server and not to its users; "" where it does not."""
    if name.user == "mysql" and name.host not in ("localhost", ""):
        return ""
    if _AWS_ROLE.fullmatch(name.user):
        return "it belongs to Amazon Aurora, which makes it on every cluster"
    return _SYSTEM_USERS.get(name.user, "")


def matches(name: AccountName, patterns: Sequence[str]) -> bool:
    """Whether an account's name fits one of the patterns.

    :param patterns: shell patterns (``*``, ``?``, ``[...]``) of ``user@host``; without an ``@`` the host does not
        matter. The last ``@`` separates.
    """
    for pattern in patterns:
        user, at, host = pattern.rpartition("@")
        if not at:
            user, host = pattern, "*"
        if fnmatchcase(name.user, user) and fnmatchcase(name.host, host):
            return True
    return False
