# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which instances a Region has."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.orderable import (
    ClassError,
    OrderableClass,
    WantedInstance,
    orderable_classes,
    require_orderable,
)


def option(name, *zones, insights=True, storage="aurora"):
    return {
        "StorageType": storage,
        "DBInstanceClass": name,
        "AvailabilityZones": [{"Name": zone} for zone in zones],
        "SupportsPerformanceInsights": insights,
    }


OPTIONS = [
    option("db.r6g.large", "eu-west-1b"),
    option("db.r6g.large", "eu-west-1a", insights=False),
    option("db.r6g.large", "eu-west-1c", storage="aurora-iopt1"),
    option("db.r6g.xlarge", "eu-west-1a"),
    option("db.t4g.medium", "eu-west-1a", insights=False),
    option("db.r8g.large", "eu-west-1a", storage="aurora-iopt1"),
    option("db.outpost.large"),
    {},
]
OFFERED = orderable_classes(OPTIONS, "aurora")


def test_the_options_of_a_class_come_together():
    assert OFFERED["db.r6g.large"] == OrderableClass("db.r6g.large", ("eu-west-1a", "eu-west-1b"), True)
    assert set(OFFERED) == {"db.r6g.large", "db.r6g.xlarge", "db.t4g.medium"}


def test_a_class_is_there_for_the_storage_that_lists_it():
    optimized = orderable_classes(OPTIONS, "aurora-iopt1")
    assert {name: each.zones for name, each in optimized.items()} == {
        "db.r6g.large": ("eu-west-1c",),
        "db.r8g.large": ("eu-west-1a",),
    }
    assert orderable_classes(OPTIONS)["db.r6g.large"].zones == ("eu-west-1a", "eu-west-1b", "eu-west-1c")
    with pytest.raises(ClassError, match="with storage aurora-iopt1: class"):
        require_orderable([WantedInstance("db.r6g.xlarge")], optimized, "8.0.mysql_aurora.3.10.0", "aurora-iopt1")


def test_what_is_there_passes():
    wanted = [WantedInstance("db.r6g.large", "eu-west-1b", True), WantedInstance("db.t4g.medium")]
    require_orderable(wanted, OFFERED, "8.0.mysql_aurora.3.10.0")


def test_all_that_is_not_there_is_named_with_what_comes_near():
    wanted = [
        WantedInstance("db.r6g.lage"),
        WantedInstance("db.r6g.xlarge", "eu-west-1c"),
        WantedInstance("db.t4g.medium", performance_insights=True),
        WantedInstance("db.r6g.lage"),
    ]
    with pytest.raises(ClassError) as caught:
        require_orderable(wanted, OFFERED, "8.0.mysql_aurora.3.10.0")
    message = str(caught.value)
    assert message.count("db.r6g.lage") == 1
    assert "db.r6g.xlarge in eu-west-1c (it is in eu-west-1a)" in message
    assert "Performance Insights on class db.t4g.medium" in message
    assert "db.r6g.large" in caught.value.remedy
    assert "8.0.mysql_aurora.3.10.0" in message
