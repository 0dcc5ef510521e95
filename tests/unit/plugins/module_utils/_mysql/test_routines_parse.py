# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SHOW CREATE of real servers printed (recorded from MariaDB 10.11.19 and MySQL 9.7.4), taken apart."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import routines_parse as parse

COMMENT = 'it\'s \\ "q" \n nl €'


@pytest.mark.parametrize(
    "text",
    [
        # MariaDB and MySQL print the same here: a comment in UTF-8 with its own escapes, a body in the client's bytes.
        b"CREATE DEFINER=`root`@`localhost` PROCEDURE `p\xe2\x82\xac2`()\n"
        b"    COMMENT 'it''s \\\\ \"q\" \\n nl \xe2\x82\xac'\n"
        b"select '\xf0\x9f\x98\x80', _latin1'\\xE9', n'e'",
    ],
)
def test_a_body_keeps_its_bytes(text: bytes) -> None:
    parts = parse.routine_text(text, "PROCEDURE", "p€2", COMMENT, "utf8mb4", "")
    assert parts == (b"", b"", b"select '\xf0\x9f\x98\x80', _latin1'\\xE9', n'e'", False)


def test_mariadb_prints_names_in_the_clients_character_set() -> None:
    text = (
        b'CREATE DEFINER="root"@"localhost" PROCEDURE "p\xe9"(in "x\xe9" varchar(10) charset latin1, '
        b"out y enum('a)','b\xe9'))\n    COMMENT 'k\xc3\xa9'\nselect 'b\xe9', _utf8'\xe9' /* \xe9 */"
    )
    parts = parse.routine_text(text, "PROCEDURE", "pé", "ké", "latin1", "ANSI_QUOTES")
    assert parts.parameters == b"in \"x\xe9\" varchar(10) charset latin1, out y enum('a)','b\xe9')"
    assert parts.body == b"select 'b\xe9', _utf8'\xe9' /* \xe9 */"


def test_mysql_prints_names_in_utf8_and_mariadb_the_collation_of_the_return_type() -> None:
    rest = b"\n    NO SQL\n    DETERMINISTIC\n    SQL SECURITY INVOKER\n    COMMENT 'it''s  b\xc3\xa9'\nreturn '\xe9'"
    mysql = b'CREATE DEFINER="root"@"localhost" FUNCTION "f\xc3\xa9"(x int) RETURNS varchar(10) CHARSET latin1' + rest
    mariadb = (
        b'CREATE DEFINER="root"@"localhost" FUNCTION "f\xe9"(x int) '
        b"RETURNS varchar(10) CHARSET latin1 COLLATE latin1_swedish_ci" + rest
    )
    for text, returns in (
        (mysql, b"varchar(10) CHARSET latin1"),
        (mariadb, b"varchar(10) CHARSET latin1 COLLATE latin1_swedish_ci"),
    ):
        parts = parse.routine_text(text, "FUNCTION", "fé", "it's  bé", "latin1", "ANSI_QUOTES")
        assert parts == (b"x int", returns, b"return '\xe9'", False)


@pytest.mark.parametrize(
    ("text", "charset", "body"),
    [
        (
            b'CREATE DEFINER="root"@"localhost" trigger "t\xe9" before insert on t for each row set new.b=\'\xe9\'',
            "latin1",
            b"set new.b='\xe9'",
        ),
        (
            b"CREATE DEFINER=`root`@`localhost` TRIGGER `t\xc3\xa9` BEFORE INSERT ON `t` FOR EACH ROW set new.b='\xe9'",
            "latin1",
            b"set new.b='\xe9'",
        ),
        (
            b"CREATE DEFINER=`root`@`localhost` trigger xx.tt2 after insert on xx.t for each row follows_me: begin end",
            "utf8mb4",
            b"follows_me: begin end",
        ),
        (
            b"CREATE DEFINER=`a`@`b` TRIGGER x BEFORE INSERT ON t FOR EACH ROW FOLLOWS `y z` SET @a = 'for each row'",
            "utf8mb4",
            b"SET @a = 'for each row'",
        ),
    ],
)
def test_a_triggers_body_follows_for_each_row(text: bytes, charset: str, body: bytes) -> None:
    assert parse.trigger_body(text, charset, "ANSI_QUOTES") == body


def test_an_events_schedule_and_body() -> None:
    text = (
        b"CREATE DEFINER=`root`@`localhost` EVENT `e\xc3\xa9` ON SCHEDULE EVERY 1 DAY STARTS '2026-11-22 13:09:29' "
        b"ON COMPLETION NOT PRESERVE DISABLE COMMENT 'k\xc3\xa9''\\\\' DO select '\xe9'"
    )
    assert parse.event_text(text) == ("EVERY 1 DAY STARTS '2026-11-22 13:09:29'", b"select '\xe9'")


def test_a_views_columns_and_select() -> None:
    text = (
        b"CREATE ALGORITHM=MERGE DEFINER=`root`@`localhost` SQL SECURITY INVOKER VIEW `shop`.`m` (`x``y`) "
        b"AS select 1 AS `as (`"
    )
    assert parse.view_text(text, "utf8mb4") == ("MERGE", b"`x``y`", b"select 1 AS `as (`")


@pytest.mark.parametrize("text", [b"", b"CREATE PROCEDURE p", b"CREATE DEFINER=`a`@`b` PROCEDURE `p`(x", b"\xff\xfe"])
def test_another_form_is_refused(text: bytes) -> None:
    for take_apart in (
        lambda: parse.routine_text(text, "PROCEDURE", "p", "", "utf8mb4", ""),
        lambda: parse.trigger_body(text, "utf8mb4", ""),
        lambda: parse.event_text(text),
        lambda: parse.view_text(text, "utf8mb4"),
    ):
        with pytest.raises(parse.UnknownForm):
            take_apart()
