#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: xtrabackup_info
short_description: Finds the backups below a directory and says whether Aurora can read them
description:
  - Finds backups of Percona XtraBackup and mariabackup below a directory of this host, at any depth and under any name.
    A backup in a directory is found by its C(xtrabackup_checkpoints), a stream by the names of its parts, such as
    C(backup.xbstream00000), C(nightly.tar.gz00) or C(backup.tar).
  - Puts them in order, and refuses what Aurora would not read. They have to be exactly one full backup and increments
    of which each begins where another ends; whole, not prepared, not partial, not encrypted, not compressed by the
    tool; of one server; in one format.
  - Of a stream it reads the headers only, but of C(tar.gz) all, since there is no way to step over what is compressed.
  - Names in a warning the files that belong to no backup. Refuses what S3 cannot hold, such as symbolic links, and
    files that by their names hold logins or keys, because everything below O(directory) is sent.
  - Writes nothing.
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
  - dbferry.aurora_mysql.progress
requirements:
  - Python 3.6 or later on the host, and no further library.
options:
  directory:
    description:
      - Where to look. It may be a backup itself.
    type: path
    required: true
  allow_compress:
    description:
      - Take backups that the tool has compressed. AWS says nowhere that Aurora reads them.
      - The tool compresses C(xtrabackup_info), too. Put the plain one beside it, such as the copy that the tool's
        C(--extra-lsndir) makes; a compressed stream cannot be taken up.
    type: bool
    default: false
  most_files:
    description:
      - With more files than this RV(tarballs) is true. It is the number of files that Aurora reads at most.
    type: int
    default: 1000000
seealso:
  - module: dbferry.aurora_mysql.xtrabackup
  - module: dbferry.aurora_mysql.s3_tree
"""

EXAMPLES = r"""
- name: Look at the backups of a cron job
  dbferry.aurora_mysql.xtrabackup_info:
    directory: /srv/backups/2026-w04
  register: existing

- name: Show their order
  ansible.builtin.debug:
    msg: "{{ existing.backup.chain | map(attribute='name') | join(', ') }}"
"""

RETURN = r"""
backup:
  description:
    - The chain, as module M(dbferry.aurora_mysql.xtrabackup) returns it, with RV(backup.directory) being O(directory).
    - Times are converted to UTC from the time zone of this host.
  returned: success
  type: dict
  contains:
    backup_id:
      description: The UUID of the last backup.
      type: str
      returned: always
      sample: 7cbb9059-e675-11f1-a9ce-02fc00000001
    format:
      description: V(directory), V(xbstream), V(tar) or V(tar_gz).
      type: str
      returned: always
    format_reason:
      description: Says that the format was found and not chosen.
      type: str
      returned: always
    staged:
      description: Always true.
      type: bool
      returned: always
    directory:
      description: The value of O(directory).
      type: str
      returned: always
    tool:
      description: C(name), C(version) and C(series) of what made the last backup; C(executable) is empty.
      type: dict
      returned: always
    server_version:
      description: The server's version at the last backup.
      type: str
      returned: always
    binlog:
      description: C(file), C(position) and C(gtid) of the binary log at the last backup.
      type: dict
      returned: always
    slave_info:
      description:
        - How far a replica was with its sources at the last backup, by that one's C(xtrabackup_slave_info), with the
          members of RV(dbferry.aurora_mysql.xtrabackup#module:backup.slave_info). Empty where there is no such file.
      type: list
      elements: dict
      returned: always
    files:
      description: How many files or parts lie below O(directory), with those that RV(others) counts.
      type: int
      returned: always
    bytes:
      description: Their lengths together.
      type: int
      returned: always
    elapsed_seconds:
      description: How long the tool took for them, as it says itself.
      type: float
      returned: always
    progress:
      description: Always empty; nobody was there who could have noted it.
      type: list
      elements: dict
      returned: always
    chain:
      description:
        - The backups, from the full one to the last increment, each with C(name) (its path below O(directory), V(.) for
          that itself), C(backup_id), C(type), C(from_lsn), C(to_lsn), C(last_lsn), C(server_version), C(server_uuid)
          (empty where the backup does not tell), C(start_time), C(end_time), C(binlog),
          C(slave_info), C(files) and C(bytes).
      type: list
      elements: dict
      returned: always
others:
  description:
    - Files below O(directory) that belong to no backup. They travel with the backups, but with RV(tarballs), where only
      the backups become tarballs.
  returned: success
  type: dict
  contains:
    files:
      description: How many.
      type: int
      returned: always
    bytes:
      description: Their lengths together.
      type: int
      returned: always
    names:
      description: Paths below O(directory) of the first 20.
      type: list
      elements: str
      returned: always
tarballs:
  description: Whether the files are more than Aurora reads, so that each backup has to become a tarball.
  returned: success
  type: bool
tarballs_reason:
  description: Why; empty when RV(tarballs) is false.
  returned: success
  type: str
error_id:
  description: On failure, a stable name of what is wrong, such as V(chain.gap), V(chain.fork) or V(chain.prepared).
  returned: failure
  type: str
remedy:
  description: On failure, what to do about it.
  returned: failure
  type: str
details:
  description: On failure, further facts, such as the names of the backups in question.
  returned: failure
  type: dict
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import progress_argument_spec
from ..module_utils._backup.adopt import adopt
from ..module_utils._backup.formats import MOST_FILES
from ..module_utils._errors import errors_to_fail_json
from ..module_utils._progress.file import ProgressFile
from ..module_utils._stop import stop_on_signals


def main() -> None:
    module = AnsibleModule(
        argument_spec=dict(
            progress_argument_spec(),
            directory={"type": "path", "required": True},
            allow_compress={"type": "bool", "default": False},
            most_files={"type": "int", "default": MOST_FILES},
        ),
        supports_check_mode=True,
    )
    params = module.params
    progress = ProgressFile(params["progress_file"])
    try:
        with errors_to_fail_json(module), stop_on_signals() as stop:
            found = adopt(
                os.path.abspath(params["directory"]), progress, stop, params["allow_compress"], params["most_files"]
            )
    finally:
        progress.close()
    if found.warning:
        module.warn(found.warning)
    module.exit_json(
        changed=False,
        backup=found.backup,
        others=dict(found.others._asdict(), names=found.other_names),
        tarballs=bool(found.tarballs_reason),
        tarballs_reason=found.tarballs_reason,
    )


if __name__ == "__main__":
    main()
