# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto in this process, with DescribeEngineDefaultClusterParameters, which it lacks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import pytest
from moto.backends import get_backend
from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.responses import RDSResponse
from moto.server import ThreadedMotoServer

from .servers import MotoServer, free_port

_ACTION = "rds:DescribeEngineDefaultClusterParameters"


@contextlib.contextmanager
def moto_with_zones(
    patch: pytest.MonkeyPatch, allowed: str, clusters: Mapping[str, tuple[str, str]], denied: str = ""
) -> Iterator[MotoServer]:
    """An AWS with clusters, each in a parameter group of its own.

    :param allowed: the time zones that the parameter ``time_zone`` takes, with commas between.
    :param clusters: a cluster's name to its parameter group and the group's family.
    :param denied: a family that nobody may ask for.
    """

    def engine_defaults(response: RDSResponse) -> ActionResult:
        family = response._get_param("DBParameterGroupFamily")
        if family == denied:
            raise RDSClientError("AccessDenied", f"not authorized to perform {_ACTION}")
        parameter = {"ParameterName": "time_zone", "AllowedValues": allowed}
        return ActionResult({"EngineDefaults": {"DBParameterGroupFamily": family, "Parameters": [parameter]}})

    patch.setattr(RDSResponse, "describe_engine_default_cluster_parameters", engine_defaults, raising=False)
    port = free_port()
    api = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    api.start()
    try:
        server = MotoServer(f"http://127.0.0.1:{port}", 0)
        rds = server.client("rds")
        for cluster, (group, family) in clusters.items():
            rds.create_db_cluster_parameter_group(
                DBClusterParameterGroupName=group, DBParameterGroupFamily=family, Description=group
            )
            rds.create_db_cluster(
                DBClusterIdentifier=cluster,
                Engine="aurora-mysql",
                MasterUsername="admin",
                MasterUserPassword="long enough",
                DBClusterParameterGroupName=group,
            )
        yield server
    finally:
        for service in ("rds", "s3"):
            for backends in get_backend(service).values():
                for backend in backends.values():
                    backend.reset()
        api.stop()
