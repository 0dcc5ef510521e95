# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Reads credentials anew when AWS refuses them in the middle of work that is longer than they live.

botocore renews what it got from a role or an instance by itself. What it read from a file it keeps for good, also where
somebody has long put newer ones there; a new session reads them.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

from .._aws.errors import AwsError, aws_errors

# AWS' codes for credentials that are over or gone, and botocore's for those that it cannot renew or find.
_REFUSED_CODES = frozenset(
    {
        "CredentialRetrievalError",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "NoCredentialsError",
        "RefreshWithMFAUnsupportedError",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        "UnrecognizedClientException",
    }
)


def credentials_refused(error: AwsError) -> bool:
    """Whether an error says that the credentials do not hold (any more), and not what they may do."""
    return error.details.get("aws_code") in _REFUSED_CODES


class Renewal:
    """Makes clients, each from the credentials of its moment.

    :param make_session: makes a boto3 session from the options, the environment and the files as they are now.
    :param make_client: makes a client from a session.
    """

    def __init__(self, make_session: Callable[[], Any], make_client: Callable[[Any], Any]) -> None:
        self._make_session = make_session
        self._make_client = make_client
        self._session = make_session()

    def client(self) -> Any:
        """A client with the newest credentials that were read."""
        return self._make_client(self._session)

    def renewed(self) -> Any | None:
        """A client with other credentials than the last one's; ``None`` where there are none."""
        refused = _keys(self._session)
        try:
            fresh = self._make_session()
        except AwsError:
            # The file is not there, or half written: as good as none, and the refusal is the better message.
            return None
        keys = _keys(fresh)
        if keys is None or keys == refused:
            return None
        self._session = fresh
        return self.client()


def _keys(session: Any) -> Optional[tuple[Any, ...]]:
    try:
        with aws_errors("reading credentials"):
            credentials = session.get_credentials()
            return None if credentials is None else tuple(credentials.get_frozen_credentials())
    except AwsError:
        return None
