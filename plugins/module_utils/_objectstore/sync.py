# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Making the objects below a prefix what a tree of files is."""

import heapq
import time
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .._progress.file import ProgressFile
from .._stop import Stop
from .body import HeldBody
from .bucket import S3Prefix
from .compare import Comparison, VerifiedObject, check_stored, compare, refuse_strangers
from .errors import interrupted
from .lanes import Lanes
from .manifest import ManifestEntry, fingerprint
from .plan import PlannedObject
from .resume import Resumed, choose_uploads, judge_upload, settings_mark
from .schedule import CompareSchedule, SendSchedule
from .state import Known, StateFile, Subject, manifest_of, read_manifest
from .waiting import Waiting
from .worker import worker_factory

UPLOADING = "uploading"
"""The phase in which bytes go to S3."""

# A diff names so many objects and counts the rest.
_DIFF_LINES = 50
_STANDARD = "STANDARD"


class SyncOptions(NamedTuple):
    """How a tree is carried.

    :ivar parallel: requests at the same time.
    :ivar purge: delete objects under the prefix that are not in the tree.
    :ivar check_mode: only say what would be done.
    :ivar state_dir: a directory on the host that outlives the run, for what a run after a kill has to know.
    :ivar storage_class: that of new objects.
    :ivar lock_timeout: seconds to wait for another run with this ``state_dir``.
    """

    parallel: int
    purge: bool
    check_mode: bool
    state_dir: Optional[str] = None
    storage_class: Optional[str] = None
    lock_timeout: float = 0


class SyncResult(NamedTuple):
    """What was done, or in check mode would be.

    :ivar bytes_uploaded: the size of the objects that were sent.
    :ivar bytes_resumed: those of them that an earlier run had sent already.
    :ivar uploading_seconds: how long bytes went to S3, without what was looked at before and after.
    :ivar retries: requests that were repeated.
    :ivar manifest_written: whether the manifest in S3 changed.
    :ivar fingerprint: None in check mode when objects would be sent: their checksums are not known before.
    :ivar warnings: what a person should know though all went well.
    :ivar before: lines for the diff: what was there of the objects that change.
    :ivar after: lines for the diff: what is there of them afterwards.
    """

    objects: int
    objects_uploaded: int
    objects_skipped: int
    objects_deleted: int
    uploads_aborted: int
    bytes: int
    bytes_uploaded: int
    bytes_resumed: int
    uploading_seconds: float
    retries: int
    manifest_written: bool
    fingerprint: Optional[str]
    warnings: List[str]
    before: List[str]
    after: List[str]

    @property
    def changed(self) -> bool:
        """Whether anything in the bucket changed or would change."""
        return bool(self.objects_uploaded or self.objects_deleted or self.uploads_aborted or self.manifest_written)


class ManifestObject(NamedTuple):
    """Where in S3 the manifest is kept.

    :ivar store: the bucket by its own prefix.
    :ivar path: the key below that.
    """

    store: S3Prefix
    path: str


