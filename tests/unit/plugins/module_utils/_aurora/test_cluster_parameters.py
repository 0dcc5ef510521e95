# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is set in a cluster parameter group, and what is asked of AWS to take it back."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.cluster_parameters import (
    read_group_value,
    read_user_values,
    reset_parameters,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.errors import AwsError

READ, RESET = "describe_db_cluster_parameters", "reset_db_cluster_parameter_group"


@pytest.fixture
def client():
    return boto3.client("rds", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")


@pytest.fixture
def stub(client):
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def page(marker=None, **values):
    listed = [{"ParameterName": name, **({"ParameterValue": value} if value else {})} for name, value in values.items()]
    return {"Parameters": listed, **({"Marker": marker} if marker else {})}


def test_all_pages_of_what_somebody_has_set(client, stub):
    asked = {"DBClusterParameterGroupName": "g", "Source": "user"}
    stub.add_response(READ, page("more", wait_timeout="60"), asked)
    stub.add_response(READ, page(init_connect=""), {**asked, "Marker": "more"})
    assert read_user_values(client, "g") == {"wait_timeout": "60", "init_connect": ""}


def test_a_group_that_is_not_there_has_nothing_set(client, stub):
    stub.add_client_error(READ, "DBParameterGroupNotFound")
    assert read_user_values(client, "g") == {}


def test_one_value_of_a_group_that_has_to_be_there(client, stub):
    for answer in (page("more", sql_mode="ANSI"), page(lower_case_table_names="1"), page(lower_case_table_names="")):
        stub.add_response(READ, answer)
    assert read_group_value(client, "g", "lower_case_table_names") == "1"
    assert read_group_value(client, "g", "lower_case_table_names") is None
    stub.add_client_error(READ, "DBParameterGroupNotFound")
    with pytest.raises(AwsError, match="reading cluster parameter group g"):
        read_group_value(client, "g", "lower_case_table_names")


def test_twenty_are_reset_a_call(client, stub):
    names = [f"p{number:02}" for number in range(21)]
    for some in (names[:20], names[20:]):
        entries = [{"ParameterName": name, "ApplyMethod": "pending-reboot"} for name in some]
        expected = {"DBClusterParameterGroupName": "g", "ResetAllParameters": False, "Parameters": entries}
        stub.add_response(RESET, {"DBClusterParameterGroupName": "g"}, expected)
    reset_parameters(client, "g", names)
