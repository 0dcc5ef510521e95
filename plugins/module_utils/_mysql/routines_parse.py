# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What SHOW CREATE prints, taken apart. Pure.

Why SHOW CREATE at all: information_schema shows bodies converted to three-byte UTF-8, so characters outside the basic
plane become "?", literals lose their introducers and bytes of the creator's own character set are gone; and it has no
parameter list as it was typed. The text of SHOW CREATE, fetched with ``character_set_results = binary``, holds the
bytes as they are, but joined: a body in the creator's character set, a comment in UTF-8, and names in either, depending
on the kind and the server. Hence everything here works on bytes, and what information_schema has without loss comes
from there.
"""

from __future__ import annotations

import contextlib
import functools
import re
from typing import Iterator, NamedTuple

# Character sets of clients whose second byte may look like a quote or a backslash, and their lead bytes.
_LEAD_BYTES = {
    "big5": rb"[\x81-\xfe]",
    "gbk": rb"[\x81-\xfe]",
    "gb18030": rb"[\x81-\xfe]",
    "sjis": rb"[\x81-\x9f\xe0-\xfc]",
    "cp932": rb"[\x81-\x9f\xe0-\xfc]",
}

CODECS = {
    "armscii8": "latin-1",
    "ascii": "ascii",
    "big5": "big5",
    "binary": "utf-8",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp1256": "cp1256",
    "cp1257": "cp1257",
    "cp850": "cp850",
    "cp852": "cp852",
    "cp866": "cp866",
    "cp932": "cp932",
    "eucjpms": "euc_jp",
    "euckr": "euc_kr",
    "gb18030": "gb18030",
    "gb2312": "gb2312",
    "gbk": "gbk",
    "greek": "iso8859_7",
    "hebrew": "iso8859_8",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "latin1": "cp1252",
    "latin2": "iso8859_2",
    "latin5": "iso8859_9",
    "latin7": "iso8859_13",
    "macce": "mac_latin2",
    "macroman": "mac_roman",
    "sjis": "shift_jis",
    "tis620": "tis_620",
    "ujis": "euc_jp",
    "utf8": "utf-8",
    "utf8mb3": "utf-8",
    "utf8mb4": "utf-8",
}
"""Python's codec for each character set that a MySQL client can speak; for names and comments, never for bodies."""

_CHARACTERISTIC = re.compile(
    rb"    (?:CONTAINS SQL|NO SQL|READS SQL DATA|MODIFIES SQL DATA|(?:NOT )?DETERMINISTIC"
    rb"|SQL SECURITY (?:INVOKER|DEFINER)|LANGUAGE SQL)\n"
)


class UnknownForm(ValueError):
    """A text is not of the form that SHOW CREATE is known to print."""


class RoutineText(NamedTuple):
    """The parts of a function or procedure that only SHOW CREATE has."""

    parameters: bytes
    returns: bytes
    body: bytes
    aggregate: bool


class EventText(NamedTuple):
    """The parts of an event that only SHOW CREATE has; the schedule is ASCII."""

    schedule: str
    body: bytes


class ViewText(NamedTuple):
    """The parts of a view that only SHOW CREATE has."""

    algorithm: str
    columns: bytes
    body: bytes


def routine_text(
    text: bytes, keyword: str, name: str, comment: str, character_set_client: str, sql_mode: str
) -> RoutineText:
    """The parts of what SHOW CREATE FUNCTION or PROCEDURE printed.

    :param keyword: ``FUNCTION`` or ``PROCEDURE``.
    :param name: the routine's name; :param comment: its comment, both from information_schema.
    :raises UnknownForm: the text is of another form.
    """
    start, rest = _after_name(text, keyword, name, character_set_client)
    end = _closing_bracket(rest, character_set_client, sql_mode)
    parameters, rest = rest[1:end], rest[end + 1 :]
    returns = b""
    if keyword == "FUNCTION":
        if not rest.startswith(b" RETURNS "):
            raise UnknownForm("RETURNS is missing")
        rest = rest[len(b" RETURNS ") :]
        end = _first(rest, b"\n", character_set_client, sql_mode)
        returns, rest = rest[:end], rest[end:]
    if not rest.startswith(b"\n"):
        raise UnknownForm("no line ends after the parameters")
    body = _without_characteristics(rest[1:], comment)
    return RoutineText(parameters, returns, body, text[:start].rstrip().endswith(b"AGGREGATE"))


def trigger_body(text: bytes, character_set_client: str, sql_mode: str) -> bytes:
    """The body of what SHOW CREATE TRIGGER printed: what follows FOR EACH ROW and an optional FOLLOWS or PRECEDES.

    Up to MySQL 5.7 and on MariaDB the text is the one that was typed, in the creator's character set; later it is
    generated, with names in UTF-8.

    :raises UnknownForm: the text is of another form.
    """
    generated = re.match(rb"CREATE DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*` TRIGGER `", text) is not None
    words: list[bytes] = []
    for token, _start, end in _tokens(text, "" if generated else character_set_client, sql_mode):
        words.append(token.upper())
        if words[-3:] == [b"FOR", b"EACH", b"ROW"]:
            return _without_order(text[end:], "" if generated else character_set_client, sql_mode)
    raise UnknownForm("FOR EACH ROW is missing")


