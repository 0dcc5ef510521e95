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
_OF_THE_SERVER = "it belongs to the server itself"
_OF_RDS = "it belongs to Amazon RDS"
_RESERVED_USERS = {
    "mariadb.sys": _OF_THE_SERVER,
    "mysql.infoschema": _OF_THE_SERVER,
    "mysql.session": _OF_THE_SERVER,
    "mysql.sys": _OF_THE_SERVER,
    "rds_superuser_role": _OF_RDS,
    "rdsadmin": _OF_RDS,
    "rdsproxyadmin": _OF_RDS,
    "rdsrepladmin": _OF_RDS,
    "rdsrepladmin_priv_checks_user": _OF_RDS,
}
_AWS_ROLE = re.compile(r"AWS_\w+_ACCESS")
# Each server has its own of these, so that they stay where they are; what they define may travel.
_ADMINISTRATORS = {
    "mysql": "it belongs to the server's system schema",
    "PUBLIC": "it is MariaDB's role of everybody, which other servers do not have",
    "root": "it is the server's own administrator; a managed server has its own",
}


def reserved_reason(user: str) -> str:
    """Why nothing of a user travels, neither the account nor what it defines; "" where it may.

    Aurora drops objects that ``rdsadmin@localhost`` defined (Aurora User Guide, "Migrating data from an external MySQL
    database to an Aurora MySQL DB cluster"); the others exist on every server as part of it.
    """
    if _AWS_ROLE.fullmatch(user):
        return "it belongs to Amazon Aurora, which makes it on every cluster"
    return _RESERVED_USERS.get(user, "")


def system_reason(name: AccountName) -> str:
    """Why an account belongs to a server and not to its users; "" where it does not."""
    if name.user == "mysql" and name.host not in ("localhost", ""):
        return ""
    return reserved_reason(name.user) or _ADMINISTRATORS.get(name.user, "")


def system_remedy(name: AccountName) -> str:
    """What to do about an account that ``system_reason`` keeps where it is."""
    if name.user == "root":
        return "Nothing, but give applications that log in by it an account of their own."
    if name.user == "PUBLIC":
        return "Grant what it gives to the accounts that need it."
    return "Nothing: the target has its own, if it needs one."


def matches(name: AccountName, patterns: Sequence[str]) -> bool:
    """Whether an account's name fits one of the patterns.

    :param patterns: shell patterns (``*``, ``?``, ``[...]``) of ``user@host``; without an ``@`` the host does not
        matter. The last ``@`` separates. Quotes around either part, as in SQL, are not part of it. The case of users
        matters, that of hosts does not (MySQL, "Specifying Account Names").
    """
    for pattern in patterns:
        user, at, host = pattern.rpartition("@")
        if not at:
            user, host = pattern, "*"
        if fnmatchcase(name.user, _unquoted(user)) and fnmatchcase(name.host, _unquoted(host).lower()):
            return True
    return False


def _unquoted(part: str) -> str:
    quoted = len(part) > 1 and part[0] == part[-1] and part[0] in "'\"`"
    return part[1:-1] if quoted else part
