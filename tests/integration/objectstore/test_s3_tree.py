# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``s3_tree`` against a real S3 API."""

from __future__ import annotations

import os
import socketserver
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.integration import process_tree
from tests.integration.servers import MotoServer, make_tls_files

from .conftest import BUCKET, FOUND, MIB, PREFIX, TOLD, Place, Tree
from .faults import Request, fault_proxy

LONG = 120
WAYS = pytest.mark.parametrize("way", [TOLD, FOUND], ids=["told", "found"])
ODD_NAMES = [
    "with blank",
    "new\nline",
    "tab\there",
    "ünïcödé/日本語.ibd",
    "a+b&c=d%2Fe?f#g",
    "-rf",
    "back\\slash",
    "'quoted\"",
    "@0024@003f.frm",
    "<xml>",
    "trailing ",
    ".hidden/.x",
]


@WAYS
def test_the_tree_arrives_as_it_is_and_a_second_run_sends_nothing(
    place: Place, tree: Tree, way: dict[str, Any]
) -> None:
    for name in ODD_NAMES:
        tree.write(name, name.encode())
    (tree.root / "no files in it").mkdir()
    first = place.run(tree.root, **way)
    assert place.contents() == tree.contents()
    assert first["changed"] is True
    assert (first["bucket"], first["prefix"]) == (BUCKET, PREFIX)
    assert first["objects"] == first["objects_uploaded"] == len(tree.contents())
    assert first["bytes"] == first["bytes_uploaded"] == sum(map(len, tree.contents().values()))
    assert (first["objects_skipped"], first["objects_deleted"], first["uploads_aborted"]) == (0, 0, 0)

    place.proxy.requests.clear()
    second = place.run(tree.root, **way)
    assert second["changed"] is False
    assert (second["objects_uploaded"], second["bytes_uploaded"]) == (0, 0)
    assert second["objects_skipped"] == first["objects"]
    assert second["fingerprint"] == first["fingerprint"]
    assert {request.method for request in place.proxy.requests} == {"GET", "HEAD"}


def test_a_large_file_travels_in_parts_with_a_checksum_each_and_one_of_the_whole(place: Place, tree: Tree) -> None:
    result = place.run(tree.root)
    parts = [request for request in place.proxy.requests if "partNumber" in request.query]
    assert sorted(int(request.query["partNumber"]) for request in parts) == [1, 2, 3]
    assert sorted(request.size for request in parts) == [2 * MIB + 345, 5 * MIB, 5 * MIB]
    header = "x-amz-checksum-" + result["checksum_algorithm"].lower()
    assert {request.checksum for request in place.proxy.sent()} == {header}
    (completed,) = [r for r in place.proxy.requests if r.method == "POST" and "uploadId" in r.query]
    assert completed.headers["x-amz-checksum-type"] == "FULL_OBJECT"
    assert completed.headers["x-amz-mp-object-size"] == str(12 * MIB + 345)
    stored = place.s3.head_object(Bucket=BUCKET, Key=PREFIX + "ibdata1", ChecksumMode="ENABLED")
    assert completed.headers[header] == stored["ResponseMetadata"]["HTTPHeaders"][header]
    assert place.open_uploads() == []


def test_files_and_the_parts_of_one_are_on_their_way_at_the_same_time(place: Place, tree: Tree) -> None:
    tree.write("ibdata2", 12 * MIB)
    two_files, two_parts = threading.Barrier(2), threading.Barrier(2)

    def wait_for_the_other(request: Request) -> None:
        if request.query.get("partNumber") == "1":
            two_files.wait(LONG)
        elif "partNumber" in request.query and request.path.endswith("/ibdata1"):
            two_parts.wait(LONG)

    place.proxy.fault = wait_for_the_other
    assert place.run(tree.root)["retries"] == 0
    place.proxy.fault = lambda _request: None
    assert place.contents() == tree.contents()


