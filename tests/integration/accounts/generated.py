# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of every kind that MySQL 9.7 knows, as statements: written from MySQL's manual, not by the collection."""

from __future__ import annotations

import json
from typing import NamedTuple

from hypothesis import strategies as st

SCHEMA = [
    "CREATE DATABASE shop",
    "CREATE DATABASE `my_app`",
    "CREATE DATABASE `we``ird%`",
    "CREATE TABLE shop.t (id INT PRIMARY KEY, a INT, `b``c` INT)",
    "CREATE PROCEDURE shop.p() SELECT 1",
    "CREATE FUNCTION shop.f() RETURNS INT DETERMINISTIC RETURN 1",
]
PASSWORD = "long enough, ünd 字 'quoted'"
OLDER_PASSWORD = "the one before"

_STATIC = [
    *("SELECT", "INSERT", "PROCESS", "RELOAD", "CREATE USER", "EVENT", "FILE", "SHUTDOWN", "SUPER", "DROP ROLE"),
    *("REPLICATION SLAVE", "REPLICATION CLIENT", "SHOW DATABASES", "CREATE TEMPORARY TABLES", "CREATE TABLESPACE"),
]
_DYNAMIC = [
    *("CONNECTION_ADMIN", "BACKUP_ADMIN", "SET_ANY_DEFINER", "ROLE_ADMIN", "SHOW_ROUTINE", "XA_RECOVER_ADMIN"),
    *("SYSTEM_VARIABLES_ADMIN", "SYSTEM_USER", "FLUSH_TABLES", "APPLICATION_PASSWORD_ADMIN", "BINLOG_ADMIN"),
]
_OF_SCHEMA = ["SELECT", "INSERT", "EXECUTE", "EVENT", "CREATE ROUTINE", "LOCK TABLES", "TRIGGER", "SHOW VIEW"]
_OF_TABLE = ["SELECT", "DELETE", "INDEX", "REFERENCES", "ALTER", "CREATE VIEW"]
_OF_COLUMN = ["SELECT", "UPDATE", "INSERT", "REFERENCES"]
_SCHEMAS = ["`shop`", "`my\\_app`", "`my_app`", "`s%`", "`we``ird\\%`", "`not there yet`"]
# As they stand; only without partial revokes are there patterns.
_NAMED = ["`shop`", "`my_app`", "`we``ird%`", "`not there yet`"]
_HOSTS = ["%", "", "localhost", "10.%", "10.0.0.0/255.0.0.0", "host.example.com", "2001:db8::1", "%.exa_mple.com"]


class Person(NamedTuple):
    """An account; one without a user name, or a role that nobody logs in by, among them.

    :ivar name: as a statement has it.
    :ivar plain: user and host.
    :ivar statements: what makes it.
    """

    name: str
    plain: tuple[str, str]
    statements: list[str]


class Crowd(NamedTuple):
    """The accounts of a server.

    :ivar partial_revokes: whether the server has them, which it has to before the accounts are made.
    """

    people: list[Person]
    partial_revokes: bool


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_named = st.text("aZ9'\"`%_\\ ü字$-@", min_size=1, max_size=12).filter(lambda user: user == user.strip())
_users = st.one_of(_named, _named, _named, st.just(""))
_numbers = st.integers(0, 400)
_tls = st.sampled_from(
    [
        *("", "REQUIRE NONE", "REQUIRE SSL", "REQUIRE X509", "REQUIRE CIPHER 'TLS_AES_256_GCM_SHA384'"),
        "REQUIRE SUBJECT '/CN=it''s' AND ISSUER '/C=DE/O=a \\\\ b'",
    ]
)
_limits = st.lists(
    st.tuples(
        st.sampled_from(
            ["MAX_QUERIES_PER_HOUR", "MAX_UPDATES_PER_HOUR", "MAX_CONNECTIONS_PER_HOUR", "MAX_USER_CONNECTIONS"]
        ),
        st.integers(1, 100000),
    ),
    max_size=4,
    unique_by=lambda one: one[0],
).map(lambda ones: "WITH " + " ".join(f"{name} {number}" for name, number in ones) if ones else "")
_lasting = st.one_of(
    st.sampled_from(["", "PASSWORD EXPIRE NEVER", "PASSWORD EXPIRE DEFAULT"]),
    st.integers(1, 900).map("PASSWORD EXPIRE INTERVAL {} DAY".format),
)
_expiry = st.one_of(_lasting, st.just("PASSWORD EXPIRE"))
_rules = st.tuples(
    st.one_of(st.just(""), _numbers.map("PASSWORD HISTORY {}".format)),
    st.one_of(st.just(""), _numbers.map("PASSWORD REUSE INTERVAL {} DAY".format)),
    st.sampled_from(["", "PASSWORD REQUIRE CURRENT", "PASSWORD REQUIRE CURRENT OPTIONAL"]),
    st.one_of(st.just(""), st.integers(0, 30).map("FAILED_LOGIN_ATTEMPTS {}".format)),
    st.one_of(
        st.sampled_from(["", "PASSWORD_LOCK_TIME UNBOUNDED"]), st.integers(0, 30).map("PASSWORD_LOCK_TIME {}".format)
    ),
    st.sampled_from(["", "ACCOUNT LOCK", "ACCOUNT UNLOCK"]),
).map(lambda rules: " ".join(filter(None, rules)))
_attributes = st.one_of(
    st.just(""),
    st.text("ab'\"\\ü字%", min_size=1, max_size=9).map(lambda text: f"COMMENT {quoted(text)}"),
    st.dictionaries(st.text("abü'", min_size=1, max_size=4), st.one_of(st.integers(), st.text("x'\"\\", max_size=3)))
    .filter(bool)
    .map(lambda members: f"ATTRIBUTE {quoted(json.dumps(members, ensure_ascii=False))}"),
)


