# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Which KMS key is meant by a key's ID, its ARN, an alias or an alias' ARN."""

import re
from typing import Any, Dict, NamedTuple, Optional

from .errors import AwsError, aws_errors

_KEY_ARN = re.compile(r"arn:[^:]+:kms:[^:]+:[0-9]+:key/.+")


class NamedKey(NamedTuple):
    """A key as it was named, and which one that is.

    :ivar arn: the key's own, which policies name; "" where it is not known.
    :ivar there: whether there is such a key; None where nobody said.
    :ivar why: why nobody said.
    """

    name: str
    arn: str = ""
    there: Optional[bool] = None
    why: str = ""


def is_key_arn(name: str) -> bool:
    """Whether a name is a key's own ARN. Pure."""
    return _KEY_ARN.match(name) is not None


def region_of_key(name: str) -> str:
    """The Region in an ARN of a key or alias; "" where the name is none. Pure."""
    return name.split(":")[3] if name.startswith("arn:") and name.count(":") >= 5 else ""


def describe_key(kms: Any, name: str) -> Optional[Dict[str, Any]]:
    """What KMS tells of a key; None where there is none.

    :param kms: a boto3 client of KMS.
    :raises AwsError: KMS refused or could not be reached.
    """
    with aws_errors("looking at key {0} (right kms:DescribeKey)".format(name)):
        try:
            shown = kms.describe_key(KeyId=name)["KeyMetadata"]  # type: Dict[str, Any]
        except kms.exceptions.NotFoundException:
            return None
    return shown


def find_key(kms: Any, name: str) -> NamedKey:
    """The key that a name means. A key's own ARN costs no request.

    :param kms: a boto3 client of KMS.
    """
    if is_key_arn(name):
        return NamedKey(name, name)
    region = region_of_key(name)
    if region and region != kms.meta.region_name:
        return NamedKey(name, why="It is in {0}, and {1} is asked.".format(region, kms.meta.region_name))
    try:
        shown = describe_key(kms, name)
    except AwsError as error:
        return NamedKey(name, why=error.message)
    if shown is None:
        return NamedKey(name, there=False)
    return NamedKey(name, str(shown["Arn"]), True)
