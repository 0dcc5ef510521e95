# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the KMS keys that encrypt the backup and the cluster. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Callable, Optional

from . import links
from .access_facts import role_arn
from .facts import Facts
from .key_facts import BACKUP, ROLE, KeyFacts, lets_decrypt
from .model import BLOCKER, PHYSICAL, WARNING, Check, NotKnownError, Seen, need, objects_of

_ENABLED = "Enabled"
_SYMMETRIC = "SYMMETRIC_DEFAULT"


def _named(facts: Facts, use: str = "") -> list[KeyFacts]:
    """The keys whose names are known.

    :raises NotKnownError: that of a use is not.
    """
    keys = [key for key in need(facts.keys, "keys") if use in ("", key.use)]
    for key in keys:
        if not key.name:
            raise NotKnownError(key.why)
    return keys


def _seen(keys: Iterable[KeyFacts], judge: Callable[[KeyFacts], str], statement: str = "") -> Optional[Seen]:
    """What ``judge`` says of each key, "" for nothing.

    :raises NotKnownError: there is nothing to say, and KMS did not show one of them.
    """
    told, hidden = [], ""
    for key in keys:
        if key.there is None:
            hidden = key.why
        elif text := judge(key):
            told.append((key, text))
    if not told:
        if hidden:
            raise NotKnownError(hidden)
        return None
    run = statement.format(key=shlex.quote(told[0][0].arn))
    return Seen(" ".join(text for _key, text in told), objects_of(key.name for key, _text in told), run)


def _missing(facts: Facts) -> Optional[Seen]:
    return _seen(_named(facts), lambda key: "" if key.there else f"KMS knows no key {key.name} for {key.use}.")


def _not_enabled(facts: Facts) -> Optional[Seen]:
    def judge(key: KeyFacts) -> str:
        usable = not key.there or key.state == _ENABLED
        return "" if usable else f"The key of {key.use}, {key.name}, is in state {key.state}."

    deleted = any(key.state == "PendingDeletion" for key in _named(facts))
    first = "aws kms cancel-key-deletion --key-id {key} && " if deleted else ""
    return _seen(_named(facts), judge, first + "aws kms enable-key --key-id {key}")


def _not_symmetric(facts: Facts) -> Optional[Seen]:
    def judge(key: KeyFacts) -> str:
        fits = not key.there or key.spec == _SYMMETRIC
        return "" if fits else f"The key of {key.use}, {key.name}, is of kind {key.spec}."

    return _seen(_named(facts), judge)


def _other_region(facts: Facts) -> Optional[Seen]:
    if not facts.wanted.region:
        raise NotKnownError("No Region is given.")
    elsewhere = [key for key in _named(facts) if key.region not in ("", facts.wanted.region)]
    if not elsewhere:
        return None
    told = " ".join(f"The key of {key.use} is one of {key.region}." for key in elsewhere)
    return Seen(f"{told} The cluster shall be in {facts.wanted.region}.", objects_of(key.name for key in elsewhere))


def _policy(facts: Facts) -> Optional[Seen]:
    caller = need(facts.access, "access").caller
    reader = role_arn(caller, facts.wanted)
    # "Key policies in AWS KMS": a statement that names the account leaves its users and roles to IAM.
    trusted = ("*", reader, caller.place.account, f"{reader.rpartition(':')[0]}:root")

    def judge(key: KeyFacts) -> str:
        if not key.there or key.of_aws:
            return ""
        if key.statements is None:
            raise NotKnownError(key.why)
        if lets_decrypt(key.statements, trusted):
            return ""
        return f"No statement of the policy of {key.name} lets {reader} or IAM of its account decrypt."

    return _seen(_named(facts, BACKUP), judge)


def _not_named(facts: Facts) -> Optional[Seen]:
    if facts.wanted.role_arn:
        return None

    named = facts.wanted.role_kms_key_arn
    meant = next((key.arn or key.name for key in _named(facts, ROLE)), named)

    def judge(key: KeyFacts) -> str:
        if not key.there or key.of_aws or meant in (key.name, key.arn, "*"):
            return ""
        instead = f"the role would be given {named}" if named else "iam_kms_key_arn is empty"
        return f"The backup is encrypted with {key.arn}, and {instead}."

    return _seen(_named(facts, BACKUP), judge, "iam_kms_key_arn: {key}")


_NEEDS = ("keys",)
CHECKS: tuple[Check, ...] = (
    Check(
        id="key.missing",
        severity=BLOCKER,
        title="There is no such KMS key",
        why="S3 refuses to write with a key that is not there, and RDS to make a cluster with it.",
        remedy="Correct upload_kms_key_id, restore_kms_key_id or the bucket's default encryption.",
        link=links.KMS_KEY_STATE,
        needs=_NEEDS,
        find=_missing,
        ways=(PHYSICAL,),
    ),
    Check(
        id="key.not_enabled",
        severity=BLOCKER,
        title="A KMS key cannot be used now",
        why="Nothing is encrypted or decrypted with a key that is disabled, or waits for its deletion or material.",
        remedy="Enable the key, or name another one.",
        link=links.KMS_KEY_STATE,
        needs=_NEEDS,
        find=_not_enabled,
        ways=(PHYSICAL,),
    ),
    Check(
        id="key.not_symmetric",
        severity=BLOCKER,
        title="A KMS key is not of the symmetric kind",
        why="S3 and RDS encrypt with symmetric encryption keys only.",
        remedy="Name a key of kind SYMMETRIC_DEFAULT.",
        link=links.S3_KMS,
        needs=_NEEDS,
        find=_not_symmetric,
        ways=(PHYSICAL,),
    ),
    Check(
        id="key.other_region",
        severity=BLOCKER,
        title="A KMS key is another Region's",
        why="A bucket and a cluster are encrypted with keys of their own Region.",
        remedy="Name a key of the cluster's Region.",
        link=links.S3_KMS,
        needs=_NEEDS,
        find=_other_region,
        ways=(PHYSICAL,),
    ),
    Check(
        id="key.policy",
        severity=WARNING,
        title="The key's policy does not let the role decrypt",
        why="RDS reads the backup with the rights of its role, and a key obeys its own policy first: without a "
        "statement for the role, or one that leaves it to IAM, no other policy helps.",
        remedy="Add a statement that allows kms:Decrypt to the role, in the key's policy or by a grant.",
        link=links.KMS_KEY_POLICY,
        needs=(*_NEEDS, "access"),
        find=_policy,
        ways=(PHYSICAL,),
    ),
    Check(
        id="key.not_named",
        severity=BLOCKER,
        title="The role that is going to be made may not decrypt the backup",
        why="Role iam gives the role kms:Decrypt on the key that it is told of, and on no other.",
        remedy="Name the key's ARN in iam_kms_key_arn.",
        link=links.S3_KMS,
        needs=_NEEDS,
        find=_not_named,
        ways=(PHYSICAL,),
    ),
)
