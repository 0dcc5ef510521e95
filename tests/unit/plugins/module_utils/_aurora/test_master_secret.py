# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a master user's secret holds."""

from __future__ import annotations

import traceback

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.master_secret import (
    MasterLogin,
    SecretError,
    parse_master_login,
)

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!cluster-1"


def test_name_and_password():
    assert parse_master_login('{"username": "admin", "password": "x\\"y"}', ARN) == MasterLogin("admin", 'x"y')


@pytest.mark.parametrize(
    "text", ["", "hidden-thing", '"hidden-thing"', '["hidden-thing"]', '{"username": "a"}', "null"]
)
def test_another_secret_is_refused_and_not_shown(text):
    with pytest.raises(SecretError) as caught:
        parse_master_login(text, ARN)
    shown = "".join(traceback.format_exception(type(caught.value), caught.value, caught.value.__traceback__, limit=0))
    assert ARN in shown and "hidden-thing" not in shown
