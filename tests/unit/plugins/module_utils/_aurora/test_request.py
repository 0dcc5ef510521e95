# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request holds every member of the API's model, and nothing that botocore does not know."""

from __future__ import annotations

import copy

import botocore.model
import botocore.session
import pytest
import yaml
from ansible_collections.amazon.aws.plugins.modules import rds_cluster

from ansible_collections.dbferry.aurora_mysql.plugins.action.aurora_cluster_restore import CLUSTER_OPTIONS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora import request
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.clusters import Clusters
from ansible_collections.dbferry.aurora_mysql.plugins.modules import (
    aurora_cluster_restore,
    aurora_groups,
    aurora_time_zone,
)

OPTIONS = {
    "db_cluster_identifier": "orders",
    "master_username": "admin",
    "master_user_password": "a-secret-of-nobody",
    "source_engine": "mysql",
    "source_engine_version": "8.0.36",
    "s3_bucket_name": "bucket",
    "s3_prefix": "orders/backup/",
    "s3_ingestion_role_arn": "arn:aws:iam::123456789012:role/r",
}


def client():
    return botocore.session.get_session().create_client(
        "rds", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


def model():
    return client().meta.service_model.operation_model("RestoreDBClusterFromS3").input_shape


def untold(shape):
    """The members of a request's model for which there is neither an option nor a reason, with the path to them."""
    told = set(request.MEMBER_OF_OPTION.values()) | set(request.MEMBERS_WITHOUT_OPTION)
    found = [member for member in shape.members if member not in told]
    for option, member in request.MEMBER_OF_OPTION.items():
        below = shape.members[member]
        while below.type_name == "list":
            below = below.member
        # any key and value of the user's becomes a tag
        if below.type_name == "structure" and below.name != "Tag":
            known = request.MEMBERS_BELOW.get(option, {}).values()
            found += [f"{member}.{name}" for name in below.members if name not in known]
    return found


def test_every_member_of_the_model_has_an_option_or_a_reason():
    assert untold(model()) == []


@pytest.mark.parametrize(
    ("shape", "member"),
    [
        ("RestoreDBClusterFromS3Message", "Newest"),
        ("ServerlessV2ScalingConfiguration", "ServerlessV2ScalingConfiguration.Newest"),
        ("DBClusterAssociatedRole", "AssociatedRoles.Newest"),
    ],
)
def test_a_member_that_aws_adds_would_be_noticed(shape, member):
    described = copy.deepcopy(client().meta.service_model._service_description)
    described["shapes"][shape]["members"]["Newest"] = {"shape": "String"}
    newer = botocore.model.ServiceModel(described, "rds").operation_model("RestoreDBClusterFromS3").input_shape
    assert untold(newer) == [member]


def test_the_module_has_every_suboption():
    spec = aurora_cluster_restore.argument_spec()
    assert {option: set(spec[option]["options"]) for option in request.MEMBERS_BELOW} == {
        option: set(below) for option, below in request.MEMBERS_BELOW.items()
    }


def test_a_reason_is_given_only_for_members_without_an_option():
    assert not set(request.MEMBER_OF_OPTION.values()) & set(request.MEMBERS_WITHOUT_OPTION)
    assert all(request.MEMBERS_WITHOUT_OPTION.values())


def test_the_module_has_every_option_in_the_kind_that_the_model_takes():
    kinds = {"string": "str", "boolean": "bool", "integer": "int", "long": "int", "structure": "dict", "list": "list"}
    spec = aurora_cluster_restore.argument_spec()
    for option, member in request.MEMBER_OF_OPTION.items():
        expected = "dict" if option == "tags" else kinds[model().members[member].type_name]
        assert spec[option]["type"] == expected, option


def test_the_options_that_aws_requires_are_required():
    named = {request.MEMBER_OF_OPTION[option] for option in request.REQUIRED_OPTIONS}
    # the others always have a value: a required option, a default, or a constant
    assert set(model().required_members) - named == {"DBClusterIdentifier", "Engine", "SourceEngine"}


def test_a_request_with_every_option_is_one_that_botocore_can_send():
    spec = aurora_cluster_restore.argument_spec()
    samples = {"str": "x", "bool": True, "int": 1, "list": ["x"], "dict": {"a": "b"}}
    options = {option: samples[spec[option]["type"]] for option in request.MEMBER_OF_OPTION}
    options.update(
        OPTIONS,
        manage_master_user_password=None,
        serverless_v2_scaling_configuration={"min_capacity": 0.5, "max_capacity": 8.0, "seconds_until_auto_pause": 300},
        associated_roles=[{"role_arn": OPTIONS["s3_ingestion_role_arn"], "feature_name": None}],
        tag_specifications=[{"resource_type": "cluster-auto-backup", "tags": {"a": "b"}}],
    )
    made = request.restore_request(options, {"a": "b"})
    rds = client()
    request.refuse_unknown_members(made, Clusters(rds).known_request_members(), "any")
    body = {}
    rds.meta.events.register_first(
        "before-call.rds.RestoreDBClusterFromS3", lambda params, **_: body.update(params["body"]) or _refuse()
    )
    with pytest.raises(_Sent):
        rds.restore_db_cluster_from_s3(**made)
    assert body["S3Prefix"] == OPTIONS["s3_prefix"]
    assert body["Tags.Tag.1.Key"] == "a"
    assert "ManageMasterUserPassword" not in body


class _Sent(Exception):
    """botocore has taken the request and was about to send it."""


def _refuse():
    raise _Sent


def test_what_is_not_given_is_left_to_aws():
    made = request.restore_request({**OPTIONS, "port": None, "kms_key_id": None}, {})
    assert set(made) == {request.MEMBER_OF_OPTION[option] for option in OPTIONS} | {"Engine", "Tags"}


def test_falsy_values_are_values():
    made = request.restore_request({**OPTIONS, "backtrack_window": 0, "storage_encrypted": False}, {})
    assert (made["BacktrackWindow"], made["StorageEncrypted"]) == (0, False)


def test_an_older_botocore_is_told_with_the_option():
    made = request.restore_request(
        {
            **OPTIONS,
            "engine_lifecycle_support": "x",
            "serverless_v2_scaling_configuration": {"seconds_until_auto_pause": 5},
        },
        {},
    )
    known = Clusters(client()).known_request_members()
    del known["EngineLifecycleSupport"]
    del known["ServerlessV2ScalingConfiguration"]["SecondsUntilAutoPause"]
    with pytest.raises(request.RequestError) as caught:
        request.refuse_unknown_members(made, known, "1.31.0")
    assert caught.value.error_id == "restore.botocore_too_old"
    assert "engine_lifecycle_support (EngineLifecycleSupport)" in caught.value.message
    assert (
        "serverless_v2_scaling_configuration (ServerlessV2ScalingConfiguration.SecondsUntilAutoPause)"
        in caught.value.message
    )
    assert "1.31.0" in caught.value.message


@pytest.mark.parametrize(
    ("change", "error_id"),
    [
        ({"s3_prefix": "orders/full1"}, "restore.prefix_open"),
        ({"master_user_password": None}, "restore.no_password"),
        ({"manage_master_user_password": True}, "restore.bad_request"),
    ],
)
def test_what_aurora_would_misread_is_refused(change, error_id):
    with pytest.raises(request.RequestError) as caught:
        request.restore_request({**OPTIONS, **change}, {})
    assert caught.value.error_id == error_id
    assert "a-secret-of-nobody" not in str(caught.value)


def documented(module):
    """The options of a module with their aliases."""
    options = yaml.safe_load(module.DOCUMENTATION)["options"]
    return {name: set(option.get("aliases", ())) for name, option in options.items()}


@pytest.mark.parametrize("module", [aurora_cluster_restore, aurora_groups, aurora_time_zone])
def test_what_rds_cluster_has_is_called_as_there(module):
    theirs, ours = documented(rds_cluster), documented(module)
    shared = theirs.keys() & ours.keys()
    assert "db_cluster_identifier" in shared
    assert {name: theirs[name] - ours[name] for name in shared if theirs[name] - ours[name]} == {}


def test_what_the_api_has_is_called_as_rds_cluster_calls_it():
    ours = {member.lower(): option for option, member in request.MEMBER_OF_OPTION.items()}
    theirs = {option.replace("_", ""): option for option in documented(rds_cluster)}
    shared = ours.keys() & theirs.keys()
    assert len(shared) > 20
    assert {theirs[member]: ours[member] for member in shared if theirs[member] != ours[member]} == {}


def test_the_progress_names_the_cluster_by_whatever_name_the_option_has():
    assert set(CLUSTER_OPTIONS) == {
        "db_cluster_identifier",
        *documented(aurora_cluster_restore)["db_cluster_identifier"],
    }
