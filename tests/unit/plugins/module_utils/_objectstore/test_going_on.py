# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of tasks, uploads that are gone on with, and what a state file and a manifest say."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.bucket import (
    OpenUpload,
    StoredPart,
    WriteSettings,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.checksums import (
    encode,
    known_algorithms,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.compare import VerifiedObject
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.plan import (
    FileStamp,
    PlannedObject,
    part_range,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.resume import (
    NotedUpload,
    Resumed,
    choose_uploads,
    judge_upload,
    settings_mark,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.schedule import SendSchedule
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.state import (
    Known,
    StateFile,
    Subject,
    manifest_of,
    read_lines,
    read_manifest,
)

CRC32 = known_algorithms()["CRC32"]
SUBJECT = Subject("b", "p/", "CRC32")
PART_SIZE = 8


def planned(path: str, size: int, mtime_ns: int = 3) -> PlannedObject:
    return PlannedObject(path, FileStamp(1, 2, size, mtime_ns), PART_SIZE)


def data_of(index: int, each: PlannedObject) -> bytes:
    return bytes((index * 31 + place) % 251 for place in range(each.size))


class FakeLanes:
    """Does tasks on data in memory, as S3 would keep it; the order of answers is the test's."""

    def __init__(self, plan: list[PlannedObject]) -> None:
        self.data = [data_of(*each) for each in enumerate(plan)]
        self.plan = plan
        self.sent: list[int] = []
        self.stored: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}

    def part(self, index: int, number: int) -> bytes:
        offset, length = part_range(self.plan[index], number)
        return self.data[index][offset : offset + length]

    def do(self, task: list[Any]) -> Any:
        kind = task[0]
        if kind == "put":
            for index in task[1]:
                self.stored[self.plan[index].path] = self.data[index]
                self.sent.append(len(self.data[index]))
            return [["c", "e"] for _index in task[1]]
        if kind == "first":
            upload = f"u{task[1]}"
            self.parts[upload] = {}
            return [upload, *self.do(["part", task[1], upload, 1])[:2]]
        if kind == "part":
            body = self.part(task[1], task[3])
            crc = zlib.crc32(body)
            if len(task) > 4 and task[5] == encode(CRC32, crc):
                return [task[4], crc, False]
            self.parts[task[2]][task[3]] = body
            self.sent.append(len(body))
            return [f"etag{task[3]}", crc, True]
        _kind, index, upload, parts, crc = task
        assert [part[0] for part in parts] == list(range(1, self.plan[index].parts + 1))
        whole = b"".join(self.parts[upload][part[0]] for part in parts)
        assert zlib.crc32(whole) == crc
        self.stored[self.plan[index].path] = whole
        return [encode(CRC32, crc), "e"]


SIZES = st.lists(st.integers(0, 5 * PART_SIZE), min_size=1, max_size=12)


@given(SIZES, st.integers(1, 5), st.data())
def test_all_objects_arrive_whole_whatever_the_order_of_the_answers(
    sizes: list[int], lanes: int, data: st.DataObject
) -> None:
    plan = [planned(f"f{index:02d}", size) for index, size in enumerate(sizes)]
    fake = FakeLanes(plan)
    resumed: dict[int, Resumed] = {}
    for index, each in enumerate(plan):
        if each.parts < 2 or not data.draw(st.booleans()):
            continue
        upload = f"old{index}"
        fake.parts[upload] = {}
        trusted, offered = {}, {}
        for number in range(1, each.parts + 1):
            kind = data.draw(st.sampled_from(["missing", "trusted", "offered", "damaged"]))
            if kind == "missing":
                continue
            body = fake.part(index, number)
            fake.parts[upload][number] = body
            if kind == "trusted":
                trusted[number] = (zlib.crc32(body), "old")
            else:
                crc = zlib.crc32(body) ^ (kind == "damaged")
                offered[number] = StoredPart(number, len(body), "old", encode(CRC32, crc))
        resumed[index] = Resumed(upload, trusted, offered)
    state = StateFile(None, "/nowhere", SUBJECT)
    schedule = SendSchedule(plan, range(len(plan)), resumed, CRC32, lanes, state)
    busy: list[list[Any]] = []
    while True:
        while len(busy) < lanes:
            task = schedule.next_task()
            if task is None:
                break
            busy.append(task)
        if not busy:
            break
        task = busy.pop(data.draw(st.integers(0, len(busy) - 1)))
        schedule.done(task, fake.do(task), 1)
    assert fake.stored == {each.path: fake.data[index] for index, each in enumerate(plan)}
    assert schedule.verified.keys() == fake.stored.keys()
    assert schedule.moved.sent == sum(fake.sent)
    assert schedule.moved.sent + schedule.moved.resumed == sum(sizes)


def test_small_files_travel_together_and_large_ones_begin_first() -> None:
    plan = [planned(f"f{index}", 1) for index in range(1000)] + [planned("large", 3 * PART_SIZE)]
    schedule = SendSchedule(plan, range(len(plan)), {}, CRC32, 4, StateFile(None, "/nowhere", SUBJECT))
    assert schedule.next_task() == ["first", 1000]
    task = schedule.next_task()
    assert task is not None
    assert (task[0], len(task[1])) == ("put", 32)


UPLOAD = OpenUpload("f", "u", "STANDARD", "CRC32", True)
WHOLE = planned("f", 20)
PARTS = [StoredPart(1, 8, "e1", "c1"), StoredPart(3, 4, "e3", "c3")]
MARK = settings_mark(WriteSettings("AES256", None, "STANDARD", {"team": "shop"}))
NOTED = NotedUpload("f", 20, 3, PART_SIZE, {1: (11, "e1")}, MARK)


def judged(**changes: Any) -> Any:
    given_ = {"upload": UPLOAD, "parts": PARTS, "planned": WHOLE, "noted": NOTED, **changes}
    return judge_upload(
        given_["upload"], given_["parts"], given_["planned"], "CRC32", "STANDARD", MARK, given_["noted"]
    )


def test_noted_parts_are_trusted_and_others_are_offered() -> None:
    assert judged() == Resumed("u", {1: (11, "e1")}, {3: PARTS[1]})
    assert judged(noted=NOTED._replace(parts={})) == Resumed("u", {}, {1: PARTS[0], 3: PARTS[1]})
    # a server that names no checksums: only what is noted counts
    assert judged(upload=UPLOAD._replace(algorithm="", full_object=False)) == Resumed("u", {1: (11, "e1")}, {})


@pytest.mark.parametrize(
    "changes",
    [
        {"planned": planned("f", 20, mtime_ns=4)},
        {"planned": planned("f", 21)},
        {"planned": planned("f", 8), "noted": NOTED._replace(size=8), "parts": PARTS[:1]},
        {"parts": [StoredPart(1, 7, "e1", "c1")]},
        {"parts": [StoredPart(4, 8, "e1", "c1")]},
        {"parts": []},
        {"upload": UPLOAD._replace(storage_class="STANDARD_IA")},
        {"upload": UPLOAD._replace(algorithm="CRC32C")},
        {"upload": UPLOAD._replace(full_object=False)},
        {"noted": NOTED._replace(parts={}), "parts": [StoredPart(1, 8, "e1", "")]},
        {"noted": None},
        {"noted": NOTED._replace(settings="")},
        {"noted": NOTED._replace(settings=settings_mark(WriteSettings("aws:kms", None, "STANDARD", {"team": "shop"})))},
    ],
    ids=[
        *("touched", "grown", "one-part", "part-size", "number", "none", "class", "algorithm", "composite", "unproven"),
        *("not-noted", "settings-not-noted", "settings"),
    ],
)
def test_an_upload_that_does_not_fit_is_aborted(changes: dict[str, Any]) -> None:
    assert judged(**changes) is None


def test_settings_are_told_apart_and_the_order_of_tags_does_not_count() -> None:
    settings = [
        WriteSettings(),
        WriteSettings("AES256"),
        WriteSettings("aws:kms"),
        WriteSettings("aws:kms", "key"),
        WriteSettings("aws:kms", None, "key"),
        WriteSettings("aws:kms", "key", None, {"a": "b"}),
        WriteSettings("aws:kms", "key", None, {"a": "b", "c": "d"}),
    ]
    assert len({settings_mark(each) for each in settings}) == len(settings)
    assert settings_mark(WriteSettings(tags={"a": "b", "c": "d"})) == settings_mark(
        WriteSettings(tags={"c": "d", "a": "b"})
    )
    assert settings_mark(WriteSettings(tags={})) == settings_mark(WriteSettings())


def test_of_several_uploads_the_one_with_the_most_parts_is_gone_on_with() -> None:
    few, many = Resumed("few", {1: (1, "e")}, {}), Resumed("many", {}, {1: PARTS[0], 3: PARTS[1]})
    assert choose_uploads({"f": [few, many]}) == ({"f": many}, [("f", "few")])


def test_what_was_noted_is_read_back_after_a_kill(tmp_path: Path) -> None:
    state = StateFile(str(tmp_path), "/tree", SUBJECT, MARK)
    small, large = planned("new\nline é", 1), planned("large", 20)
    state.begin([small, large], {}, Known({}, {}))
    state.object_verified(small, VerifiedObject("c", '"e"'))
    state.upload_opened(large, "u")
    state.part_arrived("u", 1, 11, "e1")
    # nothing is closed: the process could have been killed here
    known = StateFile(str(tmp_path), "/tree", SUBJECT).read()
    assert known.uploads == {"u": NotedUpload("large", 20, 3, PART_SIZE, {1: (11, "e1")}, MARK)}
    again = StateFile(str(tmp_path), "/tree", SUBJECT, "another")
    again.begin([small, large], {small.path: VerifiedObject("c", '"e"')}, known)
    assert again.read() == known
    assert known.objects[small.path].proves(small, '"e"')
    assert not known.objects[small.path].proves(small, '"other"')
    assert not known.objects[small.path].proves(planned(small.path, 1, mtime_ns=9), '"e"')
    state.finish([small], {small.path: VerifiedObject("c", '"e"')})
    assert StateFile(str(tmp_path), "/tree", SUBJECT).read() == Known(known.objects, {})
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]


def test_lines_of_another_subject_and_damaged_ones_are_not_believed() -> None:
    first = json.dumps(dict(SUBJECT._asdict(), version=1))
    good = json.dumps(["object", "f", 1, 2, "c", "e"])
    # as it was noted before the settings were
    old = json.dumps(["upload", "u", "f", 20, 3, PART_SIZE])
    assert read_lines([first, old, good], SUBJECT).uploads["u"].settings == ""
    assert list(read_lines([first, good, '["obj', good], SUBJECT).objects) == ["f"]
    assert read_lines([first, good], SUBJECT._replace(algorithm="CRC32C")) == Known({}, {})
    assert read_lines([], SUBJECT) == read_lines(["x"], SUBJECT) == read_lines([first, "3"], SUBJECT) == Known({}, {})


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(0, 99), max_size=9))
def test_a_manifest_is_read_back_and_equal_ones_are_equal_bytes(sizes: dict[str, int]) -> None:
    plan = [planned(*each) for each in sorted(sizes.items())]
    verified = {each.path: VerifiedObject("c" + each.path, "e") for each in plan}
    data = manifest_of(SUBJECT, plan, verified)
    assert data == manifest_of(SUBJECT, plan, verified)
    known = read_manifest(data, SUBJECT)
    assert known.objects.keys() == sizes.keys()
    assert all(known.objects[each.path].proves(each, "e") for each in plan)
    assert read_manifest(data[:-9], SUBJECT) == read_manifest(b"junk", SUBJECT) == Known({}, {})


def test_a_state_directory_inside_the_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "link").symlink_to("tree")
    for directory in ("tree", "tree/below", "link"):
        with pytest.raises(DbferryError) as caught:
            StateFile(str(tmp_path / directory), str(tmp_path / "tree"), SUBJECT)
        assert caught.value.error_id == "objectstore.state_dir"
    StateFile(str(tmp_path / "tree2"), str(tmp_path / "tree"), SUBJECT)


def test_a_full_disk_costs_the_state_and_nothing_else(tmp_path: Path) -> None:
    state = StateFile(str(tmp_path), "/tree", SUBJECT)
    path = next(iter([tmp_path / name for name in _names(tmp_path, state)]))
    path.symlink_to("/dev/full")
    state._path = str(path)
    state._stream = path.open("a", encoding="ascii")
    state.upload_opened(planned("f", 20), "u")
    state.part_arrived("u", 1, 1, "e")
    assert state.warning is not None
    assert "No space left" in state.warning
    assert os.readlink(path) == "/dev/full"


def _names(directory: Path, state: StateFile) -> list[str]:
    state.begin([], {}, Known({}, {}))
    state.close()
    names = [path.name for path in directory.iterdir()]
    for name in names:
        (directory / name).unlink()
    return names
