# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The error of everything between a tree of files and its objects."""

from .._errors import DbferryError


class ObjectStoreError(DbferryError):
    """A tree cannot become objects, or the objects are not what the tree is."""

    default_id = "objectstore.failed"


def interrupted(signal_name: str) -> ObjectStoreError:
    """The error for a wish to stop, by the signal's name."""
    return ObjectStoreError(
        "The upload was stopped by {0}.".format(signal_name),
        error_id="objectstore.interrupted",
        remedy="Run again; what arrived whole is not sent again.",
    )
