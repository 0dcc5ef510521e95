# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the migration's record in S3 says, for the screen."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

MOST_DIFFERENCES = 10


def read_record(endpoints: dict[str, Any], migration_id: str, station: str) -> dict[str, Any]:
    """Return a station's document of the record; empty where the station has not written one."""
    aws = endpoints["aws"]
    client = boto3.client(
        "s3",
        endpoint_url=aws["endpoint_url"],
        region_name=aws["region"],
        aws_access_key_id=aws["access_key"],
        aws_secret_access_key=aws["secret_key"],
    )
    try:
        answer = client.get_object(Bucket=endpoints["bucket"], Key=f"{migration_id}/record/{station}.json")
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return {}
        raise
    document: dict[str, Any] = json.loads(answer["Body"].read())
    return document


def stations(seconds: dict[str, float]) -> list[str]:
    """Return a line for each role that ran, with its time."""
    return [f"  {role:<12} {spent:7.1f} s" for role, spent in seconds.items()]


def comparison(verification: dict[str, Any]) -> list[str]:
    """Return the lines that tell how source and target compare."""
    if not verification:
        return ["  source and target were not compared"]
    found = verification["summary"]
    differences = verification["differences"]
    lines = [
        f"  source and target are {'EQUAL' if verification['equal'] else 'DIFFERENT'}",
        f"  {found['schemas']} schemas, {found['tables']} tables, {found['objects']} definitions",
        f"  {found['rows_source']} rows on the source, {found['rows_target']} on the target, "
        f"{found['bytes'] / 1024**2:.0f} MiB, compared by {found['data']}: {found['different']} tables differ",
        f"  {found['errors']} differences, {found['expected']} more that are expected:",
    ]
    lines += [f"    {_difference(one)}" for one in differences[:MOST_DIFFERENCES]]
    if len(differences) > MOST_DIFFERENCES:
        lines.append(f"    ... {len(differences)} in all; the report lists them")
    return lines


def _difference(one: dict[str, Any]) -> str:
    mark = "" if one["severity"] == "expected" else "DIFFERENT  "
    change = f"{one['source'] or 'nothing'} -> {one['target'] or 'nothing'}"
    return f"{mark}{one['kind']} {one['object']}: {change} ({one['note']})"
