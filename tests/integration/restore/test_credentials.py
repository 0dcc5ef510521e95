# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials that expire while a restore is waited for."""

from __future__ import annotations

import pytest

from .scripted_rds import EXPIRED, PASSING_KEY

FILE = "[work]\naws_access_key_id = {key}\naws_secret_access_key = s\naws_session_token = t\n"


@pytest.fixture
def credentials_file(tmp_path, monkeypatch):
    """The file that boto3 reads, with the key that will expire."""
    path = tmp_path / "credentials"
    path.write_text(FILE.format(key=PASSING_KEY))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    return path


def started(account, name, part):
    """A module that uses the file's credentials and waits for its cluster."""
    process = account.start(
        account.options(part, name, profile="work", access_key=None, secret_key=None, poll_interval=1)
    )
    account.wait_for(name, process)
    return process


def expire(account, name):
    """Let AWS refuse the first credentials from now on."""
    account.rds.create_db_cluster(
        DBClusterIdentifier=name + EXPIRED,
        Engine="aurora-mysql",
        MasterUsername="other",
        MasterUserPassword="other-word",
    )


def test_newer_ones_are_read_and_the_wait_goes_on(account, credentials_file):
    process = started(account, "renewed", "long")
    credentials_file.write_text(FILE.format(key="AKIANEWERNEWERNEWERN"))
    expire(account, "renewed")
    result = account.finish(process)
    assert (result.get("action"), result.get("cluster", {}).get("status")) == ("create", "available"), result


@pytest.mark.usefixtures("credentials_file")
def test_where_there_are_none_the_cluster_goes_on(account):
    process = started(account, "lapsed", "endless")
    expire(account, "lapsed")
    result = account.finish(process)
    assert result["error_id"] == "restore.credentials_expired"
    assert "The security token included in the request is expired" in result["msg"]
    assert "goes on restoring by itself" in result["remedy"]
    assert result["details"]["status"] in ("creating", "migrating")
    assert "lapsed" in account.names()
