# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The master user's password where RDS keeps it in Secrets Manager.

Form: Aurora User Guide, "Password management with Amazon Aurora and AWS Secrets Manager".
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from .._aws.errors import aws_errors
from .._errors import DbferryError


class SecretError(DbferryError):
    """The secret is not one that RDS keeps for a master user."""

    default_id = "aurora.master_secret"


class MasterLogin(NamedTuple):
    """The master user's name and password."""

    username: str
    password: str


def read_master_login(client: Any, arn: str) -> MasterLogin:
    """Read the current version of the secret.

    :param client: a boto3 client for ``secretsmanager``.
    :param arn: the secret's ARN.
    :raises AwsError: AWS refused or could not be reached.
    :raises SecretError: the secret holds something else; its content is in no message.
    """
    with aws_errors(f"reading the master user's secret {arn}"):
        text = client.get_secret_value(SecretId=arn).get("SecretString") or ""
    return parse_master_login(text, arn)


def parse_master_login(text: str, arn: str) -> MasterLogin:
    """Name and password in a secret's text. Pure.

    :raises SecretError: it is not JSON with both.
    """
    try:
        members = json.loads(text)
        return MasterLogin(str(members["username"]), str(members["password"]))
    except (ValueError, KeyError, TypeError):
        # The text may be a secret; so may be what the exception quotes of it.
        raise SecretError(
            f"Secret {arn} does not hold a master user's name and password.",
            remedy="Look whether the cluster still keeps its master password there (MasterUserSecret of the cluster); "
            "otherwise give the password itself.",
        ) from None
