# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Size, time and money before anything is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.collect import Collected
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.document import (
    EstimateOptions,
    assessment_document,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.estimate import (
    GIB,
    MIB,
    Rate,
    Size,
    estimate,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.prices import PRICES, price_table
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ServerFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.table_facts import Largest, TableFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.way import choose_engine
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.formats import Measure
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.login import Login
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

RATE = Rate(100_000_000, "given")
LOGIN = Login("db1", 3306, None, "ferry", "", 10, "preferred", None, None, None)


def test_a_stream_is_cut_into_objects():
    told = estimate(Size(100 * GIB, 5000, "seen"), RATE, PRICES, 64 * MIB, 512 * MIB, 30)
    assert told["objects"] == 200
    # 1,600 parts, a request before and one after those of each object; a GET for each and one LIST by RDS.
    assert told["requests"] == 1600 + 400 + 1 + 201
    assert told["transfer_seconds"] == pytest.approx(1073.7)
    assert told["cost"]["storage_month"] == pytest.approx(2.3)
    assert told["cost"]["total"] == pytest.approx(2.3 + 2001 * 0.005 / 1000 + 201 * 0.0004 / 1000, abs=1e-3)


@pytest.mark.parametrize(
    ("wanted", "streamed"),
    [
        ({}, False),
        ({"backup_format": "directory"}, False),
        ({"backup_format": "xbstream"}, True),
        ({"backup_format": "directory", "staging": False}, True),
        ({"backup_format": "tar_gz", "backup_mode": "existing"}, False),
    ],
)
def test_a_staged_stream_is_one_as_well(wanted, streamed):
    assert Wanted(**wanted).streamed(Measure(5000, 100 * GIB, GIB)) is streamed


@pytest.mark.parametrize(
    ("wanted", "files", "largest", "objects"),
    [
        ({}, 300_000, GIB, 300_000),
        ({}, 400_000, GIB, 6000),
        ({}, 10, 5_000_000_000_001, 6000),
        ({"backup_format": "directory"}, 400_000, GIB, 400_000),
        # An increment comes in its chain's form, which nobody looked at; what exists is sent as it is.
        ({"backup_mode": "incremental"}, 400_000, GIB, 400_000),
        ({"backup_mode": "existing"}, 400_000, GIB, 400_000),
    ],
)
def test_what_auto_makes_a_stream_of_is_estimated_as_one(wanted, files, largest, objects):
    version = ServerVersion("mysql", (8, 0, 36))
    tables = TableFacts({}, data_bytes=3 * 10**12, files=files, largest=Largest("shop.orders", largest))
    facts = Facts(Wanted(**wanted), server=ServerFacts(version, version.text), tables=tables)
    collected = Collected(facts, choose_engine(version.text, (), "", False), live=False)
    options = EstimateOptions(RATE.bytes_per_second, False, PRICES, 64 * MIB, 500 * 10**6, 7)
    document = assessment_document(collected, LOGIN, {}, options)
    assert document["estimate"]["objects"] == objects


def test_a_tree_of_small_files_takes_a_request_each():
    told = estimate(Size(1000 * MIB, 10_000, "seen"), RATE, PRICES, 16 * MIB, 0, 7)
    assert told["objects"] == 10_000
    assert told["requests"] >= 10_000 * 2 + 10


@given(
    st.integers(0, 64 * 1024 * GIB), st.integers(0, 1_000_000), st.sampled_from((0, 500 * 10**6)), st.integers(0, 365)
)
def test_more_data_never_costs_less(size, files, cut, days):
    less = estimate(Size(size, files, ""), RATE, PRICES, 64 * MIB, cut, days)
    more = estimate(Size(size * 2 + 1, files, ""), RATE, PRICES, 64 * MIB, cut, days)
    assert more["requests"] >= less["requests"] > 0
    assert more["cost"]["total"] >= less["cost"]["total"] >= 0
    assert more["transfer_seconds"] >= less["transfer_seconds"] >= 0


def test_own_prices_lead():
    assert price_table({"storage_gib_month": "0.5"}) == {**PRICES, "storage_gib_month": 0.5}


@pytest.mark.parametrize("own", [{"gold": 1}, {"get_per_1000": "cheap"}, {"get_per_1000": -1}, {"get_per_1000": "nan"}])
def test_nonsense_prices_are_refused(own):
    with pytest.raises(DbferryError, match=r"assess\.prices"):
        price_table(own)
