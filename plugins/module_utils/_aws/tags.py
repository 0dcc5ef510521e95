# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Tags between the form of AWS' answers and requests, and a mapping. Pure."""

from typing import Any, Dict, Iterable, List, Mapping, Optional


def tags_of(shown: Optional[Iterable[Mapping[str, Any]]]) -> Dict[str, str]:
    """Tags as RDS, IAM and S3 show them, by key; a tag without a value has an empty one."""
    return {str(tag["Key"]): str(tag.get("Value") or "") for tag in shown or ()}


def tag_list(tags: Mapping[str, Any]) -> List[Dict[str, str]]:
    """Tags as requests take them, in a stable order."""
    return [{"Key": str(key), "Value": str(tags[key])} for key in sorted(tags)]
