#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: xtrabackup_s3
short_description: Streams backups of a MySQL server to S3 while Percona XtraBackup takes them
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Takes a physical backup of the server that runs on this host, and sends it to S3 while it is taken, in a form that
    Aurora MySQL reads. No disk of the host holds any of it, but for the redo log of a tar stream, which XtraBackup 2.x
    keeps in O(work_dir) until it streams it at its end. That is what the server writes of it during the backup.
  - The stream becomes objects of O(part_size), named as C(split) would name them, such as
    C(PREFIX/full/backup.xbstream00000). Each is a multipart upload, whose blocks of 16 MiB are sent in parallel while
    the next one is filled. A block whose request fails is sent again from memory. When S3 is slower than the tool, the
    tool waits.
  - A backup is whole or it is not there. No object appears before every program has ended with exit status 0, the tool
    with C(completed OK!), and the chain is one that Aurora reads. Then the objects are made, and the checksum that S3
    reports of each is the stream's.
  - When the tool fails, the module is stopped by a signal or S3 refuses, every open upload is aborted. A run that was
    killed leaves uploads that the next run aborts, and no object.
  - Before the tool is started, and so before it takes any lock, a multipart upload is opened and aborted.
  - A backup that this module has taken of this server to O(prefix) is not taken again.
  - The backups of the chain have to stand below O(prefix), in as many objects and bytes as O(work_dir) and O(record)
    say.
extends_documentation_fragment:
  - dbferry.aurora_mysql.attributes
  - dbferry.aurora_mysql.backup
  - dbferry.aurora_mysql.s3_objects
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.scoped_credentials
  - dbferry.aurora_mysql.progress
attributes:
  check_mode:
    support: full
    details:
      - Checks the server, the tool, the chain and the bucket, and takes no backup. RV(backup) is then empty, unless one
        is there.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - An increment is a backup like any other. It is taken once for each O(name).
requirements:
  - Percona XtraBackup 2.3 or later, of the series that belongs to the server.
  - python >= 3.6
  - boto3 >= 1.20.0, but where O(endpoint_url), O(region), O(access_key) and O(secret_key) leave nothing to find
  - For O(format=tar_gz) C(igzip) (package isal) or C(pigz).
options:
  name:
    description:
      - The backup's name in its chain. Its objects stand below O(prefix) and this name.
      - Without it V(full), for O(type=full) only.
    type: str
  work_dir:
    description:
      - A directory on the managed host for the lock, the tool's log, the LSN directory that later increments go on
        from, and the page that vouches for the backup. It needs a few megabytes, and with V(tar) or V(tar_gz) room for
        the redo log of the time of the backup.
      - It has to be the same for all backups of a chain, and for no other chain. It is made where it is missing.
    type: path
    required: true
  format:
    description:
      - V(xbstream), V(tar) and V(tar_gz) are streams, cut into parts of O(part_size). XtraBackup 2.x alone can write
        tar, and none writes an increment as tar.
      - V(tar_gz) is compressed on all cores by C(igzip) or C(pigz) into what C(gunzip) reads.
      - V(auto) is the chain's for an increment, and V(xbstream) for a full backup.
    type: str
    choices: [auto, xbstream, tar, tar_gz]
    default: auto
  senders:
    description:
      - Blocks that are sent at the same time, 1 to 8. Each takes 16 MiB of memory, and one more is being filled.
      - Fewer are sent at the same time where O(block_memory_mib) has no room for them.
    type: int
    default: 4
  block_memory_mib:
    description:
      - Memory in MiB for blocks, those that are sent and the one that is being filled; 32 at least. A block stays in
        memory until S3 has it.
      - >-
        S3 takes 10,000 blocks an object. With a O(part_size) of more than 156 GiB a block is therefore a ten-thousandth
        of it, in whole MiB, and two of them have to fit, or the O(part_size) is refused before anything is begun.
        V(160) is enough for a O(part_size) of 781 GiB, V(210) for 1 TiB and V(954) for the 5 TB that Aurora reads.
    type: int
    default: 160
  purge:
    description:
      - Whether objects are deleted that stand in the backup's way and are of no backup that O(work_dir) knows, once
        server, tool and bucket have been checked. For a full backup that is all under O(prefix), for an increment what
        stands below its O(name).
      - Without it the task fails when there are any. A backup that is known makes way by O(force=true) only.
    type: bool
    default: false