def test_the_fingerprint_is_the_trees_wherever_it_stands(place: Place, tree: Tree) -> None:
    here = place.run(tree.root)["fingerprint"]
    assert place.run(tree.root, prefix="elsewhere/full")["fingerprint"] == here
    tree.write("shop/db.opt", b"x")
    assert place.run(tree.root)["fingerprint"] != here


def test_only_what_differs_is_replaced(place: Place, tree: Tree) -> None:
    place.run(tree.root)
    tree.write("shop/orders.ibd", 96 * 1024)  # other bytes, same size
    tree.write("shop/db.opt", b"longer")
    tree.write("shop/new.ibd", 10)
    place.proxy.requests.clear()
    result = place.run(tree.root)
    assert (result["objects_uploaded"], result["objects_skipped"]) == (3, 2)
    assert {request.path.rsplit("/", 1)[1] for request in place.proxy.sent()} == {"orders.ibd", "db.opt", "new.ibd"}
    assert place.contents() == tree.contents()


def test_an_object_without_a_checksum_of_ours_is_replaced(place: Place, tree: Tree) -> None:
    place.run(tree.root)
    place.s3.put_object(Bucket=BUCKET, Key=PREFIX + "shop/orders.ibd", Body=b"\0" * 96 * 1024, ChecksumAlgorithm="SHA1")
    assert place.run(tree.root)["objects_uploaded"] == 1
    assert place.contents() == tree.contents()


def test_strangers_stop_it_before_a_byte_is_sent_and_neighbours_do_not(place: Place, tree: Tree) -> None:
    for key in ("full10/x", "full1.old", "full", "fulltext/y"):
        place.put(key)
    assert place.run(tree.root, prefix="full1")["objects_uploaded"] == 4
    place.put("full1/shop/dropped.ibd")
    place.proxy.requests.clear()
    failure = place.fail(tree.root, prefix="full1")
    assert failure["error_id"] == "objectstore.strangers"
    assert "'shop/dropped.ibd'" in failure["msg"]
    assert "purge" in failure["remedy"]
    assert failure["details"] == {"count": 1, "keys": ["shop/dropped.ibd"]}
    assert {request.method for request in place.proxy.requests} == {"GET"}


def test_a_tree_that_is_not_the_one_that_is_meant_is_refused_before_a_request(place: Place, tree: Tree) -> None:
    files, size = len(tree.contents()), sum(map(len, tree.contents().values()))
    tree.write("2026-01-02/half", 10)
    place.proxy.requests.clear()
    failure = place.fail(tree.root, expected_files=files, expected_bytes=size, purge=True)
    assert failure["error_id"] == "objectstore.other_tree"
    assert f"{files + 1} files with {size + 10} bytes, and {files} with {size} bytes" in failure["msg"]
    assert place.proxy.requests == []
    assert place.fail(tree.root, expected_bytes=size)["error_id"] == "objectstore.other_tree"
    assert place.run(tree.root, expected_files=files + 1, expected_bytes=size + 10)["objects"] == files + 1


def test_purge_deletes_exactly_the_strangers(place: Place, tree: Tree) -> None:
    neighbours = ["full10/x", "full1.old", "full", "fulltext/y"]
    strangers = [f"full1/old/{number}" for number in range(1001)] + ["full1/new\nline", "full1/a&b <c>", "full1//x"]
    for key in neighbours + strangers:
        place.put(key)
    for number in range(80):
        tree.write(f"shop/t{number}.ibd", 1)
    result = place.run(tree.root, prefix="full1", purge=True, _ansible_diff=True)
    assert result["objects_deleted"] == len(strangers)
    # A diff names some and counts the rest.
    before, after = (result["diff"][side].splitlines() for side in ("before", "after"))
    assert (len(before), len(after)) == (11, 51)
    assert before[-1] == "... 994 more that are not in the tree"
    assert after[-1] == "... and 34 more"
    assert place.contents("full1/") == tree.contents()
    assert [key for key in place.keys("") if not key.startswith("full1/")] == sorted(neighbours)
    assert place.run(tree.root, prefix="full1", purge=True)["changed"] is False


