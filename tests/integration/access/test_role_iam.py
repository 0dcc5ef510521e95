# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role iam against the lab's IAM: a role that is there, and a caller that may not make one."""

from __future__ import annotations

import json
import re

import pytest

from .lab_aws import ACCOUNT, REGION, allow, policy
from .roles import Operator

BUCKET = "role-iam"
BOX = f"arn:aws:s3:::{BUCKET}"
PREFIX = "shop/backup/"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
OTHER_KEY = f"{KEY[:-1]}6"
FIND = allow("s3:GetBucketLocation", on=BOX)
LIST = allow("s3:ListBucket", on=BOX, StringLike={"s3:prefix": f"{PREFIX}*"})
READ = allow("s3:GetObject", "s3:GetObjectVersion", on=f"{BOX}/{PREFIX}*")


@pytest.fixture(scope="module")
def bucket(aws):
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return BUCKET


@pytest.fixture
def operator(generation, tmp_path, aws, bucket):
    """Makes somebody who runs roles."""
    return lambda keys=None: Operator(generation, tmp_path, aws, bucket, keys)


def document(aws, migration_id):
    """What the record says of the role."""
    return json.loads(aws.client("s3").get_object(Bucket=BUCKET, Key=f"{migration_id}/record/iam.json")["Body"].read())


def test_a_role_with_all_rights_is_taken_and_not_changed(aws, operator):
    role = aws.make_role("whole", FIND, LIST, READ, allow("kms:Decrypt", on=KEY))
    before = aws.client("iam").get_role_policy(RoleName="whole", PolicyName="own")["PolicyDocument"]
    for changed in (1, 0):
        outcome = operator().play("iam", iam_role_arn=role, iam_kms_key_arn=KEY).succeeded()
        assert outcome.recap("shop")["changed"] == changed
        assert "not checked" not in outcome.output
    assert document(aws, "shop")["managed"] is False
    assert aws.client("iam").get_role_policy(RoleName="whole", PolicyName="own")["PolicyDocument"] == before
    assert aws.client("iam").list_attached_role_policies(RoleName="whole")["AttachedPolicies"] == []


def test_each_right_that_a_role_lacks_is_named(aws, operator):
    decrypt = allow("kms:Decrypt", on=KEY)
    elsewhere = allow("s3:ListBucket", on=BOX, StringLike={"s3:prefix": "x/*"})
    roles = {
        "unfound": [LIST, READ, decrypt],
        "other-prefix": [FIND, elsewhere, READ, decrypt],
        "other-objects": [FIND, LIST, allow("s3:GetObject", "s3:GetObjectVersion", on=f"{BOX}/x/*"), decrypt],
        "old-versions": [FIND, LIST, allow("s3:GetObject", on=f"{BOX}/{PREFIX}*"), decrypt],
        "keyless": [FIND, LIST, READ],
        "empty": [],
    }
    lacking = {
        "unfound": [f"s3:GetBucketLocation on {BOX}"],
        "other-prefix": [f"s3:ListBucket on {BOX}"],
        "other-objects": [f"s3:{action} on {BOX}/HOST/backup/*" for action in ("GetObject", "GetObjectVersion")],
        "old-versions": [f"s3:GetObjectVersion on {BOX}/HOST/backup/*"],
        "keyless": [f"kms:Decrypt on {KEY}"],
    }
    lacking["empty"] = list({right for rights in lacking.values() for right in rights})
    own = {
        name: {"iam_role_arn": aws.make_role(name, *in_place(name, statements))} for name, statements in roles.items()
    }
    outcome = (
        operator().play("iam", hosts=own, iam_kms_key_arn=KEY, iam_check_caller="").failed_with("[iam.role_rights]")
    )
    for host, rights in lacking.items():
        (said,) = [line for line in outcome.output.splitlines() if f"[{host}]: FAILED" in line] or [""]
        said = said or outcome.output
        named = set(re.findall(r"(\S+ on \S+) \(no policy allows it\)", said))
        assert named == {right.replace("HOST", host) for right in rights}, host


