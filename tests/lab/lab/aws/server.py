# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that stands for AWS: moto's HTTP server on loopback, with the lab's RDS operations on top."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from lab.description_file import load
from lab.state import State


def main(state_dir: str) -> None:
    """Serve until SIGTERM. Settings come from lab.json of the state directory."""
    state = State(Path(state_dir))
    settings = state.read(state.settings)
    description = load(Path(settings["description"]))
    aws = settings["endpoints"]["aws"]
    # moto reads these when it is imported, and keeps objects in temporary files from this size on.
    os.environ["MOTO_ACCOUNT_ID"] = aws["account_id"]
    os.environ["MOTO_S3_DEFAULT_KEY_BUFFER_SIZE"] = "262144"
    os.environ["TMPDIR"] = str(state.tmp)

    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import run_simple

    from lab.aws import dispatch, faults, iam_operations, rds_operations, s3_operations

    def leave(_signal: int, _frame: FrameType | None) -> None:
        # The tools of a restore under way are in this process's group and end with it; servers have their own.
        if os.getpgrp() == os.getpid():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(0, signal.SIGTERM)
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)
    rds_operations.install(state, description)
    iam_operations.install(aws["account_id"], aws["region"], aws["access_key"])
    s3_operations.install()
    MotoRequestHandler.protocol_version = "HTTP/1.1"
    port = int(aws["endpoint_url"].rpartition(":")[2])
    run_simple(
        "127.0.0.1",
        port,
        faults.Throttling(dispatch.Dispatcher(), state, description),
        threaded=True,
        request_handler=MotoRequestHandler,
    )


if __name__ == "__main__":
    main(sys.argv[1])
