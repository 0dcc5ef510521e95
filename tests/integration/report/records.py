# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Migration records as the stations write them, for the pages to be made from."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.catalogue import CHECKS

DAY = "2026-03-14"
GIB = 1024**3
# A name that does harm wherever it is not escaped: in HTML, in an attribute, in a script, in JSON, in a template.
HOSTILE = "</script><script>window.harmed=1</script><img src=x onerror=window.harmed=2>'\"`&\u2028{{ 6 * 7 }}<!--"

_LINK = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Migrating.ExtMySQL.S3.html"


def document(station: str, time: str, **members: Any) -> dict[str, Any]:
    """A station's document with what the record adds."""
    return {"schema_version": 2, "station": station, "written_at": f"{DAY}T{time}Z", **members}


def finding(check: str, severity: str, title: str, **more: Any) -> dict[str, Any]:
    """What a check of the catalogue found."""
    assert check in {each.id for each in CHECKS}, check
    return {
        "id": check,
        "area": check.partition(".")[0],
        "severity": severity,
        "title": title,
        "seen": f"{title}, as the server says.",
        "count": 0,
        "objects": [],
        "why": "Aurora reads the files as they are, and has no such thing.",
        "remedy": "Change it before the backup is taken.",
        "statement": "",
        "link": _LINK,
        "ways": ["physical", "logical"],
        "concerns": True,
        "ignored": "",
        **more,
    }


FINDINGS = [
    finding(
        "source.row_versions",
        "blocker",
        "Tables have instant columns that XtraBackup refuses",
        count=57,
        objects=[f"shop.orders_{number:02d}" for number in range(20)],
        statement="OPTIMIZE TABLE `shop`.`orders_00`;",
        ways=["physical"],
    ),
    finding("caller.pass_role", "blocker", "The caller may not pass a role to RDS", ways=["physical"]),
    finding(
        "source.orphan_definers",
        "warning",
        "Definers of stored programs are no accounts",
        count=3,
        objects=["shop.total", "shop.restock", "shop.cleanup"],
        statement="CREATE USER `gone`@`%` ACCOUNT LOCK;",
    ),
    finding("source.tables_in_mysql", "warning", "Tables of users lie in schema mysql", count=1, objects=["mysql.own"]),
    finding("host.disk_too_small", "warning", "The disk for staging is nearly full"),
    finding("source.events", "note", "The event scheduler is on"),
    finding("bucket.versioning", "note", "The bucket keeps no versions"),
    finding("target.extended_support", "note", "A newer minor version is there", link=""),
    finding(
        "source.myisam_tables",
        "warning",
        "Tables are not of InnoDB",
        count=2,
        objects=["shop.log", "shop.words"],
        ignored="They are to be dropped on Friday.",
    ),
]
NOT_CHECKED = [
    {
        "id": "role.rights_missing",
        "title": "The role may not read the bucket",
        "reason": "The caller may not simulate policies; iam:SimulatePrincipalPolicy would help.",
    },
    {"id": "tool.unfit", "title": "XtraBackup is of another series", "reason": "The host was not reached."},
]
PASSED = [
    {"id": check.id, "title": check.title}
    for check in CHECKS[::2]
    if check.id not in {each["id"] for each in (*FINDINGS, *NOT_CHECKED)}
]


