# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the benchmark finds and keeps things."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD = CHECKOUT / "build" / "bench"
BIN = CHECKOUT / "build" / "venvs" / "bench" / "bin"
PYTHON = BIN / "python"
"""What stands for the Python of a database host, with boto3[crt]."""

COLLECTIONS = CHECKOUT / "build" / "collections" / "bench"
ROWS = BUILD / "transport.json"
OBJECT_ROWS = BUILD / "objects.json"
ASSESS_ROWS = BUILD / "assess.json"
DOCUMENT = CHECKOUT / "docs" / "performance.md"
