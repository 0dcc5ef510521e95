# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures: AWS' published examples, and botocore's signer beside ours."""

from __future__ import annotations

import datetime
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.sigv4 import (
    EMPTY_PAYLOAD,
    UNSIGNED_PAYLOAD,
    Keys,
    Signer,
)

# "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk" (S3 API Reference)
KEYS = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)
MOMENT = datetime.datetime(2013, 5, 24, tzinfo=datetime.timezone.utc).timestamp()
HOST = "examplebucket.s3.amazonaws.com"
EXAMPLES = {
    "get-object": (
        ("GET", "/test.txt", "", {"range": "bytes=0-9"}, EMPTY_PAYLOAD),
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    "put-object": (
        (
            "PUT",
            "/test%24file.text",
            "",
            {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            hashlib.sha256(b"Welcome to Amazon S3.").hexdigest(),
        ),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    "get-bucket-lifecycle": (
        ("GET", "/", "lifecycle=", {}, EMPTY_PAYLOAD),
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    "list-objects": (
        ("GET", "/", "max-keys=2&prefix=J", {}, EMPTY_PAYLOAD),
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_published_examples_get_the_published_signatures(name: str) -> None:
    (method, path, query, headers, payload), signature = EXAMPLES[name]
    headers = dict(headers, host=HOST)
    Signer("us-east-1").sign(KEYS, method, path, query, headers, payload, MOMENT)
    assert headers["authorization"].endswith("Signature=" + signature)
    assert headers["x-amz-date"] == "20130524T000000Z"


@given(
    path=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    query=st.dictionaries(
        st.sampled_from(["uploadId", "partNumber", "prefix", "list-type"]), st.text("a &+/=%é", max_size=8)
    ),
    token=st.sampled_from([None, "token/+="]),
)
def test_botocores_signer_agrees(path: str, query: dict[str, str], token: str | None) -> None:
    from urllib.parse import quote

    from botocore import auth, awsrequest, credentials

    target = "/" + quote(path, safe="/~")
    text = "&".join(sorted(quote(name, safe="~") + "=" + quote(value, safe="~") for name, value in query.items()))
    request = awsrequest.AWSRequest("PUT", f"https://{HOST}{target}" + (f"?{text}" if text else ""), {"host": HOST})
    request.context["payload_signing_enabled"] = False
    theirs = auth.S3SigV4Auth(credentials.Credentials(KEYS.access_key, KEYS.secret_key, token), "s3", "eu-west-1")
    request.headers["x-amz-checksum-crc32"] = "AAAAAA=="
    request.context["checksum"] = {"request_algorithm": {"in": "header", "name": "x-amz-checksum-crc32"}}
    theirs.add_auth(request)
    moment = datetime.datetime.strptime(request.context["timestamp"], "%Y%m%dT%H%M%SZ")
    ours = {"host": HOST, "x-amz-checksum-crc32": "AAAAAA=="}
    signer = Signer("eu-west-1")
    now = moment.replace(tzinfo=datetime.timezone.utc).timestamp()
    signer.sign(KEYS._replace(token=token), "PUT", target, text, ours, UNSIGNED_PAYLOAD, now)
    assert request.headers["X-Amz-Content-SHA256"] == UNSIGNED_PAYLOAD
    assert ours["authorization"].split("Signature=")[1] == request.headers["Authorization"].split("Signature=")[1]


def test_renewed_keys_and_another_day_get_another_signing_key() -> None:
    signer = Signer("us-east-1")

    def signature(keys: Keys, now: float) -> str:
        headers = {"host": HOST}
        signer.sign(keys, "GET", "/", "", headers, EMPTY_PAYLOAD, now)
        return headers["authorization"].split("Signature=")[1]

    first = signature(KEYS, MOMENT)
    assert len({first, signature(KEYS._replace(secret_key="x"), MOMENT), signature(KEYS, MOMENT + 86400)}) == 3
    assert signature(KEYS, MOMENT) == first
