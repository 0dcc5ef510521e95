# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


class ModuleDocFragment:
    """The option of a long module that names its progress file."""

    DOCUMENTATION = r"""
options:
  progress_file:
    description:
      - A file that the module creates, and whose one line of JSON it replaces while it works.
      - The action plugin of the same name sets it and prints progress from it; nobody has to give it.
      - It is removed at the end.
    type: path
"""
