#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: xtrabackup_tarballs
short_description: Makes backups that have too many files for Aurora split tarballs
description:
  - Aurora reads 1,000,000 files at most, with all increments. This module makes each backup of a chain a tarball, cut
    into parts that Aurora puts together again, in a directory of the backup's own name.
  - The backups themselves are only read. A file that vanishes or changes meanwhile fails the task.
  - A tarball is whole or it is not there. Those that were finished before a failure or a kill are not made again.
  - The memory that it takes does not depend on the size of the backups.
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.progress
attributes:
  check_mode:
    support: full
    details:
      - Of tarballs that are not there yet, RV(backup) then has the files and bytes of the directories.
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - Python 3.6 or later on the host, and no further library.
  - GNU tar, and for O(format=tar_gz) C(igzip) (package isal) or C(pigz).
options:
  backup:
    description:
      - The chain, as RV(dbferry.aurora_mysql.xtrabackup_info#module:backup) of module
        M(dbferry.aurora_mysql.xtrabackup_info) describes it.
    type: dict
    required: true
  reason:
    description:
      - Why tarballs are made, for RV(backup.format_reason).
    type: str
    default: ""
  target_dir:
    description:
      - Gets one directory for each backup. It is made.
    type: path
    required: true
  work_dir:
    description:
      - The directory of unfinished tarballs, the lock, logs and the pages that vouch for finished ones. It has to be on
        the same file system as O(target_dir), and not within it. It is made.
    type: path
    required: true
  format:
    description:
      - V(tar_gz) is compressed on all cores by C(igzip) or C(pigz) into what C(gunzip) reads.
      - V(auto) is the format of tarballs that are there already, else V(tar_gz) where the host has one of these
        programs, else V(tar).
    type: str
    choices: [auto, tar, tar_gz]
    default: auto
  part_size:
    description:
      - The size of the parts, from V(5MiB) to V(5TB). A number of bytes, or one with C(MB), C(GB), C(TB)
        (powers of 1000) or C(MiB), C(GiB), C(TiB) (powers of 1024), as C(split --bytes) takes them.
    type: str
    default: 500MB
  lock_timeout:
    description:
      - Seconds to wait while another run works with the same O(work_dir).
    type: int
    default: 3600
  min_free_percent:
    description:
      - How much of the file system has to stay free after each tarball. How large a compressed one gets is not known
        before.
    type: int
    default: 10
seealso:
  - module: dbferry.aurora_mysql.xtrabackup_info
"""

EXAMPLES = r"""
- name: Look at the backups of a cron job
  dbferry.aurora_mysql.xtrabackup_info:
    directory: /srv/backups/2026-w04
  register: existing

- name: Make them tarballs where they are too many files
  dbferry.aurora_mysql.xtrabackup_tarballs:
    backup: "{{ existing.backup }}"
    reason: "{{ existing.tarballs_reason }}"
    target_dir: /backup/shop/backup
    work_dir: /backup/shop/work
  when: existing.tarballs
"""

RETURN = r"""
backup:
  description:
    - The chain as it lies in its tarballs. It is O(backup) with another C(format), C(format_reason), C(directory), and
      other C(files) and C(bytes). A backup with the name C(.) becomes C(full).
    - Its other members are those of RV(dbferry.aurora_mysql.xtrabackup_info#module:backup).
  returned: success
  type: dict
  contains:
    format:
      description: V(tar) or V(tar_gz).
      type: str
      returned: always
    format_reason:
      description: The value of O(reason).
      type: str
      returned: always
    directory:
      description: The value of O(target_dir).
      type: str
      returned: always
    files:
      description: How many parts the tarballs have.
      type: int
      returned: always
    bytes:
      description: Their lengths together.
      type: int
      returned: always
    chain:
      description:
        - The backups in order, each with C(name) (its path below O(target_dir)), and C(files) and C(bytes) of its
          parts.
      type: list
      elements: dict
      returned: always
error_id:
  description: On failure, a stable name of what is wrong, such as V(backup.archive_failed) or V(host.disk_full).
  returned: failure
  type: str
remedy:
  description: On failure, what to do about it.
  returned: failure
  type: str
details:
  description: On failure, further facts, such as the last lines of what a program said.
  returned: failure
  type: dict
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import progress_argument_spec
from ..module_utils._backup.formats import AUTO
from ..module_utils._backup.parts import DEFAULT_PART_SIZE, parse_part_size
from ..module_utils._backup.tarballs import TarballRequest, make_tarballs
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._progress.file import ProgressFile
from ..module_utils._stop import stop_on_signals


def main() -> None:
    module = AnsibleModule(
        argument_spec=dict(
            progress_argument_spec(),
            backup={"type": "dict", "required": True},
            reason={"type": "str", "default": ""},
            target_dir={"type": "path", "required": True},
            work_dir={"type": "path", "required": True},
            format={"type": "str", "choices": [AUTO, "tar", "tar_gz"], "default": AUTO},
            part_size={"type": "str", "default": DEFAULT_PART_SIZE},
            lock_timeout={"type": "int", "default": 3600},
            min_free_percent={"type": "int", "default": 10},
        ),
        supports_check_mode=True,
    )
    params = module.params
    progress = ProgressFile(params["progress_file"])
    try:
        with errors_to_fail_json(module), stop_on_signals() as stop:
            request = TarballRequest(
                backup=params["backup"],
                form=params["format"],
                reason=params["reason"],
                root=os.path.abspath(params["target_dir"]),
                work_dir=os.path.abspath(params["work_dir"]),
                part_size=parse_part_size(params["part_size"]),
                lock_timeout=params["lock_timeout"],
                min_free_percent=params["min_free_percent"],
            )
            result = make_tarballs(request, progress, stop, module.check_mode)
    finally:
        progress.close()
    module.exit_json(changed=bool(result.missing), backup=result.backup, diff=result.diff)


if __name__ == "__main__":
    main()
