# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""A restore from S3 into a new Aurora cluster: started once, watched to its end, taken up again after a break."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from .._aws.errors import AwsError
from .._progress.line import format_duration
from .._progress.samples import Samples
from . import status
from .beginning import LAG_SECONDS, Beginning, RestoreError, find_patiently
from .causes import RestoreFacts, causes_text, likely_causes
from .clusters import Clusters
from .deletion import await_deletion
from .duration import seconds_since_made
from .events import Event, failure_reason
from .ownership import Action, Decision, decide
from .renewal import credentials_refused
from .waiter import (
    Pace,
    Surroundings,
    WaitInterruptedError,
    WaitTimeoutError,
    call_patiently,
    is_passing,
    told_on_break,
    wait_for,
)

# A cluster that answers do not show may be a reader of AWS' that lags behind (LAG_SECONDS): it is gone after so many of
# them, that long.
_MISSING_ANSWERS = 3
_MAX_EVENTS_IN_ERROR = 20
# A status and the event that explains it are told by two calls, of which the second may lag behind.
_REASON_PACE = Pace(30.0, 3.0)
# A progress line is one line.
_EVENT_CHARACTERS = 160


class Patience(NamedTuple):
    """How long the parts of a restore may take."""

    wait: Pace | None
    """For the cluster to become ready; ``None`` returns as soon as AWS has taken the call."""
    iam_propagation: float
    """Seconds for which AWS' "cannot be downloaded" is taken for "not yet"."""
    deletion: Pace
    """For a failed cluster to go away before its successor is made."""


class Outcome(NamedTuple):
    """What stands now, and what was done for it."""

    action: Action
    cluster: dict[str, Any] | None
    events: list[Event]
    elapsed: float
    """Seconds that this run took; of a restore that an earlier run began, from the cluster's making to its end."""
    progress: list[dict[str, Any]]
    """Samples of the wait: seconds since its begin, the status as ``phase``, per cent as ``done``."""
    before: dict[str, Any] | None = None
    """The cluster that had the name before."""

    @property
    def changed(self) -> bool:
        """Whether this run made or deleted a cluster."""
        return self.action in (Action.CREATE, Action.REPLACE, Action.RECREATE, Action.DELETE)


