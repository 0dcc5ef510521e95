# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts and routines that are carried: statements that make them, in the order that costs a server least."""

from __future__ import annotations

import hashlib
from typing import Iterator, NamedTuple

SCHEMAS, TABLES = 50, 20
ROLES = 200


class Sample(NamedTuple):
    """What is to be carried.

    :ivar before: statements that both servers get: schemas and tables.
    :ivar statements: what makes it, and nothing else.
    :ivar count: how many accounts or routines it is.
    """

    before: list[str]
    statements: list[str]
    count: int


def accounts(count: int, roles: int = ROLES) -> Sample:
    """Accounts with a password, three grants and one role each; the roles have a grant each.

    All are made before anything is granted: a server that makes an account between grants takes twice as long.
    """
    names = [f"'user{number:05}'@'10.%'" for number in range(count)]
    hashes = [_caching_sha2(number) for number in range(count)]
    made = [f"CREATE ROLE 'role{number}'@'%'" for number in range(roles)]
    made += [f"CREATE USER {name} IDENTIFIED WITH 'caching_sha2_password' AS '{h}'" for name, h in zip(names, hashes)]
    members = [f"GRANT 'role{n % roles}'@'%' TO {name}" for n, name in enumerate(names)] if roles else []
    grants = [f"GRANT SELECT ON `app{number % SCHEMAS}`.* TO 'role{number}'@'%'" for number in range(roles)]
    for number, name in enumerate(names):
        grants.append(f"GRANT SELECT, INSERT, UPDATE ON `app{number % SCHEMAS}`.* TO {name}")
        grants.append(f"GRANT EXECUTE ON `lib{number % SCHEMAS}`.* TO {name}")
        grants.append(f"GRANT SELECT ON `shop`.`t{number % TABLES}` TO {name}")
    return Sample(_schemas(), [*made, *members, *grants], count + roles)


def routines(count: int) -> Sample:
    """Procedures and functions of some twenty lines, half of each."""
    return Sample(_schemas(), list(_routines(count)), count)


def _schemas() -> list[str]:
    return ["CREATE DATABASE shop", *(f"CREATE TABLE shop.t{n} (id INT PRIMARY KEY, total INT)" for n in range(TABLES))]


def _routines(count: int) -> Iterator[str]:
    for number in range(count):
        table = f"shop.t{number % TABLES}"
        lines = "".join(f"  SET n = n + {line}; -- step {line} of {number}\n" for line in range(15))
        if number % 2:
            yield (
                f"CREATE FUNCTION shop.f{number:05}(a INT) RETURNS INT DETERMINISTIC COMMENT 'number {number}'\n"
                f"BEGIN\n  DECLARE n INT DEFAULT a;\n{lines}  RETURN n;\nEND"
            )
        else:
            yield (
                f"CREATE PROCEDURE shop.p{number:05}(IN a INT, OUT b INT) SQL SECURITY INVOKER READS SQL DATA\n"
                f"BEGIN\n  DECLARE n INT DEFAULT a;\n{lines}  SELECT COUNT(*) + n INTO b FROM {table};\nEND"
            )


def _caching_sha2(number: int) -> str:
    """A text of the form that the server keeps: nobody logs in with it."""
    digits = hashlib.sha256(str(number).encode("ascii")).hexdigest()
    return f"$A$005${digits}"[:70]