def _some(names: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(names), min_size=1, unique=True).map(", ".join)


def _columns(names: list[str]) -> str:
    return ", ".join(f"{name} (`id`, `b``c`)" for name in names)


_grants = st.lists(
    st.tuples(
        st.one_of(
            st.tuples(_some(_STATIC), st.just("*.*")),
            st.tuples(_some(_DYNAMIC), st.just("*.*")),
            st.tuples(_some(_OF_SCHEMA), st.sampled_from(_SCHEMAS).map("{}.*".format)),
            st.tuples(st.just("ALL"), st.sampled_from(_SCHEMAS).map("{}.*".format)),
            st.tuples(_some(_OF_TABLE), st.just("`shop`.`t`")),
            st.tuples(
                st.lists(st.sampled_from(_OF_COLUMN), min_size=1, unique=True).map(_columns), st.just("`shop`.`t`")
            ),
            st.tuples(_some(["EXECUTE", "ALTER ROUTINE"]), st.sampled_from(["PROCEDURE shop.p", "FUNCTION shop.f"])),
        ),
        st.sampled_from(["", " WITH GRANT OPTION"]),
    ),
    max_size=5,
)


@st.composite
def _restricted(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Privileges for all schemas, and what is revoked in some of them, by their names as they stand."""
    everywhere = draw(st.lists(st.sampled_from(_OF_SCHEMA), min_size=1, unique=True))
    revoked = draw(st.dictionaries(st.sampled_from(_NAMED), _some(everywhere), min_size=1, max_size=3))
    return ", ".join(everywhere), [f"{names} ON {schema}.*" for schema, names in revoked.items()]


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    """Accounts of which later ones may be members and proxies of earlier ones."""
    partial_revokes = draw(st.booleans())
    out: list[Person] = []
    names = draw(st.lists(st.tuples(_users, st.sampled_from(_HOSTS)), min_size=1, max_size=4, unique=True))
    # Once one without a name has rights in a schema, MySQL refuses partial revokes there.
    names.sort(key=lambda plain: not plain[0])
    for user, host in names:
        name = f"{quoted(user)}@{quoted(host)}"
        # No server makes members or roles of those without a name.
        others = [one for one in out if one.plain[0]]
        second = False
        if user and draw(st.integers(0, 3)) == 0:
            statements = [f"CREATE ROLE {name}"]
        else:
            plugin = draw(st.sampled_from(["caching_sha2_password", "sha256_password"]))
            second = plugin == "caching_sha2_password" and draw(st.booleans())
            # Nobody can change a password without a name: it expires never at once, and CREATE takes no word of it.
            expiry = draw(_expiry if user else _lasting)
            clauses = (draw(_tls), draw(_limits), expiry if user else "", draw(_rules), draw(_attributes))
            first = quoted(OLDER_PASSWORD if second else PASSWORD)
            statements = [" ".join(filter(None, (f"CREATE USER {name} IDENTIFIED WITH {plugin} BY {first}", *clauses)))]
            statements += [f"ALTER USER {name} {expiry}"] if expiry and not user else []
        statements += [f"GRANT {what} ON {where} TO {name}{option}" for (what, where), option in draw(_grants)]
        if partial_revokes and user and draw(st.booleans()):
            everywhere, revoked = draw(_restricted())
            statements.append(f"GRANT {everywhere} ON *.* TO {name}")
            statements += [f"REVOKE {what} FROM {name}" for what in revoked]
        roles = draw(st.lists(st.sampled_from(others), unique_by=lambda one: one.name)) if others else []
        for role in roles:
            option = draw(st.sampled_from(["", " WITH ADMIN OPTION"]))
            if user:
                statements.append(f"GRANT {role.name} TO {name}{option}")
            if draw(st.booleans()):
                statements.append(f"GRANT PROXY ON {role.name} TO {name}")
        if roles and user and draw(st.booleans()):
            statements.append(f"SET DEFAULT ROLE {roles[0].name} TO {name}")
        if second:
            statements.append(f"ALTER USER {name} IDENTIFIED BY {quoted(PASSWORD)} RETAIN CURRENT PASSWORD")
        out.append(Person(name, (user, host), statements))
    return Crowd(out, partial_revokes)
