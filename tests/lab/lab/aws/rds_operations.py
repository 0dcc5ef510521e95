# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The RDS operations that moto lacks or that must reach a real server, on top of moto's own responses."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, ClassVar

from moto.core.responses import ActionResult
from moto.rds import models, urls
from moto.rds.exceptions import (
    DBClusterParameterGroupNotFoundError,
    DBParameterGroupNotFoundError,
    InvalidDBClusterStateFault,
    InvalidParameterValue,
    RDSClientError,
)
from moto.rds.responses import RDSResponse

from lab.description import Description
from lab.errors import LabError
from lab.state import State

from . import faults
from .cluster_parameters import Parameter, catalogue, of_family, server_options
from .major_versions import major_versions
from .rds_models import ClusterInstance, MasterSecret, RestoredCluster, now, restored
from .restore import Restore, group_values

# AWS gives up to 100 a page and has more than 100 parameters; a small page makes clients turn pages here, too.
PAGE = 20
EVENT_MINUTES = 60
# "Quotas and constraints for Amazon Aurora": of clusters, and of instances.
QUOTA = 40


def _page(items: list[Any], params: Any) -> tuple[list[Any], str | None]:
    begin = int(params.get("Marker") or 0)
    end = begin + min(PAGE, int(params.get("MaxRecords") or PAGE))
    return items[begin:end], str(end) if end < len(items) else None


