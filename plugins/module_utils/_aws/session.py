# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Clients of AWS services, made from a module's options."""

from typing import Any, Dict, Optional

try:
    import boto3
    import botocore.config
    import botocore.exceptions
    import botocore.session

    BOTO3_IMPORT_ERROR: Optional[ImportError] = None
except ImportError as import_error:
    BOTO3_IMPORT_ERROR = import_error

from .credentials import KeyProvider, ProvidedCredentials
from .errors import AwsError

# botocore's "standard" mode retries throttling and passing faults with jittered back-off.
_MAX_ATTEMPTS = 8
USER_AGENT_EXTRA = "dbferry.aurora_mysql"


def make_session(params: Dict[str, Any], provider: Optional[KeyProvider] = None) -> Any:
    """A boto3 session whose credentials are those of the options.

    :param params: module options as ``_argspec.aws_argument_spec`` names them; others are ignored.
    :param provider: asked for credentials instead, now and whenever those it gave last are about to expire.
    :raises AwsError: boto3 is missing, or the options cannot make a session (unknown profile).
    """
    if BOTO3_IMPORT_ERROR is not None:
        raise AwsError(
            "The Python package boto3 is missing: {0}.".format(BOTO3_IMPORT_ERROR),
            error_id="aws.boto3_missing",
            remedy="Install boto3 for the Python that runs this task (ansible_python_interpreter).",
        )
    try:
        if provider is not None:
            core = botocore.session.Session()
            core.get_component("credential_provider").providers = [_Provider(ProvidedCredentials(provider))]
            return boto3.session.Session(botocore_session=core, region_name=params.get("region") or None)
        return boto3.session.Session(
            aws_access_key_id=params.get("access_key") or None,
            aws_secret_access_key=params.get("secret_key") or None,
            aws_session_token=params.get("session_token") or None,
            profile_name=params.get("profile") or None,
            region_name=params.get("region") or None,
        )
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        raise _no_client("session", error) from error


def make_client(params: Dict[str, Any], service: str, session: Optional[Any] = None, **config: Any) -> Any:
    """A boto3 client for ``service``.

    :param params: module options as ``_argspec.aws_argument_spec`` names them; others are ignored.
    :param service: botocore's name of the service, such as ``s3`` or ``rds``.
    :param session: as ``make_session`` returns it; without it, one is made.
    :param config: further members of ``botocore.config.Config``, such as ``max_pool_connections``.
    :raises AwsError: boto3 is missing, or the options cannot make a client (no Region, unknown profile).
    """
    session = session or make_session(params)
    settings = {
        "retries": {"max_attempts": _MAX_ATTEMPTS, "mode": "standard"},
        "user_agent_extra": USER_AGENT_EXTRA,
    }  # type: Dict[str, Any]
    settings.update(config)
    verify = params.get("aws_ca_bundle") or params.get("validate_certs", True)
    try:
        return session.client(
            service,
            endpoint_url=params.get("endpoint_url") or None,
            # None leaves the choice to AWS_CA_BUNDLE and the configuration file.
            verify=None if verify is True else verify,
            config=botocore.config.Config(**settings),
        )
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        raise _no_client("client for AWS {0}".format(service), error) from error


def _no_client(what: str, error: Exception) -> AwsError:
    return AwsError(
        "No {0}: {1}".format(what, error),
        error_id="aws.no_client",
        remedy="Give region, and either profile or access_key with secret_key, or set them in the environment.",
    )


class _Provider:
    """What botocore asks for credentials; the only one in its chain."""

    METHOD = "dbferry"
    CANONICAL_NAME = "dbferry"

    def __init__(self, credentials: ProvidedCredentials) -> None:
        self._credentials = credentials

    def load(self) -> ProvidedCredentials:
        return self._credentials
