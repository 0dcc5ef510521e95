# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What an earlier run knew: verified objects and the parts of open uploads; as lines, on the host and in S3.

The first line names what the others are about; each of them is a JSON array, and JSON keeps a path with a newline on
its line. On the host the lines are added as S3 takes things, so that they outlive SIGKILL, and are replaced by those of
the verified objects at the end; the same lines, compressed, are the manifest in S3.
"""

import contextlib
import gzip
import hashlib
import io
import json
import os
import time
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, TextIO

from .._file_lock import Locked, hold
from .._progress.file import ProgressFile
from .._stop import Stop
from .compare import VerifiedObject
from .errors import ObjectStoreError, interrupted
from .plan import PlannedObject
from .resume import NotedUpload
from .schedule import Listener

_VERSION = 1
# Seconds after which lines of small objects reach the disk; a line more or less is one object compared again.
_FLUSH_SECONDS = 0.5
_WAIT_SECONDS = 0.5


class Subject(NamedTuple):
    """What the lines are about; those of another subject are not believed."""

    bucket: str
    prefix: str
    algorithm: str


class KnownObject(NamedTuple):
    """A file whose object was verified."""

    size: int
    mtime_ns: int
    checksum: str
    etag: str

    def proves(self, planned: PlannedObject, etag: str) -> bool:
        """Whether the file and the object are still those that were verified.

        An entity tag changes with every write of the object, size and time with every write of the file.
        """
        return (self.size, self.mtime_ns, self.etag) == (planned.stamp.size, planned.stamp.mtime_ns, etag)


class Known(NamedTuple):
    """All that lines say."""

    objects: Dict[str, KnownObject]
    uploads: Dict[str, NotedUpload]


def read_lines(lines: Iterable[str], subject: Subject) -> Known:
    """What lines say; nothing where they are about something else, and no more than up to a line that is damaged."""
    known = Known({}, {})
    with contextlib.suppress(ValueError, TypeError, KeyError, IndexError):
        rest = iter(lines)
        if json.loads(next(rest, "null")) != _first_line(subject):
            return known
        for line in rest:
            _note(known, json.loads(line))
    return known


def _first_line(subject: Subject) -> Dict[str, Any]:
    return dict(subject._asdict(), version=_VERSION)


def _note(known: Known, line: List[Any]) -> None:
    if line[0] == "object":
        known.objects[line[1]] = KnownObject(*line[2:6])
    elif line[0] == "upload":
        known.uploads[line[1]] = NotedUpload(line[2], line[3], line[4], line[5], {}, *line[6:7])
    elif line[0] == "part":
        known.uploads[line[1]].parts[int(line[2])] = (int(line[3]), str(line[4]))


def manifest_of(subject: Subject, plan: Iterable[PlannedObject], verified: Dict[str, VerifiedObject]) -> bytes:
    """The manifest as it stands in S3: the lines of all objects, compressed by gzip; equal ones are equal bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=6, mtime=0) as packed:
        for line in _object_lines(subject, plan, verified):
            packed.write(line.encode("ascii"))
    return buffer.getvalue()


