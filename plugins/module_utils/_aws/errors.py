# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What AWS and botocore answer, as the collection's error."""

from contextlib import contextmanager
from typing import Any, Iterator

from .._errors import DbferryError

_REMEDIES = {
    "AccessDenied": "Give the caller the right named in the message.",
    "AccessDeniedException": "Give the caller the right named in the message.",
    "ExpiredToken": "Renew the credentials and run again; what is done stays done.",
    "ExpiredTokenException": "Renew the credentials and run again; what is done stays done.",
    "InvalidAccessKeyId": "Check access_key and that it belongs to this account and partition.",
    "InvalidClientTokenId": "Check access_key and that it belongs to this account and partition.",
    "SignatureDoesNotMatch": "Check secret_key, and the clock of the host that runs the task.",
    "RequestTimeTooSkewed": "Set the clock of the host that runs the task.",
    "NoRegionError": "Give region.",
    "NoSuchBucket": "Create the bucket in the cluster's Region, or correct its name.",
    "PermanentRedirect": "Take a bucket in the cluster's own Region: Aurora reads from no other.",
}


class AwsError(DbferryError):
    """AWS refused, could not be reached, or answered with something unexpected."""

    default_id = "aws.failed"


def error_code(error: Exception) -> str:
    """AWS' code of an error, such as ``AccessDenied``; the exception's name where there is none."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code") or type(error).__name__)


def error_text(error: Exception) -> str:
    """AWS' own words in an error."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Message") or error)


def aws_error(doing: str, code: str, text: str, **details: Any) -> AwsError:
    """The error for what AWS answered.

    :param doing: what was being done, fit for "While <doing>: ...".
    :param code: AWS' code, such as ``AccessDenied``.
    :param text: AWS' own words.
    :param details: facts for ``DbferryError.details``.
    """
    return AwsError(
        "While {0}, AWS said {1}: {2}".format(doing, code, text),
        error_id="aws.{0}".format(code),
        remedy=_REMEDIES.get(code, ""),
        details=dict(details, aws_code=code),
    )


@contextmanager
def aws_errors(doing: str, **details: Any) -> Iterator[None]:
    """Raise what botocore raises inside the block as ``AwsError``, with AWS' own words.

    :param doing: what was being done, fit for "While <doing>: ...".
    :param details: facts for ``DbferryError.details``.
    """
    # Whoever has a client has botocore; whoever has none is spared its import.
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise aws_error(doing, error_code(error), error_text(error), **details) from error
    except ResponseParserError as error:
        raise AwsError(
            "While {0}, something that is not AWS answered: {1}".format(doing, str(error)[:200]),
            error_id="aws.not_aws",
            remedy="Check endpoint_url and the proxy.",
            details=details,
        ) from error
