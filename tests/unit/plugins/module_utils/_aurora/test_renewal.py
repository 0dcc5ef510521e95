# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials that AWS refuses are read anew, and what is refused for another reason is not."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.renewal import Renewal, credentials_refused
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.errors import aws_error
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session import make_session


@pytest.fixture
def credentials_file(tmp_path, monkeypatch):
    """Writes the credentials file that boto3 reads."""
    path = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    def write(key, token):
        path.write_text(f"[work]\naws_access_key_id = {key}\naws_secret_access_key = s\naws_session_token = {token}\n")

    write("FIRST", "t1")
    return write


def renewal(**options):
    # the session stands where the client would: both have the credentials
    return Renewal(lambda: make_session({"region": "eu-west-1", **options}), lambda session: session)


def key(session):
    return session.get_credentials().get_frozen_credentials().access_key


def test_a_profile_that_was_renewed_is_read_anew(credentials_file):
    mine = renewal(profile="work")
    assert key(mine.client()) == "FIRST"
    credentials_file("SECOND", "t2")
    assert key(mine.client()) == "FIRST"
    assert key(mine.renewed()) == "SECOND"
    assert key(mine.client()) == "SECOND"
    credentials_file("SECOND", "t3")
    assert mine.renewed().get_credentials().token == "t3"


@pytest.mark.usefixtures("credentials_file")
def test_nothing_newer_is_nothing():
    mine = renewal(profile="work")
    assert mine.renewed() is None
    assert key(mine.client()) == "FIRST"


@pytest.mark.usefixtures("credentials_file")
def test_keys_given_as_options_stay():
    assert renewal(access_key="FIXED", secret_key="s").renewed() is None


def test_a_file_that_lost_the_profile_is_nothing_newer(credentials_file, tmp_path):
    mine = renewal(profile="work")
    assert key(mine.client()) == "FIRST"
    (tmp_path / "credentials").write_text("")
    assert mine.renewed() is None
    credentials_file("SECOND", "t2")
    assert key(mine.renewed()) == "SECOND"


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("ExpiredToken", True),
        ("ExpiredTokenException", True),
        ("InvalidClientTokenId", True),
        ("CredentialRetrievalError", True),
        ("UnauthorizedSSOTokenError", True),
        ("AccessDenied", False),
        ("SignatureDoesNotMatch", False),
        ("Throttling", False),
    ],
)
def test_what_says_that_credentials_do_not_hold(code, refused):
    assert credentials_refused(aws_error("asking", code, "words")) is refused
