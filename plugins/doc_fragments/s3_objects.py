# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the modules that write to a bucket."""

from __future__ import annotations


class ModuleDocFragment:
    """The bucket, how it is reached, and how new objects are kept."""

    DOCUMENTATION = r"""
options:
  bucket:
    description:
      - The bucket. It has to be in the Region of O(region), because Aurora reads only from its own Region.
    type: str
    required: true
  prefix:
    description:
      - What all keys begin with. V(/) is put at its end where it is missing; it may not be empty.
    type: str
    required: true
  checksum_algorithm:
    description:
      - The checksum that S3 verifies and keeps for each object, as S3 names it.
      - >-
        V(auto) takes CRC64NVME where the Python package awscrt is installed (CRC32C with an old one), and CRC32
        otherwise, which costs more processor time.
      - An object whose checksum in S3 is of another kind counts as different.
    type: str
    choices: [auto, CRC64NVME, CRC32C, CRC32]
    default: auto
  expected_bucket_owner:
    description:
      - The account ID of the bucket's owner. S3 refuses each request when the bucket is another account's.
    type: str
  proxy_url:
    description:
      - The URL of an HTTP proxy, V(http://[USER:PASSWORD@]HOST:PORT). TLS to S3 passes through it unread.
      - Without it, E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY) decide.
    type: str
  dual_stack:
    description:
      - Whether S3's dual-stack endpoint is used, which has IPv6 addresses, too.
    type: bool
    default: false
  tags:
    description:
      - Tags of new objects. Objects that are there and equal keep theirs.
      - The caller needs V(s3:PutObjectTagging).
    type: dict
  sse:
    description:
      - The encryption of new objects at rest. Without it, the bucket's default applies.
      - Aurora cannot read objects that are encrypted with a customer-provided key (SSE-C).
    type: str
    choices: [AES256, "aws:kms"]
  sse_kms_key_id:
    description:
      - The ID or ARN of the KMS key for O(sse=aws:kms). Without it, the AWS managed key applies.
    type: str
  storage_class:
    description:
      - The storage class of new objects, one of those that Aurora can read at once.
      - Objects that are there and equal stay in theirs, unless it is an archive class.
    type: str
    choices: [STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING]
    default: STANDARD
"""
