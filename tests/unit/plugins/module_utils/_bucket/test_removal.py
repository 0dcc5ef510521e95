# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is removed by a prefix that reaches its neighbours."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._bucket.removal import RemovalError, remove_prefix


@pytest.mark.parametrize("prefix", ["", "/", "//", "shop", "shop/backup", "/shop/backup/"])
def test_a_prefix_that_reaches_its_neighbours_is_refused_before_s3_is_asked(prefix):
    with pytest.raises(RemovalError) as refused:
        remove_prefix(None, "example-migrations", prefix, dry_run=False)
    assert refused.value.error_id == "bucket.prefix"
