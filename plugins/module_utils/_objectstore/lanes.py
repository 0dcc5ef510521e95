# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Tasks spread over processes and their threads: an interpreter's threads share one processor, its processes do not.

Each lane has one task at a time. A lane's process knows the work before it is forked; what passes between it and its
parent are small lists, as JSON. When the parent dies by SIGKILL, its lanes see that and end.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import struct
import threading
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from .._errors import DbferryError
from .._stop import Stop
from .errors import ObjectStoreError, interrupted

# Seconds in which a lane that is not wanted any more ends by itself, between two requests.
_GRACE_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_LENGTH = struct.Struct("!I")

# Made in the lane's process: gets a function that says whether the work is still wanted, returns one that does a task
# and says how many requests were repeated for it.
WorkerFactory = Callable[[Callable[[], bool]], Callable[[List[Any]], Tuple[Any, int]]]


class Lanes:
    """Runs tasks in forked processes; a context manager, at whose end no process is left.

    :param count: tasks at the same time.
    :param factory: makes what does them; called once in each process.
    :param stop: looked at while tasks run.
    """

    def __init__(self, count: int, factory: WorkerFactory, stop: Stop) -> None:
        self._count = count
        self._factory = factory
        self._stop = stop
        self._processes: List[int] = []
        self._sockets: List[socket.socket] = []

    def __enter__(self) -> "Lanes":
        processes = min(self._count, os.cpu_count() or 1)
        parent = os.getpid()
        # A collection in a forked process would write to every object that it shares with this one, and so copy it all.
        # Python 3.6 cannot be told.
        getattr(gc, "freeze", _nothing)()
        for number in range(processes):
            threads = self._count // processes + (1 if number < self._count % processes else 0)
            pairs = [socket.socketpair() for _thread in range(threads)]
            self._sockets += [ours for ours, _theirs in pairs]
            child = os.fork()
            if not child:
                # Nothing of the parent's may run here: no exception leaves, no exit handler is called.
                try:
                    for ours in self._sockets:
                        ours.close()
                    _serve(parent, [theirs for _ours, theirs in pairs], self._factory)
                finally:
                    os._exit(0)
            self._processes.append(child)
            for _ours, theirs in pairs:
                theirs.close()
        return self

    def run(
        self,
        next_task: Callable[[], Optional[List[Any]]],
        done: Callable[[List[Any], Any, int], None],
        look: Callable[[], None] = lambda: None,
    ) -> None:
        """Do tasks until there are none.

        :param next_task: the next one, or None where there is none now; asked again after each task that is done.
        :param done: gets each task, its result, and how many requests were repeated for it.
        :param look: called now and then while tasks run.
        :raises DbferryError: the first of a task; and ``objectstore.interrupted``. No task is begun after it.
        """
        idle = list(self._sockets)
        busy: Dict[socket.socket, List[Any]] = {}
        with selectors.DefaultSelector() as selector:
            while True:
                while idle:
                    task = next_task()
                    if task is None:
                        break
                    lane = idle.pop()
                    _write(lane, task)
                    busy[lane] = task
                    selector.register(lane, selectors.EVENT_READ)
                if not busy:
                    return
                for key, _events in selector.select(_LOOK_SECONDS):
                    lane = key.fileobj  # type: ignore[assignment]
                    selector.unregister(lane)
                    task = busy.pop(lane)
                    idle.append(lane)
                    result, retries = _result(_read(lane))
                    done(task, result, retries)
                look()
                if self._stop.requested():
                    raise interrupted(self._stop.signal_name())

    def __exit__(self, *_error: Any) -> None:
        getattr(gc, "unfreeze", _nothing)()
        for each in self._sockets:
            each.close()
        for child in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
        until = time.monotonic() + _GRACE_SECONDS
        left = list(self._processes)
        while left:
            left = [child for child in left if not _ended(child)]
            if left and time.monotonic() > until:
                for child in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
                    _reap(child, 0)
                return
            if left:
                time.sleep(0.01)


def _nothing() -> None:
    """What is done where there is nothing to do."""


def _serve(parent: int, sockets: List[socket.socket], factory: WorkerFactory) -> None:
    """The forked process' whole life."""
    ending: List[int] = []
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, lambda number, _frame: ending.append(number))
    # A terminal sends these to every process of the group; what to do about them is the parent's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    # Who waits for the parent's output to end does not wait for this process.
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    worker = factory(lambda: not ending and os.getppid() == parent)
    threads = [threading.Thread(target=_lane, args=(each, worker)) for each in sockets[1:]]
    for thread in threads:
        thread.daemon = True
        thread.start()
    _lane(sockets[0], worker)
    for thread in threads:
        thread.join()


def _lane(lane: socket.socket, worker: Callable[[List[Any]], Tuple[Any, int]]) -> None:
    with contextlib.suppress(OSError):
        while True:
            task = _read(lane)
            if task is None:
                return
            try:
                answer: Dict[str, Any] = dict(zip(("result", "retries"), worker(task)))
            except DbferryError as error:
                answer = {"error": [error.message, error.error_id, error.remedy, error.details]}
            except Exception as error:  # told by the parent, which has somebody to tell it to
                answer = {"failure": "{0}: {1}".format(type(error).__name__, error)}
            _write(lane, answer)


def _write(lane: socket.socket, message: Any) -> None:
    data = json.dumps(message).encode("ascii")
    lane.sendall(_LENGTH.pack(len(data)) + data)


def _read(lane: socket.socket) -> Any:
    head = _take(lane, _LENGTH.size)
    data = _take(lane, _LENGTH.unpack(head)[0]) if head else b""
    return json.loads(data.decode("ascii")) if data else None


def _take(lane: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = lane.recv(count - len(data))
        if not piece:
            return b""
        data += piece
    return data


def _result(answer: Any) -> Tuple[Any, int]:
    if answer is None or "failure" in answer:
        raise ObjectStoreError(
            "A process that sends ended before its work: {0}.".format(
                answer["failure"] if answer else "it was killed, perhaps because memory ran out"
            ),
            error_id="objectstore.worker_failed",
            remedy="See the host's kernel log, lower parallel, then run again; what arrived stays.",
        )
    if "error" in answer:
        message, error_id, remedy, details = answer["error"]
        raise DbferryError(message, error_id, remedy, details)
    return answer["result"], answer["retries"]


def _ended(child: int) -> bool:
    return _reap(child, os.WNOHANG)


def _reap(child: int, options: int) -> bool:
    try:
        return os.waitpid(child, options)[0] == child
    except ChildProcessError:
        return True
