# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's error, and where it becomes a failed task."""

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError, errors_to_fail_json


class FailedModule(Exception):
    """Raised where AnsibleModule would exit."""


class Module:
    """Has the one method that is called."""

    def fail_json(self, **result):
        raise FailedModule(result)


def test_an_error_says_what_happened_and_what_to_do():
    error = DbferryError("The disk is full.", error_id="backup.disk", remedy="Free 10 GiB.", details={"free": 1})
    with pytest.raises(FailedModule) as caught, errors_to_fail_json(Module()):
        raise error
    assert caught.value.args[0] == {
        "msg": "[backup.disk] The disk is full. What to do: Free 10 GiB.",
        "error_id": "backup.disk",
        "remedy": "Free 10 GiB.",
        "details": {"free": 1},
    }


def test_a_bug_stays_a_bug():
    with pytest.raises(KeyError), errors_to_fail_json(Module()):
        {}["x"]
