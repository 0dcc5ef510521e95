# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What of a multipart upload that an earlier run left can be used; pure."""

import hashlib
import json
from typing import Dict, List, NamedTuple, Optional, Tuple

from .bucket import OpenUpload, StoredPart, WriteSettings
from .plan import PlannedObject, part_range


class NotedUpload(NamedTuple):
    """What a state file says of an upload.

    :ivar parts: the CRC and the entity tag of each part that arrived, by number.
    :ivar settings: the mark of the settings that it was begun with; empty where the file does not say.
    """

    path: str
    size: int
    mtime_ns: int
    part_size: int
    parts: Dict[int, Tuple[int, str]]
    settings: str = ""


def settings_mark(settings: WriteSettings) -> str:
    """What is equal for equal settings of new objects.

    S3 does not list how an open upload is encrypted and tagged, and its object has the settings that it was begun with.
    """
    text = json.dumps(settings._replace(tags=settings.tags or None), sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


class Resumed(NamedTuple):
    """An upload to go on with.

    :ivar trusted: parts that need not be read again: S3 has what the state file says was sent of this very file.
    :ivar offered: other parts that S3 has with a checksum, such as those whose answer was lost; they count where the
        file's part has the same.
    """

    upload_id: str
    trusted: Dict[int, Tuple[int, str]]
    offered: Dict[int, StoredPart]


def judge_upload(
    upload: OpenUpload,
    parts: List[StoredPart],
    planned: PlannedObject,
    algorithm: str,
    storage_class: str,
    settings: str,
    noted: Optional[NotedUpload],
) -> Optional[Resumed]:
    """What of an open upload can be used for a planned object; None where it is to be aborted.

    :param parts: those that S3 has.
    :param algorithm: the name of the checksum that the object is to have.
    :param storage_class: the one that the object is to have.
    :param settings: the mark of those that the object is to have.
    :param noted: what the state file says of it; without that nobody knows its settings.
    """
    if noted is None or upload.storage_class != storage_class or planned.parts < 2:
        return None
    stamp = planned.stamp
    wanted = (stamp.size, stamp.mtime_ns, planned.part_size, settings)
    if (noted.size, noted.mtime_ns, noted.part_size, noted.settings) != wanted:
        return None
    if upload.algorithm and (upload.algorithm != algorithm or not upload.full_object):
        return None
    trusted: Dict[int, Tuple[int, str]] = {}
    offered: Dict[int, StoredPart] = {}
    for part in parts:
        # Another part size, another file: whatever it is, it does not fit.
        if part.number > planned.parts or part.size != part_range(planned, part.number)[1]:
            return None
        said = noted.parts.get(part.number)
        if said is not None and said[1] == part.etag:
            trusted[part.number] = said
        elif part.checksum and upload.algorithm:
            offered[part.number] = part
    return Resumed(upload.upload_id, trusted, offered) if trusted or offered else None


def choose_uploads(judged: Dict[str, List[Resumed]]) -> Tuple[Dict[str, Resumed], List[Tuple[str, str]]]:
    """Of several uploads of a path, the one with the most parts; and those to abort, as (path, upload ID)."""
    chosen: Dict[str, Resumed] = {}
    others: List[Tuple[str, str]] = []
    for path, uploads in judged.items():
        ordered = sorted(uploads, key=lambda each: -(len(each.trusted) + len(each.offered)))
        chosen[path] = ordered[0]
        others += [(path, each.upload_id) for each in ordered[1:]]
    return chosen, others