def test_whom_a_role_trusts_is_read_with_all_statements_and_conditions(aws, operator):
    usual = {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
    account = {**usual, "Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}}}
    cluster = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster"
    trusts = {
        "untrusting": [{**usual, "Principal": {"Service": "ec2.amazonaws.com"}}],
        "other-account": [account],
        "other-cluster": [{**usual, "Condition": {"ArnLike": {"aws:SourceArn": f"{cluster}:billing"}}}],
        "denying": [usual, {**usual, "Effect": "Deny"}],
        "open": [account, usual],
        "own-cluster": [{**usual, "Condition": {"ArnEquals": {"aws:SourceArn": f"{cluster}:own-cluster"}}}],
    }
    own = {name: {"iam_role_arn": aws.make_role(name)} for name in trusts}
    for name, statements in trusts.items():
        aws.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=policy(*statements))
    outcome = operator().play("iam", hosts=own, iam_check_caller=False, iam_check_role=False).failed_with("[iam.trust]")
    assert {name: outcome.recap(name)["failed"] for name in trusts} == {
        **dict.fromkeys(("untrusting", "other-account", "other-cluster", "denying"), 1),
        **dict.fromkeys(("open", "own-cluster"), 0),
    }
    said = " ".join(outcome.output.split())
    for reason in (
        "lacks a statement that allows sts:AssumeRole",
        "cluster other-account of account 123456789012 (it names 999999999999)",
        f"(it names {cluster}:billing)",
        "(a statement denies it)",
        "role/open names neither",
    ):
        assert reason in said, reason
    assert "role/own-cluster names neither" not in said


def test_the_role_that_is_made_is_as_narrow_as_the_options_say(aws, operator):
    iam = aws.client("iam")
    boundary = iam.create_policy(PolicyName="narrow-boundary", PolicyDocument=policy(READ))["Policy"]["Arn"]
    options = {
        "migration_id": "narrow",
        "iam_trust_cluster": "true",
        "iam_path": "/data/moving/",
        "iam_permissions_boundary": boundary,
        "iam_kms_key_arn": KEY,
    }
    shown = operator().play("iam", check=True, **options).succeeded()
    for said in (":cluster:narrow", f"{BOX}/narrow/backup/*", boundary, "kms:Decrypt"):
        assert said in shown.output, said
    assert "dbferry-narrow" not in [each["RoleName"] for each in iam.list_roles()["Roles"]]
    operator().play("iam", **options).succeeded()
    role = iam.get_role(RoleName="dbferry-narrow")["Role"]
    assert (
        role["Arn"] == document(aws, "narrow")["role_arn"] == f"arn:aws:iam::{ACCOUNT}:role/data/moving/dbferry-narrow"
    )
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    (trusting,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusting["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:narrow"},
    }
    (attached,) = iam.list_attached_role_policies(RoleName="dbferry-narrow")["AttachedPolicies"]
    assert attached["PolicyArn"] == f"arn:aws:iam::{ACCOUNT}:policy/data/moving/dbferry-narrow"


def decrypts(aws, name):
    """The keys that the policy of a made role lets it decrypt with."""
    policy_arn = f"arn:aws:iam::{ACCOUNT}:policy/dbferry-{name}"
    shown = aws.client("iam").get_policy_version(PolicyArn=policy_arn, VersionId="v1")["PolicyVersion"]["Document"]
    return [each["Resource"] for each in shown["Statement"] if each["Action"] == "kms:Decrypt"]


@pytest.fixture(scope="module")
def aliased(aws):
    """The ARN of a key that has an alias, too."""
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/backups", TargetKeyId=key)
    return key


@pytest.mark.thorough("assess/test_keys.py follows the backup's key")
def test_the_role_may_decrypt_with_the_key_that_the_backup_gets(aws, operator, aliased):
    elsewhere = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/backups"
    uploaded = {"upload_sse": "aws:kms", "upload_kms_key_id": KEY}
    made = {"bucket_kms_key_arn": OTHER_KEY}
    hosts = {
        "by-upload": {**uploaded, **made},
        "by-bucket": {**made, "upload_sse": "", "upload_kms_key_id": ""},
        "by-s3": {**made, "upload_sse": "AES256"},
        "by-alias": {**made, **uploaded, "upload_kms_key_id": "alias/backups"},
        "by-alias-arn": {**made, **uploaded, "upload_kms_key_id": f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/backups"},
        "by-id": {"bucket_kms_key_arn": aliased.rpartition("/")[2]},
        "by-s3-alias": {**uploaded, "upload_kms_key_id": "alias/aws/s3"},
        "elsewhere": {**made, **uploaded, "upload_kms_key_id": elsewhere},
        "by-option": {**made, "iam_kms_key_arn": "*"},
        "by-option-alias": {**made, "iam_kms_key_arn": "alias/backups"},
    }
    outcome = operator().play("iam", hosts=hosts, iam_check_caller=False).succeeded()
    assert {name: decrypts(aws, name) for name in hosts} == {
        "by-upload": [KEY],
        "by-bucket": [OTHER_KEY],
        "by-s3": [],
        "by-alias": [aliased],
        "by-alias-arn": [aliased],
        "by-id": [aliased],
        "by-s3-alias": [],
        "elsewhere": [],
        "by-option": ["*"],
        "by-option-alias": [aliased],
    }
    said = " ".join(outcome.output.split())
    assert said.count("was not to be learnt") == 1
    assert f"Which key {elsewhere} is was not to be learnt, and no policy gives a right on it" in said


def test_a_key_that_no_policy_can_name_is_refused_before_anything_is_made(aws, operator):
    hosts = {
        "alias-elsewhere": {"iam_kms_key_arn": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/backups"},
        "key-id": {"iam_kms_key_arn": KEY.rpartition("/")[2]},
        "no-alias": {"upload_sse": "aws:kms", "upload_kms_key_id": "alias/of-nothing"},
    }
    outcome = operator().play("iam", hosts=hosts).failed_with("[iam.kms_key]")
    said = " ".join(outcome.output.split())
    assert "aws kms describe-key --key-id arn:aws:kms:" in said
    assert f"It is in us-east-1, and {REGION} is asked." in said
    for name in (KEY.rpartition("/")[2], "alias/of-nothing"):
        assert f"[iam.no_key] There is no KMS key or alias {name} in {REGION}" in said
    assert {name: outcome.recap(name)["failed"] for name in hosts} == dict.fromkeys(hosts, 1)
    made = {role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]}
    assert not made & {f"dbferry-{name}" for name in hosts}


@pytest.mark.thorough("the role as narrow as the options say")
def test_what_changes_about_the_role_is_shown_line_by_line(aws, operator):
    iam = aws.client("iam")
    options = {"migration_id": "diff", "iam_kms_key_arn": KEY}
    operator().play("iam", **options).succeeded()
    assert operator().play("iam", check=True, **options).succeeded().recap("shop")["changed"] == 0
    policy_arn = f"arn:aws:iam::{ACCOUNT}:policy/dbferry-diff"
    # Four more are all that IAM takes.
    for _version in range(4):
        iam.create_policy_version(PolicyArn=policy_arn, PolicyDocument=policy(READ))
    iam.attach_role_policy(RoleName="dbferry-diff", PolicyArn=aws.make_policy("of-others", READ))
    other = {**options, "iam_kms_key_arn": OTHER_KEY, "iam_trust_cluster": True, "iam_tags": {"team": "shop"}}
    for check in (True, False):
        outcome = operator().play("iam", check=check, diff=True, **other).succeeded()
        assert outcome.recap("shop")["changed"] == 1, outcome.output
        shown = [line for line in outcome.output.splitlines() if re.match(r"[-+] ", line)]
        assert [line.replace(" ", "") for line in shown] == [
            f'-"Resource":"{KEY}",',
            f'+"Resource":"{OTHER_KEY}",',
            '-"dbferry:migration-id":"diff"',
            '+"dbferry:migration-id":"diff",',
            '+"team":"shop"',
            '-"dbferry:migration-id":"diff"',
            '+"dbferry:migration-id":"diff",',
            '+"team":"shop"',
            '+"ArnEquals":{',
            f'+"aws:SourceArn":"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:diff"',
            "+},",
        ]
        (version, *older) = iam.list_policy_versions(PolicyArn=policy_arn)["Versions"]
        assert len(older) == (4 if check else 0)
    document = iam.get_policy_version(PolicyArn=policy_arn, VersionId=version["VersionId"])["PolicyVersion"]["Document"]
    assert OTHER_KEY in json.dumps(document)
    attached = iam.list_attached_role_policies(RoleName="dbferry-diff")["AttachedPolicies"]
    assert {each["PolicyName"] for each in attached} == {"dbferry-diff", "of-others"}


def in_place(host, statements):
    """The statements for the prefix of a host's own migration."""
    return [json.loads(json.dumps(each).replace(PREFIX, f"{host}/backup/")) for each in statements]


def test_a_role_whose_rights_come_from_elsewhere_can_be_taken_all_the_same(aws, operator):
    role = aws.make_role("by-bucket-policy")
    operator().play("iam", iam_role_arn=role, iam_check_role="false", migration_id="elsewhere").succeeded()
    assert document(aws, "elsewhere")["role_arn"] == role


def test_a_caller_that_may_not_simulate_is_told_and_goes_on(aws, operator):
    role = aws.make_role("unasked", FIND)
    keys = aws.make_user("no-simulation", allow("s3:*", "iam:Get*", "iam:List*"))
    outcome = operator(keys).play("iam", iam_role_arn=role, migration_id="unasked").succeeded()
    assert "whether it reaches the backup shows in the restore" in outcome.output
    assert "were not checked beforehand" in outcome.output


def test_what_the_caller_lacks_is_named_before_anything_is_made(aws, operator):
    keys = aws.make_user("half", allow("s3:*", "iam:Get*", "iam:List*", "iam:Simulate*", "rds:Describe*", "rds:List*"))
    outcome = operator(keys).play("iam", migration_id="half").failed_with("[iam.caller_rights]")
    for right in (
        "iam:CreateRole",
        "iam:PassRole",
        "iam:CreatePolicy",
        "rds:RestoreDBClusterFromS3",
        "rds:CreateDBInstance",
    ):
        assert f"{right} on" in outcome.output
    assert "rds:DescribeDBClusters on" not in outcome.output
    assert "dbferry-half" not in [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]]
    assert outcome.recap("shop")["changed"] == 0


def test_what_the_caller_lacks_for_a_backup_is_named_before_a_bucket_is_made(aws, operator):
    refusal = {"Effect": "Deny", "Action": ["s3:PutBucketVersioning", "s3:AbortMultipartUpload"], "Resource": "*"}
    keys = aws.make_user("no-backup", allow("*"), refusal)
    hosts = {
        "makes": {"bucket_create": "true", "migration_bucket": "made-by-the-run"},
        "has-one": {},
        "by-role": {"upload_role_arn": f"arn:aws:iam::{ACCOUNT}:role/uploader"},
        "trusting": {"iam_check_caller": "false"},
    }
    outcome = operator(keys).playbook("backup", hosts=hosts)
    said = {
        host: next((line for line in outcome.output.splitlines() if f"[{host}]: FAILED" in line), "") for host in hosts
    }
    versions, parts = "s3:PutBucketVersioning on", f"s3:AbortMultipartUpload on arn:aws:s3:::{BUCKET}/has-one/backup/*"
    assert "may not do what stations bucket, backup do" in said["makes"] and versions in said["makes"]
    assert "may not do what stations backup do" in said["has-one"] and parts in said["has-one"]
    assert versions not in said["has-one"]
    # The role has the right, and where nobody looks, the run comes as far as the source.
    assert "[iam.caller_rights]" not in said["by-role"] + said["trusting"]
    assert outcome.recap("makes")["changed"] == outcome.recap("has-one")["changed"] == 0
    assert "made-by-the-run" not in [each["Name"] for each in aws.client("s3").list_buckets()["Buckets"]]


def test_a_caller_that_may_not_pass_the_role_that_asks_the_directory_is_told(aws, operator):
    directory = f"arn:aws:iam::{ACCOUNT}:role/directory-reader"
    refusal = {"Effect": "Deny", "Action": "iam:PassRole", "Resource": directory}
    keys = aws.make_user("no-directory", allow("*"), refusal)
    options = {"migration_id": "joined", "restore_domain_iam_role_name": "directory-reader"}
    outcome = operator(keys).play("iam", **options).failed_with("[iam.caller_rights]")
    assert f"iam:PassRole on {directory}" in " ".join(outcome.output.split())


def test_rights_on_a_condition_that_iam_was_not_told_stop_nothing(aws, operator):
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    role = aws.make_role(
        "careful", FIND, LIST, allow("s3:GetObject*", on=f"{BOX}/*", Bool={"aws:SecureTransport": "true"})
    )
    keys = aws.make_user("careful", allow("iam:Get*", "iam:List*", "iam:Simulate*"), allow("*", **mfa))
    outcome = operator(keys).play("iam", iam_role_arn=role).succeeded()
    said = " ".join(outcome.output.split())
    assert f"s3:GetObject on {BOX}/{PREFIX}* (depends on aws:SecureTransport)" in said
    assert "cluster:shop (depends on aws:MultiFactorAuthPresent)" in said


def test_the_printed_policy_is_what_the_check_asks_for(aws, operator):
    administrator = operator()
    shown = administrator.playbook("iam_caller_policy", migration_id="whole-caller").succeeded().output
    (document_shown,) = shown_policies(shown)
    keys = aws.make_user("whole-caller", *document_shown["Statement"])
    operator(keys).play("iam", migration_id="whole-caller").succeeded()
    assert document(aws, "whole-caller")["managed"] is True


def test_the_policy_for_chosen_stations_and_all_hosts_is_one(operator, aliased):
    keys = {
        "iam_kms_key_arn": KEY,
        "restore_kms_key_id": "alias/backups",
        "restore_master_user_secret_kms_key_id": "alias/of-nothing",
    }
    outcome = (
        operator()
        .playbook("iam_caller_policy", hosts=("db1", "db2"), iam_caller_stations="iam,restore", **keys)
        .succeeded()
    )
    assert "The policy gives no right on key alias/of-nothing" in outcome.output
    (shown,) = shown_policies(outcome.output)
    actions = [action for statement in shown["Statement"] for action in as_list(statement["Action"])]
    resources = {each for statement in shown["Statement"] for each in as_list(statement["Resource"])}
    assert "rds:RestoreDBClusterFromS3" in actions and "sts:GetFederationToken" not in actions
    assert {
        f"arn:aws:iam::{ACCOUNT}:role/dbferry-db1",
        f"arn:aws:iam::{ACCOUNT}:role/dbferry-db2",
        KEY,
        aliased,
    } <= resources
    assert not [each for each in resources if "alias/" in each]


def test_the_printed_policy_has_what_the_hosts_options_ask_for(operator):
    monitor = f"arn:aws:iam::{ACCOUNT}:role/monitor"
    directory = f"arn:aws:iam::{ACCOUNT}:role/directory-reader"
    hosts = {
        "db1": {"bucket_create": "true", "restore_domain_iam_role_name": "directory-reader"},
        "db2": {"restore_monitoring_role_arn": monitor},
    }
    shown = shown_policies(operator().playbook("iam_caller_policy", hosts=hosts).succeeded().output)
    statements = [statement for document in shown for statement in document["Statement"]]
    actions = {action for statement in statements for action in as_list(statement["Action"])}
    assert {"s3:CreateBucket", "s3:PutBucketPolicy"} <= actions
    (passing,) = [statement for statement in statements if statement["Resource"] == directory]
    assert passing["Action"] == "iam:PassRole"
    (passing,) = [statement for statement in statements if statement["Resource"] == monitor]
    assert passing["Action"] == "iam:PassRole"
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}}


