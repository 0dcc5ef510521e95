#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: xtrabackup_host_info
short_description: Look at a source host before a backup is taken on it
version_added: 0.1.0
description:
  - Looks at the server's data directory (may it be read, how much of it does a backup copy, which links lead out of
    it), at the disk that the backup is laid down on, at the host's clock, and whether S3 is reached from the host.
  - Changes nothing, and opens no more than one connection, to O(s3_endpoint), over which nothing is sent.
author:
  - dbferry contributors (@dbferry)
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
requirements:
  - Python 3.6 or later on the host, and no further library.
options:
  datadir:
    description:
      - The server's data directory, as C(SELECT @@datadir) says it.
    type: path
    required: true
  work_dir:
    description:
      - The directory that the backup is going to be laid down in. It need not exist yet.
    type: path
    required: true
  controller_time:
    description:
      - The controller's time, in seconds since 1970, as C({{ now().timestamp() }}) says it when the task begins.
      - Without it the host's clock is not compared with the controller's.
    type: float
    default: 0.0
  s3_endpoint:
    description:
      - Host and port of S3, such as V(s3.eu-central-1.amazonaws.com:443).
      - Without it, the way to S3 is not tried.
    type: str
    default: ""
  connect_timeout:
    description:
      - How many seconds S3 may take to answer.
    type: int
    default: 5
seealso:
  - module: dbferry.aurora_mysql.xtrabackup_tool_info
  - module: dbferry.aurora_mysql.mysql_assessment_info
"""

EXAMPLES = r"""
- name: Look at the host
  dbferry.aurora_mysql.xtrabackup_host_info:
    datadir: /var/lib/mysql
    work_dir: /var/lib/dbferry
    controller_time: "{{ now().timestamp() }}"
    s3_endpoint: s3.eu-central-1.amazonaws.com:443
  become: true
  register: host

- name: Say how large the backup gets
  ansible.builtin.debug:
    msg: "{{ host.host.datadir.bytes | human_readable }} in {{ host.host.datadir.files }} files"
"""

RETURN = r"""
host:
  description: What the host is like, in the form that O(dbferry.aurora_mysql.mysql_assessment_info#module:host) takes.
  returned: success
  type: dict
  contains:
    clock_offset:
      description: Seconds by which the host's clock is ahead of O(controller_time); the way there is in it. 0 without
        that.
      type: float
      returned: always
    datadir:
      description:
        - The data directory, with C(path), C(error_id) and C(message) (empty where it can be read), and of what a
          backup copies C(files), C(bytes) and C(largest_bytes).
        - C(links) are the symbolic links in it that lead out of it, with C(count) and the first 20 C(names).
      type: dict
      returned: always
    work_dir:
      description:
        - The disk under O(work_dir), with C(path), C(looked_at) (the path, or the nearest one above it that exists),
          C(free_bytes) and C(total_bytes).
      type: dict
      returned: always
    s3:
      description: The way to S3, with C(endpoint) and C(problem) (empty where it was reached, or not tried).
      type: dict
      returned: always
  sample:
    clock_offset: 0.8
    datadir:
      path: /var/lib/mysql
      error_id: ""
      message: ""
      files: 1204
      bytes: 53687091200
      largest_bytes: 10737418240
      links: {"count": 0, "names": []}
    work_dir: {"path": /var/lib/dbferry, "looked_at": /var/lib, "free_bytes": 107374182400, "total_bytes": 214748364800}
    s3: {"endpoint": "s3.eu-central-1.amazonaws.com:443", "problem": ""}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._backup.host import look_at_host
from ..module_utils._errors import errors_to_fail_json


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "datadir": {"type": "path", "required": True},
            "work_dir": {"type": "path", "required": True},
            "controller_time": {"type": "float", "default": 0.0},
            "s3_endpoint": {"type": "str", "default": ""},
            "connect_timeout": {"type": "int", "default": 5},
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        host = look_at_host(
            params["datadir"],
            params["work_dir"],
            params["controller_time"],
            params["s3_endpoint"],
            params["connect_timeout"],
        )
    module.exit_json(changed=False, host=host)


if __name__ == "__main__":
    main()