def test_check_mode_says_what_a_run_would_do_and_does_nothing(place: Place, tree: Tree) -> None:
    place.run(tree.root)
    tree.write("shop/orders.ibd", 96 * 1024)
    tree.write("shop/new.ibd", 10)
    place.put(PREFIX + "old")
    open_upload = place.s3.create_multipart_upload(Bucket=BUCKET, Key=PREFIX + "ibdata1")["UploadId"]
    before = place.contents()
    place.proxy.requests.clear()
    told = place.run(tree.root, purge=True, _ansible_check_mode=True, _ansible_diff=True)
    assert {request.method for request in place.proxy.requests} == {"GET", "HEAD"}
    assert place.contents() == before
    assert [each["UploadId"] for each in place.s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]] == [open_upload]
    assert told["fingerprint"] is None
    assert told["diff"]["before"] == "'shop/orders.ibd'\n'old' (not in the tree)\n"
    assert told["diff"]["after"] == "'shop/new.ibd' 10 bytes\n'shop/orders.ibd' 98304 bytes\n"

    done = place.run(tree.root, purge=True, _ansible_diff=True)
    ignored = ("fingerprint", "elapsed_seconds", "uploading_seconds", "progress", "invocation")
    assert _without(told, *ignored) == _without(done, *ignored)

    nothing = place.run(tree.root, _ansible_check_mode=True)
    assert nothing["changed"] is False
    assert nothing["fingerprint"] == done["fingerprint"]


def test_the_course_of_an_upload_is_told(place: Place, tree: Tree) -> None:
    first = place.run(tree.root)
    course = first["progress"]
    assert (course[0]["done"], course[-1]["done"]) == (0, first["bytes_uploaded"])
    assert {each["phase"] for each in course} == {"uploading"}
    assert 0 <= course[0]["at"] <= course[-1]["at"] <= first["elapsed_seconds"]
    assert place.run(tree.root)["progress"] == []


def test_open_uploads_of_a_killed_run_are_aborted_and_neighbours_stay(place: Place, tree: Tree) -> None:
    for key in (PREFIX + "ibdata1", PREFIX + "gone", "shop/backup2/x"):
        place.s3.create_multipart_upload(Bucket=BUCKET, Key=key)
    assert place.run(tree.root)["uploads_aborted"] == 2
    assert place.open_uploads() == ["shop/backup2/x"]


def test_settings_of_new_objects_reach_s3(place: Place, tree: Tree) -> None:
    key_id = "arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000000"
    place.run(
        tree.root, sse="aws:kms", sse_kms_key_id=key_id, storage_class="STANDARD_IA", expected_bucket_owner="1" * 12
    )
    for path in ("ibdata1", "shop/db.opt"):
        stored = place.s3.head_object(Bucket=BUCKET, Key=PREFIX + path)
        assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", key_id)
        assert stored["StorageClass"] == "STANDARD_IA"
    objects = [request for request in place.proxy.requests if request.path != f"/{BUCKET}"]
    assert {request.headers["x-amz-expected-bucket-owner"] for request in objects} == {"1" * 12}


def test_s3s_own_encryption_can_be_asked_for(place: Place, tree: Tree) -> None:
    place.run(tree.root, sse="AES256")
    made = [request for request in place.proxy.requests if _creates(request)]
    assert {request.headers.get("x-amz-server-side-encryption") for request in made} == {"AES256"}
    assert place.s3.head_object(Bucket=BUCKET, Key=PREFIX + "ibdata1")["ServerSideEncryption"] == "AES256"


def _creates(request: Request) -> bool:
    """Whether the request begins an object, as a whole or in parts."""
    begins = request.method == "POST" and "uploads" in request.query
    return begins or (request.method == "PUT" and "partNumber" not in request.query)


class _Refusing(socketserver.StreamRequestHandler):
    """A proxy that lets nobody through."""

    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline().decode())
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


