# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""The documents of the migration record: their members, their form, their keys. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from .._errors import DbferryError

SCHEMA_VERSION = 2

# What a member must be. "int" also takes a string of digits, because templates make strings of numbers.
_MEMBERS: dict[str, dict[str, type]] = {
    "assessment": {
        "source": dict,
        "verdict": dict,
        "ways": list,
        "engine_versions": dict,
        "estimate": dict,
        "findings": list,
        "not_checked": list,
        "passed": list,
        "queries": int,
    },
    "source": {
        "host": str,
        "port": int,
        "version": str,
        "version_number": str,
        "flavour": str,
        "version_comment": str,
        "server_uuid": str,
        "variables": dict,
        "schemas": list,
        "data_bytes": int,
        "tables": int,
        "time_zone": dict,
    },
    "backup": {
        "backup_id": str,
        "format": str,
        "format_reason": str,
        "staged": bool,
        "directory": str,
        "tool": dict,
        "server_version": str,
        "binlog": dict,
        "slave_info": list,
        "files": int,
        "bytes": int,
        "elapsed_seconds": float,
        "progress": list,
        "chain": list,
    },
    "upload": {
        "backup_id": str,
        "bucket": str,
        "prefix": str,
        "objects": int,
        "bytes": int,
        "checksum_algorithm": str,
        "fingerprint": str,
        "sent_bytes": int,
        "sent_seconds": float,
        "elapsed_seconds": float,
        "progress": list,
    },
    "iam": {"role_arn": str, "role_name": str, "managed": bool},
    "restore": {
        "cluster_identifier": str,
        "cluster_arn": str,
        "engine_version": str,
        "endpoint": str,
        "reader_endpoint": str,
        "port": int,
        "master_username": str,
        "master_user_secret_arn": str,
        "instances": list,
        "parameters": dict,
        "connections": dict,
        "events": list,
        "backup_id": str,
        "elapsed_seconds": float,
        "progress": list,
    },
    "objects": {"accounts": dict, "routines": dict, "time_zone": dict, "elapsed_seconds": float},
    "verification": {"equal": bool, "summary": dict, "tables": list, "differences": list, "elapsed_seconds": float},
}

STATIONS = tuple(_MEMBERS)
# Sizes of a living server, and what follows from them, differ with every look.
_FIGURES = {"assessment": ("source", "estimate", "queries")}
FILES = (
    "new_passwords.vault",
    "dump.json",
    "dump.sql.vault",
    "left_behind_accounts.json",
    "left_behind_objects.json",
    "left_behind_zones.json",
)
"""What may lie beside the documents. The names of those whose whole text has to be encrypted end in ``.vault``."""
_VAULT_HEADER = "$ANSIBLE_VAULT;"

_OWN_MEMBERS = ("schema_version", "station", "written_at")
_MIGRATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
# A secret's ARN names it and holds nothing of it.
_SECRET_NAME = re.compile(
    r"password|secret(?!_arn)|auth_string|authentication_string|hash(?!_algorithm)", re.IGNORECASE
)


class RecordError(DbferryError):
    """A document of the migration record is not what it should be."""

    default_id = "record.invalid"


def document_key(migration_id: str, station: str) -> str:
    """The S3 key of a station's document, beside the prefix that Aurora reads and never inside it.

    :raises RecordError: the id cannot be part of a key as it stands.
    """
    return _key(migration_id, f"{station}.json")


def file_key(migration_id: str, name: str) -> str:
    """The S3 key of a file beside the documents.

    :param name: one of ``FILES``.
    :raises RecordError: the id cannot be part of a key as it stands.
    """
    return _key(migration_id, name)


def _key(migration_id: str, name: str) -> str:
    if not _MIGRATION_ID.fullmatch(migration_id):
        raise RecordError(
            f"migration_id {migration_id!r} cannot name a migration.",
            error_id="record.migration_id",
            remedy="Use letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 128 of them.",
        )
    return f"{migration_id}/record/{name}"