def assessment(findings: list[dict[str, Any]] | None = None, way: str = "physical") -> dict[str, Any]:
    """An assessment by more than sixty checks."""
    found = copy.deepcopy(FINDINGS if findings is None else findings)
    counting = [each for each in found if not each["ignored"]]
    counts = {
        severity: sum(1 for each in counting if each["severity"] == severity)
        for severity in ("blocker", "warning", "note")
    }
    blockers = [each["id"] for each in counting if each["severity"] == "blocker"]
    return document(
        "assessment",
        "08:00:05",
        source={
            "host": "db1.example.com",
            "port": 3306,
            "version": "8.0.36-0ubuntu0.22.04.1",
            "version_number": "8.0.36",
            "flavour": "mysql",
            "data_bytes": 812 * GIB,
            "tables": 4211,
            "schemas": 17,
            "largest_tables": [{"name": f"shop.table_{n:02d}", "bytes": (200 - 9 * n) * GIB} for n in range(20)],
        },
        verdict={
            "way": way,
            "sentence": (
                f"A {way} copy into 8.0.mysql_aurora.3.10.0 is the way, and {len(blockers)} blockers stand in it."
                if blockers
                else f"A {way} copy into 8.0.mysql_aurora.3.10.0 is open."
            ),
            "reasons": ["Files are copied as they are, which is the fastest and costs the source least."],
            "counts": {
                **counts,
                "ignored": len(found) - len(counting),
                "not_checked": len(NOT_CHECKED),
                "passed": len(PASSED),
            },
            "blockers": blockers,
        },
        ways=[
            {
                "way": "physical",
                "open": not blockers,
                "passable": True,
                "reasons": [f"{each} stands in it." for each in blockers],
            },
            {"way": "logical", "open": True, "passable": True, "reasons": []},
        ],
        engine_versions={
            "recommended": "8.0.mysql_aurora.3.10.0",
            "reason": "It is the newest that takes a backup of MySQL 8.0.36: it is compatible with MySQL 8.0.42.",
            "live": True,
            "fitting": [
                {"version": "8.0.mysql_aurora.3.08.0", "community": "8.0.39"},
                {"version": "8.0.mysql_aurora.3.10.0", "community": "8.0.42"},
            ],
        },
        estimate={
            "backup_bytes": 790 * GIB,
            "backup_origin": "The sizes of the files, without the undo logs.",
            "objects": 4250,
            "requests": 17401,
            "rate_bytes_per_second": 110_000_000,
            "rate_origin": "assumed",
            "transfer_seconds": 7711.4,
            "cost": {
                "currency": "USD",
                "requests": 0.0871,
                "storage_month": 18.17,
                "days_kept": 14,
                "total": 8.57,
                "prices": {
                    "put_per_1000": 0.005,
                    "get_per_1000": 0.0004,
                    "storage_gib_month": 0.023,
                    "transfer_in_gib": 0.0,
                },
            },
        },
        findings=found,
        not_checked=copy.deepcopy(NOT_CHECKED),
        passed=copy.deepcopy(PASSED),
        queries=11,
    )


def _samples(seconds: int, whole: float, phase: str) -> list[dict[str, Any]]:
    # Slower towards the end, as a disk's cache fills.
    return [
        {"at": seconds * step / 60, "done": int(whole * (1 - (1 - step / 60) ** 1.6)), "phase": phase}
        for step in range(61)
    ]


def _link(name: str, kind: str, first: int, last: int, end: str, size: int) -> dict[str, Any]:
    return {
        "name": name,
        "backup_id": f"7cbb9059-e675-11f1-a9ce-{last:012d}",
        "type": kind,
        "from_lsn": first,
        "to_lsn": last,
        "last_lsn": last + 9,
        "server_version": "8.0.36",
        "start_time": f"{DAY}T09:00:00Z",
        "end_time": f"{DAY}T{end}Z",
        "binlog": {"file": "binlog.000042", "position": 1168, "gtid": ""},
        "files": 4250,
        "bytes": size,
    }


