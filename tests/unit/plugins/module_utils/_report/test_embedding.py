# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a page cannot get out of its place there."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.embedding import (
    csp_source,
    inline_script,
    script_json,
)

HARMFUL = st.sampled_from(["</script>", "<!--", "<script", "]]>", "\u2028", "\u2029", "'", '"', "&lt;", "\\"])
TEXTS = st.lists(HARMFUL | st.text()).map("".join)


class Scripts(HTMLParser):
    """The text of the script elements of a page."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)
        self.texts.append("")

    def handle_data(self, data):
        self.texts[-1] += data


@given(st.recursive(TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_data_comes_out_of_a_script_element_as_it_went_in(data):
    text = script_json(data)
    read = Scripts(f'<script type="application/json">{text}</script>')
    assert read.tags == ["script"]
    assert json.loads(read.texts[0]) == data
    assert not set(text) & set("<>&'\u2028\u2029")


def test_the_hash_of_an_inline_text_is_as_the_standard_has_it():
    # The example of "Content Security Policy Level 2", hash usage for script elements.
    assert csp_source("alert('Hello, world.');") == "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"


def test_a_script_loses_the_address_of_its_source_map_and_nothing_else():
    assert inline_script("a();\nb();\n//# sourceMappingURL=x.map\n") == "a();\nb();"


@pytest.mark.parametrize("text", ["a('</script>')", "a('</SCRIPT x')", "// <!-- x"])
def test_a_script_that_would_end_its_element_is_refused(text):
    with pytest.raises(ValueError, match="end its element"):
        inline_script(text)
