# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Making the objects below a prefix what a tree of files is."""

from typing import Dict, List, NamedTuple, Optional

from .._progress.file import ProgressFile
from .bucket import S3Prefix
from .compare import Comparison, VerifiedObject, check_stored, compare, refuse_strangers
from .manifest import ManifestEntry, fingerprint
from .plan import PlannedObject, plan_objects
from .tree import scan_tree
from .upload import Uploader

# A diff names so many objects and counts the rest.
_DIFF_LINES = 50


class SyncOptions(NamedTuple):
    """How a tree is carried.

    :ivar parallel: requests at the same time.
    :ivar part_size: bytes of a part; ``parallel`` times this is the memory for data.
    :ivar purge: delete objects under the prefix that are not in the tree.
    :ivar check_mode: only say what would be done.
    """

    parallel: int
    part_size: int
    purge: bool
    check_mode: bool


class SyncResult(NamedTuple):
    """What was done, or in check mode would be.

    :ivar fingerprint: None in check mode when objects would be sent: their checksums are not known before.
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
    fingerprint: Optional[str]
    before: List[str]
    after: List[str]

    @property
    def changed(self) -> bool:
        """Whether anything in the bucket changed or would change."""
        return bool(self.objects_uploaded or self.objects_deleted or self.uploads_aborted)


def sync_tree(root: str, prefix: str, store: S3Prefix, options: SyncOptions, progress: ProgressFile) -> SyncResult:
    """Carry a tree of files to a prefix, send only what is not there, and verify all of it.

    :param root: the tree's directory.
    :param prefix: the store's prefix, as ``plan.normalise_prefix`` returns it.
    :raises ObjectStoreError: the tree cannot be planned, strangers stand under the prefix, a file changed, or S3 does
        not have in the end what the tree is.
    :raises AwsError: S3 refused.
    """
    progress.update("reading the tree")
    plan = plan_objects(scan_tree(root), prefix, options.part_size, options.parallel * options.part_size)
    progress.update("listing the prefix", total=len(plan), unit="objects")
    store.check_bucket()
    comparison = compare(plan, store.objects())
    if not options.purge:
        refuse_strangers(comparison, store.where)
    aborted = len(list(store.open_uploads())) if options.check_mode else store.abort_open_uploads()

    uploader = Uploader(store, root, options.parallel, options.part_size)
    total = _bytes(comparison.same_size)
    equal = uploader.find_equal(
        comparison.same_size, lambda done: progress.update("comparing", done=done, total=total, unit="bytes")
    )
    to_send = comparison.missing + comparison.different
    to_send += [planned for planned in comparison.same_size if planned.path not in equal]
    if options.check_mode:
        # A run would send nothing and so knows the fingerprint already.
        known = _fingerprint(plan, equal) if not to_send else None
        return _result(plan, comparison, to_send, aborted, known)

    if comparison.strangers:
        progress.update("deleting what is not in the tree", total=comparison.strangers, unit="objects")
        planned_paths = frozenset(planned.path for planned in plan)
        store.delete(each.path for each in store.objects() if each.path not in planned_paths)
    total = _bytes(to_send)
    verified = uploader.send(to_send, lambda done: progress.update("uploading", done=done, total=total, unit="bytes"))
    verified.update(equal)
    progress.update("verifying", total=len(plan), unit="objects")
    # A request to open an upload that was repeated after a lost answer leaves one that nobody knows.
    store.abort_open_uploads()
    check_stored(plan, verified, store.objects(), store.where)
    return _result(plan, comparison, to_send, aborted, _fingerprint(plan, verified))


def _bytes(planned: List[PlannedObject]) -> int:
    return sum(each.size for each in planned)


def _fingerprint(plan: List[PlannedObject], verified: Dict[str, VerifiedObject]) -> str:
    return fingerprint(ManifestEntry(each.path, each.size, verified[each.path].checksum) for each in plan)


def _result(
    plan: List[PlannedObject],
    comparison: Comparison,
    to_send: List[PlannedObject],
    aborted: int,
    known_fingerprint: Optional[str],
) -> SyncResult:
    missing = frozenset(each.path for each in comparison.missing)
    to_send = sorted(to_send, key=lambda each: each.path)
    before = [repr(each.path) for each in to_send if each.path not in missing]
    before += ["{0!r} (not in the tree)".format(path) for path in comparison.named_strangers]
    unnamed = comparison.strangers - len(comparison.named_strangers)
    if unnamed:
        before.append("... {0} more that are not in the tree".format(unnamed))
    after = ["{0!r} {1} bytes".format(each.path, each.size) for each in to_send]
    return SyncResult(
        objects=len(plan),
        objects_uploaded=len(to_send),
        objects_skipped=len(plan) - len(to_send),
        objects_deleted=comparison.strangers,
        uploads_aborted=aborted,
        bytes=_bytes(plan),
        bytes_uploaded=_bytes(to_send),
        fingerprint=known_fingerprint,
        before=_bounded(before),
        after=_bounded(after),
    )


def _bounded(lines: List[str]) -> List[str]:
    if len(lines) <= _DIFF_LINES:
        return lines
    return [*lines[:_DIFF_LINES], "... and {0} more".format(len(lines) - _DIFF_LINES)]
