# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Requests to one bucket: signed, sent, repeated where that can help, and their failures as errors with AWS' words."""

import random
import ssl
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence, Tuple
from urllib.parse import quote
from xml.etree import ElementTree

from .._aws.credentials import renew
from .._aws.errors import AwsError, aws_error
from .errors import ObjectStoreError
from .sigv4 import EMPTY_PAYLOAD, Keys, Signer
from .wire import Answer, Connection, Payload, Route

# As botocore's "standard" mode does, with more attempts: jittered back-off that doubles up to a bound.
_MAX_ATTEMPTS = 8
_MAX_BACKOFF_SECONDS = 20.0
# S3 found another checksum than the one that travelled with the body.
_CORRUPTED = frozenset(["BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch"])
_CORRUPTED_ATTEMPTS = 3
_PASSING_STATUS = frozenset([429, 500, 502, 503, 504])
_PASSING = frozenset(
    ["InternalError", "RequestTimeout", "RequestTimeoutException", "ServiceUnavailable", "SlowDown", "Throttling"]
)
_EXPIRED = frozenset(["ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"])
_SKEWED = frozenset(["RequestTimeTooSkewed", "RequestExpired"])
_USER_AGENT = "dbferry.aurora_mysql"
# What an answer without a body means.
_STATUS_CODES = {400: "BadRequest", 403: "AccessDenied", 404: "NoSuchKey", 412: "PreconditionFailed"}


class Place(NamedTuple):
    """Where a bucket is.

    :ivar route: the connection's other end.
    :ivar host: the ``Host`` header.
    :ivar base: what stands before a key in a request's path: empty, or the bucket behind a ``/``.
    :ivar region: the Region of the signature.
    :ivar service: the service of the signature.
    """

    route: Route
    host: str
    base: str
    region: str
    service: str