def test_the_dual_stack_endpoint_is_used_where_it_is_asked_for(place: Place, tree: Tree) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Refusing) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = f"http://127.0.0.1:{server.server_address[1]}"
        place.fail(tree.root, dual_stack=True, endpoint_url=None, proxy_url=proxy)
        server.shutdown()
    assert {line.split()[1] for line in server.asked} == {f"{BUCKET}.s3.dualstack.eu-west-1.amazonaws.com:443"}


def test_a_source_that_is_not_there_is_told(place: Place, tree: Tree) -> None:
    assert place.fail(tree.root / "nowhere")["error_id"] == "objectstore.source"


def test_what_cannot_become_an_object_is_refused_before_a_byte_is_sent(place: Place, tree: Tree) -> None:
    (tree.root / "shop" / "link").symlink_to("orders.ibd")
    failure = place.fail(tree.root)
    assert failure["error_id"] == "objectstore.special_file"
    assert place.proxy.requests == []


@pytest.mark.parametrize(
    ("options", "error_id", "words"),
    [
        ({"bucket": "no-such-bucket"}, "aws.NoSuchBucket", "no-such-bucket"),
        ({"region": "us-west-2"}, "objectstore.bucket_region", "is in eu-west-1, and this task works in us-west-2"),
        ({"prefix": "/"}, "objectstore.prefix", "not usable"),
        ({"part_size_mib": 4}, "objectstore.part_size", "5 to 5120 MiB"),
    ],
)
@WAYS
def test_bad_input_is_told_apart(
    place: Place, tree: Tree, way: dict[str, Any], options: dict[str, Any], error_id: str, words: str
) -> None:
    failure = place.fail(tree.root, **way, **options)
    assert failure["error_id"] == error_id
    assert words in failure["msg"]
    assert failure["remedy"]
    assert place.keys("") == []


@pytest.mark.parametrize(
    ("options", "words"),
    [({"parallel": 0}, "parallel is 0"), ({"sse_kms_key_id": "k"}, "goes with sse=aws:kms"), ({"prefix": ""}, "''")],
)
def test_options_that_make_no_sense_are_refused(place: Place, tree: Tree, options: dict[str, Any], words: str) -> None:
    assert words in place.fail(tree.root, **options)["msg"]


def test_no_secret_is_in_the_result(place: Place, tree: Tree) -> None:
    result = place.run(tree.root)
    failure = place.fail(tree.root, bucket="no-such-bucket")
    assert "secret-of-the-tests" not in str(_without(result, "invocation")) + str(failure)


def _without(result: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in names}


@pytest.mark.parametrize("kept", ["state_dir", "manifest_key"])
def test_what_is_known_is_not_read_again(place: Place, tree: Tree, tmp_path: Path, kept: str) -> None:
    options = {kept: str(tmp_path / "state") if kept == "state_dir" else "shop/record/manifest.gz"}
    first = place.run(tree.root, **options)
    assert first["manifest_written"] is (kept == "manifest_key")
    place.proxy.requests.clear()
    for path in tree.root.rglob("*"):
        # older than the last change, so that reading would move it
        os.utime(path, ns=(1, path.stat().st_mtime_ns))
    second = place.run(tree.root, **options)
    assert second["changed"] is False
    assert second["fingerprint"] == first["fingerprint"]
    assert {request.method for request in place.proxy.requests} == {"GET"}
    assert {path.stat().st_atime_ns for path in tree.root.rglob("*") if path.is_file()} == {1}
    tree.write("shop/orders.ibd", 96 * 1024)
    third = place.run(tree.root, **options)
    assert third["objects_uploaded"] == 1
    assert place.contents() == tree.contents()
    assert place.run(tree.root, **options)["changed"] is False


