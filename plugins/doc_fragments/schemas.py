# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


class ModuleDocFragment:
    """Which schemas a module is about: ``_argspec.schemas_argument_spec``."""

    DOCUMENTATION = r"""
options:
  schemas:
    description:
      - Names of the schemas to look at, or shell patterns such as V(shop_*). Without it, all but the server's own.
    type: list
    elements: str
    default: []
  exclude_schemas:
    description:
      - Names or shell patterns of schemas to leave out.
    type: list
    elements: str
    default: []
"""
