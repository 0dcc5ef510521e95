# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Text and data inside a page, whoever wrote them. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

# What ends a script element, begins a comment in it or was a line end to old engines of JavaScript.
_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'\u2028\u2029"}


def script_json(value: Any) -> str:
    """JSON that may stand in a ``script`` element of type ``application/json``.

    Source: "Restrictions for contents of script elements" (HTML Standard).
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).translate(_UNSAFE)


def csp_source(text: str) -> str:
    """The source expression that lets a page run or apply exactly this inline text: ``'sha256-...'``.

    Source: "Content Security Policy Level 3", hash-source.
    """
    return "'sha256-{}'".format(base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii"))


def inline_script(text: str) -> str:
    """A script as it stands in a page: without the line that has a browser look for its source map.

    :raises ValueError: it holds what would end the element.
    """
    lines = [line for line in text.strip().split("\n") if not line.startswith("//# sourceMappingURL=")]
    script = "\n".join(lines)
    if "</script" in script.lower() or "<!--" in script:
        raise ValueError("The script holds what would end its element.")
    return script
