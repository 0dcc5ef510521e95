# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""A backup's directory made into a tarball, cut into parts on its way."""

from typing import Callable, List

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from .compressor import gzip_command
from .process import Ended, Pipeline, Stage
from .sink import PartInfo, Sink

# In blocks of 512 bytes: a quarter of the pipe, so that tar and its reader work at the same time.
_BLOCKING_FACTOR = "512"

_QUOTED_LINES = 3


def archive(
    directory: str,
    form: str,
    sink: Sink,
    log: Callable[[str], None],
    progress: ProgressFile,
    stop: Stop,
    expected_bytes: int = 0,
) -> List[PartInfo]:
    """Stream a directory through tar, and gzip where the format says so, into the sink, which is then finished.

    Members are named from the directory on (``./ibdata1``). The memory that it takes does not depend on the data.

    :param form: ``tar`` or ``tar_gz``.
    :param expected_bytes: of all files, for the percentage.
    :raises DbferryError: ``backup.archive_failed`` (a file vanished, changed or cannot be read; a program failed),
        ``host.gzip_missing``, ``tool.not_started``, ``backup.interrupted``; nothing is left in the sink.
    :raises OSError: the sink cannot write; nothing is left in it.
    """
    stages = [Stage(["tar", "--create", "--blocking-factor", _BLOCKING_FACTOR, "--directory", directory, "."])]
    try:
        if form == "tar_gz":
            stages.append(Stage(gzip_command()))
        ended = Pipeline(stages, log).run(progress, expected_bytes, stop, sink)
        for stage, end in zip(stages, ended):
            if end.exit_status != 0:
                raise stage_failure(stage, end, directory)
        return sink.finish()
    except BaseException as error:
        sink.abort(error)
        raise


def stage_failure(stage: Stage, ended: Ended, subject: str) -> DbferryError:
    """The error that a failed program of a stream is."""
    return DbferryError(
        "{0} ended with exit status {1} while {2} was streamed, and said: {3}".format(
            stage.argv[0], ended.exit_status, subject, " / ".join(ended.tail[-_QUOTED_LINES:]) or "nothing"
        ),
        "backup.archive_failed",
        "Mend what it says and run the task again; nothing half is left.",
        {"tail": [line[:500] for line in ended.tail[-20:]]},
    )
