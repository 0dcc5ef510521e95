# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that every relative link of the Markdown files leads to a file, and to a heading where it names one."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)


def main() -> int:
    """Print the broken links below the folder in argv; return 1 if there are any or nothing was checked."""
    root = Path(sys.argv[1])
    pages = sorted(root.rglob("*.md"))
    broken = [f"{page.relative_to(root)}: {link}" for page in pages for link in broken_links(page)]
    print(*broken, f"{len(pages)} pages, {len(broken)} broken links", sep="\n")
    return 1 if broken or not pages else 0


def broken_links(page: Path) -> list[str]:
    """Return the relative links of *page* that lead nowhere."""
    links = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    return [link for link in links if "://" not in link and not link.startswith("mailto:") and not _leads(page, link)]


def _leads(page: Path, link: str) -> bool:
    name, hash_mark, anchor = unquote(link).partition("#")
    target = page.parent / name if name else page
    if not hash_mark or target.suffix != ".md":
        return target.exists()
    return target.is_file() and anchor in _anchors(target)


def _anchors(page: Path) -> set[str]:
    """Return the anchors that a forge makes of the headings: lower case, no punctuation, blanks as hyphens."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


if __name__ == "__main__":
    sys.exit(main())
