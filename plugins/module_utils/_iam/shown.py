# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""A role or a managed policy as IAM shows it; that there is none is an answer."""

from __future__ import annotations

from typing import Any, Callable, Optional

try:
    from botocore.exceptions import ClientError
except ImportError:  # make_client says so

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._aws.errors import error_code


def shown_role(iam: Any, name: str) -> Optional[dict[str, Any]]:
    """What GetRole shows of a role; ``None`` where there is none of that name.

    :param iam: a client of IAM.
    :raises ClientError: IAM refused. Use it within ``aws_errors``, with what it is for.
    """
    return _unless_missing(lambda: iam.get_role(RoleName=name)["Role"])


def shown_policy(iam: Any, arn: str) -> Optional[dict[str, Any]]:
    """What GetPolicy shows of a managed policy; ``None`` where there is none of that ARN.

    :param iam: a client of IAM.
    :raises ClientError: as ``shown_role``.
    """
    return _unless_missing(lambda: iam.get_policy(PolicyArn=arn)["Policy"])


def _unless_missing(ask: Callable[[], Any]) -> Optional[dict[str, Any]]:
    try:
        return dict(ask())
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            return None
        raise