class Refused(Exception):
    """S3 refused a request, for good.

    :ivar code: AWS' code.
    :ivar text: AWS' words.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class Abandoned(Exception):
    """A request was not repeated, because nobody waits for it any more."""


class S3Client:
    """Sends requests to one bucket, from any thread, each over its own connection.

    :param place: where the bucket is.
    :param credentials: botocore's credentials of a session, or what stands in for them.
    :param always: headers of every request, by their names in lower case.
    :param wanted: asked before a request is repeated; once it says False, ``Abandoned`` is raised instead.
    """

    def __init__(
        self,
        place: Place,
        credentials: Any,
        always: Optional[Dict[str, str]] = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self._place = place
        self._credentials = credentials
        self._always = dict(always or {}, host=place.host)
        self._wanted = wanted
        self._signer = Signer(place.region, place.service)
        self._skew = 0.0
        self._local = threading.local()
        self._lock = threading.Lock()
        self.retries = 0

    def for_worker(self, wanted: Callable[[], bool]) -> "S3Client":
        """A client of the same place for a forked process."""
        return S3Client(self._place, self._credentials, self._always, wanted)

    def request(
        self,
        doing: str,
        method: str,
        key: str = "",
        query: Sequence[Tuple[str, str]] = (),
        headers: Optional[Dict[str, str]] = None,
        payload: Optional[Payload] = None,
        expected: Sequence[str] = (),
    ) -> Answer:
        """Send a request until it is answered for good.

        :param doing: what is done, fit for "While <doing>: ...".
        :param key: the object's; empty for the bucket itself.
        :param query: names and values, not encoded.
        :param headers: further ones, by their names in lower case.
        :param payload: the body; a checksum in a header, or behind it, vouches for it.
        :param expected: codes of refusals that the caller handles.
        :returns: an answer with status 2xx.
        :raises Refused: with one of the codes in ``expected``.
        :raises AwsError: S3 refused, or could not be reached after all attempts.
        :raises ObjectStoreError: ``objectstore.corrupted_in_transit``, or a proxy does not let it through.
        """
        path = "{0}/{1}".format(self._place.base, quote(key, safe="/~"))
        query_text = "&".join(sorted(quote(name, safe="~") + "=" + quote(value, safe="~") for name, value in query))
        corrupted = 0
        renewed = False
        attempt = 0
        while True:
            attempt += 1
            keys = self._keys(doing)
            try:
                answer = self._once(keys, method, path, query_text, headers or {}, payload)
                code, text = _refusal(answer)
            except ssl.CertificateError as error:
                raise _untrusted(self._place.host, error) from error
            except OSError as error:
                answer, code, text = None, type(error).__name__, str(error) or "no answer in time"
            if not code:
                return answer  # type: ignore[return-value]
            if method == "HEAD" and answer is not None and answer.status in (400, 403):
                code, text = self._words(keys, path, query_text) or (code, text)
            if code in expected:
                raise Refused(code, text)
            if code in _CORRUPTED:
                corrupted += 1
                again = corrupted < _CORRUPTED_ATTEMPTS
            elif code in _SKEWED:
                again = self._correct_clock(answer)
            elif code in _EXPIRED:
                again = not renewed and renew(self._credentials, keys)
                renewed = True
            else:
                again = answer is None or answer.status in _PASSING_STATUS or code in _PASSING
                again = again and attempt < _MAX_ATTEMPTS
                # A server closes connections that were idle; that says nothing about how it is.
                idle = answer is None and attempt == 1 and self._local.connection.reused
                if again and not idle and self._wanted():
                    time.sleep(random.random() * min(_MAX_BACKOFF_SECONDS, 0.5 * 2**attempt))
            if not again:
                if code in _CORRUPTED:
                    raise _corrupted(doing)
                raise aws_error(doing, code, text)
            if not self._wanted():
                raise Abandoned()
            with self._lock:
                self.retries += 1

    def _once(
        self, keys: Any, method: str, path: str, query: str, extra: Dict[str, str], payload: Optional[Payload]
    ) -> Answer:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = Connection(self._place.route)
        headers = dict(self._always)
        headers.update(extra)
        self._signer.sign(
            Keys(keys.access_key, keys.secret_key, keys.token),
            method,
            path,
            query,
            headers,
            EMPTY_PAYLOAD if payload is None else payload.signed_as,
            time.time() + self._skew,
        )
        if payload is not None or method in ("PUT", "POST"):
            headers["content-length"] = str(payload.length if payload is not None else 0)
        headers["user-agent"] = _USER_AGENT
        headers.update(self._place.route.headers)
        target = self._place.route.absolute + path + ("?" + query if query else "")
        lines = [name + ": " + value for name, value in headers.items()]
        head = "{0} {1} HTTP/1.1\r\n{2}\r\n\r\n".format(method, target, "\r\n".join(lines))
        answer: Answer = connection.exchange(method, head.encode("utf-8"), payload)
        return answer

    def _keys(self, doing: str) -> Any:
        try:
            return self._credentials.get_frozen_credentials()
        except (OSError, ValueError) as error:
            raise _no_credentials(doing, error) from error

    def _words(self, keys: Any, path: str, query: str) -> Optional[Tuple[str, str]]:
        """What S3 says to a GET of the first byte where it may say nothing to a HEAD."""
        try:
            code, text = _refusal(self._once(keys, "GET", path, query, {"range": "bytes=0-0"}, None))
        except OSError:
            return None
        return (code, text) if code else None

    def _correct_clock(self, answer: Optional[Answer]) -> bool:
        """Take S3's clock for the signatures to come; False where that would change nothing."""
        try:
            there = parsedate_to_datetime((answer.headers if answer else {})["date"]).timestamp()
        except (KeyError, TypeError, ValueError):
            return False
        skew = there - time.time()
        if abs(skew - self._skew) < 60:
            return False
        self._skew = skew
        return True


def _refusal(answer: Answer) -> Tuple[str, str]:
    """The code and the words of a refusal; an empty code where there is none.

    "CompleteMultipartUpload" and "DeleteObjects" (Amazon S3 API Reference): an error can come in an answer with status
    200, which was sent before the work was done.
    """
    # White space in front kept the connection open meanwhile.
    body = answer.body.lstrip()
    if answer.status < 300 and (b"<Error>" not in body[:200] or b"<DeleteResult" in body[:200]):
        return "", ""
    if body:
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError:
            return "status {0}".format(answer.status), body[:200].decode("utf-8", "replace")
        found = {child.tag.rsplit("}", 1)[-1]: child.text or "" for child in root}
        if found.get("Code"):
            return found["Code"], found.get("Message", "")
    return _STATUS_CODES.get(answer.status, "status {0}".format(answer.status)), "no words came with it"


def _no_credentials(doing: str, error: Exception) -> AwsError:
    return AwsError(
        "There are no credentials for {0}: {1}".format(doing, error),
        error_id="aws.no_credentials",
        remedy="Give profile, or access_key with secret_key, or let the host have a role.",
    )


def _untrusted(host: str, error: Exception) -> AwsError:
    return AwsError(
        "The certificate of {0} is not trusted: {1}".format(host, error),
        error_id="aws.certificate",
        remedy="Give the CA that signs for this endpoint or for the proxy in front of it by aws_ca_bundle.",
    )


def _corrupted(doing: str) -> ObjectStoreError:
    return ObjectStoreError(
        "S3 received other bytes than were sent, again and again, while {0}.".format(doing),
        error_id="objectstore.corrupted_in_transit",
        remedy="Something between this host and S3 changes the data: check proxies, network cards and memory.",
    )