notes:
  - Run it on the host of the server, as a user who may read O(datadir), such as C(root) or C(mysql).
  - >-
    The caller needs V(s3:ListBucket), V(s3:GetBucketLocation) and V(s3:ListBucketMultipartUploads) on the bucket,
    V(s3:PutObject), V(s3:GetObject) and V(s3:AbortMultipartUpload) on C(BUCKET/PREFIX*), V(s3:DeleteObject) there for
    O(force=true) and O(purge=true) and to clean up after a failure while objects are being made, and for SSE-KMS
    V(kms:GenerateDataKey) and V(kms:Decrypt) on the key.
  - Below O(prefix) a full backup wants to be alone, because Aurora reads every object there.
seealso:
  - module: dbferry.aurora_mysql.xtrabackup
  - module: dbferry.aurora_mysql.s3_tree
"""

EXAMPLES = r"""
- name: Stream a full backup to S3
  dbferry.aurora_mysql.xtrabackup_s3:
    bucket: my-migrations
    prefix: shop/backup/
    region: eu-west-1
    work_dir: /var/lib/dbferry/shop/work
    datadir: /var/lib/mysql
    config_file: /etc/my.cnf
    login_unix_socket: /var/run/mysqld/mysqld.sock
    login_user: backup
    login_password: "{{ vault_backup_password }}"
    parallel: 8
  register: backup

- name: Stream what has changed since
  dbferry.aurora_mysql.xtrabackup_s3:
    type: incremental
    name: inc0001
    bucket: my-migrations
    prefix: shop/backup/
    region: eu-west-1
    work_dir: /var/lib/dbferry/shop/work
    datadir: /var/lib/mysql
    login_unix_socket: /var/run/mysqld/mysqld.sock
    login_user: backup
    login_password: "{{ vault_backup_password }}"