def test_a_policy_of_the_same_name_is_left_alone_whatever_its_path_and_case(aws, operator):
    iam = aws.client("iam")
    taken = iam.create_policy(PolicyName="dbferry-taken", PolicyDocument=policy(FIND))["Policy"]["Arn"]
    elsewhere = iam.create_policy(PolicyName="DBferry-Strayed", Path="/team/", PolicyDocument=policy(FIND))["Policy"][
        "Arn"
    ]
    own = [{"Key": "dbferry:migration-id", "Value": "moved"}]
    moved = iam.create_policy(PolicyName="dbferry-moved", Path="/team/", PolicyDocument=policy(FIND), Tags=own)[
        "Policy"
    ]["Arn"]
    hosts = ("taken", "strayed", "moved")
    outcome = operator().play("iam", hosts=hosts, iam_check_caller=False).failed_with("[iam.name_taken]")
    said = " ".join(outcome.output.split())
    assert f"A policy {taken} is there already and does not bear the tag" in said
    assert f"A policy {elsewhere} is there already and does not bear the tag" in said
    assert f"A policy {moved} is there already and is not where iam_path has it" in said
    for host, each in zip(hosts, (taken, elsewhere, moved)):
        assert outcome.recap(host)["changed"] == 0
        assert len(iam.list_policy_versions(PolicyArn=each)["Versions"]) == 1


def as_list(value):
    return value if isinstance(value, list) else [value]


def shown_policies(output):
    """The policies that a debug task shows, each after its item."""
    shown = re.findall(r"\(item=policy of \d+ characters\) => (\{.*?^\})$", output, re.DOTALL | re.MULTILINE)
    return [json.loads(text)["msg"] for text in shown]