def _naive_utc(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment


class LabRDSResponse(RDSResponse):
    """moto's RDS with the lab's operations. `restore` and `description` are set by install()."""

    restore: Restore
    description: Description
    parameters: dict[str, Parameter]
    looks: ClassVar[Counter[str]] = Counter()
    """How many looks at each cluster's instances there were."""

    # Clusters

    def restore_db_cluster_from_s3(self) -> ActionResult:
        """RestoreDBClusterFromS3."""
        return ActionResult({"DBCluster": self.restore.begin(self.backend, self.params)})

    def modify_db_cluster(self) -> ActionResult:
        """ModifyDBCluster; of a restored cluster only when it is available, and a new password reaches the server."""
        cluster = restored(self.backend, self.params.get("DBClusterIdentifier"))
        if cluster is None:
            return super().modify_db_cluster()
        _require_available(cluster)
        password = self.params.get("MasterUserPassword")
        result = super().modify_db_cluster()
        if password:
            cluster.server.set_master_password(str(cluster.master_username), password)
        return result

    def delete_db_cluster(self) -> ActionResult:
        """DeleteDBCluster; a restored cluster's server and data go with it."""
        cluster = restored(self.backend, self.params.get("DBClusterIdentifier"))
        result = super().delete_db_cluster()
        # moto names a cluster's automated snapshot by the minute, and keeps it; a name can be used again sooner.
        automated = f"rds:{self.params.get('DBClusterIdentifier')}-"
        for snapshot in [name for name in self.backend.cluster_snapshots if name.startswith(automated)]:
            del self.backend.cluster_snapshots[snapshot]
        if cluster is not None:
            restoring = cluster.status not in ("available", "migration-failed", "stopped")
            cluster.deleted = True
            cluster.status = "deleting"
            self.restore.record_target(cluster.db_cluster_identifier, None)
            # The restore's own thread removes what it is working on.
            if not restoring:
                cluster.server.remove()
        return result

    # Instances

    def create_db_instance(self) -> ActionResult:
        """CreateDBInstance; the first one of a restored cluster starts its server."""
        cluster = restored(self.backend, self.params.get("DBClusterIdentifier"))
        if cluster is None:
            return super().create_db_instance()
        _require_available(cluster)
        known = self.description.aurora.instance_classes
        if self.params.get("DBInstanceClass") not in known:
            raise RDSClientError(
                "InvalidParameterCombination",
                "RDS does not support creating a DB instance with the following combination:"
                f" DBInstanceClass={self.params.get('DBInstanceClass')}, Engine={cluster.engine},"
                f" EngineVersion={cluster.engine_version}, LicenseModel=general-public-license.",
            )
        self.params["Port"] = cluster.server.port
        result = super().create_db_instance()
        instance = self.backend.databases[self.params["DBInstanceIdentifier"]]
        self._in_background(instance, "creating", cluster, restart=False)
        return result

    def describe_db_instances(self) -> ActionResult:
        """DescribeDBInstances; of a cluster, some looks are refused where the lab's faults say so."""
        filters = {entry["Name"]: entry["Values"] for entry in self.params.get("Filters") or []}
        wanted = faults.current(self.restore.state, self.description).refused_looks
        for name in filters.get("db-cluster-id", []):
            self.looks[name] += 1
            if self.looks[name] in wanted.get(name, ()):
                raise RDSClientError("AccessDenied", "User: x is not authorized to perform: rds:DescribeDBInstances")
        return super().describe_db_instances()

    def reboot_db_instance(self) -> ActionResult:
        """RebootDBInstance; of a restored cluster, the real server starts again with the group's static parameters."""
        instance = self.backend.databases.get(self.params.get("DBInstanceIdentifier"))
        cluster = restored(self.backend, getattr(instance, "db_cluster_identifier", None))
        result = super().reboot_db_instance()
        if cluster is not None:
            self._in_background(instance, "rebooting", cluster, restart=True)
        return result

    def delete_db_instance(self) -> ActionResult:
        """DeleteDBInstance; with the last one of a restored cluster its server stops."""
        instance = self.backend.databases.get(self.params.get("DBInstanceIdentifier"))
        cluster = restored(self.backend, getattr(instance, "db_cluster_identifier", None))
        result = super().delete_db_instance()
        if cluster is not None and not cluster.members:
            cluster.server.stop()
        return result

    def _in_background(self, instance: Any, status: str, cluster: RestoredCluster, restart: bool) -> None:
        instance.status = status
        options = server_options(group_values(self.backend, cluster.parameter_group))
        least = self.description.aurora.instance_creating_seconds

        def work() -> None:
            time.sleep(least)
            faults.hang(self.restore.state, self.description, status, lambda: cluster.deleted)
            try:
                if restart:
                    cluster.server.stop()
                # A restore that read no backup left nothing to start a server on.
                if cluster.server.server.datadir.is_dir():
                    cluster.server.start(options)
            except LabError as exc:
                print(f"{cluster.db_cluster_identifier}: {exc}", flush=True)
                instance.status = "incompatible-parameters"
            else:
                instance.status = "available"

        threading.Thread(target=work, daemon=True).start()

    # Events

    def describe_events(self) -> ActionResult:
        """DescribeEvents with its time window (the last hour by default), categories and pages."""
        params = self.params
        events = self.backend.describe_events(params.get("SourceIdentifier"), params.get("SourceType"))
        end = _naive_utc(params["EndTime"]) if params.get("EndTime") else now()
        minutes = int(params.get("Duration") or EVENT_MINUTES)
        begin = _naive_utc(params["StartTime"]) if params.get("StartTime") else end - timedelta(minutes=minutes)
        wanted = set(params.get("EventCategories") or [])
        found = [
            event
            for event in events
            if begin <= event.date <= end and (not wanted or wanted & set(event.event_categories))
        ]
        page, marker = _page(found, params)
        return ActionResult({"Events": page, "Marker": marker})

    # Engine versions and classes

    def describe_db_engine_versions(self) -> ActionResult:
        """DescribeDBEngineVersions for aurora-mysql; another engine has no versions here."""
        params, aurora = self.params, self.description.aurora
        filters = {entry["Name"]: entry["Values"] for entry in params.get("Filters") or []}
        found = [
            {
                "Engine": "aurora-mysql",
                "MajorEngineVersion": ".".join(entry.community.split(".")[:2]),
                "EngineVersion": entry.version,
                "DBParameterGroupFamily": entry.family,
                "DBEngineDescription": "Aurora MySQL",
                "DBEngineVersionDescription": f"Aurora MySQL {entry.version} (compatible with MySQL {entry.community})",
                "ValidUpgradeTarget": [],
                "SupportedEngineModes": ["provisioned"],
                "ExportableLogTypes": ["audit", "error", "general", "slowquery"],
                "SupportsLogExportsToCloudwatchLogs": True,
                "SupportsReadReplica": True,
                "SupportedCACertificateIdentifiers": ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"],
                "Status": "available",
            }
            for entry in aurora.engine_versions
            if params.get("Engine") in (None, "aurora-mysql")
            and "aurora-mysql" in filters.get("engine", ["aurora-mysql"])
            # AWS takes the beginning of a version for all that begin so.
            and entry.version.startswith(params.get("EngineVersion") or "")
            and entry.version in filters.get("engine-version", [entry.version])
            and params.get("DBParameterGroupFamily") in (None, entry.family)
            and entry.family in filters.get("db-parameter-group-family", [entry.family])
            and (not params.get("DefaultOnly") or entry.version == aurora.engine_version)
        ]
        return ActionResult({"DBEngineVersions": found})

    def describe_db_major_engine_versions(self) -> ActionResult:
        """DescribeDBMajorEngineVersions for aurora-mysql; another engine has none here."""
        days = faults.current(self.restore.state, self.description).support_ends_in_days
        communities = [entry.community for entry in self.description.aurora.engine_versions]
        return ActionResult({"DBMajorEngineVersions": major_versions(communities, self.params, days)})

    def describe_orderable_db_instance_options(self) -> ActionResult:
        """DescribeOrderableDBInstanceOptions for aurora-mysql; other engines as moto knows them."""
        params, aurora = self.params, self.description.aurora
        if params.get("Engine") != "aurora-mysql":
            return super().describe_orderable_db_instance_options()
        found = [
            {
                "Engine": "aurora-mysql",
                "EngineVersion": entry.version,
                "DBInstanceClass": instance_class,
                "LicenseModel": "general-public-license",
                "AvailabilityZones": [{"Name": f"{self.region}{letter}"} for letter in "abc"],
                "MultiAZCapable": False,
                "ReadReplicaCapable": False,
                "Vpc": True,
                "SupportsStorageEncryption": True,
                "StorageType": storage_type,
                "SupportsIAMDatabaseAuthentication": True,
                # "Amazon RDS DB engine, Region, and instance class support for Performance Insights"
                "SupportsPerformanceInsights": not instance_class.startswith("db.t"),
                "SupportedEngineModes": ["provisioned"],
                "SupportsClusters": True,
            }
            for entry in aurora.engine_versions
            for instance_class in aurora.instance_classes
            # One class is not there for both, as in some Regions.
            for storage_type in ("aurora", *([] if instance_class.startswith("db.t") else ["aurora-iopt1"]))
            if params.get("EngineVersion") in (None, entry.version)
            and params.get("DBInstanceClass") in (None, instance_class)
        ]
        page, marker = _page(found, params)
        return ActionResult({"OrderableDBInstanceOptions": page, "Marker": marker})

    # The account

    def describe_account_attributes(self) -> ActionResult:
        """DescribeAccountAttributes, with the limits that a new account has."""
        used = {"DBClusters": len(self.backend.clusters), "DBInstances": len(self.backend.databases)}
        return ActionResult(
            {"AccountQuotas": [{"AccountQuotaName": name, "Used": count, "Max": QUOTA} for name, count in used.items()]}
        )

    # Cluster parameters

    def _families(self) -> set[str]:
        return {entry.family for entry in self.description.aurora.engine_versions}

    def describe_engine_default_cluster_parameters(self) -> ActionResult:
        """DescribeEngineDefaultClusterParameters."""
        family = self.params.get("DBParameterGroupFamily")
        if family not in self._families():
            raise InvalidParameterValue(f"ParameterGroupFamily {family} is not a valid parameter group family")
        known = of_family(self.parameters, family)
        page, marker = _page([parameter.api() for parameter in known.values()], self.params)
        return ActionResult(
            {"EngineDefaults": {"DBParameterGroupFamily": family, "Marker": marker, "Parameters": page}}
        )

    def describe_db_cluster_parameters(self) -> ActionResult:
        """DescribeDBClusterParameters: the family's parameters with the group's values, by source and by page."""
        group = self.params.get("DBClusterParameterGroupName")
        if not self._is_default_group(group) and group not in self.backend.db_cluster_parameter_groups:
            raise DBClusterParameterGroupNotFoundError(group)
        found = self.backend.db_cluster_parameter_groups.get(group)
        stored = found.parameters if found else {}
        names = {value for entry in self.params.get("Filters") or [] for value in entry["Values"]}
        listed = []
        for parameter in self._parameters_of(group).values():
            own = stored.get(parameter.name)
            shape = parameter.api(own["ParameterValue"], own["ApplyMethod"], "user") if own else parameter.api()
            if self.params.get("Source") in (None, shape["Source"]) and (not names or parameter.name in names):
                listed.append(shape)
        page, marker = _page(listed, self.params)
        return ActionResult({"Parameters": page, "Marker": marker})

    def describe_db_cluster_parameter_groups(self) -> ActionResult:
        """DescribeDBClusterParameterGroups, with the default groups that AWS has by itself."""
        group = self.params.get("DBClusterParameterGroupName")
        if not self._is_default_group(group):
            return super().describe_db_cluster_parameter_groups()
        arn = f"arn:aws:rds:{self.region}:{self.current_account}:cluster-pg:{group}"
        family = group.removeprefix("default.")
        shape = {
            "DBClusterParameterGroupName": group,
            "DBParameterGroupFamily": family,
            "Description": f"Default cluster parameter group for {family}",
            "DBClusterParameterGroupArn": arn,
        }
        return ActionResult({"DBClusterParameterGroups": [shape]})

    def _is_default_group(self, group: str | None) -> bool:
        return bool(group) and str(group).removeprefix("default.") in self._families()

    def create_db_cluster_parameter_group(self) -> ActionResult:
        """CreateDBClusterParameterGroup for a family that the stand-in announces."""
        family = self.params.get("DBParameterGroupFamily")
        if str(family).startswith("aurora-mysql") and family not in self._families():
            raise InvalidParameterValue(f"ParameterGroupFamily {family} is not a valid parameter group family")
        return super().create_db_cluster_parameter_group()

    def modify_db_cluster_parameter_group(self) -> ActionResult:
        """ModifyDBClusterParameterGroup: values are checked, and dynamic ones reach the running servers at once."""
        group = self.params.get("DBClusterParameterGroupName")
        if self._is_default_group(group):
            raise InvalidParameterValue(
                "The parameter DBClusterParameterGroupName is not a valid identifier: default groups cannot be modified"
            )
        if group not in self.backend.db_cluster_parameter_groups:
            raise DBClusterParameterGroupNotFoundError(group)
        wanted = self.params.get("Parameters") or []
        if len(wanted) > 20:
            raise InvalidParameterValue("A maximum of 20 parameters can be modified in a single request.")
        for entry in wanted:
            self._check_parameter(group, entry)
        result = super().modify_db_cluster_parameter_group()
        for entry in wanted:
            if entry["ApplyMethod"] == "immediate":
                self._apply_everywhere(group, entry["ParameterName"], entry["ParameterValue"])
        return result

    def _parameters_of(self, group: str) -> dict[str, Parameter]:
        if self._is_default_group(group):
            return of_family(self.parameters, group.removeprefix("default."))
        return of_family(self.parameters, self.backend.db_cluster_parameter_groups[group].db_parameter_group_family)

    def _check_parameter(self, group: str, entry: Any) -> None:
        name, value = entry.get("ParameterName"), entry.get("ParameterValue")
        parameter = self._parameters_of(group).get(name)
        if parameter is None:
            raise InvalidParameterValue(f"Could not find parameter with name: {name}")
        if value is None or not parameter.accepts(value):
            raise InvalidParameterValue(
                f"Invalid parameter value: {value} for: {name} allowed values are: {parameter.allowed_values}"
            )
        if entry.get("ApplyMethod") == "immediate" and parameter.apply_type == "static":
            raise RDSClientError(
                "InvalidParameterCombination", f"cannot use immediate apply method for static parameter {name}"
            )

    def _apply_everywhere(self, group: str, name: str, value: str) -> None:
        for cluster in self.backend.clusters.values():
            if isinstance(cluster, RestoredCluster) and cluster.parameter_group == group and "{" not in value:
                try:
                    cluster.server.set_global(name.replace("-", "_"), value)
                except LabError as exc:
                    print(f"{cluster.db_cluster_identifier}: {exc}", flush=True)

    def reset_db_parameter_group(self) -> ActionResult:
        """ResetDBParameterGroup: all, as by default, or the named parameters go back to the engine's default."""
        name = self.params.get("DBParameterGroupName")
        group = self.backend.db_parameter_groups.get(name)
        if group is None:
            raise DBParameterGroupNotFoundError(name)
        named = [entry["ParameterName"] for entry in self.params.get("Parameters") or []]
        every = self.params.get("ResetAllParameters") is not False
        for parameter in list(group.parameters) if every else named:
            group.parameters.pop(parameter, None)
        return ActionResult({"DBParameterGroupName": group.name})

    def reset_db_cluster_parameter_group(self) -> ActionResult:
        """ResetDBClusterParameterGroup: all or the named parameters go back to the engine's default."""
        group = self.backend.db_cluster_parameter_groups.get(self.params.get("DBClusterParameterGroupName"))
        if group is None:
            raise DBClusterParameterGroupNotFoundError(self.params.get("DBClusterParameterGroupName"))
        named = [entry["ParameterName"] for entry in self.params.get("Parameters") or []]
        for name in list(group.parameters) if self.params.get("ResetAllParameters") else named:
            group.parameters.pop(name, None)
        return ActionResult({"DBClusterParameterGroupName": group.name})


def _require_available(cluster: RestoredCluster) -> None:
    if cluster.status != "available":
        raise InvalidDBClusterStateFault(
            f"DbCluster {cluster.db_cluster_identifier} is in {cluster.status} state"
            " but expected it to be one of available"
        )


def install(state: State, description: Description) -> None:
    """Put the lab's operations in the place of moto's."""
    LabRDSResponse.restore = Restore(state, description)
    LabRDSResponse.description = description
    LabRDSResponse.parameters = catalogue()
    models.DBInstanceClustered = ClusterInstance
    models.MasterUserSecret = MasterSecret
    dispatch: Callable[..., Any] = LabRDSResponse.dispatch
    urls.url_paths = dict.fromkeys(urls.url_paths, dispatch)
