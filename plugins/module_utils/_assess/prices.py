# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What S3 asks for, in US dollars; the user's own table leads. Pure.

The figures are list prices of S3 Standard in us-east-1 ("Amazon S3 pricing"). They differ by Region and change; an
estimate says which it was made with.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._errors import DbferryError

CURRENCY = "USD"
PRICES = {
    "put_per_1000": 0.005,
    "get_per_1000": 0.0004,
    "storage_gib_month": 0.023,
    "transfer_in_gib": 0.0,
}
"""PUT, COPY, POST and LIST requests; GET and the rest; a GiB kept for a month; a GiB that comes in."""


def price_table(own: Mapping[str, object]) -> dict[str, float]:
    """The prices to reckon with.

    :param own: the user's, by the names of ``PRICES``; numbers, or text that is one.
    :raises DbferryError: ``assess.prices``, an unknown name or no number.
    """
    prices = dict(PRICES)
    for name, value in own.items():
        if name not in PRICES:
            raise DbferryError(
                f"{name} is no price that an estimate needs.",
                "assess.prices",
                f"The prices are {', '.join(PRICES)}.",
            )
        try:
            price = float(str(value))
        except ValueError:
            price = -1.0
        if not 0 <= price < float("inf"):
            raise DbferryError(
                f"The price {name} is {value!r}, which is no number of {CURRENCY}.",
                "assess.prices",
                "Give a number such as 0.023.",
            )
        prices[name] = price
    return prices
