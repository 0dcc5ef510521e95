# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role that is made: what of one that is there stays, and where it goes."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.made_role import (
    Pair,
    Policy,
    Role,
    path_in,
    wanted_pair,
)

IAM = "arn:aws:iam::123456789012"
WANTED = Pair(
    Role(f"{IAM}:role/orders", {"Version": "2012-10-17"}, "", (f"{IAM}:policy/orders",), {"team": "shop"}),
    Policy(f"{IAM}:policy/orders", {"Version": "2012-10-17"}, {"team": "shop"}),
)


def test_what_is_not_there_is_made_as_it_is_wanted() -> None:
    assert wanted_pair(Pair(None, None), WANTED) == WANTED
    assert Pair(None, WANTED.policy).as_diff().keys() == {"policy"}


def test_of_a_role_that_is_there_stays_what_nobody_asked_about() -> None:
    there = Role(f"{IAM}:role/team/orders", {}, f"{IAM}:policy/edge", (f"{IAM}:policy/theirs",), {"old": "tag"})
    after = wanted_pair(Pair(there, None), WANTED).role
    assert after == WANTED.role._replace(
        arn=there.arn,
        permissions_boundary=there.permissions_boundary,
        policies=(f"{IAM}:policy/orders", f"{IAM}:policy/theirs"),
    )
    wanted = WANTED._replace(role=WANTED.role._replace(permissions_boundary=f"{IAM}:policy/narrow"))
    assert wanted_pair(Pair(there, None), wanted).role.permissions_boundary == f"{IAM}:policy/narrow"


@pytest.mark.parametrize(("name", "path"), [("orders", "/"), ("team/orders", "/team/"), ("a/b/orders", "/a/b/")])
def test_the_path_is_in_the_arn(name: str, path: str) -> None:
    assert path_in(f"{IAM}:role/{name}") == path
