"""How long the rest of a class takes to grade, and which submissions take long."""

import time
from collections.abc import Callable, Iterable
from statistics import fmean, median

from autograder.judging.record import Record

SLOW, AT_LEAST = 3, 10
"""A submission is slow that takes so many times the CPU time of the others, and so many seconds
more."""


class Pace:
    """What is graded so far, and what it took.

    Records that were kept take no time, and say nothing of those that are still to be graded.

    Args:
        students: all that are to be graded or kept.
        processes: how many are graded at once; 0 where that is not known, as on a cluster.
        clock: seconds, as they pass.
    """

    def __init__(
        self, students: Iterable[str], processes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._waiting = dict.fromkeys(students)
        self._processes = processes
        self._clock, self._start = clock, clock()
        self._cpu: dict[str, float] = {}
        self._seconds = 0.0
        """Of all that were graded, each by itself."""

    def graded(self, record: Record) -> None:
        """Note a submission that was graded."""
        self._waiting.pop(record.student, None)
        cpu = record.times.get("worker_cpu", 0) + record.times.get("judge_cpu", 0)
        if cpu > 0:  # a refused one takes none
            self._cpu[record.student] = cpu
            self._seconds += record.times["total"]

    def kept(self, record: Record) -> None:
        """Note a submission whose record was kept."""
        self._waiting.pop(record.student, None)

    def left(self) -> float | None:
        """Return the seconds that the rest takes; None as long as nothing has been graded.

        That is the CPU time of as many submissions as are left, at the speed that those graded had.
        """
        if not self._cpu:
            return None
        at_once = self._processes or max(1.0, self._seconds / (self._clock() - self._start))
        running = min(at_once, len(self._waiting))  # they are half done, on average
        cpu = fmean(self._cpu.values()) * (len(self._waiting) - running / 2)
        return cpu / (at_once * sum(self._cpu.values()) / self._seconds)

    def words(self) -> str:
        """Return the time left, and whom one waits for where these are few."""
        left = self.left()
        words = "" if left is None else f"{_rounded(left)} left"
        if 0 < len(self._waiting) <= self._processes:
            words = f"{words}, waiting for {', '.join(self._waiting)}".removeprefix(", ")
        return words

    def slow(self) -> dict[str, str]:
        """Return in words how long slow submissions took, by student, the slowest first."""
        if len(self._cpu) < 3:
            return {}
        usual = median(self._cpu.values())
        found = sorted(self._cpu.items(), key=lambda item: -item[1])
        return {
            student: f"{cpu:.0f} CPU s, others {usual:.0f}"
            for student, cpu in found
            if cpu > max(SLOW * usual, usual + AT_LEAST)
        }


def _rounded(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
