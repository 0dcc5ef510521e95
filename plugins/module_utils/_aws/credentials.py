# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Credentials that somebody else keeps fresh, as botocore expects them, and what to do when AWS refuses some."""

from typing import Any, Callable, NamedTuple, Optional

# (refused credentials or None) -> (access key, secret key, session token or None, expiry as Unix time or None), the
# newest there are; given refused ones, those that come after them, or the same where none come. Called for each
# request, from several threads and from forked processes; raises a DbferryError where none hold.
KeyProvider = Callable[[Optional[Any]], Any]


class Keys(NamedTuple):
    """Credentials of one moment, under the names that botocore gives them."""

    access_key: str
    secret_key: str
    token: Optional[str]


class ProvidedCredentials:
    """Stands where botocore expects its ``Credentials``.

    :param provider: where the credentials come from.
    """

    method = "dbferry"

    def __init__(self, provider: KeyProvider) -> None:
        self._provider = provider

    @staticmethod
    def get_deferred_property(_name: str) -> Callable[[], None]:
        """What botocore asks for an account ID by; the endpoints of S3 and RDS need none."""
        return lambda: None

    def get_frozen_credentials(self) -> Keys:
        """The credentials of this moment.

        :raises DbferryError: the provider's.
        """
        return Keys(*self._provider(None)[:3])

    def renew(self, refused: Any) -> bool:
        """Ask the provider after AWS refused credentials; False where it has no others.

        :param refused: what ``get_frozen_credentials`` gave for the request.
        """
        return _differ(Keys(*self._provider(refused)[:3]), refused)

    @property
    def access_key(self) -> str:
        """The access key's ID; botocore reads it in some releases."""
        return self.get_frozen_credentials().access_key

    @property
    def secret_key(self) -> str:
        """The secret of the access key."""
        return self.get_frozen_credentials().secret_key

    @property
    def token(self) -> Optional[str]:
        """The session token."""
        return self.get_frozen_credentials().token


def renew(credentials: Any, refused: Any) -> bool:
    """Ask for other credentials after AWS refused some; False where they come from where there are no others.

    :param credentials: a session's, botocore's own or ``ProvidedCredentials``.
    :param refused: what their ``get_frozen_credentials`` gave for the request.
    """
    if isinstance(credentials, ProvidedCredentials):
        return credentials.renew(refused)
    # botocore renews its own by their expiry; another thread's request may have made it do so.
    return _differ(credentials.get_frozen_credentials(), refused)


def _differ(current: Any, refused: Any) -> bool:
    return bool(current.access_key != refused.access_key or current.token != refused.token)
