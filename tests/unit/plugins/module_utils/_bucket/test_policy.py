# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One statement of a bucket's policy, and all the others."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._bucket.policy import with_statement

WANTED = {"Effect": "Deny", "Action": "s3:*"}
OURS = {"Sid": "Ours", **WANTED}
THEIRS = {"Effect": "Allow", "Action": "s3:GetObject"}
LAST = {"Sid": "Last", "Effect": "Deny", "Action": "s3:PutObject"}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ({}, WANTED, policy(OURS)),
        ({}, None, {}),
        (policy(THEIRS), WANTED, policy(THEIRS, OURS)),
        (policy(THEIRS, {**OURS, "Action": "*"}, LAST), WANTED, policy(THEIRS, OURS, LAST)),
        (policy(OURS, OURS), WANTED, policy(OURS)),
        (policy(THEIRS, OURS, LAST), None, policy(THEIRS, LAST)),
        (policy(OURS), None, {}),
        ({"Statement": THEIRS}, None, policy(THEIRS)),
        (
            {"Version": "2008-10-17", "Id": "mine", "Statement": [LAST]},
            WANTED,
            {"Version": "2008-10-17", "Id": "mine", "Statement": [LAST, OURS]},
        ),
    ],
)
def test_others_statements_stay_where_they_are(before, wanted, after):
    assert with_statement(before, "Ours", wanted) == after