def event_text(text: bytes) -> EventText:
    """The schedule and the body of what SHOW CREATE EVENT printed. Its names and its comment are UTF-8.

    :raises UnknownForm: the text is of another form.
    """
    previous = b""
    schedule_start = schedule_end = 0
    # Always printed with backticks and backslash escapes, whatever the event's own sql_mode.
    for token, start, end in _tokens(text, "", ""):
        if previous == b"ON" and token == b"SCHEDULE":
            schedule_start = end
        elif previous == b"ON" and token == b"COMPLETION":
            schedule_end = start - len(b"ON ")
        elif token == b"DO" and schedule_end:
            return EventText(text[schedule_start:schedule_end].decode("ascii").strip(), text[end:].lstrip())
        previous = token
    raise UnknownForm("ON SCHEDULE, ON COMPLETION or DO is missing")


def view_text(text: bytes, character_set_client: str) -> ViewText:
    """The parts of what SHOW CREATE VIEW printed; the body is the select with its check option.

    :raises UnknownForm: the text is of another form.
    """
    algorithm = re.match(rb"CREATE ALGORITHM=(\w+) ", text)
    columns = b""
    bracket = None
    depth = 0
    if algorithm:
        for token, start, end in _tokens(text, character_set_client, ""):
            if token == b"(":
                bracket = end if depth == 0 else bracket
                depth += 1
            elif token == b")":
                depth -= 1
                columns = text[bracket:start]
            elif token == b"AS" and depth == 0:
                return ViewText(algorithm.group(1).decode("ascii"), columns, text[end:].lstrip())
    raise UnknownForm("ALGORITHM or AS is missing")


def encode(text: str, character_set: str) -> bytes:
    """A name or comment in a client's character set.

    :raises UnicodeEncodeError: it cannot be written there.
    :raises LookupError: the character set is not known.
    """
    if text.isascii():
        return text.encode("ascii")
    return text.encode(CODECS[character_set])


def _after_name(text: bytes, keyword: str, name: str, character_set: str) -> tuple[int, bytes]:
    for quote in "`", '"':
        # Doubled as text: the second byte of a character may look like a quote, and the server does not double that.
        quoted = f"{keyword} {quote}{name.replace(quote, quote * 2)}{quote}"
        heads = [quoted.encode("utf-8")]
        with contextlib.suppress(UnicodeEncodeError, LookupError):
            heads.append(encode(quoted, character_set))
        for head in heads:
            start = text.find(head + b"(")
            if start >= 0:
                return start, text[start + len(head) :]
    raise UnknownForm(f"{keyword} and the name are missing")


def _without_characteristics(rest: bytes, comment: str) -> bytes:
    comments = {b"    COMMENT '" + form + b"'\n" for form in _comment_forms(comment)}
    while True:
        match = _CHARACTERISTIC.match(rest)
        if match:
            rest = rest[match.end() :]
            continue
        found = [form for form in comments if rest.startswith(form)]
        if not found:
            return rest
        rest = rest[len(max(found, key=len)) :]


def _comment_forms(comment: str) -> set[bytes]:
    plain = comment.replace("'", "''")
    escaped = plain.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\0")
    return {plain.encode("utf-8"), escaped.encode("utf-8")} if comment else set()


def _without_order(rest: bytes, character_set: str, sql_mode: str) -> bytes:
    found = []
    for token, _start, end in _tokens(rest, character_set, sql_mode):
        found.append((token, end))
        if len(found) == 3:
            break
    # "follows: BEGIN" is a label, "FOLLOWS other_trigger ..." is an order.
    if len(found) > 1 and found[0][0].upper() in (b"FOLLOWS", b"PRECEDES") and found[1][0] not in (b":", b"="):
        rest = rest[found[1][1] :]
    return rest.lstrip()


def _closing_bracket(text: bytes, character_set: str, sql_mode: str) -> int:
    depth = 0
    for token, start, _end in _tokens(text, character_set, sql_mode):
        depth += (token == b"(") - (token == b")")
        if depth == 0:
            return start
    raise UnknownForm("the parameters' bracket is not closed")


def _first(text: bytes, wanted: bytes, character_set: str, sql_mode: str) -> int:
    end = 0
    for _token, start, after in _tokens(text, character_set, sql_mode):
        position = text.find(wanted, end, start)
        if position >= 0:
            return position
        end = after
    raise UnknownForm("a line end is missing")


def _tokens(text: bytes, character_set: str, sql_mode: str) -> Iterator[tuple[bytes, int, int]]:
    """Tokens with their start and end; space and comments are left out."""
    lead = _LEAD_BYTES.get(character_set)
    # A copy of the same length, in which no second byte of a character can be taken for a quote.
    masked = re.sub(lead + rb"[^\n]", b"xx", text) if lead else text
    for match in _token_pattern(sql_mode).finditer(masked):
        if match.lastgroup != "gap":
            yield text[match.start() : match.end()], match.start(), match.end()


@functools.lru_cache(maxsize=256)
def _token_pattern(sql_mode: str) -> re.Pattern[bytes]:
    modes = sql_mode.split(",")
    escapes = "NO_BACKSLASH_ESCAPES" not in modes
    string = rb"'(?:[^'\\]|\\.|'')*'" if escapes else rb"'(?:[^']|'')*'"
    double = rb'"(?:[^"\\]|\\.|"")*"' if escapes and "ANSI_QUOTES" not in modes else rb'"(?:[^"]|"")*"'
    return re.compile(
        rb"(?P<gap>\s+|/\*.*?\*/|--(?=\s)[^\n]*|\#[^\n]*)|`(?:[^`]|``)*`|"
        + double
        + rb"|"
        + string
        + rb"|[A-Za-z0-9_$\x80-\xff]+|.",
        re.DOTALL,
    )
