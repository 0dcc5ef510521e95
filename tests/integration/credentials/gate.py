# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands for AWS here: moto's S3 behind a gate that mints credentials as STS does and holds them to their policy.

moto's own STS hands out one constant key and evaluates no session policy. The gate keeps STS' rules about who may call
what and for how long ("Compare AWS STS credentials", IAM user guide), and asks the lab's evaluation of IAM policies
before a request reaches moto. Signatures are not checked.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib.util
import json
import re
import secrets
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, NamedTuple

REGION = "eu-west-1"
ACCOUNT = "123456789012"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/migrator"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/backup-writer"
CALLER_KEY, CALLER_SECRET = "AKIACALLERCALLERCALL", "the caller's own secret"
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/")


def _load_evaluation() -> Any:
    path = Path(__file__).parents[2] / "lab" / "lab" / "aws" / "iam_policy.py"
    specification = importlib.util.spec_from_file_location("dbferry_tests_iam_policy", path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


iam = _load_evaluation()


class Session(NamedTuple):
    """What STS has given to somebody."""

    secret_key: str
    token: str
    policy: dict[str, Any]
    expires: float


class Refusal(Exception):
    """An answer of AWS that is an error: status, code, words."""


class Seen(NamedTuple):
    """A request that came to S3."""

    access_key: str
    action: str
    resource: str
    status: int


class Gate:
    """A WSGI application before another one.

    :ivar caller_arn: who ``CALLER_KEY`` is.
    :ivar caller_token: the session token that goes with ``CALLER_KEY``; "" for a long-term key.
    :ivar denied: STS operations that the caller has no right to.
    :ivar refused: how often that was so.
    :ivar lifetime: seconds that credentials live, whatever was asked for; None gives what was asked for.
    :ivar role_maximum: the role's MaxSessionDuration.
    :ivar on_s3: called before each request to S3 is decided about.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything that a test has set or left."""
        self.caller_arn = USER_ARN
        self.caller_token = ""
        self.denied: set[str] = set()
        self.refused = 0
        self.lifetime: int | None = None
        self.role_maximum = 3600
        self.packed_too_large = False
        self.on_s3: Callable[[], None] = lambda: None
        self.sessions: dict[str, Session] = {}
        self.minted: list[dict[str, str]] = []
        self.seen: list[Seen] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        access_key = found.group(1) if found else ""
        try:
            if "/sts/aws4_request" in environ.get("HTTP_AUTHORIZATION", ""):
                return self._answer(start_response, 200, self._sts(environ, access_key))
            self._s3(environ, access_key)
        except Refusal as refusal:
            status, code, words = refusal.args
            # What is left unread would be taken for the connection's next request.
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            body = f"<Error><Code>{code}</Code><Message>{words}</Message></Error>"
            if "/sts/" in environ.get("HTTP_AUTHORIZATION", ""):
                body = f'<ErrorResponse xmlns="{_NAMESPACE}">{body}</ErrorResponse>'
            return self._answer(start_response, status, body, environ["REQUEST_METHOD"] == "HEAD")
        return self._through(environ, start_response, access_key)

    def _through(self, environ: dict[str, Any], start_response: Any, access_key: str) -> Any:
        """The application's answer; that an object is not there, S3 says only to who may list ("GetObject", S3 API)."""
        answered: list[Any] = []
        body = self._application(environ, lambda *answer: answered.append(answer))
        bucket, _slash, key = environ["PATH_INFO"].lstrip("/").partition("/")
        asks = environ["REQUEST_METHOD"] in ("GET", "HEAD") and "uploadId" not in environ.get("QUERY_STRING", "")
        if key and asks and answered[-1][0].startswith("404") and access_key != CALLER_KEY:
            listing = iam.Request("s3:ListBucket", f"arn:aws:s3:::{bucket}")
            if not iam.is_allowed([self.sessions[access_key].policy], listing):
                with self._lock:
                    self.seen.append(Seen(access_key, listing.action, listing.resource, 403))
                words = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
                return self._answer(start_response, 403, words, environ["REQUEST_METHOD"] == "HEAD")
        start_response(*answered[-1])
        return body

    def _answer(self, start_response: Any, status: int, body: str, silent: bool = False) -> list[bytes]:
        data = b"" if silent else body.encode()
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(data)))]
        start_response(f"{status} {'OK' if status == 200 else 'Refused'}", headers)
        return [data]

    def _sts(self, environ: dict[str, Any], access_key: str) -> str:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        asked = dict(urllib.parse.parse_qsl(environ["wsgi.input"].read(size).decode()))
        environ["wsgi.input"] = _Body(b"")
        operation = asked["Action"]
        if access_key != CALLER_KEY or environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "") != self.caller_token:
            raise Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
        if operation == "GetCallerIdentity":
            return self._result(operation, f"<Arn>{self.caller_arn}</Arn><Account>{ACCOUNT}</Account>")
        words = f"User: {self.caller_arn} is not authorized to perform: sts:{operation}"
        kind = self.caller_arn.split(":")[5].split("/")[0]
        if operation in self.denied:
            self.refused += 1
            raise Refusal(403, "AccessDenied", words)
        seconds = int(asked["DurationSeconds"])
        if operation == "GetFederationToken":
            if self.caller_token:
                raise Refusal(403, "AccessDenied", "Cannot call GetFederationToken with session credentials")
            if kind == "root":
                seconds = min(seconds, 3600)
        elif kind == "assumed-role" and seconds > 3600:
            words = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
            raise Refusal(400, "ValidationError", words)
        elif seconds > self.role_maximum:
            words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            raise Refusal(400, "ValidationError", words)
        if self.packed_too_large:
            raise Refusal(
                400, "PackedPolicyTooLarge", "Packed policy consumes 105% of allotted space, please use less."
            )
        if len(asked["Policy"]) > 2048:
            raise Refusal(400, "ValidationError", "Member must have length less than or equal to 2048")
        expires = int(time.time()) + (seconds if self.lifetime is None else self.lifetime)
        key = "ASIA" + secrets.token_hex(8).upper()
        session = Session(secrets.token_urlsafe(30), secrets.token_urlsafe(90), json.loads(asked["Policy"]), expires)
        with self._lock:
            self.sessions[key] = session
            self.minted.append(asked)
        moment = datetime.datetime.fromtimestamp(expires, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._result(
            operation,
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{session.secret_key}</SecretAccessKey>"
            f"<SessionToken>{session.token}</SessionToken><Expiration>{moment}</Expiration></Credentials>"
            "<PackedPolicySize>17</PackedPolicySize>",
        )

    def _result(self, operation: str, inner: str) -> str:
        return (
            f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{inner}</{operation}Result>'
            f"</{operation}Response>"
        )

    def _s3(self, environ: dict[str, Any], access_key: str) -> None:
        self.on_s3()
        asked = needed(environ)
        status = 200
        try:
            if access_key != CALLER_KEY:
                self._hold_to_policy(environ, access_key, asked)
        except Refusal as refusal:
            status = refusal.args[0]
            raise
        finally:
            with self._lock:
                self.seen += [Seen(access_key, each.action, each.resource, status) for each in asked]

    def _hold_to_policy(self, environ: dict[str, Any], access_key: str, asked: list[Any]) -> None:
        session = self.sessions.get(access_key)
        if session is None:
            raise Refusal(
                403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
            )
        if environ.get("HTTP_X_AMZ_SECURITY_TOKEN") != session.token:
            raise Refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        if time.time() >= session.expires:
            raise Refusal(400, "ExpiredToken", "The provided token has expired.")
        for each in asked:
            if not iam.is_allowed([session.policy], each):
                raise Refusal(
                    403, "AccessDenied", f"{each.action} on {each.resource} is not allowed by a session policy"
                )


def needed(environ: dict[str, Any]) -> list[Any]:
    """What IAM is asked about a request ("Required permissions for Amazon S3 API operations", S3 user guide)."""
    bucket, _slash, key = environ["PATH_INFO"].lstrip("/").encode("latin-1").decode().partition("/")
    query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    arn = f"arn:aws:s3:::{bucket}"
    method = environ["REQUEST_METHOD"]
    if not key:
        if method == "GET" and "uploads" in query:
            # s3:prefix is no condition key of this action (Service Authorization Reference).
            return [iam.Request("s3:ListBucketMultipartUploads", arn)]
        if method == "GET" and "location" in query:
            return [iam.Request("s3:GetBucketLocation", arn)]
        if method == "POST" and "delete" in query:
            size = int(environ.get("CONTENT_LENGTH") or 0)
            body = environ["wsgi.input"].read(size)
            environ["wsgi.input"] = _Body(body)
            keys = re.findall(r"<Key>(.*?)</Key>", body.decode(), re.DOTALL)
            return [iam.Request("s3:DeleteObject", f"{arn}/{each}") for each in keys]
        if method in ("GET", "HEAD"):
            # HeadBucket is ListBucket without a prefix.
            context = {"s3:prefix": query["prefix"]} if "prefix" in query else {}
            return [iam.Request("s3:ListBucket", arn, context=context)]
        return [iam.Request("s3:CreateBucket" if method == "PUT" else "s3:DeleteBucket", arn)]
    actions = {
        "GET": "s3:ListMultipartUploadParts" if "uploadId" in query else "s3:GetObject",
        "HEAD": "s3:GetObject",
        "PUT": "s3:PutObjectTagging" if "tagging" in query else "s3:PutObject",
        "POST": "s3:PutObject",
        "DELETE": "s3:AbortMultipartUpload" if "uploadId" in query else "s3:DeleteObject",
    }
    asked = [iam.Request(actions[method], f"{arn}/{key}")]
    if "HTTP_X_AMZ_TAGGING" in environ:
        asked.append(iam.Request("s3:PutObjectTagging", f"{arn}/{key}"))
    return asked


class _Body:
    """A request's body, to be read a second time."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int = -1) -> bytes:
        end = len(self._data) if size < 0 else size
        block, self._data = self._data[:end], self._data[end:]
        return block


class Aws(NamedTuple):
    """The running server."""

    gate: Gate
    endpoint_url: str

    def options(self, **more: Any) -> dict[str, Any]:
        """AWS options of the caller, as the modules take them."""
        given = {
            "endpoint_url": self.endpoint_url,
            "region": REGION,
            "access_key": CALLER_KEY,
            "secret_key": CALLER_SECRET,
        }
        return {**given, **more}

    def client(self, service: str, keys: dict[str, str] | None = None) -> Any:
        """A boto3 client, the caller's or one with minted credentials."""
        import boto3

        given = keys or {"access_key": CALLER_KEY, "secret_key": CALLER_SECRET, "session_token": ""}
        return boto3.session.Session().client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=given["access_key"],
            aws_secret_access_key=given["secret_key"],
            aws_session_token=given["session_token"] or None,
        )


@contextlib.contextmanager
def aws_behind_a_gate() -> Iterator[Aws]:
    """moto in a thread of this process, behind a gate, on a free port of loopback."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        """Writes no log, and keeps connections open."""

        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
            """Stay quiet: tests read ``Gate.seen``."""

    gate = Gate(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Aws(gate, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
