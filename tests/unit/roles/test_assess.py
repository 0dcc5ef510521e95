# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role ``assess`` takes from an earlier upload."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
import yaml

VARIABLES = Path(__file__).parents[3] / "roles" / "assess" / "vars" / "main.yml"
UPLOAD = {"bytes": 5000, "elapsed_seconds": 60.0}


@pytest.mark.parametrize(
    ("upload", "rate"),
    [
        ({}, "0"),
        ({**UPLOAD, "sent_bytes": 1000, "sent_seconds": 8.0}, "125"),
        # A run that only ended what another one had sent tells no rate, nor does a record that does not say it.
        ({**UPLOAD, "sent_bytes": 0, "sent_seconds": 0.0}, "0"),
        (UPLOAD, "0"),
    ],
)
def test_the_measured_rate_is_that_of_what_the_last_run_sent(upload: dict[str, float], rate: str) -> None:
    expression = yaml.safe_load(VARIABLES.read_text())["assess_measured_rate"]
    assert jinja2.Template(expression).render(assess_sent=upload).strip() == rate
