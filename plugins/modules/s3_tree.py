#!/usr/bin/python
# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: s3_tree
short_description: Carry a directory to a prefix in S3, verified
version_added: 0.1.0
author:
  - dbferry contributors (@dbferry)
description:
  - Makes the objects under a prefix what a directory on the managed host is, keeping its layout.
  - >-
    Sends files in parallel, and large ones in parallel parts, from as many processes as there are processors. Each byte
    is read once. Each of O(parallel) requests takes a quarter of a MiB for data, whatever the sizes of files and parts.
  - >-
    Every part and every object carries a checksum that S3 verifies. At the end the checksum that S3 reports of each
    object is the file's, and the listing shows exactly the directory's files.
  - >-
    Objects that are there with the same size and checksum are not sent again. Where O(state_dir) or O(manifest_key)
    proves it by size, time and entity tag, the file is not even read.
  - >-
    A run that was killed is gone on with, also inside a large file, where O(state_dir) notes its multipart uploads and
    O(sse), O(sse_kms_key_id), O(storage_class) and O(tags) are still those that they were begun with. The parts that S3
    has are used where O(state_dir) proves that they are this file's, or where S3 reports a checksum for them and the
    file's is the same. Uploads under the prefix that cannot be used are aborted. A run that fails or is stopped by a
    signal aborts its own.
  - >-
    A regular file becomes an object, also an empty one and one with blanks, newlines or any UTF-8 in its name. An empty
    directory leaves no object; XtraBackup puts a file into the directory of each empty schema. A symbolic link,
    socket, FIFO or device, and a name that is not UTF-8, are refused
    before anything is sent.
options:
  src:
    description:
      - The directory on the managed host.
      - Nothing may write to it while the task runs. A file that changes while it is read is noticed and fails the task;
        what changes after that, the next run sends.
    type: path
    required: true
  expected_files:
    description:
      - How many files the directory is to have. With others the task fails before it sends anything.
    type: int
  expected_bytes:
    description:
      - How many bytes they are to have together.
    type: int
  purge:
    description:
      - Whether objects under O(prefix) that are not in the directory are deleted.
      - >-
        Without it the task fails when there are any, before anything is sent, because Aurora reads every object under
        the prefix.
      - Keys of neighbours, such as those of C(full10/) beside C(full1/), are never touched.
    type: bool
    default: false
  parallel:
    description:
      - Requests at the same time.
    type: int
    default: 8
  part_size_mib:
    description:
      - The size of a part in MiB, 5 to 5120. A file of at most this size travels in one request.
      - A file that would have more than 10,000 parts gets larger ones.
    type: int
    default: 16
  state_dir:
    description:
      - >-
        A directory on the managed host, beside O(src), that outlives the task. It gets one small file for each bucket
        and prefix, with what a later run has to know about files, objects and parts.
      - A directory that is full or cannot be written costs a warning, and the next run more reading; nothing else.
    type: path
  manifest_key:
    description:
      - >-
        The key of an object beside O(prefix) that keeps what O(state_dir) keeps about whole objects, so that a run with
        another host's or a lost O(state_dir) still need not read files that are in S3. It is written at the end.
      - >-
        It holds lines of JSON compressed by gzip, an array each of the word object, path, size, time of change in
        nanoseconds, checksum and entity tag.
      - The caller needs V(s3:GetObject) and V(s3:PutObject) on it. It is encrypted as O(sse) says.
    type: str
  lock_timeout:
    description:
      - Seconds to wait while another run sends to this prefix with the same O(state_dir), such as one whose controller
        was killed. What it has sent is then taken up. Check mode does not wait.
    type: int
    default: 3600
notes:
  - >-
    The caller needs V(s3:ListBucket), V(s3:GetBucketLocation) and V(s3:ListBucketMultipartUploads) on the bucket,
    V(s3:PutObject), V(s3:GetObject), V(s3:ListMultipartUploadParts) and V(s3:AbortMultipartUpload) on
    C(BUCKET/PREFIX*), V(s3:DeleteObject) there for O(purge=true), and for SSE-KMS V(kms:GenerateDataKey) and
    V(kms:Decrypt) on the key.
  - >-
    Open multipart uploads under the prefix are taken for those of a killed run. Run one task a prefix at a time; on one
    host O(state_dir) sees to it.
  - >-
    Memory for data is bounded, whatever the sizes of files. What is known of each file takes about 1.5 KiB, all
    processes together. The module was measured to take 32 MiB for one file, 55 MiB for 20,000 and 320 MiB for 200,000,
    which is 1.5 GiB for the 1,000,000 files that Aurora reads.
requirements:
  - python >= 3.6
  - boto3 >= 1.20.0, but where O(endpoint_url), O(region), O(access_key) and O(secret_key) leave nothing to find
extends_documentation_fragment:
  - dbferry.aurora_mysql.s3_objects
  - dbferry.aurora_mysql.aws
  - dbferry.aurora_mysql.scoped_credentials
  - dbferry.aurora_mysql.progress
  - dbferry.aurora_mysql.attributes.full
"""

EXAMPLES = r"""
- name: Carry a backup to S3
  dbferry.aurora_mysql.s3_tree:
    src: /var/lib/dbferry/shop/backup
    bucket: my-migrations
    prefix: shop/backup/
    region: eu-west-1

- name: Replace yesterday's backup with today's, encrypted with a key of our own
  dbferry.aurora_mysql.s3_tree:
    src: /var/lib/dbferry/shop/backup
    bucket: my-migrations
    prefix: shop/backup/
    purge: true
    parallel: 16
    state_dir: /var/lib/dbferry/shop/work
    manifest_key: shop/record/manifest.jsonl.gz
    sse: aws:kms
    sse_kms_key_id: arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000000
    region: eu-west-1