class TreeSync:
    """Carries a tree of files to a prefix, sends only what is not there, and verifies all of it.

    :param root: the tree's directory.
    :param prefix: the store's prefix, as ``plan.normalise_prefix`` returns it.
    :param plan: as ``plan_objects`` makes it of the tree.
    :param stop: looked at all the while.
    :param manifest: where what is known of the objects is kept in S3.
    """

    def __init__(
        self,
        root: str,
        prefix: str,
        plan: List[PlannedObject],
        store: S3Prefix,
        options: SyncOptions,
        progress: ProgressFile,
        stop: Stop,
        manifest: Optional[ManifestObject] = None,
    ) -> None:
        self._root = root
        self._plan = plan
        self._index = {planned.path: index for index, planned in enumerate(plan)}
        self._store = store
        self._options = options
        self._progress = progress
        self._stop = stop
        self._manifest = manifest
        self._subject = Subject(store.bucket, prefix, store.algorithm.name)
        self._settings = settings_mark(store.settings)
        self._state = StateFile(options.state_dir, root, self._subject, self._settings)
        self._manifest_data = b""
        """The manifest as it was found in S3; empty where there is none."""

    def run(self) -> SyncResult:
        """Do it, or say in check mode what would be done.

        :raises ObjectStoreError: strangers stand under the prefix, a file changed, another run does not end, or S3
            does not have in the end what the tree is.
        :raises DbferryError: S3 refused.
        """
        # Check mode changes nothing that another run could be at.
        if self._options.check_mode:
            return self._run()
        with self._state.lock(self._options.lock_timeout, self._progress, self._stop):
            return self._run()

    def _run(self) -> SyncResult:
        known = self._state.read()
        manifest = self._read_manifest()
        for path, each in (manifest or Known({}, {})).objects.items():
            known.objects.setdefault(path, each)
        self._progress.update("listing the prefix", total=len(self._plan), unit="objects")

        def proof(planned: PlannedObject, etag: str) -> Optional[VerifiedObject]:
            said = known.objects.get(planned.path)
            return VerifiedObject(said.checksum, etag) if said and said.proves(planned, etag) else None

        comparison = compare(self._plan, self._store.objects(), proof)
        if not self._options.purge:
            refuse_strangers(comparison, self._store.where)
        equal = dict(comparison.proven)
        equal.update(self._find_equal(comparison.same_size))
        to_send = comparison.missing + comparison.different
        to_send += [planned for planned in comparison.same_size if planned.path not in equal]
        resumed, stale = self._judge_uploads(to_send, known)
        self._look_at_stop()
        if self._options.check_mode:
            return self._foretell(comparison, to_send, equal, resumed, len(stale), manifest)
        for path, upload_id in stale:
            self._store.abort(path, upload_id)
        if comparison.strangers:
            self._progress.update("deleting what is not in the tree", total=comparison.strangers, unit="objects")
            self._store.delete(each.path for each in self._store.objects() if each.path not in self._index)
        began = time.monotonic()
        schedule = self._send(to_send, equal, resumed, known)
        uploading_seconds = time.monotonic() - began if to_send else 0
        verified = schedule.verified
        verified.update(equal)
        self._progress.update("verifying", total=len(self._plan), unit="objects")
        # A request to open an upload that was repeated after a lost answer leaves one that nobody knows.
        self._store.abort_open_uploads()
        check_stored(self._plan, verified, self._store.objects(), self._store.where)
        self._state.finish(self._plan, verified)
        return self._result(
            comparison,
            to_send,
            len(stale),
            bytes_resumed=schedule.moved.resumed,
            uploading_seconds=uploading_seconds,
            retries=schedule.retries + self._store.client.retries,
            manifest_written=self._write_manifest(verified),
            known_fingerprint=self._fingerprint(verified),
        )

    def _find_equal(self, candidates: List[PlannedObject]) -> Dict[str, VerifiedObject]:
        schedule = CompareSchedule(self._plan, [self._index[each.path] for each in candidates])
        total = _bytes(candidates)

        def done(task: List[Any], result: Any, retries: int) -> None:
            schedule.done(task, result, retries)
            self._progress.update("comparing", done=schedule.bytes, total=total, unit="bytes")

        if candidates:
            with self._lanes(len(candidates)) as lanes:
                lanes.run(schedule.next_task, done)
        return schedule.equal

    def _judge_uploads(
        self, to_send: List[PlannedObject], known: Known
    ) -> Tuple[Dict[str, Resumed], List[Tuple[str, str]]]:
        """The open uploads to go on with, by path, and those to abort."""
        wanted = {planned.path: planned for planned in to_send}
        judged: Dict[str, List[Resumed]] = {}
        stale: List[Tuple[str, str]] = []
        storage_class = self._options.storage_class or _STANDARD
        for upload in self._store.open_uploads():
            planned = wanted.get(upload.path)
            resumed = None
            if planned is not None and planned.parts > 1:
                noted = known.uploads.get(upload.upload_id)
                parts = self._store.parts(upload)
                resumed = judge_upload(
                    upload, parts, planned, self._subject.algorithm, storage_class, self._settings, noted
                )
            if resumed is None:
                stale.append((upload.path, upload.upload_id))
            else:
                judged.setdefault(upload.path, []).append(resumed)
        chosen, others = choose_uploads(judged)
        return chosen, stale + others

    def _send(
        self,
        to_send: List[PlannedObject],
        equal: Dict[str, VerifiedObject],
        resumed: Dict[str, Resumed],
        known: Known,
    ) -> SendSchedule:
        """Send objects; whatever ends it early, no multipart upload stays open that S3 lets this caller abort."""
        uploads = {each.upload_id: known.uploads[each.upload_id] for each in resumed.values()}
        self._state.begin(self._plan, equal, Known({}, uploads))
        schedule = SendSchedule(
            self._plan,
            [self._index[each.path] for each in to_send],
            {self._index[path]: each for path, each in resumed.items()},
            self._store.algorithm,
            self._options.parallel,
            self._state,
        )
        total = _bytes(to_send)

        waiting = Waiting()

        def next_task() -> Optional[List[Any]]:
            task = schedule.next_task()
            if task is not None:
                waiting.began()
            return task

        def done(task: List[Any], result: Any, retries: int) -> None:
            schedule.done(task, result, retries)
            waiting.ended()

        def look() -> None:
            moved = schedule.moved
            detail = waiting.words(schedule.retries)
            self._progress.update(UPLOADING, done=moved.sent + moved.resumed, total=total, unit="bytes", detail=detail)

        try:
            if to_send:
                look()
                with self._lanes(sum(each.parts for each in to_send)) as lanes:
                    lanes.run(next_task, done, look)
        except BaseException as error:
            # What cannot be aborted now, the next run goes on with or aborts.
            self._store.abort_after(error)
            raise
        finally:
            self._state.close()
        return schedule

    def _lanes(self, tasks: int) -> Lanes:
        count = min(self._options.parallel, tasks)
        return Lanes(count, worker_factory(self._store, self._root, self._plan), self._stop)

    def _look_at_stop(self) -> None:
        if self._stop.requested():
            raise interrupted(self._stop.signal_name())

    def _read_manifest(self) -> Optional[Known]:
        if self._manifest is None:
            return None
        self._manifest_data = self._manifest.store.read(self._manifest.path) or b""
        return read_manifest(self._manifest_data, self._subject) if self._manifest_data else Known({}, {})

    def _write_manifest(self, verified: Dict[str, VerifiedObject]) -> bool:
        """Put the manifest to S3 where it is not there as it is; whether it was put."""
        if self._manifest is None:
            return False
        data = manifest_of(self._subject, self._plan, verified)
        if self._manifest_data == data:
            return False
        algorithm = self._manifest.store.algorithm
        self._manifest.store.put(self._manifest.path, HeldBody(algorithm, data, algorithm.update(data, 0)))
        return True

    def _foretell(
        self,
        comparison: Comparison,
        to_send: List[PlannedObject],
        equal: Dict[str, VerifiedObject],
        resumed: Dict[str, Resumed],
        aborted: int,
        manifest: Optional[Known],
    ) -> SyncResult:
        # Parts that a run would have to read to know whether they count are not foretold.
        moved = SendSchedule(
            self._plan,
            [self._index[path] for path in resumed],
            {self._index[path]: each for path, each in resumed.items()},
            self._store.algorithm,
            self._options.parallel,
            StateFile(None, self._root, self._subject),
        ).moved
        manifest_written = manifest is not None and bool(to_send)
        if manifest is not None and not to_send:
            data = manifest_of(self._subject, self._plan, equal)
            manifest_written = read_manifest(data, self._subject).objects != manifest.objects
        return self._result(
            comparison,
            to_send,
            aborted,
            bytes_resumed=moved.resumed,
            uploading_seconds=0,
            retries=0,
            manifest_written=manifest_written,
            # A run would send nothing and so knows the fingerprint already.
            known_fingerprint=None if to_send else self._fingerprint(equal),
        )

    def _fingerprint(self, verified: Dict[str, VerifiedObject]) -> str:
        return fingerprint(ManifestEntry(each.path, each.size, verified[each.path].checksum) for each in self._plan)

    def _result(
        self,
        comparison: Comparison,
        to_send: List[PlannedObject],
        aborted: int,
        bytes_resumed: int,
        uploading_seconds: float,
        retries: int,
        manifest_written: bool,
        known_fingerprint: Optional[str],
    ) -> SyncResult:
        # Those that were missing come first; what is behind them stands there in another form.
        before = _first_lines(to_send[len(comparison.missing) :], "{0.path!r}")
        before += ["{0!r} (not in the tree)".format(path) for path in comparison.named_strangers]
        unnamed = comparison.strangers - len(comparison.named_strangers)
        if unnamed:
            before.append("... {0} more that are not in the tree".format(unnamed))
        return SyncResult(
            objects=len(self._plan),
            objects_uploaded=len(to_send),
            objects_skipped=len(self._plan) - len(to_send),
            objects_deleted=comparison.strangers,
            uploads_aborted=aborted,
            bytes=_bytes(self._plan),
            bytes_uploaded=_bytes(to_send),
            bytes_resumed=bytes_resumed,
            uploading_seconds=round(uploading_seconds, 3),
            retries=retries,
            manifest_written=manifest_written,
            fingerprint=known_fingerprint,
            warnings=[self._state.warning] if self._state.warning else [],
            before=before,
            after=_first_lines(to_send, "{0.path!r} {0.size} bytes"),
        )


def _bytes(planned: List[PlannedObject]) -> int:
    return sum(each.size for each in planned)


def _first_lines(planned: List[PlannedObject], form: str) -> List[str]:
    """A line for each of the first by path, and one that counts the others."""
    lines = [form.format(each) for each in heapq.nsmallest(_DIFF_LINES, planned, key=lambda each: each.path)]
    more = len(planned) - len(lines)
    return [*lines, "... and {0} more".format(more)] if more else lines