def test_an_object_that_someone_replaced_is_not_taken_for_known(place: Place, tree: Tree, tmp_path: Path) -> None:
    place.run(tree.root, state_dir=str(tmp_path / "state"))
    place.s3.put_object(Bucket=BUCKET, Key=PREFIX + "shop/orders.ibd", Body=b"x" * 96 * 1024)
    assert place.run(tree.root, state_dir=str(tmp_path / "state"))["objects_uploaded"] == 1
    assert place.contents() == tree.contents()


def test_tags_and_the_checksum_of_choice_reach_s3(place: Place, tree: Tree) -> None:
    result = place.run(tree.root, tags={"team": "a b", "x": "1=2"}, checksum_algorithm="CRC32")
    assert result["checksum_algorithm"] == "CRC32"
    for path in ("ibdata1", "shop/db.opt"):
        tags = place.s3.get_object_tagging(Bucket=BUCKET, Key=PREFIX + path)["TagSet"]
        assert {each["Key"]: each["Value"] for each in tags} == {"team": "a b", "x": "1=2"}


def test_memory_does_not_grow_with_files_and_parts(place: Place, tree: Tree) -> None:
    tree.write("large", 64 * MIB + 7)
    peaks: dict[int, int] = {}

    def look(request: Request) -> None:
        # All of a part has been sent when it comes here, and nobody of those who send has ended yet.
        if request.size > MIB:
            peaks.update((process, peak_kib(process)) for process in process_tree.tree(started.pid))

    place.proxy.fault = look
    started = place.start(tree.root, parallel=64, part_size_mib=32)
    assert not place.finish(started).get("failed")
    place.proxy.fault = lambda _request: None
    assert place.contents() == tree.contents()
    assert len(peaks) > 1
    # The first of them reads nothing; beside what it needs, half a part would be too much.
    assert max(peaks.values()) - peaks[started.pid] < 16 * 1024


def peak_kib(process: int) -> int:
    """The most memory that a process has had in RAM."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


@WAYS
def test_a_proxy_is_used_for_every_request(place: Place, tree: Tree, way: dict[str, Any]) -> None:
    proxy_url = place.proxy.endpoint_url.replace("://", "://user:p%40@")
    # nobody listens there
    place.run(tree.root, proxy_url=proxy_url, endpoint_url="http://127.0.0.2:9", **way)
    through = [request for request in place.proxy.requests if request.path.startswith("http://127.0.0.2:9/")]
    assert sum(request.sends_data for request in through) == 6
    assert {request.headers["proxy-authorization"] for request in through} == {"Basic dXNlcjpwQA=="}
    assert place.contents() == tree.contents()


@WAYS
def test_tls_is_spoken_to_whom_the_ca_vouches_for_and_to_nobody_else(
    place: Place, tree: Tree, way: dict[str, Any], moto: MotoServer, tmp_path: Path
) -> None:
    files = make_tls_files(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    tree.write("large", 30 * MIB)
    with fault_proxy(moto.endpoint_url, context) as proxy:
        failure = place.fail(tree.root, endpoint_url=proxy.endpoint_url, **way)
        assert "certificate" in failure["msg"].lower()
        place.run(tree.root, endpoint_url=proxy.endpoint_url, aws_ca_bundle=str(files.ca), **way)
        assert len(proxy.sent()) == 12
    assert place.contents() == tree.contents()


def test_a_host_without_boto3_sends_where_the_options_tell_all(
    place: Place, tree: Tree, generation: Any, tmp_path: Path
) -> None:
    for name in ("boto3", "botocore"):
        (tmp_path / "none" / name).mkdir(parents=True)
        (tmp_path / "none" / name / "__init__.py").write_text(f"raise ImportError('no {name} here')\n")
    bare = place.with_imports_from(f"{tmp_path / 'none'}{os.pathsep}{generation.collections}")
    assert bare.run(tree.root)["changed"] is True
    assert place.contents() == tree.contents()
    failure = bare.fail(tree.root, endpoint_url=None)
    assert failure["error_id"] == "aws.boto3_missing" and "endpoint_url" in failure["remedy"]
