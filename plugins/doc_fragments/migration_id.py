# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


class ModuleDocFragment:
    """Which migration a module is about: ``_argspec.migration_id_argument_spec``."""

    DOCUMENTATION = r"""
options:
  bucket:
    description:
      - The bucket that holds backup and record.
    type: str
    required: true
  migration_id:
    description:
      - The migration's name.
    type: str
    required: true
"""