def migrated(equal: bool = True) -> dict[str, Any]:
    """The record of a migration that has passed all stations."""
    tables = [
        {
            "schema": "shop",
            "table": f"table_{number:02d}",
            "rows_source": 1_000_000 + number,
            "rows_target": 1_000_000 + number - (not equal and number == 0),
            "equal": equal or number > 0,
            "bytes": (200 - 9 * number) * GIB,
        }
        for number in range(20)
    ]
    difference = {
        "kind": "data.content",
        "object": "shop.table_00",
        "source": "1000000 rows",
        "target": "999999 rows",
        "severity": "error",
        "note": "The rows differ.",
    }
    return {
        "assessment": assessment([each for each in FINDINGS if each["severity"] != "blocker"]),
        "source": document(
            "source",
            "09:00:01",
            host="db1.example.com",
            port=3306,
            version="8.0.36-0ubuntu0.22.04.1",
            version_number="8.0.36",
            flavour="mysql",
            version_comment="(Ubuntu)",
            server_uuid="c0ffee00-0000-11f1-a9ce-02fc00000001",
            variables={"init_connect": "SET NAMES utf8mb4"},
            schemas=["shop", "crm"],
            data_bytes=812 * GIB,
            tables=4211,
            time_zone={"global": "SYSTEM", "system": "CET"},
        ),
        "backup": document(
            "backup",
            "10:02:00",
            backup_id="7cbb9059-e675-11f1-a9ce-02fc00000001",
            format="xbstream",
            format_reason="4250 files with 790 GiB do not fit on the disk.",
            staged=True,
            directory="/var/lib/dbferry/shop/backup",
            tool={"name": "xtrabackup", "version": "8.0.35-33", "series": "8.0", "executable": "/usr/bin/xtrabackup"},
            server_version="8.0.36",
            binlog={"file": "binlog.000042", "position": 1168, "gtid": ""},
            slave_info=[{"channel": "", "file": "binlog.000007", "position": 48112, "gtid": ""}],
            files=4270,
            bytes=796 * GIB,
            elapsed_seconds=3705.0,
            progress=_samples(3705, 796 * GIB, "copying"),
            chain=[
                _link("full", "full", 0, 190003417, "10:00:00", 790 * GIB),
                _link("inc0001", "incremental", 190003417, 191200001, "10:01:59", 6 * GIB),
            ],
        ),
        "upload": document(
            "upload",
            "12:10:00",
            backup_id="7cbb9059-e675-11f1-a9ce-02fc00000001",
            bucket="example-migrations",
            prefix="shop/backup/",
            objects=4270,
            bytes=796 * GIB,
            checksum_algorithm="CRC64NVME",
            fingerprint="5fb3",
            sent_bytes=796 * GIB,
            sent_seconds=7600.0,
            elapsed_seconds=7650.0,
            progress=_samples(7650, 796 * GIB, "sending"),
        ),
        "iam": document(
            "iam",
            "12:10:20",
            role_arn="arn:aws:iam::123456789012:role/dbferry-shop",
            role_name="dbferry-shop",
            managed=True,
        ),
        "restore": document(
            "restore",
            "16:44:00",
            cluster_identifier="shop",
            cluster_arn="arn:aws:rds:eu-west-1:123456789012:cluster:shop",
            engine_version="8.0.mysql_aurora.3.10.0",
            endpoint="shop.cluster-abc.eu-west-1.rds.amazonaws.com",
            reader_endpoint="shop.cluster-ro-abc.eu-west-1.rds.amazonaws.com",
            port=3306,
            master_username="admin",
            master_user_secret_arn="",
            instances=["shop-1", "shop-2"],
            parameters={
                "taken": [
                    {"name": "max_allowed_packet", "source_value": "67108864", "value": "67108864", "reason": ""}
                ],
                "changed": [
                    {
                        "name": "event_scheduler",
                        "source_value": "DISABLED",
                        "value": "OFF",
                        "reason": "Aurora has ON and OFF",
                    }
                ],
                "left": [
                    {
                        "name": "max_connections",
                        "source_value": "500",
                        "value": "",
                        "reason": "Aurora derives it from the memory of the instance's class",
                    }
                ],
            },
            connections={
                "mysql": "mysql -h shop.cluster-abc.eu-west-1.rds.amazonaws.com -P 3306 -u admin -p",
                "jdbc": "jdbc:mysql://shop.cluster-abc.eu-west-1.rds.amazonaws.com:3306/?sslMode=VERIFY_IDENTITY"
                "&trustCertificateKeyStoreUrl=file:global-bundle.p12&trustCertificateKeyStoreType=PKCS12"
                "&trustCertificateKeyStorePassword=changeit&user=admin",
                "odbc": "Driver={MySQL ODBC 8.0};Server=shop.cluster-abc.eu-west-1.rds.amazonaws.com;Port=3306",
            },
            events=[{"date": f"{DAY}T16:30:00Z", "message": "The cluster is there.", "categories": ["creation"]}],
            backup_id="7cbb9059-e675-11f1-a9ce-02fc00000001",
            elapsed_seconds=16380.0,
            progress=[{"at": 0, "done": 0, "phase": "creating"}, *_samples(16380, 100, "migrating")],
        ),
        "objects": document(
            "objects",
            "16:47:30",
            accounts={
                "summary": {"created": 61, "left_behind": 2},
                "left_behind": [
                    {
                        "account": "app@10.%",
                        "what": "SUPER ON *.*",
                        "reason": "the master user does not have it to give",
                        "remedy": "A managed server gives it to nobody.",
                    }
                ],
            },
            routines={
                "summary": {"created": 12, "disabled_on_replica": 1, "left_in_system_zone": 1, "truncated": False},
                "left_behind": [
                    {"kind": "function", "schema": "", "name": "udf", "reason": "no libraries", "remedy": ""}
                ],
                "disabled_on_replica": [_to_look_at("nightly", "the source is a replica", "ALTER EVENT ... ENABLE")],
                "left_in_system_zone": [_to_look_at("local", "it runs in SYSTEM", "Give the zone")],
                "redefined": [
                    {
                        "kind": "procedure",
                        "schema": "shop",
                        "name": "restock",
                        "definer_source": "root@localhost",
                        "definer_target": "admin@%",
                    }
                ],
            },
            time_zone={
                "source": "Europe/Paris",
                "target": "Europe/Paris",
                "same": True,
                "parameter_group": "shop",
                "zones": {
                    "compared": True,
                    "reason": "",
                    "remedy": "",
                    "summary": {"same": 590, "missing": 1, "different": 0},
                    "missing": [{"zone": "Mars/Olympus", "mentions": 1, "mentioned_by": ["event shop.nightly"]}],
                    "different": [],
                },
            },
            elapsed_seconds=95.0,
        ),
        "verification": document(
            "verification",
            "17:31:00",
            equal=equal,
            summary={
                "schemas": 2,
                "tables": 4211,
                "objects": 30_112,
                "data": "checksum",
                "checked": 4211,
                "different": int(not equal),
                "rows_source": 9_120_000_000,
                "rows_target": 9_120_000_000 - (not equal),
                "bytes": 812 * GIB,
                "errors": int(not equal),
                "expected": 2,
                "source_moved": False,
                "compared_after": f"{DAY}T10:00:00Z",
                "source_written_since_backup": False,
            },
            tables=tables,
            differences=[] if equal else [difference],
            elapsed_seconds=2610.0,
        ),
    }


def _to_look_at(event: str, reason: str, remedy: str) -> dict[str, str]:
    return {"kind": "event", "schema": "shop", "name": event, "reason": reason, "remedy": remedy}


def hostile() -> dict[str, Any]:
    """The record of a migration in which every text of a person's choice does harm where it is not escaped."""
    return _poisoned({**migrated(equal=False), "assessment": assessment()})


_KEPT = (
    "station",
    "written_at",
    "type",
    "severity",
    "area",
    "way",
    "ways",
    "rate_origin",
    "link",
    "start_time",
    "end_time",
)


def _poisoned(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _poisoned(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return value if name in _KEPT else [_poisoned(member, name) for member in value]
    return f"{value} {HOSTILE}" if isinstance(value, str) and name not in _KEPT else value
