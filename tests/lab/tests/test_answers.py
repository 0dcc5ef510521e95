# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What moto does not answer, and the lab does in AWS' shapes."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from lab_client import Aws


def test_a_bucket_says_who_pays_for_requests(aws: Aws) -> None:
    aws.s3.create_bucket(
        Bucket="who-pays", CreateBucketConfiguration={"LocationConstraint": aws.endpoints["aws"]["region"]}
    )

    def payer() -> str:
        return str(aws.s3.get_bucket_request_payment(Bucket="who-pays")["Payer"])

    assert payer() == "BucketOwner"
    aws.s3.put_bucket_request_payment(Bucket="who-pays", RequestPaymentConfiguration={"Payer": "Requester"})
    assert payer() == "Requester"
    with pytest.raises(ClientError, match="MalformedXML"):
        aws.s3.put_bucket_request_payment(Bucket="who-pays", RequestPaymentConfiguration={"Payer": "Somebody"})
    assert payer() == "Requester"
    aws.s3.delete_bucket(Bucket="who-pays")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        payer()


def test_major_versions_tell_how_long_they_are_supported(aws: Aws) -> None:
    def ends(major: str) -> datetime:
        (found,) = aws.rds.describe_db_major_engine_versions(Engine="aurora-mysql", MajorEngineVersion=major)[
            "DBMajorEngineVersions"
        ]
        standard, extended = found["SupportedEngineLifecycles"]
        assert standard["LifecycleSupportName"] == "open-source-rds-standard-support"
        assert extended["LifecycleSupportStartDate"] > standard["LifecycleSupportEndDate"]
        end: datetime = standard["LifecycleSupportEndDate"]
        return end

    assert ends("5.7") < datetime.now(timezone.utc) < ends("8.0")
    assert aws.rds.describe_db_major_engine_versions(Engine="mysql")["DBMajorEngineVersions"] == []
