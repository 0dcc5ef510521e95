# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dump of what a restore leaves behind, as it stands in the record."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.objects_dump import (
    dump_document,
    dump_text,
    without_hashes,
)

DOCUMENT = {**dump_document(None, None, {"zone": "Asia/Tōkyō"}), "hashes": None}


@pytest.mark.parametrize("hashes", [None, ["$ANSIBLE_VAULT;1.1;AES256", "00"]])
def test_a_document_is_the_same_without_its_hashes(hashes: list[str] | None) -> None:
    assert without_hashes(dump_text({**DOCUMENT, "hashes": hashes})) == (dump_text(DOCUMENT), hashes is not None)


@pytest.mark.parametrize(("text", "why"), [("", "Expecting value"), ("[]", "no hashes"), ("{}", "no hashes")])
def test_what_is_no_document_has_no_hashes_to_keep(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        without_hashes(text)
