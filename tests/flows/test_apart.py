"""Work in processes of its own: what comes back, and what becomes of it when it does not."""

import multiprocessing
import os
import time
from datetime import timedelta

import pytest

from app.flows.upkeep.apart import ApartError, TookTooLongError, in_processes

LONG = timedelta(seconds=50)


def pid_and(number: int) -> tuple[int, int]:
    return os.getpid(), number * 2


def fails(number: int) -> int:
    raise ValueError(f"no {number}")


def ends(number: int) -> int:
    os._exit(number)


def sleeps(seconds: int) -> int:
    time.sleep(seconds)
    return seconds


def test_each_work_has_a_process_and_the_answers_keep_their_order() -> None:
    (first, two), (second, four) = in_processes(pid_and, [1, 2], within=LONG)

    assert (two, four) == (2, 4)
    assert len({os.getpid(), first, second}) == 3


def test_a_fault_comes_back_with_its_traceback() -> None:
    with pytest.raises(ApartError, match="no 7"):
        in_processes(fails, [7], within=LONG)


def test_a_process_that_dies_is_noticed() -> None:
    with pytest.raises(ApartError, match="without an answer"):
        in_processes(ends, [3], within=LONG)


def test_what_takes_too_long_is_killed() -> None:
    with pytest.raises(TookTooLongError):
        in_processes(sleeps, [60], within=timedelta(seconds=0.2))

    assert multiprocessing.active_children() == []
