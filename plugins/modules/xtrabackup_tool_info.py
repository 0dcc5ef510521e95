#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: xtrabackup_tool_info
short_description: Finds the backup tools of a host and says whether they fit a server
description:
  - Finds Percona XtraBackup and mariabackup on this host, and asks them for their versions.
  - With O(server_version) it also says whether they can back up that server for Aurora MySQL, which series can, and
    which package of which of Percona's repositories holds it.
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.attributes.info_module
requirements:
  - Python 3.6 or later on the host, and no further library.
options:
  executable:
    description:
      - Path or name of one tool to look at. Without it, all that the host has in E(PATH) and the usual directories.
      - It is no error when it is missing; RV(tools) is then empty.
    type: str
  server_version:
    description:
      - A server's version, as C(SELECT VERSION()) says it.
    type: str
  server_flavour:
    description:
      - What the server is. Without it, V(mariadb) when its version says so, else V(mysql).
    type: str
    choices: [mysql, percona, mariadb]
  allow_mariadb:
    description:
      - Whether C(mariabackup) fits a MariaDB server. Aurora MySQL reads neither; this is for labs.
    type: bool
    default: false
seealso:
  - module: dbferry.aurora_mysql.xtrabackup
"""

EXAMPLES = r"""
- name: Look what the host has for a MySQL 8.0 server
  dbferry.aurora_mysql.xtrabackup_tool_info:
    server_version: 8.0.36
  register: tools

- name: Say what has to be installed
  ansible.builtin.debug:
    msg: "{{ tools.recommended.package }} from {{ tools.recommended.repository }}"
  when: tools.fitting is none
"""

RETURN = r"""
tools:
  description: The tools found, XtraBackup before mariabackup.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The program that takes backups; C(innobackupex) for XtraBackup 2.x.
      type: str
      returned: always
      sample: xtrabackup
    executable:
      description: Path of the program that was found.
      type: str
      returned: always
      sample: /usr/bin/xtrabackup
    version:
      description: Its version.
      type: str
      returned: always
      sample: 8.0.35-33
    series:
      description: Its series.
      type: str
      returned: always
      sample: "8.0"
    flavour:
      description: V(xtrabackup) or V(mariabackup).
      type: str
      returned: always
    fits:
      description: Whether it can back up the server. Only with O(server_version).
      type: bool
      returned: when O(server_version) is given
    error_id:
      description: A stable name of why it does not fit; empty when it does.
      type: str
      returned: when O(server_version) is given
    reason:
      description: Why it does not fit, and what to do; empty when it does.
      type: str
      returned: when O(server_version) is given
fitting:
  description: The first of RV(tools) that fits; null when none does or O(server_version) is not given.
  returned: success
  type: dict
recommended:
  description: What to install for the server; null when no series can back it up or O(server_version) is not given.
  returned: success
  type: dict
  contains:
    series:
      description: The XtraBackup series.
      type: str
      returned: always
      sample: "8.0"
    package:
      description: Percona's package.
      type: str
      returned: always
      sample: percona-xtrabackup-80
    repository:
      description: The folder of Percona's repository server that holds it.
      type: str
      returned: always
      sample: pxb-80
packages:
  description: Package and repository of every series, keyed by the series; members as of RV(recommended).
  returned: success
  type: dict
  sample: {"8.0": {"series": "8.0", "package": "percona-xtrabackup-80", "repository": "pxb-80"}}
supported_series:
  description: The series that can back up the server, best first. Empty without O(server_version).
  returned: success
  type: list
  elements: str
  sample: ["2.4", "2.3"]
"""

import os
from typing import Any, Dict, List, Optional

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._backup.argv import program
from ..module_utils._backup.tool import (
    SERIES,
    Server,
    Tool,
    fit_problem,
    package_for,
    parse_server,
    series_for,
)
from ..module_utils._backup.tool_probe import find_tools, probe
from ..module_utils._errors import DbferryError, errors_to_fail_json


def _tools(executable: Optional[str]) -> List[Tool]:
    if not executable:
        return find_tools()
    try:
        return [probe(executable)]
    except DbferryError as error:
        if error.error_id == "tool.missing":
            return []
        raise


def _describe(tool: Tool, server: Optional[Server], allow_mariadb: bool) -> Dict[str, Any]:
    described = {
        "name": os.path.basename(program(tool)),
        "executable": tool.executable,
        "version": tool.version,
        "series": tool.series,
        "flavour": tool.flavour,
    }  # type: Dict[str, Any]
    if server is not None:
        problem = fit_problem(server, tool, allow_mariadb)
        described["fits"] = problem is None
        described["error_id"] = problem.error_id if problem else ""
        described["reason"] = str(problem) if problem else ""
    return described


def _package(series: str) -> Dict[str, str]:
    package = package_for(series)
    return {"series": series, "package": package.name, "repository": package.repository}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "executable": {"type": "str"},
            "server_version": {"type": "str"},
            "server_flavour": {"type": "str", "choices": ["mysql", "percona", "mariadb"]},
            "allow_mariadb": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    with errors_to_fail_json(module):
        server: Optional[Server] = None
        if params["server_version"]:
            server = parse_server(params["server_version"], params["server_flavour"] or "")
        tools = [_describe(tool, server, params["allow_mariadb"]) for tool in _tools(params["executable"])]
    supported = list(series_for(server)) if server else []
    module.exit_json(
        changed=False,
        tools=tools,
        fitting=next((tool for tool in tools if tool.get("fits")), None),
        recommended=_package(supported[0]) if supported else None,
        packages={series: _package(series) for series in SERIES},
        supported_series=supported,
    )


if __name__ == "__main__":
    main()
