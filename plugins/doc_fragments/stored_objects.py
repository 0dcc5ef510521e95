# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


class ModuleDocFragment:
    """Which kinds of stored objects a module is about: ``_argspec.stored_objects_argument_spec``."""

    DOCUMENTATION = r"""
options:
  kinds:
    description:
      - The kinds of objects to look at.
    type: list
    elements: str
    choices: [functions, procedures, triggers, events, views]
    default: [functions, procedures, triggers, events, views]
"""
