# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Reads and writes the migration record in S3, through the client handed to it."""

from __future__ import annotations

from typing import Any

from .._aws.errors import aws_errors, error_code
from . import documents

try:
    from botocore.exceptions import ClientError
except ImportError:  # _aws.session.make_client says so before a store can be made

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


class RecordStore:
    """The record of one migration.

    :param client: a boto3 S3 client.
    :param bucket: the bucket's name.
    :param migration_id: the migration's name.
    """

    def __init__(self, client: Any, bucket: str, migration_id: str) -> None:
        self._client = client
        self._bucket = bucket
        self._migration_id = migration_id

    def read(self, station: str) -> dict[str, Any] | None:
        """A station's document; ``None`` where there is none yet.

        :raises AwsError: S3 refused or could not be reached.
        :raises RecordError: what is there is not that document.
        """
        body = self._get(documents.document_key(self._migration_id, station))
        return None if body is None else documents.decode(station, body)

    def read_all(self) -> dict[str, dict[str, Any]]:
        """All documents that are there, by station."""
        found = {station: self.read(station) for station in documents.STATIONS}
        return {station: document for station, document in found.items() if document is not None}

    def bucket_there(self) -> bool:
        """Whether the bucket exists.

        :raises AwsError: S3 could not be reached, or refuses even to say that.
        """
        with aws_errors(f"looking for bucket {self._bucket} (right s3:ListBucket)"):
            try:
                self._client.head_bucket(Bucket=self._bucket)
            except ClientError as error:
                if error_code(error) in ("404", "NoSuchBucket", "NotFound"):
                    return False
                # Somebody's it is, then; what may be read in it shows when it is read.
                if error_code(error) not in ("403", "AccessDenied", "Forbidden"):
                    raise
        return True

    def write(self, document: dict[str, Any]) -> None:
        """Put a complete document into its place; S3 makes that atomic.

        :raises AwsError: S3 refused or could not be reached.
        """
        key = documents.document_key(self._migration_id, document["station"])
        self._put(key, documents.encode(document), "application/json")

    def read_file(self, name: str) -> str | None:
        """The text of a file beside the documents; ``None`` where there is none.

        :param name: one of ``documents.FILES``.
        :raises AwsError: S3 refused or could not be reached.
        :raises RecordError: what is there is no UTF-8.
        """
        body = self._get(documents.file_key(self._migration_id, name))
        return None if body is None else documents.decode_file(name, body)

    def write_file(self, name: str, text: str) -> None:
        """Put a file beside the documents.

        :raises AwsError: S3 refused or could not be reached.
        """
        self._put(documents.file_key(self._migration_id, name), text.encode("utf-8"), "text/plain; charset=utf-8")

    def _get(self, key: str) -> bytes | None:
        with aws_errors(f"reading s3://{self._bucket}/{key}"):
            try:
                body: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error_code(error) == "NoSuchKey":
                    return None
                raise
        return body

    def _put(self, key: str, body: bytes, content_type: str) -> None:
        with aws_errors(f"writing s3://{self._bucket}/{key}"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
