# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Options that several modules share, as parts of an argument specification.

Their documentation stands in ``plugins/doc_fragments`` under the same names.
"""

from typing import Any, Dict


def aws_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The options by which a module reaches AWS, named as the users of ``amazon.aws`` know them."""
    return {
        "region": {"type": "str", "aliases": ["aws_region", "ec2_region"]},
        "profile": {"type": "str", "aliases": ["aws_profile"]},
        "access_key": {"type": "str", "aliases": ["aws_access_key_id", "aws_access_key"], "no_log": False},
        "secret_key": {"type": "str", "aliases": ["aws_secret_access_key", "aws_secret_key"], "no_log": True},
        "session_token": {"type": "str", "aliases": ["aws_session_token"], "no_log": True},
        "endpoint_url": {"type": "str", "aliases": ["aws_endpoint_url"]},
        "aws_ca_bundle": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
    }


def mysql_login_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The options by which a module reaches a MySQL server, named as the users of ``community.mysql`` know them."""
    return {
        "login_host": {"type": "str", "default": "localhost"},
        "login_port": {"type": "int", "default": 3306},
        "login_user": {"type": "str"},
        "login_password": {"type": "str", "no_log": True},
        "login_unix_socket": {"type": "str"},
        "config_file": {"type": "path"},
        "connect_timeout": {"type": "int", "default": 30},
        "ssl_mode": {
            "type": "str",
            "default": "preferred",
            "choices": ["disabled", "preferred", "required", "verify_ca", "verify_identity"],
        },
        "ca_cert": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
    }


CLUSTER_ALIASES = ("id", "identifier", "cluster_id", "cluster_name")
"""What ``db_cluster_identifier`` may be called, too: as in amazon.aws.rds_cluster."""


def cluster_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The option that names a cluster."""
    return {"db_cluster_identifier": {"type": "str", "required": True, "aliases": list(CLUSTER_ALIASES)}}


def migration_id_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The options that name a migration and the bucket which holds its record."""
    return {"bucket": {"type": "str", "required": True}, "migration_id": {"type": "str", "required": True}}


def schemas_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The options that choose schemas by name or pattern."""
    return {
        "schemas": {"type": "list", "elements": "str", "default": []},
        "exclude_schemas": {"type": "list", "elements": "str", "default": []},
    }


def stored_objects_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The options that choose among stored objects: kinds and schemas."""
    kinds = ["functions", "procedures", "triggers", "events", "views"]
    return dict(schemas_argument_spec(), kinds={"type": "list", "elements": "str", "choices": kinds, "default": kinds})


def progress_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The option of a long module that names its progress file."""
    return {"progress_file": {"type": "path"}}


def scoped_credentials_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The options of a long module whose credentials are minted for it, and renewed while it works."""
    return {
        "scoped_credentials": {"type": "dict"},
        "credentials_socket": {"type": "path"},
        "credentials_expiration": {"type": "str"},
    }