"""

RETURN = r"""
bucket:
  description: The bucket.
  type: str
  returned: success
  sample: my-migrations
prefix:
  description: The prefix, with V(/) at its end.
  type: str
  returned: success
  sample: shop/backup/
objects:
  description: The number of files in the directory, and of objects under the prefix.
  type: int
  returned: success
  sample: 412
objects_uploaded:
  description: How many of them were sent (in check mode, would be).
  type: int
  returned: success
  sample: 3
objects_skipped:
  description: How many of them were there and equal.
  type: int
  returned: success
  sample: 409
objects_deleted:
  description: How many others were deleted (in check mode, would be).
  type: int
  returned: success
  sample: 0
uploads_aborted:
  description: How many unfinished multipart uploads of an earlier run were aborted (in check mode, would be).
  type: int
  returned: success
  sample: 0
retries:
  description: How many requests were repeated, because S3 or the network asked for it.
  type: int
  returned: success
  sample: 0
manifest_written:
  description: Whether O(manifest_key) was written (in check mode, would be).
  type: bool
  returned: success
  sample: true
bytes:
  description: The size of all files.
  type: int
  returned: success
  sample: 73014444032
bytes_uploaded:
  description: The size of the files that were sent (in check mode, would be).
  type: int
  returned: success
  sample: 1048576
bytes_resumed:
  description:
    - How many bytes of RV(bytes_uploaded) a run that was killed had sent already.
    - In check mode without what a run would have to read to know it.
  type: int
  returned: success
  sample: 0
uploading_seconds:
  description:
    - How long bytes went to S3, in seconds, without what was looked at before and after.
    - V(0) where nothing was sent, and in check mode.
  type: float
  returned: success
  sample: 58.9
checksum_algorithm:
  description: The kind of checksum, as S3 names it.
  type: str
  returned: success
  sample: CRC64NVME
fingerprint:
  description:
    - >-
      The SHA-256 of the manifest, which has one line an object, ordered by key, each a JSON array of the key without
      the prefix, the size and the checksum.
    - Not known in check mode when objects would be sent.
  type: str
  returned: success
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
elapsed_seconds:
  description: How long it took.
  type: float
  returned: success
  sample: 61.4
progress:
  description:
    - How many bytes had been sent when, from the begin to the end, in at most 120 samples.
    - Empty where nothing was sent.
  returned: success
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
"""

import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import (
    aws_argument_spec,
    progress_argument_spec,
    scoped_credentials_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.renewal import renewed_keys
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import errors_to_fail_json
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.module_options import (
    open_prefix,
    s3_argument_spec,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.plan import (
    MIB,
    check_expected,
    normalise_prefix,
    plan_objects,
    split_manifest_key,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.sync import (
    UPLOADING,
    ManifestObject,
    SyncOptions,
    TreeSync,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.tree import scan_tree
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import stop_on_signals


def run(module, progress, stop):
    params = module.params
    started = time.monotonic()
    prefix = normalise_prefix(params["prefix"])
    beside, name = split_manifest_key(params["manifest_key"], prefix)
    progress.update("reading the tree")
    plan = plan_objects(scan_tree(params["src"]), prefix, params["part_size_mib"] * MIB)
    check_expected(plan, params["expected_files"], params["expected_bytes"])
    options = SyncOptions(
        parallel=params["parallel"],
        purge=params["purge"],
        check_mode=module.check_mode,
        state_dir=params["state_dir"],
        storage_class=params["storage_class"],
        lock_timeout=params["lock_timeout"],
    )
    with renewed_keys(params, stop) as provider:
        store = open_prefix(params, prefix, provider)
        manifest = ManifestObject(store.beside(beside), name) if name else None
        result = TreeSync(params["src"], prefix, plan, store, options, progress, stop, manifest).run()
    members = result._asdict()
    for warning in members.pop("warnings"):
        module.warn(warning)
    lines = {side: "".join(line + "\n" for line in members.pop(side)) for side in ("before", "after")}
    if module._diff:
        members["diff"] = dict(lines, before_header=store.where, after_header=store.where)
    return dict(
        members,
        changed=result.changed,
        bucket=params["bucket"],
        prefix=prefix,
        checksum_algorithm=store.algorithm.name,
        elapsed_seconds=round(time.monotonic() - started, 3),
        progress=progress.samples.points(UPLOADING),
    )


def main():
    argument_spec = {
        "src": {"type": "path", "required": True},
        "expected_files": {"type": "int"},
        "expected_bytes": {"type": "int"},
        "purge": {"type": "bool", "default": False},
        "parallel": {"type": "int", "default": 8},
        "part_size_mib": {"type": "int", "default": 16},
        "state_dir": {"type": "path"},
        "manifest_key": {"type": "str", "no_log": False},
        "lock_timeout": {"type": "int", "default": 3600},
    }
    argument_spec.update(s3_argument_spec())
    argument_spec.update(aws_argument_spec())
    argument_spec.update(progress_argument_spec())
    argument_spec.update(scoped_credentials_argument_spec())
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    if module.params["parallel"] < 1:
        module.fail_json(msg="parallel is {0}; give at least 1.".format(module.params["parallel"]))
    progress = ProgressFile(module.params["progress_file"])
    with errors_to_fail_json(module):
        try:
            with stop_on_signals() as stop:
                result = run(module, progress, stop)
        finally:
            progress.close()
    module.exit_json(**result)


if __name__ == "__main__":
    main()
