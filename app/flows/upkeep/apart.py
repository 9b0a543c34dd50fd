"""Long work in processes of its own: the service's own threads go on undisturbed."""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any, TypeVar

W = TypeVar("W")
R = TypeVar("R")

#: Reports and messages of the same machine go first.
_NICE = 5


class TookTooLongError(Exception):
    """The work was not done within its time, and was given up."""


class ApartError(Exception):
    """The work failed in its process; the message is the traceback there."""


def in_processes(function: Callable[[W], R], works: Sequence[W], *, within: timedelta) -> list[R]:
    """Return `function` of each work, all at once, each in a new process.

    Args:
        function: Of a module, so that another process finds it; what goes in and out is pickled.
        works: One a process.
        within: After this all of them are killed.

    Raises:
        TookTooLongError: They were.
        ApartError: One failed.
    """
    fresh = multiprocessing.get_context("spawn")
    ends: list[Connection] = []
    processes = []
    try:
        for work in works:
            here, there = fresh.Pipe(duplex=False)
            process = fresh.Process(target=_work, args=(function, work, there), daemon=True)
            process.start()
            there.close()
            processes.append(process)
            ends.append(here)
        return _gather(ends, deadline=monotonic() + within.total_seconds())
    finally:
        for process in processes:
            process.kill()
            process.join()
            process.close()
        for end in ends:
            end.close()


def _gather(ends: Sequence[Connection], *, deadline: float) -> list[R]:
    answers: dict[int, R] = {}
    while len(answers) < len(ends):
        waiting = [end for n, end in enumerate(ends) if n not in answers]
        ready = wait(waiting, timeout=max(0.0, deadline - monotonic()))
        if not ready:
            raise TookTooLongError
        for n, end in enumerate(ends):
            if end in ready:
                answers[n] = _answer(end)
    return [answers[n] for n in range(len(ends))]


def _answer(end: Connection) -> Any:
    try:
        failed, answer = end.recv()
    except EOFError:
        raise ApartError("the process ended without an answer") from None
    if failed:
        raise ApartError(answer)
    return answer


def _work(function: Callable[[W], R], work: W, end: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to everybody in the group
    os.nice(_NICE)
    try:
        end.send((False, function(work)))
    except Exception:  # noqa: BLE001 - whatever it was, the other side must hear of it
        end.send((True, traceback.format_exc()))