def check_file(name: str, text: str) -> None:
    """See to it that nothing goes into the record in clear that has to be encrypted.

    :raises RecordError: ``record.secret``.
    """
    if name.endswith(".vault") and not text.startswith(_VAULT_HEADER):
        raise RecordError(
            f"The text of {name} is not encrypted by Ansible Vault.",
            error_id="record.secret",
            remedy="Encrypt it first; the record holds no secret in clear.",
        )


def decode_file(name: str, body: bytes) -> str:
    """The text in an object's body.

    :raises RecordError: it is no UTF-8.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(
            f"The object in the place of {name} is no text: {error}.",
            error_id="record.unreadable",
            remedy="Look what it is; remove it, and run the station again.",
        ) from error


def make_document(station: str, members: dict[str, Any], written_at: str) -> dict[str, Any]:
    """A complete document from a station's members.

    :param station: one of ``STATIONS``.
    :param members: what the station has to say; numbers may come as strings of digits.
    :param written_at: UTC time in ISO 8601.
    :raises RecordError: a member is missing, unknown, of the wrong kind, or looks like a secret.
    """
    wanted = _MEMBERS[station]
    given = {name: value for name, value in members.items() if name not in _OWN_MEMBERS}
    missing = sorted(set(wanted) - set(given))
    unknown = sorted(set(given) - set(wanted))
    if missing or unknown:
        raise RecordError(
            f"The {station} document lacks {missing or 'nothing'} and has unknown members {unknown or 'none'}.",
            remedy=f"Its members are {', '.join(sorted(wanted))}.",
        )
    _refuse_secrets(station, given)
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "station": station, "written_at": written_at}
    for name, kind in wanted.items():
        document[name] = _convert(station, name, given[name], kind)
    return document


def same_content(old: dict[str, Any] | None, new: dict[str, Any]) -> bool:
    """Whether two documents say the same, whenever they were written."""
    return old is not None and _without_time(old) == _without_time(new)


def counts_as_change(old: dict[str, Any] | None, new: dict[str, Any]) -> bool:
    """Whether a document says something new, and not only another figure of what moves by itself."""
    figures = _FIGURES.get(new["station"], ())

    def said(document: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in document.items() if name not in figures}

    return old is None or not same_content(said(old), said(new))


def encode(document: dict[str, Any]) -> bytes:
    """A document as it stands in S3: indented UTF-8 JSON with sorted keys."""
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def decode(station: str, body: bytes) -> dict[str, Any]:
    """The document in an object's body.

    :raises RecordError: not JSON, another station's, or written by a newer release.
    """
    try:
        document = json.loads(body.decode("utf-8"))
    except ValueError as error:
        raise RecordError(
            f"The {station} document is not JSON: {error}.",
            error_id="record.unreadable",
            remedy="Remove the object and run the station again.",
        ) from error
    if not isinstance(document, dict) or document.get("station") != station:
        raise RecordError(
            f"The object in the place of the {station} document is something else.",
            error_id="record.unreadable",
            remedy="Check migration_id and migration_bucket; remove the object and run the station again.",
        )
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise RecordError(
            f"The {station} document has schema version {version}; this release reads {SCHEMA_VERSION}.",
            error_id="record.schema_version",
            remedy="Continue with the release of the collection that wrote it.",
        )
    return document


def _without_time(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "written_at"}


def _convert(station: str, name: str, value: Any, kind: type) -> Any:
    if kind is int and isinstance(value, str) and value.isdigit():
        return int(value)
    if kind is float and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            return float(value)
        except ValueError:
            pass
    # bool is a subclass of int, and a truth value is no count
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise RecordError(
        f"Member {name} of the {station} document is {type(value).__name__} where {kind.__name__} is wanted.",
    )


def _refuse_secrets(path: str, value: Any) -> None:
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, (str, bytes)) and member and _SECRET_NAME.search(str(name)):
                raise RecordError(
                    f"{path}.{name} looks like a secret, and the record holds none.",
                    error_id="record.secret",
                    remedy="Leave it out of the document.",
                )
            _refuse_secrets(f"{path}.{name}", member)
    elif isinstance(value, list):
        for member in value:
            _refuse_secrets(path, member)