"""

RETURN = r"""
backup:
  description:
    - The chain that the backup belongs to, whether it was taken now or before, with the members of
      RV(dbferry.aurora_mysql.xtrabackup#module:backup). C(staged) is false and C(directory) is empty.
    - Empty in check mode when the backup is not there yet.
  returned: success
  type: dict
upload:
  description: Where this backup stands. Empty in check mode when the backup is not there yet.
  returned: success
  type: dict
  contains:
    bucket:
      description: The bucket.
      type: str
      returned: always
      sample: my-migrations
    prefix:
      description: The chain's prefix, with V(/) at its end.
      type: str
      returned: always
      sample: shop/backup/
    objects:
      description: How many objects this backup has.
      type: int
      returned: always
      sample: 63
    bytes:
      description: Their size.
      type: int
      returned: always
      sample: 31264931840
    checksum_algorithm:
      description: The kind of checksum, as S3 names it.
      type: str
      returned: always
      sample: CRC64NVME
    fingerprint:
      description:
        - The SHA-256 of one line an object, ordered by key, each a JSON array of the key without RV(upload.prefix) and
          the backup's name, the size and the checksum.
      type: str
      returned: always
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    retries:
      description: How many requests were repeated, because S3 or the network asked for it.
      type: int
      returned: always
      sample: 0
    elapsed_seconds:
      description: How long it took, the looking before included.
      type: float
      returned: always
      sample: 261.4
    progress:
      description:
        - How many bytes had been taken of the source when, from the begin to the end, in at most 120 samples.
        - Empty where nothing was taken.
      returned: always
      type: list
      elements: dict
      contains:
        at:
          description: Seconds since the begin.
          type: float
          returned: always
        phase:
          description: What was being done.
          type: str
          returned: always
        done:
          description: Bytes by then.
          type: int
          returned: always
error_id:
  description:
    - On failure, a stable name of what is wrong, such as V(source.access_denied), V(tool.wrong_series),
      V(aws.AccessDenied), V(chain.gone) or V(objectstore.strangers).
  returned: failure
  type: str
remedy:
  description: On failure, what to do about it.
  returned: failure
  type: str
details:
  description:
    - On failure, further facts, such as the last lines of the tool's log.
    - C(untouched) says whether nothing under O(prefix) had been deleted or begun by then, so that what vouches for an
      earlier backup holds.
  returned: failure
  type: dict
"""

import os
import time
from typing import Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec import aws_argument_spec, progress_argument_spec, scoped_credentials_argument_spec
from ..module_utils._aws.renewal import renewed_keys
from ..module_utils._backup.formats import AUTO
from ..module_utils._backup.module_options import backup_argument_spec, backup_request
from ..module_utils._backup.parts import EXTENSIONS, parse_part_size, part_name
from ..module_utils._backup.runner import take_backup
from ..module_utils._errors import DbferryError, errors_to_fail_json
from ..module_utils._objectstore.blocks import DEFAULT_MEMORY_MIB, LEAST_MEMORY_MIB, senders_for
from ..module_utils._objectstore.manifest import ManifestEntry, fingerprint
from ..module_utils._objectstore.module_options import open_prefix, s3_argument_spec
from ..module_utils._objectstore.plan import MIB, normalise_prefix
from ..module_utils._objectstore.stream_store import S3Store
from ..module_utils._progress.file import ProgressFile
from ..module_utils._stop import Stop, stop_on_signals


def _argument_spec() -> Dict[str, Dict[str, Any]]:
    spec = dict(aws_argument_spec(), **progress_argument_spec())
    spec.update(scoped_credentials_argument_spec())
    spec.update(backup_argument_spec())
    spec.update(s3_argument_spec())
    spec.update(
        name={"type": "str"},
        work_dir={"type": "path", "required": True},
        format={"type": "str", "choices": [AUTO, *EXTENSIONS], "default": AUTO},
        senders={"type": "int", "default": 4},
        block_memory_mib={"type": "int", "default": DEFAULT_MEMORY_MIB},
        purge={"type": "bool", "default": False},
    )
    return spec


def run(module: AnsibleModule, name: str, progress: ProgressFile, stop: Stop) -> Dict[str, Any]:
    params = module.params
    started = time.monotonic()
    store: Optional[S3Store] = None
    try:
        prefix = normalise_prefix(params["prefix"])
        work_dir = os.path.abspath(params["work_dir"])
        part_size = parse_part_size(params["part_size"])
        senders = senders_for(part_size, params["senders"], params["block_memory_mib"] * MIB)
        with renewed_keys(params, stop) as provider:
            progress.update("looking at the bucket")
            target = open_prefix(params, prefix, provider)
            full = params["type"] == "full"
            store = S3Store(target, work_dir, part_name, part_size, senders, full, params["purge"], stop)
            result = take_backup(
                backup_request(params, name, work_dir, params["format"]), store, progress, stop, module.check_mode
            )
            parts = store.parts_of(name) if result.backup else []
    except DbferryError as error:
        error.details["untouched"] = store is None or store.untouched
        raise
    upload = {
        "bucket": params["bucket"],
        "prefix": prefix,
        "objects": len(parts),
        "bytes": sum(part.bytes for part in parts),
        "checksum_algorithm": target.algorithm.name,
        "fingerprint": fingerprint(ManifestEntry(part.name, part.bytes, part.checksum) for part in parts),
        "retries": store.retries,
        "elapsed_seconds": round(time.monotonic() - started, 3),
        "progress": progress.samples.points() if result.changed else [],
    }
    return {
        "changed": result.changed,
        "backup": result.backup or {},
        "upload": upload if result.backup else {},
        "diff": result.diff,
    }


def main() -> None:
    module = AnsibleModule(argument_spec=_argument_spec(), supports_check_mode=True)
    name = module.params["name"] or ("full" if module.params["type"] == "full" else "")
    if not name or "/" in name or name.startswith("."):
        module.fail_json(
            msg="name is {0!r}; an increment needs one, without '/' and without '.' in front.".format(name),
            details={"untouched": True},
        )
    if not 1 <= module.params["senders"] <= 8:
        module.fail_json(
            msg="senders is {0}; give 1 to 8.".format(module.params["senders"]), details={"untouched": True}
        )
    if module.params["block_memory_mib"] < LEAST_MEMORY_MIB:
        module.fail_json(
            msg="block_memory_mib is {0}; give {1} at least, which is one block that is sent and one that is "
            "filled.".format(module.params["block_memory_mib"], LEAST_MEMORY_MIB),
            details={"untouched": True},
        )
    progress = ProgressFile(module.params["progress_file"])
    try:
        with errors_to_fail_json(module), stop_on_signals() as stop:
            result = run(module, name, progress, stop)
    finally:
        progress.close()
    module.exit_json(**result)


if __name__ == "__main__":
    main()
