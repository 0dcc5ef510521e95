# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What moto's RDS back end holds for the lab: restored clusters, their instances, their events, managed secrets."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from moto.rds import models

from .aurora_server import AuroraServer


def now() -> datetime:
    """The time as moto keeps it: UTC without saying so."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


class ClusterEvent:
    """An event with the lab's own text, beside moto's fixed ones. RDS has an id for each kind, which the API hides."""

    def __init__(self, resource: Any, source_type: str, message: str, category: str):
        self.source_identifier = resource.resource_id
        self.source_type = source_type
        self.source_arn = resource.arn
        self.message = message
        self.event_categories = [category]
        self.date = now()


class MasterSecret(models.MasterUserSecret):
    """A managed master password that is random and belongs to the cluster's master user."""

    def _generate_secret_string(self) -> str:
        self.password = secrets.token_urlsafe(20)
        return json.dumps({"username": self.resource.master_username, "password": self.password})

    def _generate_secret_tags(self) -> list[dict[str, str]]:
        return [{"Key": "aws:rds:primaryDBClusterArn", "Value": self.resource.arn}]


class RestoredCluster(models.DBCluster):
    """A cluster made from a backup, with a real server behind it. Its status is only what the restore sets."""

    def __init__(self, backend: models.RDSBackend, server: AuroraServer, **members: Any):
        # Aurora has no size to order, and moto knows none for each of its kinds of storage.
        super().__init__(backend, **{"allocated_storage": 1, **members})
        self.engine_lifecycle_support = members.get("engine_lifecycle_support") or "open-source-rds-extended-support"
        self.option_group_name = members.get("option_group_name") or self.option_group_name
        self._associated_roles = [
            models.AssociatedRole(role_arn=role["RoleArn"], feature_name=role.get("FeatureName"))
            for role in members.get("associated_roles") or ()
        ]
        self.server = server
        self.deleted = False
        self.port = server.port

    @property
    def status(self) -> str:
        """The status as it stands; reading it changes nothing."""
        return self._status

    @status.setter
    def status(self, value: str) -> None:
        self._status = value

    @property
    def endpoint(self) -> str:
        """The writer endpoint: loopback, where the real server listens."""
        return "127.0.0.1"

    @property
    def reader_endpoint(self) -> str:
        """The reader endpoint: the same server."""
        return "127.0.0.1"

    @property
    def master_password(self) -> str:
        """The master user's password, given or managed."""
        if self.manage_master_user_password:
            return str(self.master_user_secret.password)
        return self._master_user_password

    def add_event(self, message: str, category: str) -> None:
        """Put an event of this cluster where DescribeEvents finds it."""
        self.backend.events.append(ClusterEvent(self, "db-cluster", message, category))
        print(f"{self.db_cluster_identifier}: {message}", flush=True)


class ClusterInstance(models.DBInstanceClustered):
    """An instance of a cluster; of a restored one, it listens where the real server listens."""

    # Every instance of AWS is in a subnet group, also when the call named none.
    db_subnet_group: Any = MappingProxyType(
        {
            "DBSubnetGroupName": "default",
            "DBSubnetGroupDescription": "default",
            "VpcId": "vpc-00000000",
            "SubnetGroupStatus": "Complete",
            "Subnets": (),
        }
    )

    @property
    def address(self) -> str:
        """The instance's endpoint."""
        return "127.0.0.1" if isinstance(self.cluster, RestoredCluster) else str(super().address)


def restored(backend: models.RDSBackend, identifier: str | None) -> RestoredCluster | None:
    """The restored cluster of that name, None for any other cluster and for none."""
    cluster = backend.clusters.get(identifier) if identifier else None
    return cluster if isinstance(cluster, RestoredCluster) else None
