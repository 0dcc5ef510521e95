# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Which account and Region the caller works in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._aws.minting import read_caller
from .._aws.session import make_client, make_session
from .._errors import DbferryError
from .scope import Account


def find_account(params: Mapping[str, Any]) -> Account:
    """The account that the options name; what they leave open is the caller's own.

    :param params: ``account_id``, ``partition`` and the options of ``_argspec.aws_argument_spec``.
    :raises DbferryError: nobody says which Region.
    :raises AwsError: AWS was asked who calls, and refused or could not be reached.
    """
    session = make_session(dict(params))
    if not session.region_name:
        raise DbferryError(
            "Nobody says which Region the migration takes place in.",
            error_id="iam.no_region",
            remedy="Give region (of the roles: migration_region), or set AWS_REGION or the profile's Region.",
        )
    partition, account_id = params["partition"], params["account_id"]
    if not (partition and account_id):
        place = read_caller(make_client(dict(params), "sts", session)).place
        partition, account_id = partition or place.partition, account_id or place.account
    return Account(partition, session.region_name, account_id)
