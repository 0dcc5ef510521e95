# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The options that the modules that write to a bucket share; doc fragment ``s3_objects`` describes them."""

import re
from typing import Any, Dict, Optional

from .._aws.credentials import KeyProvider
from .bucket import S3Prefix, WriteSettings
from .checksums import choose_algorithm
from .connect import connect_bucket
from .errors import ObjectStoreError
from .place import BucketOptions

_TAG = re.compile(r"[\w\s+\-=.:/@]*")
_MOST_TAGS = 10


def s3_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The bucket, how it is reached, and how new objects are kept."""
    return {
        "bucket": {"type": "str", "required": True},
        "prefix": {"type": "str", "required": True},
        "checksum_algorithm": {"type": "str", "default": "auto", "choices": ["auto", "CRC64NVME", "CRC32C", "CRC32"]},
        "expected_bucket_owner": {"type": "str"},
        # It may hold a password.
        "proxy_url": {"type": "str", "no_log": True},
        "dual_stack": {"type": "bool", "default": False},
        "tags": {"type": "dict"},
        "sse": {"type": "str", "choices": ["AES256", "aws:kms"]},
        "sse_kms_key_id": {"type": "str", "no_log": False},
        "storage_class": {
            "type": "str",
            "default": "STANDARD",
            "choices": ["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING"],
        },
    }


def open_prefix(params: Dict[str, Any], prefix: str, provider: Optional[KeyProvider] = None) -> S3Prefix:
    """The prefix that a module's parameters name, in a bucket that was looked at.

    :param params: as ``s3_argument_spec`` and ``_argspec.aws_argument_spec`` name them.
    :param prefix: as ``plan.normalise_prefix`` returns it.
    :param provider: where credentials come from instead of the options.
    :raises DbferryError: as ``connect_bucket``; ``objectstore.sse``, ``objectstore.tags``,
        ``objectstore.checksum_algorithm``.
    """
    if params["sse_kms_key_id"] and params["sse"] != "aws:kms":
        raise ObjectStoreError(
            "sse_kms_key_id goes with sse=aws:kms only.",
            error_id="objectstore.sse",
            remedy="Set sse to aws:kms, or leave sse_kms_key_id out.",
        )
    _check_tags(params["tags"] or {})
    algorithm = choose_algorithm(params["checksum_algorithm"])
    reach = BucketOptions(params["expected_bucket_owner"], params["proxy_url"], params["dual_stack"])
    client = connect_bucket(params, params["bucket"], prefix, reach, provider)
    settings = WriteSettings(params["sse"], params["sse_kms_key_id"], params["storage_class"], params["tags"])
    return S3Prefix(client, params["bucket"], prefix, algorithm, settings)


def _check_tags(tags: Dict[str, Any]) -> None:
    """Refuse what S3 would refuse (Amazon S3 User Guide, "Categorizing your objects using tags")."""
    for key, value in tags.items():
        for text, length in ((str(key), 128), (str(value), 256)):
            if len(text) > length or not _TAG.fullmatch(text):
                raise ObjectStoreError(
                    "The tag {0!r}: {1!r} is none that S3 takes.".format(key, value),
                    error_id="objectstore.tags",
                    remedy="Use letters, digits, blanks and + - = . _ : / @; 128 characters in a key, 256 in a value.",
                )
    if len(tags) > _MOST_TAGS:
        raise ObjectStoreError(
            "{0} tags are more than the {1} that an object can have.".format(len(tags), _MOST_TAGS),
            error_id="objectstore.tags",
            remedy="Leave some out.",
        )