def read_manifest(data: bytes, subject: Subject) -> Known:
    """What a manifest in S3 says; nothing where it is damaged."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            return read_lines(io.TextIOWrapper(packed, "ascii"), subject)
    except (OSError, EOFError, UnicodeDecodeError):
        return Known({}, {})


def _object_lines(
    subject: Subject, plan: Iterable[PlannedObject], verified: Dict[str, VerifiedObject]
) -> Iterator[str]:
    yield json.dumps(_first_line(subject), sort_keys=True) + "\n"
    for planned in plan:
        yield _object_line(planned, verified[planned.path])


def _object_line(planned: PlannedObject, verified: VerifiedObject) -> str:
    stamp = planned.stamp
    return _line("object", planned.path, stamp.size, stamp.mtime_ns, verified.checksum, verified.etag)


def _line(*members: Any) -> str:
    return json.dumps(members) + "\n"


class StateFile(Listener):
    """The lines on the host. A disk that is full costs them, and nothing else.

    :param directory: where the file is; None keeps none.
    :param root: the tree that is carried, in which the directory must not be.
    :param settings: the mark of the settings of new uploads.
    :raises ObjectStoreError: ``objectstore.state_dir``.
    """

    def __init__(self, directory: Optional[str], root: str, subject: Subject, settings: str = "") -> None:
        self._subject = subject
        self._settings = settings
        self._stream: Optional[TextIO] = None
        self._flushed = 0.0
        self._path: Optional[str] = None
        self.warning: Optional[str] = None
        if directory is None:
            return
        inside = os.path.realpath(os.fsencode(directory)) + b"/"
        if inside.startswith(os.path.realpath(os.fsencode(root)) + b"/"):
            raise ObjectStoreError(
                "state_dir {0} lies in {1}, whose files become objects.".format(directory, root),
                error_id="objectstore.state_dir",
                remedy="Give a directory beside src.",
            )
        name = hashlib.sha256(json.dumps([subject.bucket, subject.prefix]).encode("ascii")).hexdigest()[:16]
        self._path = os.path.join(directory, "s3-{0}.state".format(name))

    @contextlib.contextmanager
    def lock(self, timeout: float, progress: ProgressFile, stop: Stop) -> Iterator[None]:
        """Keep other runs of this host from the prefix within the block.

        A run whose controller is gone goes on; it would take this one's open uploads for those of a killed run.

        :param timeout: seconds to wait for another run.
        :raises ObjectStoreError: ``objectstore.running``, ``objectstore.interrupted``.
        """

        def wait() -> None:
            if stop.requested():
                raise interrupted(stop.signal_name())
            progress.update("waiting for another upload to this prefix")
            stop.sleep(_WAIT_SECONDS)

        with contextlib.ExitStack() as held:
            if self._path is not None:
                path = self._path + ".lock"
                try:
                    with self._courtesy():
                        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
                        held.enter_context(hold(path, timeout, wait))
                except Locked:
                    raise ObjectStoreError(
                        "Another upload to this prefix is still running on this host after {0:.0f} seconds.".format(
                            timeout
                        ),
                        error_id="objectstore.running",
                        remedy="Wait for it and run again, or raise lock_timeout; {0} is its lock.".format(path),
                    ) from None
            yield

    def read(self) -> Known:
        """What an earlier run noted."""
        if self._path is None:
            return Known({}, {})
        try:
            with open(self._path, encoding="ascii") as stream:
                return read_lines(stream, self._subject)
        except (OSError, UnicodeDecodeError):
            return Known({}, {})

    def begin(self, plan: Iterable[PlannedObject], known: Dict[str, VerifiedObject], uploads: Known) -> None:
        """Begin to note; what is known already comes first.

        :param known: the objects that are there and equal, by path.
        :param uploads: those that are gone on with.
        """

        def lines() -> Iterator[str]:
            yield from _object_lines(self._subject, (each for each in plan if each.path in known), known)
            for upload_id, noted in uploads.uploads.items():
                yield _line("upload", upload_id, *noted[:4], noted.settings)
                for number, (crc, etag) in noted.parts.items():
                    yield _line("part", upload_id, number, crc, etag)

        self._replace(lines())
        if self._path is not None and self.warning is None:
            with self._courtesy():
                self._stream = open(self._path, "a", encoding="ascii")  # noqa: SIM115 - open as long as the run sends

    def upload_opened(self, planned: PlannedObject, upload_id: str) -> None:
        """Note an upload."""
        stamp = planned.stamp
        about = (planned.path, stamp.size, stamp.mtime_ns, planned.part_size, self._settings)
        self._add(_line("upload", upload_id, *about), 0.0)

    def part_arrived(self, upload_id: str, number: int, crc: int, etag: str) -> None:
        """Note a part."""
        self._add(_line("part", upload_id, number, crc, etag), 0.0)

    def object_verified(self, planned: PlannedObject, verified: VerifiedObject) -> None:
        """Note an object."""
        self._add(_object_line(planned, verified), _FLUSH_SECONDS)

    def finish(self, plan: Iterable[PlannedObject], verified: Dict[str, VerifiedObject]) -> None:
        """Keep the objects' lines only."""
        self.close()
        self._replace(_object_lines(self._subject, plan, verified))

    def close(self) -> None:
        """End the writing; what was noted stays."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            with self._courtesy():
                stream.close()

    def _add(self, line: str, delay: float) -> None:
        if self._stream is None:
            return
        with self._courtesy():
            self._stream.write(line)
            now = time.monotonic()
            if now - self._flushed >= delay:
                self._stream.flush()
                self._flushed = now

    def _replace(self, lines: Iterator[str]) -> None:
        if self._path is None or self.warning is not None:
            return
        fresh = self._path + ".new"
        with self._courtesy():
            os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(fresh)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.writelines(lines)
            os.rename(fresh, self._path)

    @contextlib.contextmanager
    def _courtesy(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            stream, self._stream = self._stream, None
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
            self.warning = (
                "The state of the upload cannot be kept in {0}: {1}. The upload itself goes on; a run after this one "
                "reads more files again than it would have to.".format(self._path, error)
            )