class Restore:
    """One restore.

    :param clusters: the RDS API.
    :param request: what ``request.restore_request`` made.
    :param expected_tags: what ``ownership.restore_tags`` made.
    :param facts: what is known of the backup, for ranking causes.
    :param on_progress: called with a phase and a detail at every look.
    :param warn: called with what a person should know though it stops nothing.
    """

    def __init__(
        self,
        clusters: Clusters,
        request: dict[str, Any],
        expected_tags: Mapping[str, str],
        facts: RestoreFacts,
        around: Surroundings,
        on_progress: Callable[[str, str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._clusters = clusters
        self._request = request
        self._expected = expected_tags
        self._facts = facts
        self._around = around
        self._on_progress = on_progress
        self._samples = Samples(around.clock)
        self._warn = warn
        self._name: str = request["DBClusterIdentifier"]
        self._status = ""
        self._status_since = 0.0
        self._status_told = ""
        self._made_here = False
        self._beginning = Beginning(clusters, request, expected_tags, facts, around, on_progress)
        self._missing = 0
        self._missing_since = 0.0
        self._events: list[Event] = []
        self._events_readable = True

    def plan(self, replace_failed: bool) -> tuple[Decision, dict[str, Any] | None]:
        """What is to be done, and the cluster that is there now.

        :raises RestoreError: the name belongs to another cluster, or to a failed one that may not be replaced.
        """
        self._on_progress("looking", f"whether there is a cluster {self._name}")
        with told_on_break("Nothing was changed; run the same task again."):
            cluster = find_patiently(self._clusters, self._name, self._around, self._on_fault)
        decision = decide(cluster, self._expected, replace_failed)
        if decision.action is Action.REFUSE and cluster is not None:
            if status.is_failed(cluster) and not decision.foreign:
                self._note_status(cluster)
                self._refresh_events(cluster)
                raise self._failure(cluster, decision)
            raise RestoreError(decision.reason, error_id="restore.name_taken", remedy=decision.remedy)
        return decision, cluster

    def run(self, replace_failed: bool, patience: Patience) -> Outcome:
        """Bring the cluster about.

        :raises RestoreError: AWS refused the call, or the restore failed; the message has Aurora's reason.
        :raises WaitTimeoutError: time is up; the cluster goes on restoring.
        :raises WaitInterruptedError: a stop was asked for; the cluster goes on restoring.
        """
        began = self._around.clock()
        decision, before = self.plan(replace_failed)
        cluster = before
        if decision.action in (Action.REPLACE, Action.RECREATE):
            self._make_room(decision.action, patience.deletion)
            cluster = None
        if cluster is None:
            cluster = self._beginning.begin(patience.iam_propagation)
            self._made_here = True
        if decision.action is Action.UNCHANGED or patience.wait is None:
            self._refresh_events(cluster)
        else:
            cluster = self._watch(patience.wait)
        elapsed = self._around.clock() - began
        if before is not None and not self._made_here:
            # An earlier run began it, and may have ended in its midst.
            elapsed = max(elapsed, seconds_since_made(before, self._events, self._around.now()) or 0.0)
        return Outcome(decision.action, cluster, self._events, elapsed, self._samples.points(), before)

    def _make_room(self, action: Action, pace: Pace) -> None:
        if action is Action.REPLACE:
            with told_on_break(
                f"Whether AWS deletes the failed cluster {self._name} is not known, and no other was made; run the "
                "same task again."
            ):
                call_patiently(
                    lambda: self._clusters.delete(self._name, None), self._around, f"AWS to delete {self._name}"
                )
        with told_on_break(
            f"AWS goes on deleting cluster {self._name}, and no other was made; run the same task again, which waits "
            "for that and then begins the restore."
        ):
            await_deletion(self._clusters, self._name, pace, self._around, self._on_progress)

    def _watch(self, pace: Pace) -> dict[str, Any]:
        again = f"Cluster {self._name} goes on restoring by itself; run the same task again to take the wait up."
        try:
            return wait_for(self._look, pace, self._around, f"cluster {self._name} to become available", self._on_fault)
        except (WaitTimeoutError, WaitInterruptedError) as error:
            error.message += f" Its last status was {self._status or 'not told'}."
            error.remedy = again
            error.error_id = "restore.timeout" if isinstance(error, WaitTimeoutError) else "restore.interrupted"
            error.details = self._details()
            raise
        except AwsError as error:
            if credentials_refused(error):
                raise RestoreError(
                    f"The credentials no longer hold, and where they come from there are no newer ones. "
                    f"{error.message} The cluster's last status was {self._status or 'not told'}.",
                    error_id="restore.credentials_expired",
                    remedy=f"Renew the credentials. {again} What a profile, a credentials file or a role has anew is "
                    "read while the task waits; keys given as options or in the environment stay as they are.",
                    details=self._details(),
                ) from error
            error.remedy = f"{error.remedy} {again}".strip()
            raise

    def _look(self) -> dict[str, Any] | None:
        cluster = self._clusters.find(self._name)
        if cluster is None or status.is_deleting(cluster):
            if not self._missing:
                self._missing_since = self._around.clock()
            self._missing += 1
            missing_seconds = self._around.clock() - self._missing_since
            if cluster is not None or (self._missing >= _MISSING_ANSWERS and missing_seconds >= LAG_SECONDS):
                raise RestoreError(
                    f"Cluster {self._name} was deleted while it was being restored.",
                    error_id="restore.vanished",
                    remedy="Find out who deletes it, then run again.",
                    details=self._details(),
                )
            return None
        self._missing = 0
        self._note_status(cluster)
        self._refresh_events(cluster)
        percent = status.percent_of(cluster)
        self._samples.add(self._status, percent)
        done = f", {percent} % done" if 0 < percent < 100 else ""
        self._on_progress(self._status, f"{self._status_told}, {self._so_long()}{done}{self._last_event()}")
        if status.is_failed(cluster):
            self._await_reason(cluster)
            raise self._failure(cluster)
        return cluster if status.is_ready(cluster) or status.is_stopped(cluster) else None

    def _note_status(self, cluster: dict[str, Any]) -> None:
        fresh = status.status_of(cluster)
        if fresh == self._status:
            return
        # Nobody knows since when a cluster has had the status in which this run found it.
        known = "since" if self._status or self._made_here else "since before"
        self._status, self._status_since = fresh, self._around.clock()
        self._status_told = f"{known} {self._around.now():%H:%M:%S} UTC"
        if not status.is_known(cluster):
            self._warn(
                f"Cluster {self._name} has status {fresh}, which this collection does not know; the wait goes on."
            )

    def _so_long(self) -> str:
        return f"for {format_duration(self._around.clock() - self._status_since)}"

    def _last_event(self) -> str:
        if not self._events:
            return ""
        event = self._events[-1]
        # The time of day out of 2026-01-02T03:04:05Z.
        return f"; last event {event.date[11:19]}: {' '.join(event.message.split())[:_EVENT_CHARACTERS]}"

    def _on_fault(self, text: str) -> None:
        self._on_progress(self._status or "waiting", f"asking again after: {text}")

    def _refresh_events(self, cluster: dict[str, Any]) -> None:
        if not self._events_readable:
            return
        try:
            self._events = self._clusters.events(cluster)
        except AwsError as error:
            if credentials_refused(error):
                raise
            # Events explain a restore; they do not decide it.
            if not is_passing(error):
                self._events_readable = False
                self._warn(f"{error.message} Without rds:DescribeEvents a failure cannot be explained.")

    def _await_reason(self, cluster: dict[str, Any]) -> None:
        """Read the events of a cluster that has just failed, for a short while, until one tells why."""

        def look() -> str | None:
            self._events = self._clusters.events(cluster)
            return failure_reason(self._events) or None

        if self._events_readable and not failure_reason(self._events):
            # Without a reason the failure is told all the same.
            with contextlib.suppress(AwsError, WaitTimeoutError, WaitInterruptedError):
                wait_for(look, _REASON_PACE, self._around, "the reason")

    def _failure(self, cluster: dict[str, Any], decision: Decision | None = None) -> RestoreError:
        reason = failure_reason(self._events)
        causes = likely_causes(reason, self._facts)
        told = decision.reason if decision else f"The restore of cluster {self._name} ended in {self._status}."
        remedy = (decision or decide(cluster, self._expected, False)).remedy
        parts = [told, f"Aurora says: {reason}" if reason else "Aurora gave no reason in its events."]
        if causes:
            parts.append(f"Likely causes: {causes_text(causes)}")
        return RestoreError(
            " ".join(parts),
            error_id=f"restore.{status.status_of(cluster).replace('-', '_')}",
            remedy=remedy,
            details={**self._details(), "reason": reason, "causes": [cause.as_result() for cause in causes]},
        )

    def _details(self) -> dict[str, Any]:
        return {
            "status": self._status,
            "events": [event.as_result() for event in self._events[-_MAX_EVENTS_IN_ERROR:]],
        }
