# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Numbers of things in sentences. Pure."""


def counted(number: int, one: str, many: str = "") -> str:
    """So many of something: ``1 table``, ``2,000 tables``.

    :param one: what there is one of, with the verb where it differs: ``account has``.
    :param many: the same of several; an s more where it is "".
    """
    return "{0:,} {1}".format(number, one if number == 1 else many or one + "s")
