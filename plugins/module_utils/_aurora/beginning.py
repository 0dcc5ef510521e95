# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""The begin of a restore: one call of RestoreDBClusterFromS3, made until AWS has taken it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from .._aws.errors import AwsError, error_text
from .._errors import DbferryError
from .._progress.line import format_duration
from .causes import RestoreFacts, causes_text, likely_causes
from .clusters import Clusters
from .ownership import Action, decide
from .waiter import (
    Pace,
    Surroundings,
    WaitInterruptedError,
    WaitTimeoutError,
    call_patiently,
    is_passing,
    question,
    told_on_break,
    wait_for,
)

# What AWS says while a new role or policy has not reached all of IAM yet. The same words are final when the role or
# the bucket is wrong, so they are believed after a while.
_NOT_YET = (
    "Files from the specified Amazon S3 bucket cannot be downloaded",
    "S3_SNAPSHOT_INGESTION",
    "S3 bucket cannot be found",
)
_NOT_YET_CODES = ("InvalidParameterValue", "InvalidS3BucketFault")
_NOT_YET_INTERVAL = 5.0
_ALREADY_EXISTS = "DBClusterAlreadyExistsFault"
# A reader of AWS' may lag behind: so long a cluster need not be shown that is there.
LAG_SECONDS = 60.0
_LAG_INTERVAL = 3.0


class RestoreError(DbferryError):
    """The restore cannot be started, or has failed."""

    default_id = "restore.failed"


def find_patiently(
    clusters: Clusters, identifier: str, around: Surroundings, on_fault: Callable[[str], None] | None = None
) -> dict[str, Any] | None:
    """The cluster that has the name, ``None`` where none has; asked again while AWS is busy or out of reach.

    :param on_fault: told about every fault after which it is asked again.
    :raises WaitTimeoutError: AWS stays busy; :raises WaitInterruptedError: a stop was asked for.
    :raises AwsError: AWS refused, or cannot be reached.
    """
    what = f"AWS to tell of cluster {identifier}"
    return call_patiently(lambda: clusters.find(identifier), around, what, question(around.clock), on_fault)


@dataclass(frozen=True)
class Beginning:
    """The begin of one restore; its parameters are those of ``restore.Restore``."""

    clusters: Clusters
    request: dict[str, Any]
    expected_tags: Mapping[str, str]
    facts: RestoreFacts
    around: Surroundings
    on_progress: Callable[[str, str], None]

    @property
    def name(self) -> str:
        """The cluster's identifier."""
        return str(self.request["DBClusterIdentifier"])

    @property
    def _unknown(self) -> str:
        return (
            f"Whether AWS has taken the call is not known: run the same task again, which takes cluster {self.name} "
            "up where it was made, and else makes it."
        )

    def begin(self, iam_propagation: float) -> dict[str, Any]:
        """Have AWS make the cluster; returns it.

        :param iam_propagation: seconds for which AWS' "cannot be downloaded" is taken for "not yet".
        :raises RestoreError: AWS refused the call.
        :raises WaitTimeoutError: AWS was too busy for the call.
        :raises WaitInterruptedError: a stop was asked for.
        """
        last_words = ""

        def call() -> dict[str, Any] | None:
            nonlocal last_words
            try:
                return self._call_restore()
            except AwsError as error:
                if not _is_not_yet(error):
                    raise RestoreError(
                        error.message, error_id="restore.refused", remedy=error.remedy, details=error.details
                    ) from error
                last_words = error_text(error.__context__ if isinstance(error.__context__, Exception) else error)
                self.on_progress("waiting for IAM", last_words)
                return None

        self.on_progress("starting", f"calling RestoreDBClusterFromS3 for cluster {self.name}")
        # IAM is given its time from the first refusal on: what goes before is not IAM's.
        cluster = call()
        if cluster is not None:
            return cluster
        try:
            pace = Pace(iam_propagation, _NOT_YET_INTERVAL)
            return wait_for(call, pace, self.around, f"role {self.facts.role_arn} to become known")
        except WaitInterruptedError as error:
            error.remedy = error.remedy or "No cluster was made; run the same task again, which makes the call anew."
            raise
        except WaitTimeoutError as timeout:
            if timeout.remedy:
                # It was a call that took too long, and not the role.
                raise
            causes = likely_causes(last_words, self.facts)
            raise RestoreError(  # pylint: disable=bad-exception-cause  # it cannot follow the class into its base
                f"AWS refuses the restore of cluster {self.name}: {last_words} "
                f"It said so for {format_duration(iam_propagation)}, longer than a new role takes to become known. "
                f"Likely causes: {causes_text(causes)}",
                error_id="restore.source_unreadable",
                remedy="Mend the role or the bucket and run again; no cluster was made.",
                details={"causes": [cause.as_result() for cause in causes]},
            ) from timeout

    def _call_restore(self) -> dict[str, Any]:
        """Call RestoreDBClusterFromS3, again while AWS is busy or a call's answer is lost.

        A wait that is given up or interrupted says that nobody knows whether there is a cluster.
        """
        try:
            with told_on_break(self._unknown):
                return call_patiently(
                    lambda: self.clusters.start_restore(self.request),
                    self.around,
                    f"AWS to take the restore of {self.name}",
                    is_passing,
                )
        except AwsError as error:
            if error.details.get("aws_code") == _ALREADY_EXISTS:
                with told_on_break(self._unknown):
                    return self._made_meanwhile(error)
            raise

    def _made_meanwhile(self, error: AwsError) -> dict[str, Any]:
        # A call whose answer was lost is made again, and then finds its own cluster.
        def look() -> dict[str, Any] | None:
            with told_on_break(self._unknown):
                return find_patiently(self.clusters, self.name, self.around)

        try:
            pace = Pace(LAG_SECONDS, _LAG_INTERVAL)
            cluster = wait_for(look, pace, self.around, f"AWS to show cluster {self.name}")
        except WaitTimeoutError as timeout:
            if timeout.remedy:
                # AWS gave no answer at all, and not the one that there is no such cluster.
                raise
            raise RestoreError(  # pylint: disable=bad-exception-cause  # as above
                f"{error.message} AWS does not show that cluster, so whose it is cannot be told. {timeout.message}",
                error_id="restore.name_taken",
                remedy="Run the same task again, which takes the cluster up where it is this migration's; where AWS "
                "goes on not showing it, choose another cluster identifier.",
            ) from timeout
        if decide(cluster, self.expected_tags, False).action not in (Action.WAIT, Action.UNCHANGED):
            raise RestoreError(
                error.message,
                error_id="restore.name_taken",
                remedy="Choose another cluster identifier; nothing was changed.",
            ) from error
        return cluster


def _is_not_yet(error: AwsError) -> bool:
    return error.details.get("aws_code") in _NOT_YET_CODES and any(words in error.message for words in _NOT_YET)
