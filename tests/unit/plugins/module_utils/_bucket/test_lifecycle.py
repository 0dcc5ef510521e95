# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules by their IDs: ours as wanted, those of others as they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._bucket.lifecycle import Rule, plan

ids = st.sampled_from("abcdef")
wanted_rules = st.lists(st.builds(Rule, ids, st.just("x/"), st.just(7), st.none()), unique_by=lambda rule: rule.rule_id)
# A rule that was made in the console may have no ID.
other_rules = st.lists(
    st.one_of(
        ids.map(lambda name: {"ID": name, "Status": "Disabled", "Filter": {}}),
        st.just({"Status": "Enabled", "Prefix": "old/"}),
    ),
    unique_by=lambda rule: rule.get("ID"),
)


def test_a_rule_in_the_form_of_s3():
    assert Rule("e", "shop/backup/", None, 30).as_s3() == {
        "ID": "e",
        "Filter": {"Prefix": "shop/backup/"},
        "Status": "Enabled",
        "Expiration": {"Days": 30},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }
    assert Rule("u", "", 7, None).as_s3()["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


@given(current=other_rules, wanted=wanted_rules, unwanted=st.lists(ids))
def test_wanted_rules_are_there_unwanted_ones_gone_and_others_untouched(current, wanted, unwanted):
    after = plan(current, wanted, unwanted)
    own = {rule.rule_id for rule in wanted}
    assert [rule for rule in after if rule.get("ID") in own] != [] or not own
    assert all(rule.as_s3() in after for rule in wanted)
    untouched = [rule for rule in current if rule.get("ID") not in own | set(unwanted)]
    assert [rule for rule in after if rule.get("ID") not in own] == untouched
    assert plan(after, wanted, unwanted) == after
