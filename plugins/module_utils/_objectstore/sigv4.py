# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""AWS' Signature Version 4 for requests to S3; pure.

botocore's signer costs several times what everything else about a small request costs, which 20,000 files multiply.
The rules are those of "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk"
(Amazon S3 API Reference), whose examples are the tests.
"""

import hashlib
import hmac
import time
from typing import Dict, NamedTuple, Optional, Tuple

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
# Behind the bytes comes their checksum ("Signature calculations: Including trailing headers", Amazon S3 API Reference).
TRAILED_PAYLOAD = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY_PAYLOAD = hashlib.sha256(b"").hexdigest()


class Keys(NamedTuple):
    """Credentials of one moment; ``token`` is None where the access key is a lasting one."""

    access_key: str
    secret_key: str
    token: Optional[str]


class Signer:
    """Signs requests to one service in one Region.

    :param region: the Region that the signature is for.
    :param service: the service's name in the signature.
    """

    def __init__(self, region: str, service: str = "s3") -> None:
        self._scope = "{0}/{1}/aws4_request".format(region, service)
        self._region = region
        self._service = service
        self._signing_keys: Dict[Tuple[str, str], bytes] = {}

    def sign(
        self, keys: Keys, method: str, path: str, query: str, headers: Dict[str, str], payload: str, now: float
    ) -> None:
        """Add what makes a request an authentic one to its headers.

        :param keys: the caller's.
        :param path: as it stands in the request, percent-encoded.
        :param query: as it stands in the request: names in order, each followed by ``=``, percent-encoded.
        :param headers: every header that is to be signed, ``host`` among them, by its name in lower case; changed.
        :param payload: the body's SHA-256 in hexadecimal, or ``UNSIGNED_PAYLOAD``.
        :param now: Unix time.
        """
        timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        headers["x-amz-content-sha256"] = payload
        headers["x-amz-date"] = timestamp
        if keys.token:
            headers["x-amz-security-token"] = keys.token
        names = sorted(headers)
        signed = ";".join(names)
        canonical = "{0}\n{1}\n{2}\n{3}\n\n{4}\n{5}".format(
            method, path, query, "\n".join([name + ":" + headers[name] for name in names]), signed, payload
        )
        day = timestamp[:8]
        to_sign = "AWS4-HMAC-SHA256\n{0}\n{1}/{2}\n{3}".format(
            timestamp, day, self._scope, hashlib.sha256(canonical.encode("utf-8")).hexdigest()
        )
        signature = hmac.new(self._signing_key(keys.secret_key, day), to_sign.encode("ascii"), hashlib.sha256)
        headers["authorization"] = "AWS4-HMAC-SHA256 Credential={0}/{1}/{2},SignedHeaders={3},Signature={4}".format(
            keys.access_key, day, self._scope, signed, signature.hexdigest()
        )

    def _signing_key(self, secret_key: str, day: str) -> bytes:
        key = self._signing_keys.get((secret_key, day))
        if key is None:
            key = ("AWS4" + secret_key).encode("utf-8")
            for word in (day, self._region, self._service, "aws4_request"):
                key = hmac.new(key, word.encode("ascii"), hashlib.sha256).digest()
            # Keys change with the day and with renewed credentials; those of before are not needed again.
            self._signing_keys = {(secret_key, day): key}
        return key
