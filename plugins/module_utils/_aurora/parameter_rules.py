# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What each setting of a MySQL server means to a cluster that takes its place. Pure.

Only settings that an application can notice are here, and those that people expect to find and that Aurora sets
otherwise. Defaults and removed values are those of the MySQL Reference Manual ("Server System Variables", "InnoDB
Startup Options and System Variables", "What Is New in MySQL 8.0"), for the series 5.7, 8.0 and 8.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Callable, NamedTuple

from .._mysql.quoting import MASK
from .parameter_values import FamilyParameter

# "What Is New in MySQL 8.0": a server that finds one of them does not start.
_SQL_MODES_GONE = frozenset(
    (
        "DB2",
        "MAXDB",
        "MSSQL",
        "MYSQL323",
        "MYSQL40",
        "NO_AUTO_CREATE_USER",
        "NO_FIELD_OPTIONS",
        "NO_KEY_OPTIONS",
        "NO_TABLE_OPTIONS",
        "ORACLE",
        "POSTGRESQL",
    )
)
# MySQL's, for families whose list of allowed values AWS does not tell ("Server SQL Modes").
_SQL_MODES = frozenset(
    (
        "ALLOW_INVALID_DATES",
        "ANSI",
        "ANSI_QUOTES",
        "ERROR_FOR_DIVISION_BY_ZERO",
        "HIGH_NOT_PRECEDENCE",
        "IGNORE_SPACE",
        "NO_AUTO_VALUE_ON_ZERO",
        "NO_BACKSLASH_ESCAPES",
        "NO_DIR_IN_CREATE",
        "NO_ENGINE_SUBSTITUTION",
        "NO_UNSIGNED_SUBTRACTION",
        "NO_ZERO_DATE",
        "NO_ZERO_IN_DATE",
        "ONLY_FULL_GROUP_BY",
        "PAD_CHAR_TO_FULL_LENGTH",
        "PIPES_AS_CONCAT",
        "REAL_AS_FLOAT",
        "STRICT_ALL_TABLES",
        "STRICT_TRANS_TABLES",
        "TIME_TRUNCATE_FRACTIONAL",
        "TRADITIONAL",
    )
)
_COLLATION = re.compile(r"(?P<charset>[a-z0-9]+)_(?P<rest>[a-z0-9_]+)\Z")


class Converted(NamedTuple):
    """A value in the words of the target, ``None`` where it has none; and what was changed, or why not."""

    value: str | None
    why: str = ""


Convert = Callable[[str, str, FamilyParameter], Converted]


class Rule(NamedTuple):
    """How one setting travels.

    :ivar variables: the source's names of it, the best first.
    :ivar parameters: the family's names of it, the best first.
    :ivar defaults: MySQL's default by series, where AWS names none; absent for what has to be said in any case.
    :ivar left: why it never travels; "" where it does.
    :ivar convert: makes the target's words of the source's, from value, series and parameter.
    """

    variables: tuple[str, ...]
    parameters: tuple[str, ...]
    defaults: Mapping[str, str]
    left: str = ""
    convert: Convert | None = None


def character_set(value: str, _series: str, parameter: FamilyParameter) -> Converted:
    """MySQL calls one character set ``utf8`` and ``utf8mb3``, and a family may know one of the names only."""
    allowed = {member.strip().lower() for member in parameter.allowed.split(",")}
    other = {"utf8": "utf8mb3", "utf8mb3": "utf8"}.get(value.lower(), "")
    if other and value.lower() not in allowed and other in allowed:
        return Converted(other, f"{other} is the family's name of it")
    return Converted(value)


def collation(value: str, series: str, parameter: FamilyParameter) -> Converted:
    """A collation of MySQL for one of MariaDB or of a later series; MySQL's own stay.

    MariaDB's ``uca1400`` has no equal: on 8.0 the next is UCA 9.0.0, on 5.7 UCA 5.2.0 ("Unicode Character Sets"). A
    ``nopad`` collation compares without padding, which on MySQL only UCA 9.0.0 and its ``bin`` do.
    """
    found = _COLLATION.match(value.lower())
    if not found:
        return Converted(value)
    charset, rest = found["charset"], found["rest"]
    modern = series != "5.7" and charset == "utf8mb4"
    # MariaDB's uca1400 names may come without a character set; they are utf8mb4's.
    if charset == "uca1400":
        charset, rest, modern = "utf8mb4", f"uca1400_{rest}", series != "5.7"
    if rest.startswith("uca1400"):
        return _renamed(charset, _newest_uca(rest, modern), "MySQL has no collation of UCA 14.0.0")
    if "nopad" in rest:
        padding = rest.replace("nopad_", "").replace("_nopad", "")
        if modern and padding == "bin":
            return _renamed(charset, "0900_bin", "it is MySQL's collation without padding")
        if modern and padding.endswith("_ci"):
            return _renamed(charset, "0900_ai_ci", "it is MySQL's collation without padding")
        return _renamed(charset, padding, "MySQL's pads with spaces when it compares")
    if series == "5.7" and rest.startswith("0900"):
        return _renamed(
            charset, "bin" if rest == "0900_bin" else "unicode_520_ci", "MySQL 5.7 has no collation of UCA 9.0.0"
        )
    if charset == "utf8mb3" and parameter.allowed and value.lower() not in parameter.allowed.lower().split(","):
        return Converted(f"utf8_{rest}", "it is the family's name of it")
    return Converted(value)


def sql_mode(value: str, series: str, parameter: FamilyParameter) -> Converted:
    """The modes that the target knows; the others are dropped and named."""
    modes = [mode.strip().upper() for mode in value.split(",") if mode.strip()]
    if not modes:
        return Converted(
            None, "the source has none, and a parameter group holds no empty list; see that Aurora's own suits"
        )
    allowed = {member.strip().upper() for member in parameter.allowed.split(",") if member.strip()}
    known = allowed or (_SQL_MODES | _SQL_MODES_GONE if series == "5.7" else _SQL_MODES)
    gone = frozenset() if series == "5.7" else _SQL_MODES_GONE
    kept = [mode for mode in modes if mode in known and mode not in gone]
    dropped = [mode for mode in modes if mode not in kept]
    if not kept:
        return Converted(None, f"MySQL {series} knows none of its modes")
    return Converted(",".join(kept), f"MySQL {series} has no {', '.join(dropped)}" if dropped else "")


def lower_case_table_names(value: str, _series: str, _parameter: FamilyParameter) -> Converted:
    """Aurora takes 0 and 1; 2 compares in lower case as 1 does, and exists on file systems that Aurora has not."""
    return Converted("1", "Aurora has 0 and 1, and 2 compares names as 1 does") if value == "2" else Converted(value)


def init_connect(value: str, _series: str, _parameter: FamilyParameter) -> Converted:
    """A statement without its literals is another statement."""
    if MASK in value:
        return Converted(
            None,
            "its string literals, in which a secret may stand, are not kept in the record; set it in "
            "restore_cluster_parameters",
        )
    return Converted(value)


def event_scheduler(value: str, _series: str, _parameter: FamilyParameter) -> Converted:
    """``DISABLED`` is an OFF that nobody can switch on while the server runs."""
    return Converted("OFF", "Aurora has ON and OFF") if value.upper() == "DISABLED" else Converted(value)


def _newest_uca(rest: str, modern: bool) -> str:
    if not modern:
        return "unicode_520_ci"
    accents = "as" if "_as" in rest else "ai"
    case = "cs" if rest.endswith("_cs") else "ci"
    # MySQL has no collation that heeds case and not accents.
    return f"0900_{'as' if case == 'cs' else accents}_{case}"


def _renamed(charset: str, rest: str, why: str) -> Converted:
    return Converted(f"{charset}_{rest}", why)


def _always(value: str) -> dict[str, str]:
    return {"5.7": value, "8.0": value, "8.4": value}


def _since_80(old: str, new: str) -> dict[str, str]:
    return {"5.7": old, "8.0": new, "8.4": new}


def _rule(name: str, defaults: Mapping[str, str], convert: Convert | None = None) -> Rule:
    return Rule((name,), (name,), defaults, convert=convert)


def _left(name: str, defaults: Mapping[str, str], why: str) -> Rule:
    return Rule((name,), (name,), defaults, left=why)


_ISOLATION = ("transaction_isolation", "tx_isolation")

RULES: tuple[Rule, ...] = (
    # What text is, and how it compares.
    _rule("character_set_server", _since_80("latin1", "utf8mb4"), character_set),
    _rule("collation_server", _since_80("latin1_swedish_ci", "utf8mb4_0900_ai_ci"), collation),
    _rule("init_connect", _always(""), init_connect),
    _rule("lc_time_names", _always("en_US")),
    _rule("lower_case_table_names", _always("0"), lower_case_table_names),
    # What a statement means. Servers differ in the default of sql_mode more than in anything, so it is always said.
    _rule("sql_mode", {}, sql_mode),
    _rule("explicit_defaults_for_timestamp", {"8.0": "ON", "8.4": "ON"}),
    _rule("innodb_strict_mode", _always("ON")),
    _rule("sql_require_primary_key", {"8.0": "OFF", "8.4": "OFF"}),
    _rule("default_week_format", _always("0")),
    _rule("div_precision_increment", _always("4")),
    _rule("group_concat_max_len", _always("1024")),
    _rule("block_encryption_mode", _always("aes-128-ecb")),
    _rule("max_sp_recursion_depth", _always("0")),
    _rule("updatable_views_with_limit", _always("YES")),
    _rule("cte_max_recursion_depth", {"8.0": "1000", "8.4": "1000"}),
    # Transactions and locks.
    Rule(_ISOLATION, _ISOLATION, _always("REPEATABLE-READ")),
    _rule("autocommit", _always("ON")),
    _rule("completion_type", _always("NO_CHAIN")),
    _rule("innodb_autoinc_lock_mode", _since_80("1", "2")),
    _rule("auto_increment_increment", _always("1")),
    _rule("auto_increment_offset", _always("1")),
    _rule("innodb_lock_wait_timeout", _always("50")),
    _rule("innodb_rollback_on_timeout", _always("OFF")),
    _rule("lock_wait_timeout", _always("31536000")),
    # Connections.
    _rule("max_allowed_packet", _since_80("4194304", "67108864")),
    _rule("wait_timeout", _always("28800")),
    _rule("interactive_timeout", _always("28800")),
    _rule("net_read_timeout", _always("30")),
    _rule("net_write_timeout", _always("60")),
    _rule("max_execution_time", _always("0")),
    _rule("max_user_connections", _always("0")),
    _rule("local_infile", _since_80("ON", "OFF")),
    _rule("require_secure_transport", _always("OFF")),
    # Stored code.
    _rule("event_scheduler", _since_80("OFF", "ON"), event_scheduler),
    _rule("log_bin_trust_function_creators", _always("OFF")),
    # Full-text search.
    _rule("innodb_ft_min_token_size", _always("3")),
    _rule("innodb_ft_max_token_size", _always("84")),
    # The slow query log.
    _rule("slow_query_log", _always("OFF")),
    _rule("long_query_time", _always("10")),
    _rule("log_queries_not_using_indexes", _always("OFF")),
    # What people expect to find, and Aurora or another station sees to.
    _left("ft_min_word_len", _always("4"), "it is MyISAM's; Aurora has InnoDB, where innodb_ft_min_token_size counts"),
    _left("max_connections", _always("151"), "Aurora derives it from the memory of the instance's class"),
    _left("innodb_buffer_pool_size", _always("134217728"), "Aurora derives it from the memory of the instance's class"),
    _left("time_zone", {}, "role objects gives the cluster the source's time zone, and proves it"),
    _left(
        "default_authentication_plugin",
        {"5.7": "mysql_native_password", "8.0": "caching_sha2_password"},
        "Aurora sets it, and accounts keep their own plug-in",
    ),
    _left(
        "binlog_format", {}, "Aurora writes a binlog only when asked to; set binlog_format if something will read it"
    ),
)
"""Every setting that is looked at."""

SOURCE_VARIABLES = frozenset(name for rule in RULES for name in rule.variables)
"""The variables that a source has to be asked for."""
