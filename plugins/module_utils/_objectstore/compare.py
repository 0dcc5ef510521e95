# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a plan and a listing have in common, and where they differ; pure."""

from typing import Callable, Dict, Iterable, List, NamedTuple, Optional

from .._counted import counted
from .errors import ObjectStoreError
from .plan import PlannedObject

# "Restoring an archived object" (S3 User Guide): a GET of these fails until the object is restored.
_UNREADABLE_CLASSES = frozenset(["GLACIER", "DEEP_ARCHIVE"])
# Results name so many things and count the rest.
NAMED = 10


class StoredObject(NamedTuple):
    """An object as the listing shows it; ``path`` is the key without the prefix."""

    path: str
    size: int
    etag: str
    storage_class: str


class VerifiedObject(NamedTuple):
    """What S3 reported of an object whose checksum is the file's."""

    checksum: str
    etag: str


class Comparison(NamedTuple):
    """A plan beside what stands under the prefix.

    :ivar missing: planned and not there.
    :ivar different: there, and different by what the listing shows.
    :ivar same_size: there in the same size; only the checksum can tell.
    :ivar proven: there and known to be equal, by path.
    :ivar strangers: the number of objects that are not planned.
    :ivar named_strangers: the first paths of them.
    """

    missing: List[PlannedObject]
    different: List[PlannedObject]
    same_size: List[PlannedObject]
    proven: Dict[str, VerifiedObject]
    strangers: int
    named_strangers: List[str]


# Says what is known of an object that is there in a file's size, from the file and the object's entity tag.
Proof = Callable[[PlannedObject, str], Optional[VerifiedObject]]


def compare(
    plan: Iterable[PlannedObject], stored: Iterable[StoredObject], proof: Proof = lambda _planned, _etag: None
) -> Comparison:
    """Sort a plan by what the listing shows; the listing is read once and not kept."""
    open_ones = {planned.path: planned for planned in plan}
    different: List[PlannedObject] = []
    same_size: List[PlannedObject] = []
    proven: Dict[str, VerifiedObject] = {}
    named: List[str] = []
    strangers = 0
    for each in stored:
        planned = open_ones.pop(each.path, None)
        if planned is None:
            strangers += 1
            if len(named) < NAMED:
                named.append(each.path)
        elif each.size == planned.size and each.storage_class not in _UNREADABLE_CLASSES:
            verified = proof(planned, each.etag)
            if verified is None:
                same_size.append(planned)
            else:
                proven[planned.path] = verified
        else:
            different.append(planned)
    return Comparison(list(open_ones.values()), different, same_size, proven, strangers, named)


def refuse_strangers(comparison: Comparison, where: str) -> None:
    """Raise when there are objects that do not belong to the tree.

    :param where: the prefix as a person reads it.
    :raises ObjectStoreError: ``objectstore.strangers``.
    """
    if not comparison.strangers:
        return
    raise ObjectStoreError(
        "Under {0} there {3} {1} that {3} not in the tree: {2}. Aurora would read {4} too.".format(
            where,
            counted(comparison.strangers, "object"),
            name_some(list(map(repr, comparison.named_strangers)), comparison.strangers),
            *(("is", "it") if comparison.strangers == 1 else ("are", "them")),
        ),
        error_id="objectstore.strangers",
        remedy="Choose another prefix, or set purge to true to delete exactly these objects. Nothing was sent.",
        details={"count": comparison.strangers, "keys": comparison.named_strangers},
    )


def check_stored(
    plan: Iterable[PlannedObject], verified: Dict[str, VerifiedObject], stored: Iterable[StoredObject], where: str
) -> None:
    """Hold the last listing against what was verified: the same keys, sizes and entity tags.

    An entity tag changes with every write, so an object that still has the one that came with its verified checksum
    is that object.

    :raises ObjectStoreError: ``objectstore.verification_failed``.
    """
    expected = {planned.path: planned.size for planned in plan}
    wrong: List[str] = []
    count = 0

    def note(path: str, why: str) -> None:
        nonlocal count
        count += 1
        if len(wrong) < NAMED:
            wrong.append("{0!r} {1}".format(path, why))

    for each in stored:
        size = expected.pop(each.path, None)
        if size is None:
            note(each.path, "is not in the tree")
        elif size != each.size:
            note(each.path, "has {0} bytes instead of {1}".format(each.size, size))
        elif verified[each.path].etag != each.etag:
            note(each.path, "was written by someone else meanwhile")
    for path in expected:
        note(path, "is not there")
    if count:
        raise ObjectStoreError(
            "After the upload, {0} under {1} {3} not what was sent: {2}.".format(
                counted(count, "object"), where, name_some(wrong, count), "is" if count == 1 else "are"
            ),
            error_id="objectstore.verification_failed",
            remedy="See who else writes to this prefix, then run again.",
            details={"count": count, "objects": wrong},
        )


def name_some(names: List[str], count: int) -> str:
    """The names with a comma between, and how many more there are."""
    text = ", ".join(names)
    return "{0} and {1} more".format(text, count - len(names)) if count > len(names) else text
