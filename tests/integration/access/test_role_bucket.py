# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role bucket against the lab's S3: what a new bucket is like, whose is left alone, and how it is shared."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from .lab_aws import ACCOUNT, REGION
from .roles import Operator

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
PUBLIC = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@pytest.fixture
def operator(generation, tmp_path, aws):
    """Makes somebody who runs roles with a bucket."""
    return lambda bucket: Operator(generation, tmp_path, aws, bucket)


def test_hosts_that_share_a_bucket_make_it_once_and_closed(aws, operator):
    s3, name = aws.client("s3"), "new-and-shared"
    options = {
        "bucket_create": "true",
        "bucket_kms_key_arn": KEY,
        "bucket_tags": {"team": "data"},
    }
    month = {"bucket_expire_backup_days": "30"}
    hosts = {"db1": month, "db2": month, "db3": {}}

    outcome = operator(name).play("bucket", hosts=hosts, check=True, **options).succeeded()
    assert outcome.recap("db1")["changed"] == 1
    assert name not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]

    outcome = operator(name).play("bucket", hosts=hosts, **options).succeeded()
    assert [outcome.recap(host)["changed"] for host in hosts] == [3, 0, 0]
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == REGION
    closed = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert {setting: closed[setting] for setting in PUBLIC} == dict.fromkeys(PUBLIC, True)
    (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]}
    assert tags == {"team": "data", "dbferry:managed": "bucket"}
    (refusal,) = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert (refusal["Effect"], refusal["Principal"], refusal["Action"]) == ("Deny", "*", "s3:*")
    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert refusal["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]}
    assert set(rules) == {"dbferry-uploads", "dbferry-expire-db1", "dbferry-expire-db2"}
    assert rules["dbferry-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rules["dbferry-expire-db2"]["Filter"]["Prefix"] == "db2/backup/"
    assert rules["dbferry-expire-db2"]["Expiration"]["Days"] == 30

    outcome = operator(name).play("bucket", hosts=hosts, **options).succeeded()
    assert [outcome.recap(host)["changed"] for host in hosts] == [0, 0, 0]

    # Another's rule stays, and one that is no longer wanted goes.
    mine = [
        *rules.values(),
        {"ID": "mine", "Status": "Enabled", "Filter": {"Prefix": "mine/"}, "Expiration": {"Days": 1}},
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": mine})
    operator(name).play("bucket", hosts=("db1",), **options).succeeded()
    left = [rule["ID"] for rule in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]]
    assert sorted(left) == ["dbferry-expire-db2", "dbferry-uploads", "mine"]


def test_a_bucket_of_ours_is_kept_and_others_statements_stay(aws, operator):
    s3, name = aws.client("s3"), "kept-as-it-shall-be"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "dbferry:managed", "Value": "bucket"}]})
    theirs = {
        "Sid": "Auditors",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "s3:GetBucketLocation",
        "Resource": f"arn:aws:s3:::{name}",
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def statements():
        return json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]

    shown = operator(name).play("bucket", bucket_create=True, check=True).succeeded()
    said = " ".join(shown.output.replace("\\", "").split())
    for change in (
        f'encryption of bucket {name} would change from "aws:kms" to "AES256"',
        f"public_access_blocked of bucket {name} would change from false to true",
        f"versioning of bucket {name} would change from false to true",
        '+ "Sid": "RefuseRequestsWithoutTls"',
    ):
        assert change in said, change
    assert "tags of bucket" not in said
    assert statements() == [theirs]

    operator(name).play("bucket", bucket_create=True).succeeded()
    refusal = statements()[-1]
    assert statements() == [theirs, refusal] and refusal["Sid"] == "RefuseRequestsWithoutTls"
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"

    # Where nobody else has put anything into it, the policy goes along with the refusal.
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [refusal]}))
    operator(name).play("bucket", bucket_create=True, bucket_require_tls="false").succeeded()
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        statements()


def test_a_report_goes_into_a_bucket_that_was_made_on_the_way(aws, operator):
    name = "made-on-the-way"
    # The lab's S3 has no TLS.
    options = {"migration_bucket_may_be_missing": True, "bucket_create": True, "bucket_require_tls": False}
    operator(name).play("migration", "bucket", "report", **options).succeeded()
    assert aws.client("s3").head_object(Bucket=name, Key="shop/record/report.html")


def test_a_stranger_s_bucket_is_used_and_left_alone(aws, operator):
    s3, name = aws.client("s3"), "somebody-elses"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    outcome = operator(name).play("bucket", bucket_create=True).succeeded()
    assert outcome.recap("shop")["changed"] == 0
    assert "It is used and not changed" in " ".join(outcome.output.split())
    assert s3.get_bucket_versioning(Bucket=name).get("Status") is None
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=name)


def test_a_bucket_in_another_region_is_refused_with_both(aws, operator):
    aws.client("s3", region="us-west-2").create_bucket(
        Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    outcome = operator("far-away").play("bucket", bucket_create=True).failed_with("[bucket.region]")
    assert "lies in us-west-2" in outcome.output and f"made in {REGION}" in outcome.output


def test_nothing_is_made_where_it_is_not_wanted(aws, operator):
    operator("unwanted").play("bucket").succeeded()
    assert "unwanted" not in [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
