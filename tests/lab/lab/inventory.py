# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory with which the collection's playbooks run against the lab."""

from __future__ import annotations

from typing import Any

import yaml

from .description import Description
from .source import password
from .state import State, write_secret

INTERPRETER = "{{ ansible_playbook_python }}"


def source_variables(state: State, description: Description, name: str, endpoints: dict[str, Any]) -> dict[str, Any]:
    """The host variables of one source, from what endpoints.json holds of it."""
    source, aws = endpoints["sources"][name], endpoints["aws"]
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": INTERPRETER,
        "migration_bucket": endpoints["bucket"],
        "migration_region": aws["region"],
        "migration_aws_access_key": aws["access_key"],
        "migration_aws_secret_key": aws["secret_key"],
        "migration_aws_endpoint_url": aws["endpoint_url"],
        "migration_source_login_host": source["host"],
        "migration_source_login_port": source["port"],
        "migration_source_login_user": source["user"],
        "migration_source_login_password": source["password"],
        "migration_source_login_ssl_mode": "verify_ca" if description.server.tls else "disabled",
        "migration_source_login_ca_cert": source["ca_cert"],
        "migration_target_login_user": "dbadmin",
        "migration_target_login_password": password(),
        "migration_target_login_ssl_mode": "verify_ca",
        "migration_target_login_ca_cert": endpoints["target_ca_cert"],
        "migration_allow_mariadb": description.allow_mariadb,
        "migration_work_dir": str(state.work / name),
        # A lab's backup is small, whatever else fills the disk of the machine.
        "backup_min_free_percent": 1,
        "backup_login_unix_socket": source["unix_socket"],
        "backup_config_file": source["config_file"],
        "xtrabackup_install": description.backup.install,
        "xtrabackup_executable": description.backup.executable,
        "upload_python": INTERPRETER,
        "restore_source_engine_version": description.aurora.source_engine_version,
        "restore_engine_version": description.aurora.engine_version,
        "restore_instance_class": description.aurora.instance_class,
        "restore_poll_interval": 1,
    }


class _UnsafeSecret(str):
    """A value that Ansible must not take for a template."""


def _represent_unsafe(dumper: yaml.SafeDumper, value: _UnsafeSecret) -> yaml.ScalarNode:
    return dumper.represent_scalar("!unsafe", str(value), style="'")


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_UnsafeSecret, _represent_unsafe)


def write(state: State, description: Description, endpoints: dict[str, Any]) -> None:
    """Write inventory.yml with one host for each source, readable by its owner only."""
    hosts = {}
    for name in endpoints["sources"]:
        variables = source_variables(state, description, name, endpoints)
        hosts[name] = {
            key: _UnsafeSecret(value) if key.endswith(("_password", "_secret_key")) else value
            for key, value in variables.items()
        }
    text = yaml.dump({"mysql_sources": {"hosts": hosts}}, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    write_secret(state.inventory, "---\n" + text)
