# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a role's options as its argument specification types them."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19 every string is a template

    def trust_as_template(value: str) -> str:
        """Strings need no mark here."""
        return value


class ActionModule(ActionBase):
    """See the documentation of module ``role_options``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _VALID_ARGS = frozenset(("entry_point",))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Set the fact, or fail naming every option that does not fit."""
        result = super().run(tmp, task_vars)
        role = self._task._role
        if role is None:
            raise AnsibleError("role_options reads the options of the role that it runs in, and this task is in none.")
        role_name = role.get_name().rsplit(".", 1)[-1]
        spec = self._load_spec(role._role_path, self._task.args.get("entry_point", "main"))
        given, defaults = self._values(spec, task_vars or {})
        checked = ArgumentSpecValidator(spec).validate({**defaults, **given})
        if checked.error_messages:
            result["failed"] = True
            result["msg"] = "Role {0}: {1}. Its options are described in roles/{0}/README.md.".format(
                role_name, "; ".join(checked.error_messages)
            )
            return result
        options = {
            name[len(role_name) + 1 :]: checked.validated_parameters.get(name)
            for name, attributes in spec.items()
            if name.startswith(role_name + "_") and not attributes.get("no_log")
        }
        result["changed"] = False
        result["ansible_facts"] = {role_name + "_options": options}
        return result

    def _load_spec(self, role_path: str, entry_point: str) -> dict[str, dict[str, Any]]:
        specs = self._loader.load_from_file(os.path.join(role_path, "meta", "argument_specs.yml"))
        spec = specs["argument_specs"][entry_point]["options"]
        # A path belongs to the host that uses it: "path" would expand ~ and variables here, on the controller.
        return {
            name: {**attributes, "type": "str" if attributes.get("type") == "path" else attributes.get("type", "str")}
            for name, attributes in spec.items()
        }

    def _values(
        self, spec: dict[str, dict[str, Any]], task_vars: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What was given (an empty string is nothing), and the defaults of what was not; both templated."""
        given: dict[str, Any] = {}
        defaults: dict[str, Any] = {}
        for name, attributes in spec.items():
            if name in task_vars:
                value = self._template(name, task_vars[name])
                if value is not None and not (isinstance(value, str) and not value.strip()):
                    given[name] = value
                    continue
            default = attributes.pop("default", None)
            if isinstance(default, str):
                default = self._template(name, trust_as_template(default))
            if default is not None:
                defaults[name] = default
        return given, defaults

    def _template(self, name: str, value: Any) -> Any:
        try:
            return self._templar.template(value)
        except AnsibleError as error:
            raise AnsibleError("Option {0} cannot be evaluated: {1}".format(name, error)) from error
