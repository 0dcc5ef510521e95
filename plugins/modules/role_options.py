#!/usr/bin/python

# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: role_options
short_description: Read a role's options as its argument specification types them
version_added: 0.1.0
description:
  - Reads the variables that the C(meta/argument_specs.yml) of the running role declares, converts each to the
    declared type, validates it, and sets one fact C(ROLE_options) whose keys are the options' names without the role's
    name in front.
  - An empty string counts as not given, so that the blank fields of an AWX survey mean the default.
  - Options marked C(no_log) are validated but stay out of the fact.
  - The action runs on the controller and needs no connection to the host.
author:
  - dbferry contributors (@dbferry)
options:
  entry_point:
    description:
      - Which entry point's specification is read.
    type: str
    default: main
attributes:
  check_mode:
    support: full
    description: Can run in check mode; it only sets a fact.
  diff_mode:
    support: N/A
    description: Nothing is changed.
  idempotent:
    support: full
    description: It only sets a fact.
"""

EXAMPLES = r"""
- name: Read the role's options
  dbferry.aurora_mysql.role_options:
"""

RETURN = r"""
ansible_facts:
  description: One fact, named after the role.
  returned: success
  type: dict
  sample:
    backup_options:
      parallel: 4
      new: false
"""
