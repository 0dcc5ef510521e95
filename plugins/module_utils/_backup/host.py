# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a source host is like before anything is done on it: data directory, disk, clock, the way to S3. Reads only."""

import os
import re
import socket
import stat
import time
from typing import Any, Dict, List

from .._errors import DbferryError
from .datadir import _NOT_COPIED_DIRECTORY, _NOT_COPIED_FILE, existing_parent, look_at_disk, measure_backup

# So many links are named; all are counted.
_NAMED = 20
# the server's own keys and certificates, which no backup holds
_CERTIFICATE = re.compile(r"^.+\.pem$")


def look_at_host(
    datadir: str, work_dir: str, controller_time: float, s3_endpoint: str, connect_timeout: float
) -> Dict[str, Any]:
    """What module xtrabackup_host_info says.

    :param datadir: the server's data directory.
    :param work_dir: where the backup is going to be laid down; it need not exist yet.
    :param controller_time: what the controller took for the time when it sent the question, in seconds since 1970; 0
        where it did not say.
    :param s3_endpoint: ``HOST:PORT`` to try; "" tries nothing.
    :param connect_timeout: seconds that the try may take.
    """
    place = existing_parent(os.path.abspath(work_dir))
    room = look_at_disk(place, 0)
    return {
        "clock_offset": time.time() - controller_time if controller_time else 0.0,
        "datadir": look_at_datadir(datadir),
        "work_dir": {"path": work_dir, "looked_at": place, "free_bytes": room.free, "total_bytes": room.total},
        "s3": {"endpoint": s3_endpoint, "problem": _unreachable(s3_endpoint, connect_timeout) if s3_endpoint else ""},
    }


def look_at_datadir(datadir: str) -> Dict[str, Any]:
    """Whether the data directory can be read, what a backup copies of it, and which links lead out of it."""
    found = {"path": datadir, "error_id": "", "message": "", "files": 0, "bytes": 0, "largest_bytes": 0}
    links: Dict[str, Any] = {"count": 0, "names": []}
    try:
        measure = measure_backup(datadir)
    except DbferryError as error:
        found.update(error_id=error.error_id, message=error.message)
    else:
        found.update(files=measure.files, bytes=measure.bytes, largest_bytes=measure.largest)
        links = _links_out_of(datadir)
    found["links"] = links
    return found


def _links_out_of(datadir: str) -> Dict[str, Any]:
    """Symbolic links to what a backup copies, below a directory and leading out of it, by their paths in it."""
    root = os.path.realpath(datadir) + os.sep
    count = 0
    names: List[str] = []
    for folder, folders, files in os.walk(root):
        if folder == root:
            folders[:] = [name for name in folders if not _NOT_COPIED_DIRECTORY.match(name)]
            files = [name for name in files if not _NOT_COPIED_FILE.match(name)]
        for name in folders + [name for name in files if not _CERTIFICATE.match(name)]:
            path = os.path.join(folder, name)
            if _is_socket(path):
                continue
            if os.path.islink(path) and not (os.path.realpath(path) + os.sep).startswith(root):
                count += 1
                if len(names) < _NAMED:
                    names.append(os.path.relpath(path, root))
    return {"count": count, "names": sorted(names)}


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False


def _unreachable(endpoint: str, timeout: float) -> str:
    """Why nobody answers there; "" where somebody does."""
    host, _colon, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=timeout):
            return ""
    except (OSError, ValueError) as error:
        return str(error) or type(error).__name__
